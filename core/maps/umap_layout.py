"""Places in the plane, such that what is alike lies together."""

import hashlib
import sys
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from core.similarity import KnnGraph
from core.similarity.knn_graph import NEIGHBOURS

# UMAP's own default.
MIN_DIST = 0.1
# How many items each is pushed away from for one that it is drawn to; UMAP's default is 5.
# Trustworthiness and share of neighbours kept of the demos with 5: .923 and .438, .934 and
# .465; with 10: .933 and .452, .942 and .482; with 20, for twice the time: .940 and .472,
# .944 and .488.
NEGATIVE_SAMPLE_RATE = 10
# Below this many items UMAP has too few neighbours to lay out; PCA does.
UMAP_FROM = 8
# How far neighbours may lie from the one in their midst to have a say, on a map 2 across.
REACH = 0.1
# The farthest that an item is put beside its place, as a share of the room each has.
JITTER = 0.1


def umap_layout(rows: np.ndarray, near: KnnGraph) -> np.ndarray:
    """Return a place for each row, float32 (n, 2), within -1 and 1; the same rows give the same.

    UMAP (McInnes, Healy and Melville, "UMAP", 2018), seeded, given the exact neighbours and
    started from the two principal directions, which also lay out the fewest rows alone.

    Args:
        rows: float32 (n, dimensions), of length 1.
        near: the exact neighbours of each.
    """
    start = _principal(rows)
    return _fitted(_umap(rows, near, start) if len(rows) >= UMAP_FROM else start)


def interpolate(near: KnnGraph, places: np.ndarray) -> np.ndarray:
    """Return a place, float32 (n, 2), for rows that come later: amid their neighbours.

    The weighted mean of the neighbours' places: each counts by how like it is, and by how near
    it lies to the one in the midst of all, so that neighbours in two corners of the map put
    nothing between them. Of the exact neighbours of a tenth of a demo, left out and placed
    again, .29 to .34 are neighbours on the map with the plain mean, .43 to .49 with this one;
    of those that UMAP itself laid out, .46 to .49.

    Args:
        near: the neighbours of each row, k >= 1, among those that have a place.
        places: float32 (m, 2), of these.
    """
    likeness = 1 / np.maximum(1 - near.cosines, 1e-6)
    around = places[near.rows].astype(np.float64)
    between = np.linalg.norm(around[:, :, np.newaxis] - around[:, np.newaxis], axis=3)
    midst = np.einsum("nij,nj->ni", between, likeness).argmin(axis=1)
    distances = np.take_along_axis(between, midst[:, np.newaxis, np.newaxis], axis=1)[:, 0]
    weights = likeness * np.exp(-((distances / REACH) ** 2))
    weights /= weights.sum(axis=1, keepdims=True)
    return np.asarray(np.einsum("nk,nkd->nd", weights, around), np.float32)


def jitter(places: np.ndarray, ids: Sequence[str], *, of: int) -> np.ndarray:
    """Return places a little beside `places`, float32 (n, 2), so that copies do not coincide.

    Args:
        places: float32 (n, 2).
        ids: whose they are, which decides how far and to which side.
        of: how many items share the map's room.
    """
    digests = [hashlib.blake2b(one.encode(), digest_size=8).digest() for one in ids]
    chance = np.array([np.frombuffer(digest, "<u4") for digest in digests]).reshape(-1, 2) / 2**32
    angles = 2 * np.pi * chance[:, 0]
    radii = JITTER * 2 / np.sqrt(max(1, of)) * np.sqrt(chance[:, 1])
    steps = radii[:, np.newaxis] * np.stack([np.cos(angles), np.sin(angles)], axis=1)
    return np.asarray(places + steps, np.float32)


def _umap(rows: np.ndarray, near: KnnGraph, start: np.ndarray) -> np.ndarray:
    count, k = len(rows), min(NEIGHBOURS, near.rows.shape[1])
    # UMAP counts a row as the first of its own neighbours.
    numbers = np.hstack([np.arange(count)[:, np.newaxis], near.rows[:, : k - 1]])
    gaps = np.hstack([np.zeros((count, 1)), 1 - near.cosines[:, : k - 1]]).clip(0)
    with warnings.catch_warnings(), _without_tensorflow():
        # A seed means one thread, and neighbours of our own mean no `transform`: both intended.
        warnings.simplefilter("ignore", UserWarning)
        import umap

        reducer = umap.UMAP(
            n_neighbors=k,
            min_dist=MIN_DIST,
            metric="cosine",
            negative_sample_rate=NEGATIVE_SAMPLE_RATE,
            random_state=0,
            init=start,
            precomputed_knn=(numbers.astype(np.int32), gaps.astype(np.float32), None),
        )
        return np.asarray(reducer.fit_transform(rows), np.float32)


@contextmanager
def _without_tensorflow() -> Iterator[None]:
    """Keep `import umap` from loading TensorFlow: 6 s for a variant of UMAP not used here.

    A module that is None cannot be imported (Python's reference, "The module cache"), which
    umap takes for not installed. A TensorFlow that is loaded costs nothing, and is left alone.
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


def _principal(rows: np.ndarray) -> np.ndarray:
    """Return the rows along their two principal directions, float32 (n, 2), no two the same."""
    places = np.zeros((len(rows), 2))
    if len(rows) > 1:
        from sklearn.decomposition import PCA

        with np.errstate(invalid="ignore"):  # the share of no variance at all
            found = PCA(min(2, *rows.shape), random_state=0).fit_transform(rows)
        places[:, : found.shape[1]] = found
    # The seeds of a sunflower: too near each other to be seen where places differ.
    angles = np.pi * (3 - np.sqrt(5)) * np.arange(len(rows))
    radii = 1e-4 * np.sqrt(np.arange(len(rows)))
    places += radii[:, np.newaxis] * np.stack([np.cos(angles), np.sin(angles)], axis=1)
    return places.astype(np.float32)


def _fitted(places: np.ndarray) -> np.ndarray:
    """Return the places moved and scaled to lie within -1 and 1."""
    if not len(places):
        return places
    low, high = places.min(axis=0), places.max(axis=0)
    half = float((high - low).max()) / 2 or 1.0
    return np.asarray((places - (low + high) / 2) / half, np.float32)
