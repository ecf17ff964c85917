"""What the network sees, turned into vectors of unit length.

`published` is the 2016 recipe. `compact` is the default: at most 512 numbers a space,
fitted to the catalogue without labels. Measured on 1,599 emoji (R@1 / R@10 of the
right one for a drawing of it): `published` .088 / .238, `compact` .418 / .683.
"""

from collections.abc import Sequence

import numpy as np
from PIL import Image

from core.descriptors import domain_means
from core.descriptors.activations import activations, mirrored, pyramid
from core.descriptors.base import COMPACT, PictureKind, QueryKind, Space, make_fingerprint
from core.descriptors.fitting import CompactFit
from core.descriptors.model_input import picture_kind, view_for
from core.linalg import unit_rows
from core.vision import Network


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

    def __init__(self, weights_digest: str, fit: CompactFit) -> None:
        """Take a fit from `learn`, or one that was stored."""
        self.fingerprint = f"{self.recipe(weights_digest)}-{fit.digest()}"
        self._fit = fit
        self._components = fit.components.astype(np.float32)

    @classmethod
    def recipe(cls, weights_digest: str) -> str:
        """Return what every identity begins with, whatever the fit."""
        return make_fingerprint(
            weights_digest, descriptor=cls.name, layers="block5_pool+block4_pool"
        )

    def embed(
        self, network: Network, pictures: Sequence[Image.Image], *, query_kind: QueryKind = "auto"
    ) -> np.ndarray:
        """Return float32 (n, 2, dimensions), in the space of pictures: as it is, and mirrored.

        A drawing is compared without what all drawings have in common:
        `query_kind` says which it is, or leaves it to `views.is_drawing`.
        """
        kinds = [picture_kind(picture, query_kind) for picture in pictures]
        shown = [view_for(kind, picture) for kind, picture in zip(kinds, pictures, strict=True)]
        features = network.features(np.stack([view.pixels for view in shown]))
        rows = activations(features, [view.part for view in shown])
        return np.stack([self.vectors(each, kinds=kinds) for each in (rows, mirrored(rows))], 1)

    def vectors(
        self, rows: np.ndarray, *, kinds: Sequence[PictureKind] | None = None
    ) -> np.ndarray:
        """Return float32 (n, dimensions) of unit length, in the space of pictures."""
        return unit_rows(self.centred(rows, kinds=kinds) @ self._components.T)

    def stored(self, rows: np.ndarray) -> np.ndarray:
        """Return float32 (n, 2 x dimensions) for `activations` of models: both spaces.

        `columns` tells them apart.
        """
        pictures = self.vectors(rows)
        models = unit_rows(self.centred(rows, space="models") @ self.directions("models").T)
        width = max(pictures.shape[1], models.shape[1])
        return np.hstack([_widened(pictures, width), _widened(models, width)])

    def centred(
        self,
        rows: np.ndarray,
        *,
        space: Space = "pictures",
        kinds: Sequence[PictureKind] | None = None,
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

    def _mean(self, row: np.ndarray, kind: PictureKind) -> np.ndarray:
        """Return the mean of a row's domain; a picture's is the nearer of two."""
        own = self._fit.photo_mean
        if kind == "model":
            return own
        known = domain_means.load()
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


def _widened(rows: np.ndarray, width: int) -> np.ndarray:
    """Return the rows with zeros after them: copies among pictures can leave a space smaller."""
    return np.pad(rows, ((0, 0), (0, width - rows.shape[1])))
