"""How far a map can be trusted: what it keeps of who is near to whom."""

import numpy as np

from core.catalogue import MapQuality
from core.similarity import KnnGraph

# Trustworthiness compares all pairs: 2,000 items take 0.4 s.
SAMPLE = 2_000
# Of fewer items than this nearly all are neighbours, and there is nothing to tell.
MIN_ITEMS = 20


def measure(rows: np.ndarray, near: KnnGraph, places: np.ndarray) -> MapQuality | None:
    """Return how far the places can be trusted, or None below 20 items.

    The trustworthiness is that of a seeded sample, taken for itself: of an item's neighbours on
    the map among the sample. The share of neighbours kept is that of the whole map. Where there
    are few items, fewer neighbours are looked at than `near` holds: less than half of them.

    Args:
        rows: float32 (n, dimensions), of length 1.
        near: the exact neighbours of each.
        places: float32 (n, 2).
    """
    count = len(rows)
    if count < MIN_ITEMS:
        return None
    # Imported here: a second that only a new map needs.
    from sklearn.manifold import trustworthiness
    from sklearn.neighbors import NearestNeighbors

    k = min(near.rows.shape[1], (count - 1) // 2)
    sample = np.sort(np.random.default_rng(0).permutation(count)[:SAMPLE])
    # With scikit-learn an item is among its own neighbours only where it is asked for as such.
    shown = NearestNeighbors(n_neighbors=k).fit(places).kneighbors(return_distance=False)
    kept = [np.isin(shown[row], near.rows[row, :k], assume_unique=True).mean() for row in sample]
    trusted = trustworthiness(rows[sample], places[sample], n_neighbors=k, metric="cosine")
    return MapQuality(float(trusted), float(np.mean(kept)), k, len(sample))
