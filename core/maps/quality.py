"""Measures how well a map preserves nearest neighbours."""

import numpy as np
from numpy.typing import NDArray

from core.catalogue import MapQuality
from core.similarity import KnnGraph

# Trustworthiness compares all pairs: 2,000 items take 0.4 s.
SAMPLE = 2_000
# Among fewer items than this nearly all are neighbours, so the measures would say nothing.
MIN_ITEMS = 20


def measure(
    rows: NDArray[np.float32], graph: KnnGraph, coordinates: NDArray[np.float32]
) -> MapQuality | None:
    """Return how well the coordinates preserve neighbours, or None for fewer than 20 items.

    Trustworthiness is computed on a seeded sample alone: only neighbours within the sample count.
    The share of neighbours kept is measured for the same sample among all items. For few items,
    fewer neighbours are compared than `graph` has: less than half of the items.

    Args:
        rows: vectors of unit length: float32 (n, dimensions).
        graph: the exact neighbours of each item.
        coordinates: float32 (n, 2).
    """
    count = len(rows)
    if count < MIN_ITEMS:
        return None
    # Imported here: it takes a second, and only a new map needs it.
    from sklearn.manifold import trustworthiness
    from sklearn.neighbors import NearestNeighbors

    k = min(graph.rows.shape[1], (count - 1) // 2)
    sample = np.sort(np.random.default_rng(0).permutation(count)[:SAMPLE])
    # Without an argument, scikit-learn leaves each item out of its own neighbours.
    shown = NearestNeighbors(n_neighbors=k).fit(coordinates).kneighbors(return_distance=False)
    kept = [np.isin(shown[row], graph.rows[row, :k], assume_unique=True).mean() for row in sample]
    trusted = trustworthiness(rows[sample], coordinates[sample], n_neighbors=k, metric="cosine")
    return MapQuality(float(trusted), float(np.mean(kept)), k, len(sample))
