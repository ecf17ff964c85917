"""VGG16 as a feature extractor: pictures in, the maps of its last two blocks out.

The only module that imports TensorFlow, and only once a network is loaded.
"""

import json
import logging
import math
import os
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from types import ModuleType
from typing import Any, Literal, get_args

import numpy as np

from core import machine, weights
from core.errors import LookalikeError
from core.settings import cache_root
from core.weights import BLOCKS, Weights

Precision = Literal["float32", "mixed_bfloat16"]
Choice = Literal["auto", Precision]
PRECISIONS: tuple[Precision, ...] = get_args(Precision)
CHOICES: tuple[Choice, ...] = get_args(Choice)

SIDE = 224
# On two cores with AMX batches of 8 and 16 are equally fast (60 and 62 pictures a
# second in bfloat16, 7.1 and 7.5 in float32; singly 34 and 5.5), but TensorFlow never
# gives back what a batch took: 130 MB for 8, 280 for 16, 590 for 32 (twice in float32).
BATCH = 8
# Batches under way at once. TensorFlow waits for its slowest core in every layer; other
# batches fill the gaps: 13.8 to 19.3 pictures a second with one, 19.7 to 27.2 with two,
# 21.1 to 32.3 with three, in turns on two cores of a busy host.
LANES = 3

# keras.applications.vgg16.preprocess_input: ImageNet's mean, blue first.
_MEAN = (103.939, 116.779, 123.68)

# Without bfloat16 units bfloat16 is emulated, six times slower than float32, or refused.
_FASTER = 1.3
_ALIKE = 0.9995
_TRIAL_ROUNDS = 3
_TRIAL_SECONDS = 3.0

_logger = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False, slots=True)
class Features:
    """What the network sees in n pictures, float32 (n, 7, 7, 512) each, never negative.

    `block5` is Keras's `block5_pool`; `block4` is its `block4_pool`, averaged over
    2 x 2 cells to the same grid.
    """

    block4: np.ndarray
    block5: np.ndarray


class Network:
    """VGG16 without its top, ready to run. Any number of threads may use it at once.

    There is no lock: TensorFlow needs none, and with one a single picture waited 243 ms
    in the median, 5 s at worst, while another thread ran batches; without, 114 and 209 ms.
    """

    def __init__(self, trained: Weights, precision: Precision) -> None:
        """Build the network and run it once, so that no caller waits for that.

        Raises `LookalikeError` if this machine cannot compute with `precision`.
        """
        self.precision = precision
        self.weights_digest = trained.digest
        self._forward = _compile(trained, precision)
        try:
            self.features(np.zeros((1, SIDE, SIDE, 3), np.uint8))
        except _tensorflow().errors.OpError as error:
            if precision == "float32":
                raise
            raise LookalikeError(
                f"This processor cannot run the network in {precision}. "
                "Choose float32, or auto to have the right one found."
            ) from error

    def features(self, pictures: np.ndarray) -> Features:
        """Run `pictures`, uint8 (n, 224, 224, 3) RGB, through the network, in batches.

        Raises `ValueError` for any other shape or type.
        """
        if pictures.dtype != np.uint8 or pictures.shape[1:] != (SIDE, SIDE, 3):
            raise ValueError(
                f"pictures must be uint8 (n, {SIDE}, {SIDE}, 3), "
                f"not {pictures.dtype} {pictures.shape}"
            )
        block4 = np.empty((len(pictures), 7, 7, 512), np.float32)
        block5 = np.empty_like(block4)

        def run(start: int) -> None:
            batch = slice(start, start + BATCH)
            block4[batch], block5[batch] = self._forward(pictures[batch])

        starts = range(0, len(pictures), BATCH)
        if len(starts) == 1:
            run(0)
        else:
            with ThreadPoolExecutor(LANES, thread_name_prefix="network") as pool:
                list(pool.map(run, starts))
        return Features(block4, block5)


def load(*, precision: Choice = "auto") -> Network:
    """Return the network, with VGG16's verified weights, computing with `precision`.

    `auto` is what the environment variable `LOOKALIKE_PRECISION` says, else the faster
    one after a trial of a few seconds, which is remembered for this processor. Raises
    `LookalikeError` if the weights cannot be had, or not used with this precision.
    """
    if precision == "auto":
        precision = _wanted()
    trained = weights.load()
    if precision != "auto":
        return Network(trained, precision)
    tensorflow = _tensorflow()
    here = f"{machine.processor()}, TensorFlow {tensorflow.__version__}"
    memory = cache_root() / "precision.json"
    if remembered := _recall(memory, here):
        return Network(trained, remembered)
    network, trial = _try_both(trained)
    _logger.info("Precision of the network: %s", trial)
    _remember(memory, here, trial)
    return network


