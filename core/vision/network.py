"""VGG16 as a feature extractor: from pictures to the feature maps of its last two blocks.

This is the only module that imports TensorFlow, and only when a network is loaded.

The graph is written out in `pooling`, thirteen convolutions and five poolings, instead of taken
from `keras.applications.VGG16`. Side by side, with the same weights, batches and threads
(`python -m benchmarks.network`; two busy cores of a Xeon with AVX-512 and bfloat16, no AMX;
Keras 3.15, TensorFlow 2.21; a process of its own for each start, in turns, float32 / bfloat16):

|                                                  | written out     | Keras           |
| ------------------------------------------------ | --------------- | --------------- |
| start until a picture is through, best           | 3.3 / 2.7 s     | 4.8 / 4.6 s     |
| of that on the processor, median                 | 2.9 / 2.6 s     | 4.2 / 4.1 s     |
| memory then                                      | 679 / 649 MB    | 844 / 803 MB    |
| memory at most, after 16 pictures                | 1,199 / 858 MB  | 1,361/1,058 MB  |
| start and memory, pandas and scikit-learn loaded | 3.9 s, 821 MB   | 4.6 s, 853 MB   |
| pictures a second, as a share, in turns          | 1               | .93 to 1.07     |
| greatest difference of a feature                 |                 | 0 / 0           |

The cost of Keras is its import, most of it pandas and scikit-learn, which the server does not load
otherwise: it takes half as long again until the first picture can be searched with, and 160 MB of
memory permanently.
"""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from itertools import islice
from types import ModuleType
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from core.errors import LookalikeError
from core.vision import mask_decoder
from core.vision.mask_decoder import MaskLogits
from core.vision.weights import BLOCKS, Weights

Precision = Literal["float32", "mixed_bfloat16"]
PRECISIONS: tuple[Precision, ...] = get_args(Precision)

# The side of the input, in pixels.
SIDE = 224
# Pictures in one batch. On two cores with AMX, batches of 8 and 16 are equally fast (60 and 62
# pictures a second in bfloat16, 7.1 and 7.5 in float32; one by one 34 and 5.5), but TensorFlow
# never frees the memory of a batch: 130 MB for 8, 280 for 16, 590 for 32 (twice that in float32).
PICTURES_PER_BATCH = 8
# Batches that run at the same time. TensorFlow waits for its slowest core in every layer, and other
# batches fill the gaps: 13.8 to 19.3 pictures a second with one, 19.7 to 27.2 with two, 21.1 to
# 32.3 with three, measured in turns on two cores of a busy host.
LANES = 3

# keras.applications.vgg16.preprocess_input: ImageNet's mean, blue first.
_MEAN = (103.939, 116.779, 123.68)
# What TensorFlow prints when it is imported, whatever its log level, for `grep -E`.
_ANNOUNCEMENTS = "^WARNING: All log messages before absl::|oneDNN custom operations are on"


@dataclass(frozen=True, eq=False, slots=True)
class Features:
    """The features of n pictures, float32 (n, 7, 7, 512) each, never negative.

    Attributes:
        block4: `block4_pool` of Keras, averaged over 2 x 2 cells to the same grid as block5.
        block5: `block5_pool` of Keras.
        masks: what `mask_decoder` returns for the pictures; None unless requested.
    """

    block4: NDArray[np.float32]
    block5: NDArray[np.float32]
    masks: MaskLogits | None = None


class Network:
    """VGG16 without its top. Any number of threads may use it at the same time.

    There is no lock, as TensorFlow needs none: with one, a single picture waited 243 ms in the
    median and 5 s at worst while another thread ran batches; without one, 114 and 209 ms.
    """

    def __init__(self, trained: Weights, precision: Precision) -> None:
        """Build the network and run it once, so that the first caller does not wait for that.

        Raises `LookalikeError` if this machine cannot compute with `precision`.
        """
        self.precision = precision
        self.weights_digest = trained.digest
        self._forward, self._forward_with_masks = _compile(trained, precision)
        try:
            self.features(np.zeros((1, SIDE, SIDE, 3), np.uint8))
        except load_tensorflow().errors.OpError as error:
            if precision == "float32":
                raise
            raise LookalikeError(
                f"This processor cannot run the network in {precision}. "
                "Choose float32, or auto to detect the right one."
            ) from error

    def features(self, pictures: NDArray[np.uint8], *, with_masks: bool = False) -> Features:
        """Run `pictures`, uint8 (n, 224, 224, 3) RGB, through the network in batches.

        `with_masks` adds the masks of their objects.

        Raises `ValueError` for any other shape or dtype.
        """
        if pictures.dtype != np.uint8 or pictures.shape[1:] != (SIDE, SIDE, 3):
            raise ValueError(
                f"pictures must be uint8 (n, {SIDE}, {SIDE}, 3), "
                f"not {pictures.dtype} {pictures.shape}"
            )
        count = len(pictures)
        block4 = np.empty((count, 7, 7, 512), np.float32)
        block5 = np.empty_like(block4)
        opacity = np.empty((count, mask_decoder.SIDE, mask_decoder.SIDE), np.float32)
        presence = np.empty(count, np.float32)

        def run(start: int) -> None:
            batch = slice(start, start + PICTURES_PER_BATCH)
            if with_masks:
                block4[batch], block5[batch], opacity[batch], presence[batch] = (
                    self._forward_with_masks(pictures[batch])
                )
            else:
                block4[batch], block5[batch] = self._forward(pictures[batch])

        starts = range(0, count, PICTURES_PER_BATCH)
        if len(starts) == 1:
            run(0)
        else:
            with ThreadPoolExecutor(LANES, thread_name_prefix="network") as pool:
                list(pool.map(run, starts))
        return Features(block4, block5, MaskLogits(opacity, presence) if with_masks else None)


