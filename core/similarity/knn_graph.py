"""The exact nearest neighbours of many rows."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.similarity.index import Index

# UMAP's default, and how many neighbours the quality of a map is measured with.
NEIGHBOURS = 15


@dataclass(frozen=True, eq=False, slots=True)
class KnnGraph:
    """The nearest rows of each of n rows or queries, the nearest first.

    Attributes:
        rows: int32 (n, k), the numbers of the nearest rows; never the row itself.
        cosines: float32 (n, k), their cosine similarity.
    """

    rows: NDArray[np.int32]
    cosines: NDArray[np.float32]


def knn_graph(rows: NDArray[np.float32], *, k: int = NEIGHBOURS) -> KnnGraph:
    """Return the `k` nearest other rows of each row, or all others if there are fewer.

    Args:
        rows: (n, dimensions), of length 1.
        k: how many, at most.
    """
    k = min(k, len(rows) - 1)
    if k < 1:
        return _empty_graph(len(rows))
    # Imported here: it takes a second, which only building a map needs.
    from sklearn.neighbors import NearestNeighbors

    # Of rows of length 1 those of the highest cosine are the nearest. 25,000 rows of 512 numbers
    # take 10 s on two cores; `Index.top_k`, which settles ties as well, takes 18.
    finder = NearestNeighbors(n_neighbors=k, algorithm="brute").fit(rows)
    distances, nearest = finder.kneighbors()
    return KnnGraph(nearest.astype(np.int32), (1 - distances**2 / 2).astype(np.float32))


def kneighbors(
    queries: NDArray[np.float32], rows: NDArray[np.float32], *, k: int = NEIGHBOURS
) -> KnnGraph:
    """Return the `k` nearest of `rows` to each query, or all rows if there are fewer.

    Args:
        queries: (n, dimensions), of length 1.
        rows: (m, dimensions), of length 1.
        k: how many, at most.
    """
    if not len(rows) or not len(queries):
        return _empty_graph(len(queries))
    # As fast as scikit-learn for some thousand queries, and for a few queries without its import,
    # which alone takes 1.5 s.
    index = Index(list(map(str, range(len(rows)))), [rows])
    nearest = index.top_k(queries, k=min(k, len(rows)))
    return KnnGraph(
        np.stack([top.rows for top in nearest]).astype(np.int32),
        np.stack([top.scores for top in nearest]).astype(np.float32),
    )


def _empty_graph(count: int) -> KnnGraph:
    return KnnGraph(np.empty((count, 0), np.int32), np.empty((count, 0), np.float32))
