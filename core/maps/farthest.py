"""Choosing points that are far apart."""

import numpy as np
from numpy.typing import NDArray


def farthest_first(points: NDArray[np.float32], *, count: int) -> list[int]:
    """Return the rows of up to `count` points (n, d) that are far apart, beginning with the first.

    Each next one is the farthest from those before it (Gonzalez, "Clustering to minimize the
    maximum intercluster distance", 1985); of equally far ones it is the first.
    """
    chosen: list[int] = []
    distances = np.full(len(points), np.inf)
    while len(chosen) < min(count, len(points)):
        # All are infinitely far from nothing: the first is chosen first.
        chosen.append(int(np.argmax(distances)))
        distances = np.minimum(distances, np.linalg.norm(points - points[chosen[-1]], axis=1))
        distances[chosen] = -1
    return chosen
