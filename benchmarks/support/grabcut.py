"""GrabCut by OpenCV, to compare the product's masks with: it needs no network and no training.

Rother, Kolmogorov and Blake, "GrabCut: interactive foreground extraction using iterated graph
cuts", SIGGRAPH 2004. OpenCV is not needed by Lookalike: python -m pip install
opencv-python-headless (Apache-2.0, 60 MB).
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from core.vision import Network, segmentation

# The longer side of the picture that is cut, in pixels, and how often its colours are learned.
SIDE, ROUNDS = 256, 6
# How often after the mask decoder, whose masks are nearly right.
ROUNDS_AFTER_DECODER = 2
# What starts as ground: this share of the longer side, at each edge.
BORDER = 0.03
# Parts of the object that are smaller than this share of the largest are left out.
MIN_PART = 0.05
# From which opacity of the decoder a pixel is certainly, or probably, the object's.
CERTAIN, PROBABLE = 0.98, 0.5


def by_sharpness(picture: Image.Image) -> NDArray[np.float32]:
    """Return the object's opacity, 0 or 1, float32 (height, width), started without a network.

    What is sharp and near the middle is probably the object.
    """
    import cv2

    small = _small(picture)
    grey: NDArray[np.uint8] = cv2.cvtColor(small, cv2.COLOR_RGB2GRAY)
    height, width = grey.shape
    edges = np.abs(cv2.Laplacian(grey, cv2.CV_32F))
    sharpness = cv2.GaussianBlur(edges, (0, 0), SIDE / 32)
    down, across = np.mgrid[:height, :width].astype(np.float32)
    distance = ((down / height - 0.5) / 0.3) ** 2 + ((across / width - 0.5) / 0.3) ** 2
    likely = sharpness / (sharpness.max() or 1) + np.exp(-distance / 2)
    start = np.where(likely > 0.7, cv2.GC_PR_FGD, cv2.GC_PR_BGD).astype(np.uint8)
    return _cut(small, start, ROUNDS)


def after_decoder(picture: Image.Image, mask: Image.Image) -> NDArray[np.float32]:
    """Return the object's opacity, 0 or 1, float32 (height, width), started by a mask, mode L."""
    import cv2

    small = _small(picture)
    height, width = small.shape[:2]
    resized = mask.resize((width, height), Image.Resampling.BILINEAR)
    opacity = np.asarray(resized, np.float32) / np.float32(255)
    start = np.full((height, width), cv2.GC_BGD, np.uint8)
    for level, label in (
        (1 - CERTAIN, cv2.GC_PR_BGD),
        (PROBABLE, cv2.GC_PR_FGD),
        (CERTAIN, cv2.GC_FGD),
    ):
        start[opacity > level] = label
    return _cut(small, start, ROUNDS_AFTER_DECODER)


def masks_after_decoder(
    network: Network, pictures: Sequence[Image.Image]
) -> list[NDArray[np.float32]]:
    """Return `after_decoder` for RGB pictures; the product's masks start it."""
    found = segmentation.segment_all(network, pictures)
    return [
        after_decoder(picture, each.mask) for picture, each in zip(pictures, found, strict=True)
    ]


def _small(picture: Image.Image) -> NDArray[np.uint8]:
    small = picture.copy()
    small.thumbnail((SIDE, SIDE), Image.Resampling.BOX)
    return np.asarray(small)


def _cut(pixels: NDArray[np.uint8], start: NDArray[np.uint8], rounds: int) -> NDArray[np.float32]:
    """Return the opacity that GrabCut finds, the border being ground; zeros if it finds none."""
    import cv2

    labels = start.copy()
    edge = max(1, round(BORDER * max(labels.shape)))
    for border in (labels[:edge], labels[-edge:], labels[:, :edge], labels[:, -edge:]):
        border[:] = cv2.GC_BGD
    if not (labels & 1).any():  # both labels of objects are odd
        return np.zeros(labels.shape, np.float32)
    cv2.setRNGSeed(0)
    cv2.grabCut(
        np.ascontiguousarray(pixels[..., ::-1]),
        labels,
        None,
        np.zeros((1, 65)),
        np.zeros((1, 65)),
        rounds,
        cv2.GC_INIT_WITH_MASK,
    )
    opaque = (labels & 1).astype(np.uint8)
    _, parts, statistics, _ = cv2.connectedComponentsWithStats(opaque)
    areas = statistics[:, cv2.CC_STAT_AREA].copy()
    areas[0] = 0
    return np.asarray((areas >= MIN_PART * areas.max())[parts] & (opaque > 0), np.float32)
