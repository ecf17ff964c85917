"""The map: a place in the plane for every item, neighbours near each other."""

import hashlib
import warnings

import numpy as np

from core.catalogue import Map
from core.similarity import Index

# UMAP's own defaults; the graph is exact, so that its approximate search is not paid.
NEIGHBOURS = 15
MIN_DIST = 0.1
# Below this many items UMAP has too few neighbours to lay out; PCA does.
UMAP_FROM = 8
# Neighbours are found for this many items at a time.
CHUNK = 256


def identity(index: Index, vectors_identity: str) -> str:
    """Return a short name for what a map is made of: the vectors and the items."""
    digest = hashlib.sha256(vectors_identity.encode())
    for item_id in index.ids:
        digest.update(item_id.encode())
    return digest.hexdigest()[:16]


def fit(index: Index, vectors_identity: str) -> Map:
    """Lay out the items of `index` with UMAP, seeded: the same vectors give the same map.

    McInnes, Healy and Melville, "UMAP", 2018. Very small catalogues are laid
    out by PCA; places are centred and scaled to lie within -1 and 1.
    """
    n = len(index)
    places = np.zeros((n, 2), np.float32)
    if n >= UMAP_FROM:
        places = _umap(index)
    elif n > 1:
        from sklearn.decomposition import PCA

        rows = index.rows(range(n))
        found = PCA(min(2, *rows.shape)).fit_transform(rows)
        places[:, : found.shape[1]] = found
    return Map(index.ids, _normalised(places), identity(index, vectors_identity))


def neighbour_graph(index: Index, k: int) -> tuple[np.ndarray, np.ndarray]:
    """Return each row's `k` nearest rows, itself first, and their cosine distances.

    Returns:
        rows, int32 (n, k), and distances, float32 (n, k), as umap-learn takes them.
    """
    n = len(index)
    rows = np.empty((n, k), np.int32)
    distances = np.empty((n, k), np.float32)
    for start in range(0, n, CHUNK):
        numbers = np.arange(start, min(start + CHUNK, n))
        for number, best in zip(numbers, index.top_k(index.rows(numbers), k=k + 1), strict=True):
            others = best.rows != number
            rows[number, 0], distances[number, 0] = number, 0
            rows[number, 1:] = best.rows[others][: k - 1]
            distances[number, 1:] = 1 - best.scores[others][: k - 1]
    return rows, distances


def _umap(index: Index) -> np.ndarray:
    import umap

    n = len(index)
    k = min(NEIGHBOURS, n - 1)
    graph = neighbour_graph(index, k)
    with warnings.catch_warnings():
        # A seed means one thread, and a graph of our own means no `transform`: both intended.
        warnings.simplefilter("ignore", UserWarning)
        reducer = umap.UMAP(
            n_neighbors=k,
            min_dist=MIN_DIST,
            metric="cosine",
            random_state=0,
            init="pca" if n > 50 else "random",
            precomputed_knn=(*graph, None),
        )
        return np.asarray(reducer.fit_transform(_matrix(index)), np.float32)


def _matrix(index: Index) -> np.ndarray:
    return index.rows(range(len(index))).astype(np.float32)


def _normalised(places: np.ndarray) -> np.ndarray:
    if not len(places):
        return places
    low, high = places.min(axis=0), places.max(axis=0)
    half = max(float((high - low).max()) / 2, 1e-9)
    return np.asarray((places - (low + high) / 2) / half, np.float32)
