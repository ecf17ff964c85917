"""Why two pictures match: which parts of both made their similarity.

A cosine of features that keep their places is a sum over places, so it can be taken apart
without loss (Stylianou, Souvenir and Pless, "Visualizing deep similarity networks", WACV
2019). What is shown is exact: the cells of either picture sum to the score. What a cell
stands for is less so: it is a 7 x 7th of what the network was shown, but a convolution sees
its surroundings as well, up to 212 pixels of 224 for block5. Read the maps as regions.

- `published` compares each cell with the same cell of the other picture, so that both maps
  are one.
- `compact` projects what is left of the activations without the catalogue's mean. A cell
  brings its activations times what the other picture's vector says of them, both blocks
  together: the two maps differ. What both pictures lack, and most have, counts as alike,
  and a cell may bring less than nothing.
- In the space of models what is said of a quarter or of the whole belongs to no cell. It is
  spread over its cells by the energy that each channel has in them, evenly where it has
  none. The sum stays exact; where in the quarter it belongs is a fair guess.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from PIL import Image

from core.descriptors import (
    Compact,
    Descriptor,
    PictureKind,
    Published,
    QueryKind,
    Space,
    activations,
)
from core.descriptors.activations import CELLS, QUARTERS, mirrored
from core.descriptors.model_input import picture_kind, view_for
from core.pictures import WHOLE, Box
from core.vision import Network, preprocessing

_SIDE, _, _CHANNELS = CELLS
_WHOLE = (slice(None), slice(None))


@dataclass(frozen=True, eq=False, slots=True)
class MatchMap:
    """One picture of a pair.

    Attributes:
        cells: float64 (7, 7), how much each cell brought to the score; they sum to it.
        part: where in the picture the cells lie. It may reach beyond the picture.
    """

    cells: np.ndarray
    part: Box


@dataclass(frozen=True, eq=False, slots=True)
class Match:
    """Two pictures, their score, -1 to 1, and what of each made it.

    `mirrored` says that the first is like the second with left and right exchanged.
    """

    score: float
    first: MatchMap
    second: MatchMap
    mirrored: bool = False

    @property
    def strongest(self) -> float:
        """The most that any cell of either picture brought: one scale for both maps."""
        return float(max(self.first.cells.max(), self.second.cells.max()))


def match(
    first: Image.Image,
    second: Image.Image,
    *,
    descriptor: Descriptor,
    network: Network,
    space: Space,
    first_as: QueryKind | Literal["model"] = "auto",
) -> Match:
    """Return why an RGB picture and a model's match.

    Args:
        first: a query's picture, or a model's.
        second: a model's picture. Where its original was downscaled `published` saw the
            frame that the catalogue keeps: only that gives the score to the last digit.
        descriptor: `Published` or `Compact`.
        network: what the vectors were made with.
        space: the one in which they are compared. In the space of models both are models.
        first_as: what `first` is shown to the network as; `published` knows one view. A
            picture that is no model's is taken as it is or mirrored, whichever scores more.
    """
    pictures = (first, second)
    if not isinstance(descriptor, Compact):
        vectors = Published.vectors(
            network.features(np.stack([*map(preprocessing.squash, pictures)]))
        )
        brought = vectors[0].astype(np.float64) * vectors[1]
        side = MatchMap(brought.reshape(CELLS).sum(axis=2), WHOLE)
        return Match(float(brought.sum()), side, side)

    kind: PictureKind = "model"
    if first_as != "model" and space == "pictures":
        kind = picture_kind(first, first_as)
    kinds: list[PictureKind] = [kind, "model"]
    seen = [view_for(each, picture) for each, picture in zip(kinds, pictures, strict=True)]
    features = network.features(np.stack([view.pixels for view in seen]))
    rows = activations.activations(features, [view.part for view in seen])
    directions = descriptor.directions(space)
    found = []
    for pair in [rows] if kind == "model" else [rows, np.stack([mirrored(rows[:1])[0], rows[1]])]:
        score, both = contributions(descriptor.centred(pair, space=space, kinds=kinds), directions)
        found.append((score, [cell_contributions(*one) for one in zip(both, pair, strict=True)]))
    as_it_is, *turned = found
    is_mirrored = bool(turned) and turned[0][0] > as_it_is[0]
    score, (cells, others) = turned[0] if is_mirrored else as_it_is
    if is_mirrored:
        cells = cells[:, ::-1]  # back to where they are in the picture as it is
    return Match(
        score,
        MatchMap(cells, preprocessing.view_as(first, as_line=kind == "drawing")),
        MatchMap(others, preprocessing.view_as(second)),
        mirrored=is_mirrored,
    )


def contributions(pair: np.ndarray, directions: np.ndarray) -> tuple[float, np.ndarray]:
    """Return the cosine of two projected rows, and what each column brought to it.

    Args:
        pair: the rows, float (2, columns).
        directions: what they are projected on, float (dimensions, columns).

    Returns:
        The cosine, and float64 (2, columns): the cosine taken apart by the columns of the
        first row, then by those of the second. Zeros where a projection is zero.
    """
    vectors = pair @ directions.T
    against = (vectors @ directions)[::-1].astype(np.float64)
    length = float(np.linalg.norm(vectors.astype(np.float64), axis=1).prod())
    if not length:
        return 0.0, np.zeros(pair.shape)
    score = float(np.vecdot(*vectors.astype(np.float64))) / length
    return score, pair * against / length


def cell_contributions(brought: np.ndarray, row: np.ndarray) -> np.ndarray:
    """Return what each cell of a picture brought, float64 (7, 7), from what each column did.

    Args:
        brought: for each column of `activations`, or of the `pyramid` made of them.
        row: the picture's `activations`, (50176,).
    """
    cells = brought[: len(row)].reshape(2, *CELLS).sum(axis=(0, 3), dtype=np.float64)
    if len(brought) == len(row):
        return np.asarray(cells)
    energies = np.square(row.astype(np.float64)).reshape(2, *CELLS)
    levels = brought[len(row) :].reshape(2, len(QUARTERS) + 1, _CHANNELS)
    for energy, level in zip(energies, levels, strict=True):
        for (down, across), terms in zip([*QUARTERS, _WHOLE], level, strict=True):
            cells[down, across] += _shares(energy[down, across]) @ terms
    return np.asarray(cells)


def concentration(side: MatchMap) -> float:
    """Return the share of what speaks for the match that lies in the strongest quarter of cells.

    1 where a quarter of them or fewer made it, .24 where all brought the same, 0 where none did.
    """
    positive = np.sort(np.maximum(side.cells, 0), axis=None)[::-1]
    total = positive.sum()
    return float(positive[: positive.size // 4].sum() / total) if total > 0 else 0.0


def _shares(energy: np.ndarray) -> np.ndarray:
    """Return how each channel is distributed over cells, (rows, columns, channels)."""
    total = energy.sum(axis=(0, 1), keepdims=True)
    evenly = np.full(energy.shape, 1 / (energy.shape[0] * energy.shape[1]))
    return np.asarray(np.divide(energy, total, out=evenly, where=total > 0))