def _tensorflow() -> ModuleType:
    """Import TensorFlow, without the logs that can be silenced and without Keras."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    # TensorFlow imports Keras, and with it scikit-learn and pandas, unless it is told to
    # use an older Keras that is not there: 3.0 s and 590 MB instead of 5.5 s and 770 MB.
    # Told for this moment only: whoever wants Keras can still import it.
    legacy = os.environ.get("TF_USE_LEGACY_KERAS")
    os.environ["TF_USE_LEGACY_KERAS"] = "1"
    try:
        import tensorflow
    finally:
        if legacy is None:
            del os.environ["TF_USE_LEGACY_KERAS"]
        else:
            os.environ["TF_USE_LEGACY_KERAS"] = legacy
    module: ModuleType = tensorflow
    return module


def _compile(trained: Weights, precision: Precision) -> Any:
    """Return the network as one `tf.function`: uint8 pictures to block4 and block5.

    Written out because `keras.applications.VGG16` computes the same, at the same speed,
    but takes Keras to do so (see above) and listens to the global settings of Keras.
    """
    tf = _tensorflow()
    dtype = {"float32": tf.float32, "mixed_bfloat16": tf.bfloat16}[precision]
    # Variables, not constants of the graph: those save 10 of 30 ms for one picture and 7 %
    # in batches, but take 550 MB more. No XLA: it makes bfloat16 nine times slower.
    variables = [tf.Variable(tf.cast(array, dtype), trainable=False) for array in trained.arrays]

    def forward(pictures: Any) -> tuple[Any, Any]:
        maps = tf.cast(tf.cast(pictures, tf.float32)[..., ::-1] - _MEAN, dtype)
        convolutions = zip(variables[::2], variables[1::2], strict=True)
        pooled = []
        for block in BLOCKS:
            for kernel, bias in islice(convolutions, len(block)):
                maps = tf.nn.relu(tf.nn.bias_add(tf.nn.conv2d(maps, kernel, 1, "SAME"), bias))
            maps = tf.nn.max_pool2d(maps, 2, 2, "VALID")
            pooled.append(tf.cast(maps, tf.float32))
        return tf.nn.avg_pool2d(pooled[3], 2, 2, "VALID"), pooled[4]

    pictures = tf.TensorSpec((None, SIDE, SIDE, 3), tf.uint8)
    return tf.function(forward, input_signature=[pictures], autograph=False)


@dataclass(frozen=True, slots=True)
class _Trial:
    """A chosen precision, and how bfloat16 compared with float32: speed and least cosine."""

    precision: Precision
    speed: float
    cosine: float


def _try_both(trained: Weights) -> tuple[Network, _Trial]:
    """Return the better network for this machine. Only this one stays in memory."""
    exact = Network(trained, "float32")
    try:
        quick = Network(trained, "mixed_bfloat16")
    except LookalikeError:
        return exact, _Trial("float32", speed=0.0, cosine=0.0)

    # Two mosaics of coloured tiles: edges and corners of all sorts.
    tiles = np.random.default_rng(2014).integers(0, 256, (2, 14, 14, 3), np.uint8)
    pictures = tiles.repeat(SIDE // 14, axis=1).repeat(SIDE // 14, axis=2)
    seconds = {exact: math.inf, quick: math.inf}
    features: dict[Network, Features] = {}
    deadline = time.monotonic() + _TRIAL_SECONDS
    for _ in range(_TRIAL_ROUNDS):
        for network in seconds:
            start = time.perf_counter()
            features[network] = network.features(pictures)
            seconds[network] = min(seconds[network], time.perf_counter() - start)
        if time.monotonic() > deadline:
            break
    speed = seconds[exact] / seconds[quick]
    cosine = _least_cosine(features[exact], features[quick])
    if speed >= _FASTER and cosine >= _ALIKE:
        return quick, _Trial("mixed_bfloat16", speed, cosine)
    return exact, _Trial("float32", speed, cosine)


def _least_cosine(a: Features, b: Features) -> float:
    """Return the least cosine between the two of any block of any picture."""
    blocks = (np.concatenate([each.block4, each.block5]) for each in (a, b))
    rows, others = (block.reshape(len(block), -1).astype(np.float64) for block in blocks)
    norms = np.linalg.norm(rows, axis=1) * np.linalg.norm(others, axis=1)
    return float((np.vecdot(rows, others) / norms).min())


def _wanted() -> Choice:
    wanted = os.environ.get("LOOKALIKE_PRECISION") or "auto"
    for choice in CHOICES:
        if choice == wanted:
            return choice
    raise LookalikeError(
        f"LOOKALIKE_PRECISION is “{wanted}”. Set it to one of {', '.join(CHOICES)}, or to nothing."
    )


def _recall(memory: Path, here: str) -> Precision | None:
    """Return what a trial on this machine found, if there was one and `memory` is whole."""
    try:
        found = json.loads(memory.read_text(encoding="utf-8"))[here]["precision"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return next((known for known in PRECISIONS if known == found), None)


def _remember(memory: Path, here: str, trial: _Trial) -> None:
    try:
        known = json.loads(memory.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        known = {}
    if not isinstance(known, dict):
        known = {}
    text = json.dumps(known | {here: asdict(trial)}, indent=2)
    try:
        memory.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=memory.parent, prefix=".new-") as folder:
            fresh = Path(folder) / memory.name
            fresh.write_text(text, encoding="utf-8")
            os.replace(fresh, memory)
    except OSError as error:
        # The next start makes the trial again.
        _logger.warning("The precision could not be remembered in %s: %s", memory, error)
