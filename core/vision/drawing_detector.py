"""Tell drawings from photographs and renders: sixteen statistics of the ink, and decision trees.

Gradient boosting (Friedman, "Greedy function approximation", 2001) was fitted by `python -m
benchmarks.drawing_training` to line icons in pens of all kinds, on plain and on photographed paper,
and to photographs, renders and colour icons. `benchmarks.drawings` has none of its pictures.
"""

from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from core.vision import ink

FILE = Path(__file__).with_name("drawing_detector.npz")

# What a picture is taken for; "either" is compared as both.
Likely = Literal["drawing", "picture", "either"]
# The probabilities of a drawing from which a picture is taken for one, and below which for none.
# Of 1,000 drawings of validation, .960 are taken for drawings, .023 for either; of 1,000 other
# pictures .013 and .026.
SURELY_DRAWING, SURELY_PICTURE = 0.7, 0.3

# Half the width above which a stroke is not narrow, and not medium: in pixels at
# `ink.DETECTION_SIDE`.
NARROW, MEDIUM = 3, 6
# The change of brightness at an edge, in levels (0 to 255) from one pixel to the next.
EDGE = 10
# The darkness (0 to 1) above which a pixel is not quite paper, and the share of the darkness of the
# darkest strokes below which it is not quite ink.
FAINTEST, FULL = 0.06, 0.6
# The saturation (0 to 1) from which ink has a hue, and the fewest pixels that tell how hues vary.
COLOURFUL, MIN_COLOURFUL = 0.25, 20


@dataclass(frozen=True, eq=False, slots=True)
class Trees:
    """Regression trees whose values add up to the log odds of a drawing.

    The nodes of all trees follow each other. A leaf is its own child.

    Attributes:
        roots: the first node of each tree, int32 (trees,).
        feature: the statistic that each node looks at, int32 (nodes,).
        threshold: a statistic of at most this leads to the left child, float32 (nodes,).
        children: of each node, int32 (nodes, 2): left and right.
        value: of each leaf, float32 (nodes,).
        start: the log odds before the first tree.
        depth: of the deepest tree.
    """

    roots: NDArray[np.int32]
    feature: NDArray[np.int32]
    threshold: NDArray[np.float32]
    children: NDArray[np.int32]
    value: NDArray[np.float32]
    start: float
    depth: int

    def probability(self, row: NDArray[np.float32]) -> float:
        """Return the probability of a drawing, given the `statistics` of a picture."""
        nodes = self.roots
        for _ in range(self.depth):
            is_right = row[self.feature[nodes]] > self.threshold[nodes]
            nodes = self.children[nodes, is_right.astype(np.intp)]
        return float(1 / (1 + np.exp(-(self.start + self.value[nodes].sum()))))


@cache
def load() -> Trees:
    """Return the trees that come with Lookalike, read from their file once."""
    with np.load(FILE) as arrays:
        return Trees(
            arrays["roots"],
            arrays["feature"],
            arrays["threshold"],
            arrays["children"],
            arrays["value"],
            float(arrays["start"]),
            int(arrays["depth"]),
        )


def save(trees: Trees, file: Path) -> None:
    """Write trees to a file that `load` reads."""
    with file.open("wb") as output:
        np.savez_compressed(
            output, **{each.name: getattr(trees, each.name) for each in fields(trees)}
        )


def detect(picture: Image.Image) -> Likely:
    """Return what an RGB picture is taken for."""
    return decide(load().probability(statistics(picture)))


def decide(probability: float) -> Likely:
    """Return what a picture with this probability of being a drawing is taken for."""
    if probability >= SURELY_DRAWING:
        return "drawing"
    return "picture" if probability < SURELY_PICTURE else "either"


def statistics(picture: Image.Image) -> NDArray[np.float32]:
    """Return what tells drawings from other RGB pictures, float32 (16,).

    For 1,024 x 1,024 pixels it takes 15 to 22 ms, half of it to separate the ink.
    """
    from scipy import ndimage  # Imported here: it takes 0.3 s, which only some pictures need.

    found = ink.separate(picture)
    darkness, mask, threshold = found.darkness, found.mask, found.threshold
    count = max(int(mask.sum()), 1)
    depth = ndimage.distance_transform_edt(np.pad(mask, 1))[1:-1, 1:-1]
    medium, wide = (_around_deeper(depth, width) & mask for width in (NARROW, MEDIUM))
    saturation = found.ratio.max(axis=0) - found.ratio.min(axis=0)
    slope = ndimage.gaussian_gradient_magnitude(found.levels.mean(axis=0), 1)
    edges = slope > EDGE
    at_narrow_strokes = ndimage.binary_dilation(mask & ~medium, iterations=NARROW)
    inside = depth > NARROW + 1
    border = np.concatenate([darkness[0], darkness[-1], darkness[:, 0], darkness[:, -1]])
    soft = mask & (darkness < (found.strength + threshold) / 2)
    outline = mask & ~ndimage.binary_erosion(mask)
    midtones = (darkness > FAINTEST) & (darkness < FULL * found.strength)
    values = {
        # Shares of the picture ...
        "ink": count / mask.size,
        "medium or wide ink": medium.mean(),
        "wide ink": wide.mean(),
        "neither paper nor full ink": midtones.mean(),
        # ... of the ink ...
        "narrow": 1 - medium.sum() / count,
        "narrow or medium": 1 - wide.sum() / count,
        "soft": soft.sum() / count,
        "outline": outline.sum() / count,
        # ... and of the edges and of the border.
        "edges at narrow strokes": (edges & at_narrow_strokes).sum() / max(int(edges.sum()), 1),
        "paper at the border": (border < threshold).mean(),
        # The colours of the ink, and how much brightness changes inside wide strokes.
        "saturation": saturation[mask].mean() if mask.any() else 0,
        "hues": _hues(found.ratio, mask & (saturation > COLOURFUL)),
        "shading": slope[inside].mean() if inside.any() else 0,
        # The paper.
        "grain": found.grain,
        "uneven light": np.log(np.maximum(found.paper.mean(axis=0), 1)).std(),
        "dark": found.is_dark,
    }
    return np.array(list(values.values()), np.float32)


def _around_deeper(depth: NDArray[np.float64], width: int) -> NDArray[np.bool_]:
    """Return what is near pixels deeper than `width`, given each pixel's depth in the ink."""
    from scipy import ndimage  # Imported here for the same reason as in `statistics`.

    return np.asarray(ndimage.maximum_filter(depth > width, 2 * width + 1))


def _hues(ratio: NDArray[np.float32], where: NDArray[np.bool_]) -> float:
    """Return how much hues vary among pixels, 0 if there are too few."""
    if where.sum() <= MIN_COLOURFUL:
        return 0.0
    colours = ratio[:, where]
    return float(np.linalg.norm((colours - colours.mean(axis=0)).std(axis=1)))
