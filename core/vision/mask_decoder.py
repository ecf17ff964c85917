"""The mask decoder: from VGG16's feature maps to the mask of a picture's object.

VGG16 has done most of the work, so a small decoder is enough: from the coarsest map to the finest,
each is reduced to a few channels, added to what was decoded so far, and mixed by a convolution of
3 x 3 (the lateral connections of Lin et al., "Feature pyramid networks", CVPR 2017). The picture's
colours are added in the last step. The weights were learned from cut-outs on grounds of all kinds;
`benchmarks.mask_training` documents how, and can train such weights again.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

# The weights, float16.
FILE = Path(__file__).with_name("mask_decoder.npz")
# The side of a mask, in pixels.
SIDE = 112

# The shape of each kernel: (height, width, in, out), or (in, out) of a dense layer.
SHAPES: Mapping[str, tuple[int, ...]] = {
    "side5": (1, 1, 512, 64),
    "side4": (1, 1, 512, 64),
    "side3": (1, 1, 256, 48),
    "side2": (1, 1, 128, 32),
    "mix4": (3, 3, 64, 64),
    "wide4": (3, 3, 64, 64),
    "mix3": (3, 3, 64, 48),
    "mix2": (3, 3, 48, 32),
    "mix1": (3, 3, 35, 24),
    "last1": (3, 3, 24, 1),
    "presence1": (576, 64),
    "presence2": (64, 1),
}
# What the square roots of block2_pool to block5_pool are multiplied by: about 1 afterwards.
SCALES = (0.12, 0.1, 0.12, 0.25)
# The dilation of `wide4`, whose 3 x 3 cells then span 7 of 14: half the picture.
DILATION = 3


@dataclass(frozen=True, eq=False, slots=True)
class MaskLogits:
    """What the decoder returns for n pictures; a logit of 0 stands for a probability of one half.

    Attributes:
        opacity: whether each pixel belongs to the object, float32 (n, 112, 112).
        presence: whether there is one object at all, float32 (n,).
    """

    opacity: NDArray[np.float32]
    presence: NDArray[np.float32]


def load() -> dict[str, NDArray[np.float32]]:
    """Return the weights by name, float32: kernels as in `SHAPES`, and biases (`NAME_bias`)."""
    with np.load(FILE) as arrays:
        return {name: array.astype(np.float32) for name, array in arrays.items()}


@cache
def digest() -> str:
    """Return 16 hexadecimal digits that name the weights: other weights give other masks."""
    return hashlib.sha256(FILE.read_bytes()).hexdigest()[:16]


def forward(
    tf: ModuleType, weights: Mapping[str, Any], pictures: Any, pooled: Sequence[Any]
) -> tuple[Any, Any]:
    """Return the tensors of `MaskLogits`.

    Args:
        tf: TensorFlow.
        weights: tensors or variables with the names and shapes of `load`.
        pictures: uint8 (n, 224, 224, 3) RGB.
        pooled: block2_pool to block5_pool, float32.
    """
    block2, block3, block4, block5 = (
        # The root keeps a few strong channels from dominating, as in `descriptors.activations`.
        tf.sqrt(maps + 1e-6) * scale
        for maps, scale in zip(pooled, SCALES, strict=True)
    )

    def convolution(maps: Any, name: str) -> Any:
        result = tf.nn.conv2d(maps, weights[name], 1, "SAME")
        return tf.nn.bias_add(result, weights[f"{name}_bias"])

    def dilated_convolution(maps: Any, name: str, dilation: int) -> Any:
        # The gradient of `conv2d(dilations=...)` is missing where TensorFlow runs without oneDNN,
        # which it does by default on older Intel processors. So each of the dilation's interleaved
        # grids is convolved by itself: with a border of one cell, and filled up to equal sizes.
        missing = -maps.shape[1] % dilation
        padding = [[dilation, dilation + missing]] * 2
        grids = tf.space_to_batch(maps, [dilation, dilation], padding)
        result = tf.nn.conv2d(grids, weights[name], 1, "VALID")
        result = tf.batch_to_space(result, [dilation, dilation], [[0, missing]] * 2)
        return tf.nn.bias_add(result, weights[f"{name}_bias"])

    def enlarged(maps: Any, side: int) -> Any:
        return tf.image.resize(maps, (side, side), "bilinear")

    maps = tf.nn.relu(enlarged(convolution(block5, "side5"), 14) + convolution(block4, "side4"))
    maps = maps + tf.nn.relu(convolution(maps, "mix4"))
    maps = maps + tf.nn.relu(dilated_convolution(maps, "wide4", DILATION))
    context = tf.concat([tf.reduce_mean(block5, (1, 2)), tf.reduce_mean(maps, (1, 2))], 1)
    hidden = tf.nn.relu(context @ weights["presence1"] + weights["presence1_bias"])
    presence = (hidden @ weights["presence2"] + weights["presence2_bias"])[:, 0]
    maps = tf.nn.relu(enlarged(convolution(maps, "mix3"), 28) + convolution(block3, "side3"))
    maps = tf.nn.relu(enlarged(convolution(maps, "mix2"), 56) + convolution(block2, "side2"))
    colours = tf.nn.avg_pool2d(tf.cast(pictures, tf.float32), 2, 2, "VALID") / 255 - 0.5
    maps = tf.concat([enlarged(maps, SIDE), colours], 3)
    maps = tf.nn.relu(convolution(maps, "mix1"))
    return convolution(maps, "last1")[..., 0], presence