@cache
def load_tensorflow() -> ModuleType:
    """Import TensorFlow without Keras, and without the lines that it prints when all is well."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    # TensorFlow imports Keras, and with it scikit-learn and pandas, unless it is told to use an
    # older Keras that is not installed: 3.0 s and 590 MB instead of 5.5 s and 770 MB. The variable
    # is set only during this import, so that other code can still import Keras.
    legacy = os.environ.get("TF_USE_LEGACY_KERAS")
    os.environ["TF_USE_LEGACY_KERAS"] = "1"
    try:
        with _without_announcements():
            import tensorflow
    finally:
        if legacy is None:
            del os.environ["TF_USE_LEGACY_KERAS"]
        else:
            os.environ["TF_USE_LEGACY_KERAS"] = legacy
    module: ModuleType = tensorflow
    return module


@contextmanager
def _without_announcements() -> Iterator[None]:
    """Leave `_ANNOUNCEMENTS` out of standard error, which C++ writes to, and pass on the rest.

    In a process of its own: should TensorFlow end this one, as on a processor that it does not
    support, its reason is printed all the same.
    """
    sys.stderr.flush()
    original = os.dup(2)
    command = ["grep", "-a", "-v", "-E", "--line-buffered", _ANNOUNCEMENTS]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=original) as grep:
        assert grep.stdin is not None
        os.dup2(grep.stdin.fileno(), 2)
        try:
            yield
        finally:
            sys.stderr.flush()
            os.dup2(original, 2)
            os.close(original)


def pooling(trained: Weights, precision: Precision) -> Callable[[Any], list[Any]]:
    """Return the network as a function of a tensor, uint8 (n, 224, 224, 3) RGB.

    It returns the tensors block1_pool to block5_pool, float32, and is to be compiled.
    """
    tf = load_tensorflow()
    dtype = {"float32": tf.float32, "mixed_bfloat16": tf.bfloat16}[precision]
    # Variables, not constants of the graph: constants save 10 of 30 ms for one picture and 7 % in
    # batches, but take 550 MB more. No XLA: it makes bfloat16 nine times slower.
    variables = [tf.Variable(tf.cast(array, dtype), trainable=False) for array in trained.arrays]

    def pools(pictures: Any) -> list[Any]:
        maps = tf.cast(tf.cast(pictures, tf.float32)[..., ::-1] - _MEAN, dtype)
        convolutions = zip(variables[::2], variables[1::2], strict=True)
        pooled = []
        for block in BLOCKS:
            for kernel, bias in islice(convolutions, len(block)):
                maps = tf.nn.relu(tf.nn.bias_add(tf.nn.conv2d(maps, kernel, 1, "SAME"), bias))
            maps = tf.nn.max_pool2d(maps, 2, 2, "VALID")
            pooled.append(tf.cast(maps, tf.float32))
        return pooled

    return pools


def _compile(trained: Weights, precision: Precision) -> tuple[Any, Any]:
    """Return the network as two `tf.function`s: uint8 pictures to block4 and block5.

    The second also returns the opacity and presence of `MaskLogits`.

    `keras.applications.VGG16` computes the same bits at the same speed, but imports Keras (the
    module's docstring says what that costs) and depends on Keras's global settings.
    """
    tf = load_tensorflow()
    pools = pooling(trained, precision)
    decoder = {name: tf.constant(array) for name, array in mask_decoder.load().items()}

    def forward(pictures: Any) -> tuple[Any, Any]:
        *_, block4, block5 = pools(pictures)
        return tf.nn.avg_pool2d(block4, 2, 2, "VALID"), block5

    def forward_with_masks(pictures: Any) -> tuple[Any, Any, Any, Any]:
        _, *pooled = pools(pictures)
        opacity, presence = mask_decoder.forward(tf, decoder, pictures, pooled)
        return tf.nn.avg_pool2d(pooled[2], 2, 2, "VALID"), pooled[3], opacity, presence

    signature = [tf.TensorSpec((None, SIDE, SIDE, 3), tf.uint8)]
    compiled, compiled_with_masks = (
        tf.function(function, input_signature=signature, autograph=False)
        for function in (forward, forward_with_masks)
    )
    return compiled, compiled_with_masks
