"""What the network sees, turned into vectors of unit length.

`published` is the 2016 recipe. `compact` is the default: at most 512 numbers,
fitted to the catalogue without labels. Measured on 1,599 emoji (R@1 / R@10 of
the right one for a drawing of it): `published` .088 / .238, `compact` .310 / .585.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
from PIL import Image

from core import views
from core.network import Features, Network

As = Literal["auto", "photo", "line"]

PUBLISHED = "published"
COMPACT = "compact"
NAMES = (COMPACT, PUBLISHED)

# The most numbers a `compact` vector has.
DIMENSIONS = 512
# Below this many items there are too few directions to learn, and `compact` is
# a random projection, which keeps cosines whatever it is given.
LEARNED_FROM = 64
# Grown by one whenever the same picture would give another vector.
VERSION = 1


class Descriptor(Protocol):
    """A function from pictures to vectors of unit length."""

    name: str
    identity: str

    def embed(
        self, network: Network, pictures: Sequence[Image.Image], *, shown_as: As = "auto"
    ) -> np.ndarray:
        """Return float32 (len(pictures), dimensions), rows of length 1 (or 0 for nothing)."""
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
        """Return float32 (n, 25088). The recipe knows one view: `shown_as` changes nothing."""
        pixels = np.stack([views.frame(picture) for picture in pictures])
        return self.vectors(network.features(pixels))

    @staticmethod
    def vectors(features: Features) -> np.ndarray:
        """Return float32 (n, 25088) of unit length from the features of `frame` views."""
        return _unit(features.block5.reshape(len(features.block5), -1))


@dataclass(frozen=True)
class Fit:
    """What `compact` learned from a catalogue.

    Attributes:
        photo_mean: float32 (50176,), the mean activation of its pictures.
        line_mean: float32 (50176,), the mean of line drawings made of some of them.
        components: float16 (dimensions, 50176): directions, each scaled to its weight.
        items: how many pictures it was learned from; 0 for a random projection.
    """

    photo_mean: np.ndarray
    line_mean: np.ndarray
    components: np.ndarray
    items: int

    def arrays(self) -> dict[str, np.ndarray]:
        """Return the fit as arrays that can be stored."""
        return {
            "photo_mean": self.photo_mean,
            "line_mean": self.line_mean,
            "components": self.components,
            "items": np.array([self.items]),
        }

    def digest(self) -> str:
        """Return a short name for what was learned."""
        digest = hashlib.sha256()
        for array in self.arrays().values():
            digest.update(array.tobytes())
        return digest.hexdigest()[:16]

    @classmethod
    def of(cls, arrays: Mapping[str, np.ndarray]) -> "Fit":
        """Return the fit that `arrays` holds."""
        return cls(
            arrays["photo_mean"],
            arrays["line_mean"],
            arrays["components"],
            int(arrays["items"][0]),
        )


class Compact:
    """At most 512 numbers: layout, square root, centring and a half-whitened PCA.

    `photo` view; block5_pool, and block4_pool averaged to its 7 x 7 cells, both
    with their layout, square-rooted and of unit length each; minus the mean of
    their own domain (photos or drawings); projected on the catalogue's
    principal directions, scaled by s^-0.5. What each step brings is in the
    project's benchmark of sketches.
    """

    name = COMPACT

    def __init__(self, weights_digest: str, fit: Fit) -> None:
        """Take a fit from `learn`, or one that was stored."""
        self.identity = f"{self.recipe(weights_digest)}-{fit.digest()}"
        self._photo_mean, self._line_mean = fit.photo_mean, fit.line_mean
        self._components = fit.components.astype(np.float32)

    @classmethod
    def recipe(cls, weights_digest: str) -> str:
        """Return what every identity begins with, whatever the fit."""
        return _identity(weights_digest, descriptor=cls.name, layers="block5_pool+block4_pool")

    def embed(
        self, network: Network, pictures: Sequence[Image.Image], *, shown_as: As = "auto"
    ) -> np.ndarray:
        """Return float32 (n, dimensions).

        A drawing is compared without what all drawings have in common:
        `shown_as` says which it is, or leaves it to `views.is_drawing`.
        """
        drawn = [_is_drawn(picture, shown_as) for picture in pictures]
        shown = [
            view_of(COMPACT, picture, shown_as="line" if line else "photo")
            for picture, line in zip(pictures, drawn, strict=True)
        ]
        features = network.features(np.stack([view.pixels for view in shown]))
        return self.vectors(activations(features, [view.part for view in shown]), drawn=drawn)

    def vectors(self, rows: np.ndarray, *, drawn: Sequence[bool] | None = None) -> np.ndarray:
        """Return float32 (n, dimensions) of unit length from `activations`."""
        rows = rows.astype(np.float32)
        rows -= self._photo_mean
        if drawn is not None and any(drawn):
            rows[np.array(drawn)] += self._photo_mean - self._line_mean
        return _unit(rows @ self._components.T)


def view_of(name: str, picture: Image.Image, *, shown_as: As = "auto") -> views.View:
    """Return what the descriptor `name` has the network see of a picture."""
    if name == PUBLISHED:
        return views.View(views.frame(picture))
    return views.line(picture) if _is_drawn(picture, shown_as) else views.photo(picture)


def activations(features: Features, parts: Sequence[views.Box]) -> np.ndarray:
    """Return float32 (n, 50176): what `compact` is made of, before what it has learned.

    `parts[i]` is the part of picture i that counts; its cells are resampled to
    7 x 7 (bilinear). The square root keeps a few strong channels from deciding
    alone (RootSIFT: Arandjelovic and Zisserman, CVPR 2012).
    """
    blocks = []
    for cells in (features.block5, features.block4):
        cut = np.stack([_resample(grid, part) for grid, part in zip(cells, parts, strict=True)])
        blocks.append(_unit(np.sqrt(np.maximum(cut, 0)).reshape(len(cut), -1)))
    return np.hstack(blocks)


def learn(photos: np.ndarray, lines: np.ndarray) -> Fit:
    """Fit `compact` to a catalogue, without labels.

    Args:
        photos: `activations` of its pictures' `photo` views, (n, 50176), n >= 1.
        lines: `activations` of the `line` views of some of them.
    """
    if len(photos) >= LEARNED_FROM:
        photo_mean = photos.mean(axis=0, dtype=np.float64).astype(np.float32)
        variances, components = _principal(photos.astype(np.float32) - photo_mean)
        if len(variances):
            # Half-whitening: full whitening (-1/2 for variance) lifts noise.
            weights = (variances / variances[0]) ** -0.25
            directions = components * weights[:, np.newaxis]
            line_mean = lines.mean(axis=0, dtype=np.float64).astype(np.float32)
            return Fit(photo_mean, line_mean, directions.astype(np.float16), len(photos))
    # Imported here: scikit-learn costs a second, and only few pictures need it.
    from sklearn.random_projection import SparseRandomProjection

    nothing = np.zeros(photos.shape[1], np.float32)
    projection = SparseRandomProjection(DIMENSIONS, random_state=0).fit(photos)
    return Fit(nothing, nothing, projection.components_.toarray().astype(np.float16), 0)


def _principal(centred: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the variances, largest first, and the unit principal directions of the rows.

    Float32 (dimensions,) and (dimensions, columns); none where all rows are the same. Exact,
    from the rows' inner products (Turk and Pentland, "Eigenfaces", 1991): with 1,599 rows of
    50,176 numbers 3 s, where scikit-learn's randomized PCA takes 12.
    """
    # Imported here: only fitting needs it, and the server starts without.
    import scipy.linalg

    count = len(centred)
    dimensions = min(DIMENSIONS, count - 1)
    products = (centred @ centred.T).astype(np.float64)
    variances, sides = scipy.linalg.eigh(products, subset_by_index=[count - dimensions, count - 1])
    # The rows have length 1.4: below this is what float32 and copies of a picture leave.
    kept = variances > 1e-6
    variances, sides = variances[kept][::-1], sides[:, kept][:, ::-1]
    components = (sides / np.sqrt(variances)).astype(np.float32).T @ centred
    return (variances / (count - 1)).astype(np.float32), components


def _is_drawn(picture: Image.Image, shown_as: As) -> bool:
    return shown_as == "line" or (shown_as == "auto" and views.is_drawing(picture))


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


def _unit(rows: np.ndarray) -> np.ndarray:
    """Return the rows scaled to length 1; a row of zeros stays one."""
    norms = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(np.divide(rows, norms, out=np.zeros_like(rows), where=norms > 0))


def _identity(weights_digest: str, **parts: str) -> str:
    """Return a short name for everything that decides what a vector is."""
    parts |= {"weights": weights_digest, "version": str(VERSION)}
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:16]
