"""What the network sees, turned into vectors of unit length.

`published` is the 2016 recipe. `compact` is the default: at most 512 numbers a space,
fitted to the catalogue without labels. Measured on 1,599 emoji (R@1 / R@10 of the
right one for a drawing of it): `published` .088 / .238, `compact` .418 / .683.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, Literal, Protocol

import numpy as np
from PIL import Image

from core import domains, views
from core.network import Features, Network

As = Literal["auto", "photo", "line"]
# What a picture is: a model's of the catalogue, or a picture or a drawing from elsewhere.
Kind = Literal["model", "picture", "drawing"]
# What a vector is made to be compared with: other models, or pictures from anywhere.
Space = Literal["models", "pictures"]

PUBLISHED = "published"
COMPACT = "compact"
NAMES = (COMPACT, PUBLISHED)

# The most numbers a `compact` vector has in either space.
DIMENSIONS = 512
# Below this many items there are too few directions to learn, and `compact` is
# a random projection, which keeps cosines whatever it is given.
LEARNED_FROM = 64
# Grown by one whenever the same picture would give another vector.
VERSION = 3

# The length of block5 in activations, that of block4 being 1. R@1 of drawings and pictures:
# .404 and .427 with .35, .402 and .425 with .5, .399 and .425 with .65, .379 and .400 with 1:
# level where it was chosen. Of Noto's black-and-white emoji, not looked at before: .566 with .6,
# .552 with 1.
BLOCK5 = 0.6
# The columns of a block in activations: 7 x 7 cells of 512 channels.
CELLS = (7, 7, 512)
_BLOCK = 7 * 7 * 512
# The quarters of a picture, overlapping by a cell: rows and columns of the grid.
_HALVES = (slice(0, 4), slice(3, 7))
QUARTERS = [(rows, columns) for rows in _HALVES for columns in _HALVES]
# Activations have a length of 1.2. Less variance than this is what float32 and copies of
# a picture leave.
_NOISE = 1e-6
# Columns multiplied at once: float32 copies of all of them would fill 650 MB.
_COLUMNS = 4096


class Descriptor(Protocol):
    """A function from pictures to vectors of unit length."""

    name: str
    identity: str

    def embed(
        self, network: Network, pictures: Sequence[Image.Image], *, shown_as: As = "auto"
    ) -> np.ndarray:
        """Return float32 (n, sights, dimensions): vectors of length 1 (or 0 for nothing).

        The first sight is the picture as it is; a second, if there is one, mirrored.
        """
        ...


class Published:
    """The 2016 recipe: block5_pool of the whole picture, 25,088 numbers, plain cosine.

    Source: E. Rosenthal, "Recasketch, Part 2: Keras", 2016. Transparency is
    put on white and the camera's orientation is applied before, which the
    recipe's JPEG thumbnails had no need of.
    """

    name = PUBLISHED

    def __init__(self, weights_digest: str) -> None:
        """Say which weights the vectors come from."""
        self.identity = _identity(weights_digest, descriptor=self.name, layer="block5_pool")

    def embed(
        self, network: Network, pictures: Sequence[Image.Image], *, shown_as: As = "auto"
    ) -> np.ndarray:
        """Return float32 (n, 1, 25088). The recipe knows one view: `shown_as` changes nothing."""
        pixels = np.stack([views.frame(picture) for picture in pictures])
        return self.vectors(network.features(pixels))[:, np.newaxis]

    @staticmethod
    def vectors(features: Features) -> np.ndarray:
        """Return float32 (n, 25088) of unit length from the features of `frame` views."""
        return _unit(features.block5.reshape(len(features.block5), -1))


@dataclass(frozen=True)
class Fit:
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
    def of(cls, arrays: Mapping[str, np.ndarray]) -> "Fit":
        """Return the fit that `arrays` holds."""
        learned: dict[str, Any] = {field.name: arrays[field.name] for field in fields(cls)}
        return cls(**learned | {"items": int(learned["items"])})


class Compact:
    """At most 512 numbers in each of two spaces, both made of the same activations.

    `photo` view; block5_pool, and block4_pool averaged to its 7 x 7 cells, both with
    their layout, square-rooted, each of a length of its own, minus the mean of their own
    domain: the catalogue's pictures, or what `domains` holds of drawings and illustrations.

    The space of pictures finds the model that a picture or drawing shows, whichever way it
    looks: a picture is compared as it is and mirrored. Each model has a line drawing made of
    its picture; the directions in which the two differ are weakened (`_alike`), the principal
    ones of what remains are kept. On the benchmark's 1,599 emoji, step by step, R@1 / R@10 (in
    one process; the benchmark itself gives .418 / .683 and .448 / .727 for all of it):

    - principal directions of the pictures alone: drawings .310 / .585, pictures .335 / .611
    - weakened where pictures differ from their drawings: .379 / .661, .400 / .684
    - block5 of length 0.6: .402 / .659, .424 / .694
    - means of drawings and illustrations from elsewhere: .405 / .668, .438 / .707
    - mirrored as well: .414 / .683, .447 / .724; a mirrored drawing, .2 / .5 before, as well

    The space of models compares models with each other: the principal directions of
    `pyramid`. Share of 9 neighbours of the same kind, emoji and furniture: `published` .358
    and .432, the space of pictures .380 and .413, this one .397 and .448.
    """

    name = COMPACT

    def __init__(self, weights_digest: str, fit: Fit) -> None:
        """Take a fit from `learn`, or one that was stored."""
        self.identity = f"{self.recipe(weights_digest)}-{fit.digest()}"
        self._fit = fit
        self._components = fit.components.astype(np.float32)

    @classmethod
    def recipe(cls, weights_digest: str) -> str:
        """Return what every identity begins with, whatever the fit."""
        return _identity(weights_digest, descriptor=cls.name, layers="block5_pool+block4_pool")

    def embed(
        self, network: Network, pictures: Sequence[Image.Image], *, shown_as: As = "auto"
    ) -> np.ndarray:
        """Return float32 (n, 2, dimensions), in the space of pictures: as it is, and mirrored.

        A drawing is compared without what all drawings have in common:
        `shown_as` says which it is, or leaves it to `views.is_drawing`.
        """
        kinds = [kind_of(picture, shown_as) for picture in pictures]
        shown = [seen_as(kind, picture) for kind, picture in zip(kinds, pictures, strict=True)]
        features = network.features(np.stack([view.pixels for view in shown]))
        rows = activations(features, [view.part for view in shown])
        return np.stack([self.vectors(each, kinds=kinds) for each in (rows, mirrored(rows))], 1)

    def vectors(self, rows: np.ndarray, *, kinds: Sequence[Kind] | None = None) -> np.ndarray:
        """Return float32 (n, dimensions) of unit length, in the space of pictures."""
        return _unit(self.centred(rows, kinds=kinds) @ self._components.T)

    def stored(self, rows: np.ndarray) -> np.ndarray:
        """Return float32 (n, 2 x dimensions) for `activations` of models: both spaces.

        `columns` tells them apart.
        """
        pictures = self.vectors(rows)
        models = _unit(self.centred(rows, space="models") @ self.directions("models").T)
        width = max(pictures.shape[1], models.shape[1])
        return np.hstack([_widened(pictures, width), _widened(models, width)])

    def centred(
        self, rows: np.ndarray, *, space: Space = "pictures", kinds: Sequence[Kind] | None = None
    ) -> np.ndarray:
        """Return float32 (n, columns): what a space projects of `activations`, less its mean.

        `kinds` are what the rows are of, models by default; all are models to the space of
        models.
        """
        if space == "models" and len(self._fit.pyramid_components):
            return np.asarray(pyramid(rows) - self._fit.pyramid_mean)
        rows = rows.astype(np.float32)
        if not self._fit.items:
            return rows
        if kinds is None:
            return np.asarray(rows - self._fit.photo_mean)
        means = [self._mean(row, kind) for row, kind in zip(rows, kinds, strict=True)]
        return np.asarray(rows - np.stack(means))

    def _mean(self, row: np.ndarray, kind: Kind) -> np.ndarray:
        """Return the mean of a row's domain; a picture's is the nearer of two."""
        own = self._fit.photo_mean
        if kind == "model":
            return own
        known = domains.load()
        if kind == "drawing":
            return known.drawings
        return min(own, known.illustrations, key=lambda mean: float(np.sum((row - mean) ** 2)))

    def directions(self, space: Space) -> np.ndarray:
        """Return float32 (dimensions, columns): what a space projects `centred` rows on.

        Those of models are made when asked for (0.1 s): kept they would fill 113 MB.
        """
        if space == "models" and len(self._fit.pyramid_components):
            return self._fit.pyramid_components.astype(np.float32)
        return self._components


def columns(name: str, space: Space, width: int) -> slice:
    """Return which of `width` stored columns are those of a space of the descriptor `name`."""
    if name == PUBLISHED:
        return slice(0, width)
    return slice(0, width // 2) if space == "pictures" else slice(width // 2, width)


def view_of(name: str, picture: Image.Image, *, shown_as: As = "auto") -> views.View:
    """Return what the descriptor `name` has the network see of a picture."""
    if name == PUBLISHED:
        return views.View(views.frame(picture))
    return seen_as(kind_of(picture, shown_as), picture)


def kind_of(picture: Image.Image, shown_as: As) -> Kind:
    """Return what `compact` takes a picture from elsewhere for."""
    drawn = shown_as == "line" or (shown_as == "auto" and views.is_drawing(picture))
    return "drawing" if drawn else "picture"


def seen_as(kind: Kind, picture: Image.Image) -> views.View:
    """Return what `compact` has the network see of a picture of that kind."""
    return views.line(picture) if kind == "drawing" else views.photo(picture)


def activations(features: Features, parts: Sequence[views.Box]) -> np.ndarray:
    """Return float32 (n, 50176): what `compact` is made of, before what it has learned.

    `parts[i]` is the part of picture i that counts; its cells are resampled to
    7 x 7 (bilinear). The square root keeps a few strong channels from deciding
    alone (RootSIFT: Arandjelovic and Zisserman, CVPR 2012).
    """
    blocks = []
    for cells, length in ((features.block5, BLOCK5), (features.block4, 1)):
        cut = np.stack([_resample(grid, part) for grid, part in zip(cells, parts, strict=True)])
        blocks.append(length * _unit(np.sqrt(np.maximum(cut, 0)).reshape(len(cut), -1)))
    return np.hstack(blocks)


def mirrored(rows: np.ndarray) -> np.ndarray:
    """Return `activations` with left and right exchanged, cell by cell.

    Nearly those of the mirrored picture, which would take another pass: the network's
    filters are not symmetric, but come in pairs.
    """
    return rows.reshape(-1, 2, *CELLS)[:, :, :, ::-1].reshape(rows.shape)


def pyramid(rows: np.ndarray) -> np.ndarray:
    """Return float32 (n, 55296): activations, and with less and less layout.

    After the 7 x 7 cells of each block come its overlapping quarters and the whole, their
    channels averaged before the square root: things of a kind are alike without being in
    the same place (Lazebnik, Schmid and Ponce, "Beyond bags of features", CVPR 2006).
    """
    rows = rows.astype(np.float32)
    levels = [rows]
    for start in (0, _BLOCK):
        cells = np.square(rows[:, start : start + _BLOCK]).reshape(-1, *CELLS)
        quarters = [cells[:, down, across].mean(axis=(1, 2)) for down, across in QUARTERS]
        levels.append(_unit(np.sqrt(np.hstack(quarters))))
        levels.append(_unit(np.sqrt(cells.mean(axis=(1, 2)))))
    return np.hstack(levels)


def learn(photos: np.ndarray, lines: np.ndarray) -> Fit:
    """Fit `compact` to a catalogue, without labels.

    Args:
        photos: `activations` of its pictures' `photo` views, (n, 50176), n >= 1.
        lines: `activations` of the same pictures' `line` views, (n, 50176).
    """
    if len(photos) >= LEARNED_FROM:
        seen, drawn = _Centred.of(photos), _Centred.of(lines)
        components = _alike(seen, drawn)
        if len(components):
            # In pieces, and in half precision: 180 MB in place of 350.
            pieces = [photos[n : n + 256] for n in range(0, len(photos), 256)]
            pyramids = _Centred.of(
                np.concatenate([pyramid(piece).astype(np.float16) for piece in pieces])
            )
            return Fit(
                photo_mean=seen.mean,
                components=components,
                pyramid_mean=pyramids.mean,
                pyramid_components=_principal(pyramids),
                items=len(photos),
            )
    # Imported here: scikit-learn costs a second, and only few pictures need it.
    from sklearn.random_projection import SparseRandomProjection

    nothing = np.zeros(photos.shape[1], np.float32)
    projection = SparseRandomProjection(DIMENSIONS, random_state=0).fit(photos)
    return Fit(
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


def _alike(photos: _Centred, lines: _Centred) -> np.ndarray:
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


def _principal(centred: _Centred) -> np.ndarray:
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
    for start in range(0, groups[0].rows.shape[1], _COLUMNS):
        part = slice(start, start + _COLUMNS)
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


def _resample(cells: np.ndarray, part: views.Box) -> np.ndarray:
    """Return a part of (7, 7, channels) stretched to (7, 7, channels)."""
    if part == views.WHOLE:
        return cells
    down, across = _weights(part.top, part.bottom), _weights(part.left, part.right)
    size, _, channels = cells.shape
    rows = (down @ cells.reshape(size, -1)).reshape(size, size, channels)
    return np.asarray(across @ rows)


def _weights(low: float, high: float, size: int = 7) -> np.ndarray:
    """Return how much each old cell counts in each new one, float32 (new, old): linear."""
    centres = (np.arange(size) + 0.5) / size
    places = ((low + centres * (high - low)) * size - 0.5).clip(0, size - 1)
    distances = np.abs(places[:, np.newaxis] - np.arange(size))
    return np.asarray(np.maximum(0, 1 - distances), np.float32)


def _widened(rows: np.ndarray, width: int) -> np.ndarray:
    """Return the rows with zeros after them: copies among pictures can leave a space smaller."""
    return np.pad(rows, ((0, 0), (0, width - rows.shape[1])))


def _unit(rows: np.ndarray) -> np.ndarray:
    """Return the rows scaled to length 1; a row of zeros stays one."""
    norms = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(np.divide(rows, norms, out=np.zeros_like(rows), where=norms > 0))


def _identity(weights_digest: str, **parts: str) -> str:
    """Return a short name for everything that decides what a vector is."""
    parts |= {"weights": weights_digest, "version": str(VERSION)}
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:16]
