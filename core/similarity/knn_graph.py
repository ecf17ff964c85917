"""Who is nearest to whom: the exact neighbours of many rows at once."""

from dataclasses import dataclass

import numpy as np

from core.similarity.index import Index

# As many as UMAP looks at by default, and as a map is judged by.
NEIGHBOURS = 15


@dataclass(frozen=True, eq=False, slots=True)
class KnnGraph:
    """The nearest rows of each of n rows, the nearest first and never the row itself.

    Attributes:
        rows: int32 (n, k), their numbers.
        cosines: float32 (n, k), how like they are.
    """

    rows: np.ndarray
    cosines: np.ndarray


def unit_rows(index: Index) -> np.ndarray:
    """Return the rows of an index in length 1: float32 (n, dimensions).

    A row of zeros, or one that is not finite, gives a row of zeros.
    """
    rows = index.rows(range(len(index)))
    rows[~np.isfinite(rows).all(axis=1)] = 0
    norms = np.linalg.norm(rows, axis=1, keepdims=True)
    unit = np.divide(rows, norms, out=np.zeros_like(rows), where=norms > 0)
    return np.asarray(unit, np.float32)


def knn_graph(rows: np.ndarray, *, k: int = NEIGHBOURS) -> KnnGraph:
    """Return the `k` nearest others of each row, or all others where there are fewer.

    Args:
        rows: float32 (n, dimensions), of length 1.
        k: how many, at most.
    """
    k = min(k, len(rows) - 1)
    if k < 1:
        return _empty_graph(len(rows))
    # Imported here: a second that only who draws a map need wait for.
    from sklearn.neighbors import NearestNeighbors

    # Of rows of length 1 those of the highest cosine are the nearest. 25,000 rows of 512 numbers
    # take 10 s on two cores; `Index.top_k`, which settles ties as well, takes 18.
    finder = NearestNeighbors(n_neighbors=k, algorithm="brute").fit(rows)
    distances, found = finder.kneighbors()
    return KnnGraph(found.astype(np.int32), (1 - distances**2 / 2).astype(np.float32))


def kneighbors(queries: np.ndarray, rows: np.ndarray, *, k: int = NEIGHBOURS) -> KnnGraph:
    """Return the `k` nearest of `rows` to each query, or all where there are fewer.

    Args:
        queries: float32 (n, dimensions), of length 1.
        rows: float32 (m, dimensions), of length 1.
        k: how many, at most.
    """
    if not len(rows) or not len(queries):
        return _empty_graph(len(queries))
    # For some thousand queries as fast as below, and for a few without scikit-learn, whose
    # import alone takes 1.5 s.
    index = Index(list(map(str, range(len(rows)))), [rows])
    found = index.top_k(queries, k=min(k, len(rows)))
    return KnnGraph(
        np.stack([one.rows for one in found]).astype(np.int32),
        np.stack([one.scores for one in found]).astype(np.float32),
    )


def _empty_graph(count: int) -> KnnGraph:
    return KnnGraph(np.empty((count, 0), np.int32), np.empty((count, 0), np.float32))
