"""Fit the compact descriptor to a catalogue's pictures."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from core.descriptors.activations import pyramid

# The most numbers a `compact` vector has in either space.
DIMENSIONS = 512
# Below this many items there are too few directions to learn, and `compact` is
# a random projection, which keeps cosines whatever it is given.
MIN_ITEMS_TO_FIT = 64
# Activations have a length of 1.2. Less variance than this is what float32 and copies of
# a picture leave.
_NOISE = 1e-6
# Columns multiplied at once: float32 copies of all of them would fill 650 MB.
COLUMNS = 4096


@dataclass(frozen=True)
class CompactFit:
    """What `compact` learned from a catalogue. Directions are scaled to their weight.

    Attributes:
        photo_mean: float32 (50176,), the mean activation of its pictures.
        components: float16 (dimensions, 50176), the directions of the space of pictures.
        pyramid_mean: float32 (55296,), the mean of its pictures' pyramids.
        pyramid_components: float16 (dimensions, 55296), the directions of the space of
            models; without rows where the space of pictures serves for both.
        items: how many pictures it was learned from; 0 for a random projection.
    """

    photo_mean: np.ndarray
    components: np.ndarray
    pyramid_mean: np.ndarray
    pyramid_components: np.ndarray
    items: int

    def arrays(self) -> dict[str, np.ndarray]:
        """Return the fit as arrays that can be stored."""
        return {field.name: np.asarray(getattr(self, field.name)) for field in fields(self)}

    def digest(self) -> str:
        """Return a short name for what was learned."""
        digest = hashlib.sha256()
        for array in self.arrays().values():
            digest.update(array.tobytes())
        return digest.hexdigest()[:16]

    @classmethod
    def of(cls, arrays: Mapping[str, np.ndarray]) -> "CompactFit":
        """Return the fit that `arrays` holds."""
        learned: dict[str, Any] = {field.name: arrays[field.name] for field in fields(cls)}
        return cls(**learned | {"items": int(learned["items"])})


def fit(photos: np.ndarray, lines: np.ndarray) -> CompactFit:
    """Fit `compact` to a catalogue, without labels.

    Args:
        photos: `activations` of its pictures' `photo` views, (n, 50176), n >= 1.
        lines: `activations` of the same pictures' `line` views, (n, 50176).
    """
    if len(photos) >= MIN_ITEMS_TO_FIT:
        seen, drawn = _Centred.of(photos), _Centred.of(lines)
        components = _similar_directions(seen, drawn)
        if len(components):
            # In pieces, and in half precision: 180 MB in place of 350.
            pieces = [photos[n : n + 256] for n in range(0, len(photos), 256)]
            pyramids = _Centred.of(
                np.concatenate([pyramid(piece).astype(np.float16) for piece in pieces])
            )
            return CompactFit(
                photo_mean=seen.mean,
                components=components,
                pyramid_mean=pyramids.mean,
                pyramid_components=_principal_directions(pyramids),
                items=len(photos),
            )
    # Imported here: scikit-learn costs a second, and only few pictures need it.
    from sklearn.random_projection import SparseRandomProjection

    nothing = np.zeros(photos.shape[1], np.float32)
    projection = SparseRandomProjection(DIMENSIONS, random_state=0).fit(photos)
    return CompactFit(
        photo_mean=nothing,
        components=projection.components_.toarray().astype(np.float16),
        pyramid_mean=np.empty(0, np.float32),
        pyramid_components=np.empty((0, 0), np.float16),
        items=0,
    )


@dataclass(frozen=True, eq=False, slots=True)
class _Centred:
    """Rows, and the mean that is to be taken off them."""

    rows: np.ndarray
    mean: np.ndarray

    @classmethod
    def of(cls, rows: np.ndarray) -> "_Centred":
        return cls(rows, rows.mean(axis=0, dtype=np.float64).astype(np.float32))


def _similar_directions(photos: _Centred, lines: _Centred) -> np.ndarray:
    """Return the directions in which pictures differ from each other, not from their drawings.

    Float16 (dimensions, 50176). The within-class covariance of linear discriminant analysis,
    a class being a picture and the drawing made of it, is shrunk half-way to a multiple of
    the identity (Friedman, "Regularized discriminant analysis", 1989) and whitened; then come
    the principal directions of pictures and drawings, scaled by s^-0.4. On the benchmark
    R@1 of drawings is .400 with a third of that shrinkage and .397 with thrice, against .402;
    1,024 directions would bring .405. Contrastive training of the same directions, distorted
    drawings, stronger and weaker strokes, drawings of icons by others, block3, silhouettes, and
    the similarity of drawings to drawings brought .00 to .01.
    """
    count = len(photos.rows)
    variances, sides = _largest(_inner_products(photos, lines), count, least=_NOISE)
    if not len(variances):
        return np.zeros((0, photos.rows.shape[1]), np.float16)
    places = sides * np.sqrt(variances)
    apart = places[:count] - places[count:]
    within = apart.T @ apart
    # In units of its mean, or of nothing where every drawing is its picture.
    shrunk = within / (np.trace(within) / len(within) or 1) + np.eye(len(within))
    spreads, axes = _largest(shrunk, len(shrunk))
    whitening = axes / np.sqrt(spreads) @ axes.T
    white = places @ whitening
    spreads, axes = _largest(white.T @ white, min(DIMENSIONS, count - 1))
    scaled = whitening @ (axes * (spreads / spreads[0]) ** -0.2)
    return _combine((sides / np.sqrt(variances) @ scaled).T, photos, lines)


def _principal_directions(centred: _Centred) -> np.ndarray:
    """Return the principal directions of the rows, scaled by s^-0.3.

    Float16 (dimensions, columns). On the benchmark same-kind neighbours differ by .002
    between s^-0.1 and s^-0.4; full whitening lifts noise.
    """
    dimensions = min(DIMENSIONS, len(centred.rows) - 1)
    variances, sides = _largest(_inner_products(centred), dimensions, least=_NOISE)
    weights = variances**-0.5 * (variances / variances[0]) ** -0.15
    return _combine((sides * weights).T, centred)


def _inner_products(*groups: _Centred) -> np.ndarray:
    """Return the inner products of the rows of all groups, centred: float64 (rows, rows).

    Principal directions follow from them exactly (Turk and Pentland, "Eigenfaces", 1991):
    with 1,599 rows of 50,176 numbers in a quarter of the time of scikit-learn's randomized PCA.
    """
    rows = sum(len(group.rows) for group in groups)
    products = np.zeros((rows, rows))
    for block in _slices(*groups):
        products += block @ block.T
    return products


def _combine(weights: np.ndarray, *groups: _Centred) -> np.ndarray:
    """Return sums of the centred rows of all groups: float16 (len(weights), columns)."""
    weights = weights.astype(np.float32)
    return np.hstack([(weights @ block).astype(np.float16) for block in _slices(*groups)])


def _slices(*groups: _Centred) -> Iterator[np.ndarray]:
    """Yield the centred rows of all groups, float32, some columns at a time."""
    for start in range(0, groups[0].rows.shape[1], COLUMNS):
        part = slice(start, start + COLUMNS)
        yield np.vstack([group.rows[:, part] - group.mean[part] for group in groups])


def _largest(
    matrix: np.ndarray, count: int, *, least: float = 0.0
) -> tuple[np.ndarray, np.ndarray]:
    """Return the `count` largest eigenvalues above `least`, and their vectors in columns."""
    # Imported here: only fitting needs it, and the server starts without.
    import scipy.linalg

    size = len(matrix)
    first = max(0, size - count)
    values, vectors = scipy.linalg.eigh(matrix, subset_by_index=[first, size - 1])
    kept = values > least
    return values[kept][::-1], vectors[:, kept][:, ::-1]
