"""Computes the layout of the map: 2D coordinates in which similar models lie close together."""

import hashlib
import sys
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.similarity import KnnGraph
from core.similarity.knn_graph import NEIGHBOURS

# UMAP's own default.
MIN_DIST = 0.1
# How many items UMAP pushes away for each one it pulls closer; its default is 5. Trustworthiness
# and share of neighbours kept of the demos with 5: .923 and .438, .934 and .465; with 10: .933
# and .452, .942 and .482; with 20, for twice the time: .940 and .472, .944 and .488.
NEGATIVE_SAMPLE_RATE = 10
# With fewer items than this UMAP has too few neighbours to work with, and PCA is used alone.
UMAP_FROM = 8
# The distance, on a map 2 across, at which a neighbour's weight falls to 1/e, from the neighbour
# that is the most central.
REACH = 0.1
# The greatest distance by which an item is shifted, as a share of the space per item.
JITTER = 0.1


def umap_layout(rows: NDArray[np.float32], graph: KnnGraph) -> NDArray[np.float32]:
    """Return coordinates, float32 (n, 2), within -1 and 1; the same rows always give the same.

    UMAP (McInnes, Healy and Melville, "UMAP", 2018), seeded, with the exact neighbours. It
    starts from the first two principal components. Fewer than `UMAP_FROM` rows keep these.

    Args:
        rows: vectors of unit length: float32 (n, dimensions).
        graph: the exact neighbours of each row.
    """
    start = _principal_components(rows)
    return _scaled_to_unit(_umap(rows, graph, start) if len(rows) >= UMAP_FROM else start)


def interpolate(graph: KnnGraph, coordinates: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return coordinates, float32 (n, 2), for new rows, from those of their neighbours.

    A weighted mean: a neighbour counts by its similarity, and by how near it lies to the most
    central neighbour, so that neighbours in two corners of the map do not place an item in the
    empty space between them. Of the exact neighbours of a tenth of a demo, left out and placed
    again, .29 to .34 are neighbours on the map with the plain mean, .43 to .49 with this one;
    of those that UMAP itself laid out, .46 to .49.

    Args:
        graph: the neighbours of each new row, k >= 1, as numbers of rows of `coordinates`.
        coordinates: float32 (m, 2).
    """
    similarity = 1 / np.maximum(1 - graph.cosines, 1e-6)
    around = coordinates[graph.rows].astype(np.float64)
    between = np.linalg.norm(around[:, :, np.newaxis] - around[:, np.newaxis], axis=3)
    central = np.einsum("nij,nj->ni", between, similarity).argmin(axis=1)
    distances = np.take_along_axis(between, central[:, np.newaxis, np.newaxis], axis=1)[:, 0]
    weights = similarity * np.exp(-((distances / REACH) ** 2))
    weights /= weights.sum(axis=1, keepdims=True)
    return np.asarray(np.einsum("nk,nkd->nd", weights, around), np.float32)


def jitter(
    coordinates: NDArray[np.float32], ids: Sequence[str], *, item_count: int
) -> NDArray[np.float32]:
    """Return slightly shifted coordinates, float32 (n, 2), so that copies do not coincide.

    Args:
        coordinates: float32 (n, 2).
        ids: the ids of the items, which decide the distance and the direction.
        item_count: how many items share the space of the map.
    """
    digests = [hashlib.blake2b(item_id.encode(), digest_size=8).digest() for item_id in ids]
    chance = np.array([np.frombuffer(digest, "<u4") for digest in digests]).reshape(-1, 2) / 2**32
    angles = 2 * np.pi * chance[:, 0]
    radii = JITTER * 2 / np.sqrt(max(1, item_count)) * np.sqrt(chance[:, 1])
    offsets = radii[:, np.newaxis] * np.stack([np.cos(angles), np.sin(angles)], axis=1)
    return np.asarray(coordinates + offsets, np.float32)


def _umap(
    rows: NDArray[np.float32], graph: KnnGraph, start: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Return UMAP's coordinates, float32 (n, 2), of any scale, computed from `start`."""
    count, k = len(rows), min(NEIGHBOURS, graph.rows.shape[1])
    # UMAP expects each row as the first of its own neighbours.
    neighbours = np.hstack([np.arange(count)[:, np.newaxis], graph.rows[:, : k - 1]])
    distances = np.hstack([np.zeros((count, 1)), 1 - graph.cosines[:, : k - 1]]).clip(0)
    with warnings.catch_warnings(), without_tensorflow():
        # It warns that a seed limits it to one thread, and that without an index of its own there
        # is no `transform`. Both are intended.
        warnings.simplefilter("ignore", UserWarning)
        import umap

        reducer = umap.UMAP(
            n_neighbors=k,
            min_dist=MIN_DIST,
            metric="cosine",
            negative_sample_rate=NEGATIVE_SAMPLE_RATE,
            random_state=0,
            init=start,
            precomputed_knn=(neighbours.astype(np.int32), distances.astype(np.float32), None),
        )
        return np.asarray(reducer.fit_transform(rows), np.float32)


@contextmanager
def without_tensorflow() -> Iterator[None]:
    """Prevent `import umap` from loading TensorFlow: 6 s for a variant of UMAP not used here.

    A module that is None in `sys.modules` cannot be imported (Python's reference, "The module
    cache"), which umap treats as not installed. If TensorFlow is already loaded, nothing is
    changed.
    """
    modules: dict[str, Any] = sys.modules
    if "tensorflow" in modules:
        yield
        return
    modules["tensorflow"] = None
    try:
        yield
    finally:
        del modules["tensorflow"]


def _principal_components(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the first two principal components, float32 (n, 2), no two rows the same."""
    coordinates = np.zeros((len(rows), 2))
    if len(rows) > 1:
        from sklearn.decomposition import PCA

        with np.errstate(invalid="ignore"):  # without any variance its shares are 0 / 0
            components = PCA(min(2, *rows.shape), random_state=0).fit_transform(rows)
        coordinates[:, : components.shape[1]] = components
    # A sunflower pattern separates equal rows, too small to be seen where rows differ.
    angles = np.pi * (3 - np.sqrt(5)) * np.arange(len(rows))
    radii = 1e-4 * np.sqrt(np.arange(len(rows)))
    coordinates += radii[:, np.newaxis] * np.stack([np.cos(angles), np.sin(angles)], axis=1)
    return coordinates.astype(np.float32)


def _scaled_to_unit(coordinates: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the coordinates moved and scaled to lie within -1 and 1."""
    if not len(coordinates):
        return coordinates
    low, high = coordinates.min(axis=0), coordinates.max(axis=0)
    half = float((high - low).max()) / 2 or 1.0
    return np.asarray((coordinates - (low + high) / 2) / half, np.float32)
