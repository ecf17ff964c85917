"""The default descriptor: short vectors, fitted to the catalogue without labels.

Measured on 1,599 emoji, R@1 / R@10 of the right emoji for a drawing of it: `published` .088 / .238,
`compact` .418 / .683.
"""

from collections.abc import Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from core.descriptors import domain_means
from core.descriptors.activations import activations, mirrored, pyramid
from core.descriptors.base import (
    COMPACT,
    Embedded,
    PictureKind,
    QueryKind,
    Space,
    make_fingerprint,
)
from core.descriptors.fitting import CompactFit
from core.descriptors.model_input import interpretations, view_for
from core.errors import LookalikeError
from core.linalg import HalfOrSingle, unit_rows
from core.vision import Network, mask_decoder, preprocessing, segmentation
from core.vision.cutout import Cutout


class NoLinesError(LookalikeError):
    """A picture that is to be compared as a drawing has no lines."""


class Compact:
    """At most 512 numbers in each of two spaces, both computed from the same activations.

    The activations are those of the `crop_object` view (`line_drawing` for drawings): block5_pool,
    and block4_pool averaged to the same 7 x 7 cells, as square roots, each block scaled to its own
    length, minus the mean of the picture's domain: the catalogue's pictures, or the drawings or
    illustrations of `domain_means`.

    The space "pictures" finds the model that a picture or drawing shows, whether it faces left or
    right: the original picture and the mirrored one are compared. A line drawing is made of each
    model's picture; directions in which the two differ are weakened (`fitting`), and the principal
    directions of what remains are kept. On the benchmark's 1,599 emoji, step by step, R@1 / R@10
    (in one process; the benchmark itself gives .418 / .683 and .448 / .727 for all steps together):

    - principal directions of the pictures alone: drawings .310 / .585, pictures .335 / .611
    - weakened where pictures differ from their drawings: .379 / .661, .400 / .684
    - block5 of length 0.6: .402 / .659, .424 / .694
    - means of drawings and illustrations from outside: .405 / .668, .438 / .707
    - mirrored as well: .414 / .683, .447 / .724; the same for a mirrored drawing, .2 / .5 before

    The space "models" compares models with each other, along the principal directions of
    `pyramid`. The share of 9 neighbours in the same category, for emoji and furniture: `published`
    .358 and .432, the space "pictures" .380 and .413, the space "models" .397 and .448. Photographs
    are compared in it too, as the parts of what they show are not where a model has them: of the
    development half of `benchmarks.photographs`, hit@10 is .395, and .302 in the space "pictures".
    """

    name = COMPACT

    def __init__(self, weights_digest: str, fit: CompactFit) -> None:
        """Use a fit from `fitting.fit`, or one that was stored."""
        self.fingerprint = f"{self.recipe(weights_digest)}-{fit.digest()}"
        self._fit = fit
        self._components = fit.components.astype(np.float32)

    @classmethod
    def recipe(cls, weights_digest: str) -> str:
        """Return the start of every fingerprint: what vectors depend on besides the fit."""
        return make_fingerprint(
            weights_digest,
            descriptor=cls.name,
            layers="block5_pool+block4_pool",
            masks=mask_decoder.digest(),
        )

    def embed(
        self,
        network: Network,
        pictures: Sequence[Image.Image | Cutout],
        *,
        query_kinds: Sequence[QueryKind] | None = None,
    ) -> Embedded:
        """Return the vectors of RGB pictures, original and mirrored, of at most 512 numbers.

        Drawings have the mean of all drawings subtracted. `query_kinds` says which of the pictures
        are drawings; for "auto" `drawing_detector` decides. The vector of a picture that may be a
        drawing or not is the mean of both. A cut-out is compared as it is.

        Raises `NoLinesError` if a drawing has no lines that can be compared.
        """
        query_kinds = query_kinds or ["auto"] * len(pictures)
        compared = [
            (number, *each)
            for number, pair in enumerate(zip(pictures, query_kinds, strict=True))
            for each in interpretations(*pair)
        ]
        cuts = segmentation.cut_out(network, [each for _, each, _ in compared])
        numbers = [number for number, _, _ in compared]
        shown = [kind for _, _, kind in compared]
        views = [view_for(kind, cut) for kind, cut in zip(shown, cuts, strict=True)]
        for kind, cut, view in zip(shown, cuts, views, strict=True):
            if kind == "drawing" and preprocessing.has_no_lines(cut, view):
                raise NoLinesError("The drawing has no lines that can be told from its background.")
        features = network.features(np.stack([view.pixels for view in views]))
        rows = activations(features, [view.part for view in views])
        kinds = self.kinds(rows, shown)
        variants = (rows, mirrored(rows))
        vectors = np.stack([self.vectors(each, kinds=kinds) for each in variants], axis=1)
        vectors = _means(vectors, numbers)
        photographs = [
            row
            for row, kind in enumerate(kinds)
            if kind == "photograph" and numbers.count(numbers[row]) == 1
        ]
        if not (photographs and self.compares_photographs_as_models):
            return Embedded(vectors)
        as_models = np.stack([self._as_models(each[photographs]) for each in variants], axis=1)
        return Embedded(
            vectors, dict(zip([numbers[row] for row in photographs], as_models, strict=True))
        )

    @property
    def compares_photographs_as_models(self) -> bool:
        """Whether photographs are compared in the space "models", which needs a fit of its own."""
        return len(self._fit.pyramid_components) > 0

    def kinds(self, rows: NDArray[np.float32], kinds: Sequence[PictureKind]) -> list[PictureKind]:
        """Return what `activations`, (n, 50176), show: pictures and photographs told apart.

        A picture is a photograph if the mean of photographs is nearer than that of illustrations
        and that of the catalogue's own pictures.
        """
        known = domain_means.load()
        means = (known.photographs, self._fit.photo_mean, known.illustrations)
        return [
            "photograph" if kind == "picture" and _nearest(row, means) == 0 else kind
            for row, kind in zip(rows, kinds, strict=True)
        ]

    def vectors(
        self, rows: HalfOrSingle, *, kinds: Sequence[PictureKind] | None = None
    ) -> NDArray[np.float32]:
        """Return float32 (n, dimensions) of length 1, in the space "pictures".

        Args:
            rows: `activations`, (n, 50176).
            kinds: what the rows show; models by default.
        """
        return unit_rows(self.centred(rows, kinds=kinds) @ self._components.T)

    def _as_models(self, rows: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return float32 (n, dimensions) in the space "models" for `activations` of photographs."""
        centred = self.centred(rows, space="models", kinds=["photograph"] * len(rows))
        return unit_rows(centred @ self.directions("models").T)

    def stored(self, rows: HalfOrSingle) -> NDArray[np.float32]:
        """Return float32 (n, 2 x dimensions) for `activations` of models: both spaces.

        `base.columns` says which columns belong to which space.
        """
        pictures = self.vectors(rows)
        models = unit_rows(self.centred(rows, space="models") @ self.directions("models").T)
        width = max(pictures.shape[1], models.shape[1])
        return np.hstack([_widened(pictures, width), _widened(models, width)])

    def centred(
        self,
        rows: HalfOrSingle,
        *,
        space: Space = "pictures",
        kinds: Sequence[PictureKind] | None = None,
    ) -> NDArray[np.float32]:
        """Return float32 (n, columns): `activations` minus the mean of their domain.

        The result is what `directions` of the same space are multiplied with. In the space
        "models" it is the `pyramid` instead.

        Args:
            rows: `activations`, (n, 50176).
            space: the space to compare in.
            kinds: what the rows show, models by default. The space "models" holds only models and
                photographs.
        """
        if space == "models" and len(self._fit.pyramid_components):
            return self._centred_pyramid(rows, kinds)
        exact = rows.astype(np.float32)
        if not self._fit.items:
            return exact
        if kinds is None:
            return np.asarray(exact - self._fit.photo_mean)
        means = [self._mean(row, kind) for row, kind in zip(exact, kinds, strict=True)]
        return np.asarray(exact - np.stack(means))

    def _centred_pyramid(
        self, rows: HalfOrSingle, kinds: Sequence[PictureKind] | None
    ) -> NDArray[np.float32]:
        pyramids = pyramid(rows)
        if kinds is None:
            return np.asarray(pyramids - self._fit.pyramid_mean)
        means = [
            domain_means.load().pyramid_of_photographs
            if kind == "photograph"
            else self._fit.pyramid_mean
            for kind in kinds
        ]
        return np.asarray(pyramids - np.stack(means))

    def _mean(self, row: NDArray[np.float32], kind: PictureKind) -> NDArray[np.float32]:
        """Return the mean of a row's domain; for other pictures, the nearer of two means."""
        own = self._fit.photo_mean
        if kind == "model":
            return own
        known = domain_means.load()
        if kind == "drawing":
            return known.drawings
        if kind == "photograph":
            return known.photographs
        means = (own, known.illustrations)
        return means[_nearest(row, means)]

    def directions(self, space: Space) -> NDArray[np.float32]:
        """Return float32 (dimensions, columns): the directions onto which `centred` is projected.

        Those of the space "models" are converted when they are first needed (0.1 s), and then take
        113 MB: photographs need them at every query.
        """
        if space == "models" and len(self._fit.pyramid_components):
            return self._pyramid_components
        return self._components

    @cached_property
    def _pyramid_components(self) -> NDArray[np.float32]:
        return self._fit.pyramid_components.astype(np.float32)


def _nearest(row: NDArray[np.float32], means: Sequence[NDArray[np.float32]]) -> int:
    """Return the number of the mean that is nearest to a row; of equal ones the first."""
    return int(np.argmin([float(np.sum((row - mean) ** 2)) for mean in means]))


def _means(vectors: NDArray[np.float32], numbers: Sequence[int]) -> NDArray[np.float32]:
    """Return the means of the vectors of each picture, of length 1: (n, variants, dimensions).

    `numbers` has the number of the picture for each of the vectors, (m, variants, dimensions).
    """
    if len(set(numbers)) == len(numbers):
        return vectors
    sums = np.zeros((max(numbers) + 1, *vectors.shape[1:]), vectors.dtype)
    np.add.at(sums, list(numbers), vectors)
    return np.stack([unit_rows(each) for each in sums])


def _widened(rows: NDArray[np.float32], width: int) -> NDArray[np.float32]:
    """Return the rows padded with zeros: with duplicate pictures one space may be smaller."""
    return np.pad(rows, ((0, 0), (0, width - rows.shape[1])))
