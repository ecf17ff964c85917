"""The network's activations as a descriptor uses them."""

from collections.abc import Sequence

import numpy as np

from core.linalg import unit_rows
from core.pictures import WHOLE, Box
from core.vision import Features

# The length of block5 in activations, that of block4 being 1. R@1 of drawings and pictures:
# .404 and .427 with .35, .402 and .425 with .5, .399 and .425 with .65, .379 and .400 with 1:
# level where it was chosen. Of Noto's black-and-white emoji, not looked at before: .566 with .6,
# .552 with 1.
BLOCK5 = 0.6
# The columns of a block in activations: 7 x 7 cells of 512 channels.
CELLS = (7, 7, 512)
BLOCK = 7 * 7 * 512
# The quarters of a picture, overlapping by a cell: rows and columns of the grid.
HALVES = (slice(0, 4), slice(3, 7))
QUARTERS = [(rows, columns) for rows in HALVES for columns in HALVES]


def activations(features: Features, parts: Sequence[Box]) -> np.ndarray:
    """Return float32 (n, 50176): what `compact` is made of, before what it has learned.

    `parts[i]` is the part of picture i that counts; its cells are resampled to
    7 x 7 (bilinear). The square root keeps a few strong channels from deciding
    alone (RootSIFT: Arandjelovic and Zisserman, CVPR 2012).
    """
    blocks = []
    for cells, length in ((features.block5, BLOCK5), (features.block4, 1)):
        cut = np.stack([resample(grid, part) for grid, part in zip(cells, parts, strict=True)])
        blocks.append(length * unit_rows(np.sqrt(np.maximum(cut, 0)).reshape(len(cut), -1)))
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
    for start in (0, BLOCK):
        cells = np.square(rows[:, start : start + BLOCK]).reshape(-1, *CELLS)
        quarters = [cells[:, down, across].mean(axis=(1, 2)) for down, across in QUARTERS]
        levels.append(unit_rows(np.sqrt(np.hstack(quarters))))
        levels.append(unit_rows(np.sqrt(cells.mean(axis=(1, 2)))))
    return np.hstack(levels)


def resample(cells: np.ndarray, part: Box) -> np.ndarray:
    """Return a part of (7, 7, channels) stretched to (7, 7, channels)."""
    if part == WHOLE:
        return cells
    down, across = weights(part.top, part.bottom), weights(part.left, part.right)
    size, _, channels = cells.shape
    rows = (down @ cells.reshape(size, -1)).reshape(size, size, channels)
    return np.asarray(across @ rows)


def weights(low: float, high: float, size: int = 7) -> np.ndarray:
    """Return how much each old cell counts in each new one, float32 (new, old): linear."""
    centres = (np.arange(size) + 0.5) / size
    places = ((low + centres * (high - low)) * size - 0.5).clip(0, size - 1)
    distances = np.abs(places[:, np.newaxis] - np.arange(size))
    return np.asarray(np.maximum(0, 1 - distances), np.float32)
