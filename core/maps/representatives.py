"""A few models that show what is in a catalogue: far apart from each other on its map."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from core.catalogue import Map


def representatives(map_: Map, *, count: int) -> list[str]:
    """Return the ids of up to `count` different models of a map.

    They are the landmarks of clusters, or any models if there are fewer clusters than that: a
    landmark is a typical model, others may be odd ones. The first is that of the largest cluster.
    """
    sizes = np.bincount(map_.labels[map_.labels >= 0], minlength=len(map_.clusters))
    row_of = {item_id: row for row, item_id in enumerate(map_.ids)}
    rows = [
        row_of[map_.clusters[number].landmark]
        for number in np.argsort(-sizes, kind="stable")
        if map_.clusters[number].landmark in row_of and sizes[number]
    ]
    if len(rows) < count:
        rows += [row for row in range(len(map_.ids)) if row not in set(rows)]
    chosen = farthest(map_.coordinates[rows], count=count)
    return [map_.ids[rows[number]] for number in chosen]


def farthest(points: NDArray[np.float32], *, count: int) -> Sequence[int]:
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
