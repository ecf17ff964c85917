"""Explain why two pictures match: how much each part of them contributes to the score.

A cosine of features that keep their positions is a sum over positions, so it can be decomposed
exactly (Stylianou, Souvenir and Pless, "Visualizing deep similarity networks", WACV 2019): the
cells of either picture sum to the score. What a cell shows is less exact: it is one of 7 x 7 parts
of the network's input, but it also depends on its surroundings, up to 212 pixels of 224 for
block5. Read the maps as regions, not as outlines.

- `published` compares each cell with the same cell of the other picture, so both maps are the same.
- `compact` projects the activations minus the mean of their domain. The contribution of a cell is
  its activations times the other picture's vector projected back onto them, both blocks together,
  so the two maps differ. A feature that most pictures have and both lack counts as similar, and a
  contribution may be negative.
- In the space "models" the averages over a quarter or the whole belong to no single cell. They are
  distributed over its cells by the energy that each channel has in them, or evenly if there is
  none. The sum stays exact; the position within the quarter is an estimate.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

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
from core.vision.cutout import Cutout

_SIDE, _, _CHANNELS = CELLS
_WHOLE = (slice(None), slice(None))


@dataclass(frozen=True, eq=False, slots=True)
class MatchMap:
    """The contributions of one picture of a pair to their score.

    Attributes:
        cells: float64 (7, 7), the contribution of each cell; they sum to the score.
        part: where in the picture the cells lie. It may reach beyond the picture.
    """

    cells: NDArray[np.float64]
    part: Box


@dataclass(frozen=True, eq=False, slots=True)
class Match:
    """Why two pictures match.

    Attributes:
        score: their cosine, -1 to 1.
        first: the contributions of the first picture.
        second: the contributions of the second picture.
        mirrored: whether the first picture was compared with left and right exchanged.
    """

    score: float
    first: MatchMap
    second: MatchMap
    mirrored: bool = False

    @property
    def strongest(self) -> float:
        """The largest contribution of any cell of either picture: one scale for both maps."""
        return float(max(self.first.cells.max(), self.second.cells.max()))


def match(
    first: Cutout,
    second: Cutout,
    *,
    descriptor: Descriptor,
    network: Network,
    space: Space,
    first_as: QueryKind | Literal["model"] = "auto",
) -> Match:
    """Return why the picture of a query and the picture of a model match.

    Args:
        first: the query's picture, or another model's, as it is compared.
        second: the model's picture, as it is compared. `published` vectors of a downscaled
            original come from the stored `squashed` view; the score then differs in the last
            digits.
        descriptor: `Published` or `Compact`.
        network: the network that the vectors were made with.
        space: the space in which they are compared. In the space "models" both are models, or the
            first is a photograph.
        first_as: what `first` shows; `published` makes no difference. A picture that is not a
            model's is compared as it is and mirrored, and the higher score counts.
    """
    cuts = (first, second)
    if not isinstance(descriptor, Compact):
        vectors = Published.vectors(
            network.features(np.stack([preprocessing.squash(cut.original) for cut in cuts]))
        )
        products = vectors[0].astype(np.float64) * vectors[1]
        both = MatchMap(products.reshape(CELLS).sum(axis=2), WHOLE)
        return Match(float(products.sum()), both, both)

    shown: PictureKind = "model" if first_as == "model" else picture_kind(first, first_as)
    views = [view_for(each, cut) for each, cut in zip((shown, "model"), cuts, strict=True)]
    features = network.features(np.stack([view.pixels for view in views]))
    rows = activations.activations(features, [view.part for view in views])
    kinds = descriptor.kinds(rows, [shown, "model"])
    kind = kinds[0]
    directions = descriptor.directions(space)
    variants = []
    for pair in [rows] if kind == "model" else [rows, np.stack([mirrored(rows[:1])[0], rows[1]])]:
        score, parts = contributions(descriptor.centred(pair, space=space, kinds=kinds), directions)
        maps = [cell_contributions(part, row) for part, row in zip(parts, pair, strict=True)]
        variants.append((score, maps))
    # The original counts if both score the same.
    best = max(range(len(variants)), key=lambda number: variants[number][0])
    score, (first_cells, second_cells) = variants[best]
    is_mirrored = best > 0
    if is_mirrored:
        first_cells = first_cells[:, ::-1]  # back to their positions in the original picture
    return Match(
        score,
        MatchMap(first_cells, preprocessing.shown_part(first, as_drawing=kind == "drawing")),
        MatchMap(second_cells, preprocessing.shown_part(second)),
        mirrored=is_mirrored,
    )


def contributions(
    pair: NDArray[np.float32], directions: NDArray[np.float32]
) -> tuple[float, NDArray[np.float64]]:
    """Return the cosine of two projected rows, and the contribution of each column to it.

    Args:
        pair: the rows, float32 (2, columns).
        directions: the directions onto which they are projected, float32 (dimensions, columns).

    Returns:
        The cosine, and float64 (2, columns): the contributions of the columns of the first row,
        then of the second; each row sums to the cosine. Zeros if a projection is zero.
    """
    vectors = pair @ directions.T
    against = (vectors @ directions)[::-1].astype(np.float64)
    length = float(np.linalg.norm(vectors.astype(np.float64), axis=1).prod())
    if not length:
        return 0.0, np.zeros(pair.shape)
    score = float(np.vecdot(*vectors.astype(np.float64))) / length
    return score, pair * against / length


def cell_contributions(
    columns: NDArray[np.float64], row: NDArray[np.float32]
) -> NDArray[np.float64]:
    """Return the contribution of each cell of a picture, float64 (7, 7), from those of columns.

    Args:
        columns: the contribution of each column of `activations` or of their `pyramid`.
        row: the picture's `activations`, (50176,).
    """
    cells = columns[: len(row)].reshape(2, *CELLS).sum(axis=(0, 3), dtype=np.float64)
    if len(columns) == len(row):
        return np.asarray(cells)
    energies = np.square(row.astype(np.float64)).reshape(2, *CELLS)
    levels = columns[len(row) :].reshape(2, len(QUARTERS) + 1, _CHANNELS)
    for energy, level in zip(energies, levels, strict=True):
        for (down, across), terms in zip([*QUARTERS, _WHOLE], level, strict=True):
            cells[down, across] += _shares(energy[down, across]) @ terms
    return np.asarray(cells)


def concentration(match_map: MatchMap) -> float:
    """Return the share of the positive contributions in the strongest quarter of the cells.

    1 if no other cell contributes, .24 if all cells contribute the same, 0 if none contributes.
    """
    positive = np.sort(np.maximum(match_map.cells, 0), axis=None)[::-1]
    total = positive.sum()
    return float(positive[: positive.size // 4].sum() / total) if total > 0 else 0.0


def _shares(energy: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return how the energy of each channel is distributed over cells, (rows, columns, channels).

    The shares of a channel sum to 1; a channel without energy is distributed evenly.
    """
    total = energy.sum(axis=(0, 1), keepdims=True)
    evenly = np.full(energy.shape, 1 / (energy.shape[0] * energy.shape[1]))
    return np.asarray(np.divide(energy, total, out=evenly, where=total > 0))
