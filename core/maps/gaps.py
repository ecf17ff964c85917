"""Pulls the islands of a layout together, so that the map fills the window it is shown in."""

import numpy as np
from numpy.typing import NDArray

# How wide a strip without any item may stay, in times of what it would be if the items were spread
# evenly. Of the canvas, .12 and .22 hold a model of the two demos as UMAP lays them out, .23 and
# .27 with 4, .25 and .28 with 2, .27 and .30 with 1; but of the neighbours kept, .46 and .48, 1
# loses .006 and .008, and 2 loses .002 and .002 (`python -m benchmarks.filling`).
MAX_GAP = 2.0
# The width of the map for each unit of its height: windows are wider than high.
SHAPE = 1.4
# How much more the map may be stretched along one axis than along the other to get this shape.
# Where items lie on a line there is nothing to fill.
MAX_STRETCH = 1.25


def close(coordinates: NDArray[np.float32], *, max_gap: float = MAX_GAP) -> NDArray[np.float32]:
    """Return the coordinates, float32 (n, 2), within -1 and 1, with narrower empty strips.

    Along each axis, the distance from each item to the next is capped. Items keep their order
    along both axes, and what is dense keeps its shape: only the space around it shrinks. The
    smaller the cap, the closer are the coordinates to ranks, which would be the equalisation of a
    histogram; the cap limits it, as the contrast is limited by Pizer and others, "Adaptive
    histogram equalization and its variations", 1987.

    Args:
        coordinates: float32 (n, 2).
        max_gap: the cap, in times of the distance if the items were spread evenly.
    """
    if not len(coordinates):
        return np.empty((0, 2), np.float32)
    axes = coordinates.T.astype(np.float64)
    closed = np.stack([_closed_along(axis, max_gap) for axis in axes], axis=1)
    extent = np.ptp(closed, axis=0)
    if extent.min() > 0:
        wanted = SHAPE * extent[1] / extent[0]
        closed[:, 0] *= np.clip(wanted, 1 / MAX_STRETCH, MAX_STRETCH)
    low, high = closed.min(axis=0), closed.max(axis=0)
    half = float((high - low).max()) / 2 or 1.0
    return np.asarray((closed - (low + high) / 2) / half, np.float32)


def _closed_along(axis: NDArray[np.float64], max_gap: float) -> NDArray[np.float64]:
    """Return positions along an axis, float64 (n,), with the gaps between them capped."""
    order = np.argsort(axis, kind="stable")
    gaps = np.diff(axis[order])
    cap = max_gap * gaps.sum() / max(1, len(gaps))
    closed = np.empty_like(axis)
    closed[order] = np.concatenate([[0.0], np.cumsum(np.minimum(gaps, cap))])
    return closed
