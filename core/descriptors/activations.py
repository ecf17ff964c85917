"""Turn the features of the network into the activations that `compact` is made of."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from core.linalg import HalfOrSingle, unit_rows
from core.pictures import WHOLE, Box
from core.vision import Features

# The length of block5 in activations, relative to a length of 1 for block4. R@1 of drawings and
# pictures: .404 and .427 with .35, .402 and .425 with .5, .399 and .425 with .65, .379 and .400
# with 1. The value was chosen where R@1 changes little. On Noto's black-and-white emoji, which no
# value was chosen with: .566 with .6, .552 with 1.
BLOCK5 = 0.6
# The shape of a block in activations: 7 x 7 cells of 512 channels.
CELLS = (7, 7, 512)
BLOCK = 7 * 7 * 512
# The quarters of a picture, which overlap by a cell: slices of the grid's rows and columns.
HALVES = (slice(0, 4), slice(3, 7))
QUARTERS = [(rows, columns) for rows in HALVES for columns in HALVES]


def activations(features: Features, parts: Sequence[Box]) -> NDArray[np.float32]:
    """Return float32 (n, 50176): block5 and block4 of n pictures as rows, before `compact`'s fit.

    `parts[i]` is the part of picture i that counts; its cells are resampled to 7 x 7 by linear
    interpolation. The square root keeps a few strong channels from dominating (RootSIFT:
    Arandjelovic and Zisserman, CVPR 2012).
    """
    blocks = []
    for cells, length in ((features.block5, BLOCK5), (features.block4, 1)):
        cut = np.stack([resample(grid, part) for grid, part in zip(cells, parts, strict=True)])
        blocks.append(length * unit_rows(np.sqrt(np.maximum(cut, 0)).reshape(len(cut), -1)))
    return np.hstack(blocks)


def mirrored(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return `activations`, float32 (n, 50176), with the cells of left and right exchanged.

    The result is nearly the same as for the mirrored picture, without another pass through the
    network: its filters are not symmetric, but come in mirrored pairs.
    """
    return rows.reshape(-1, 2, *CELLS)[:, :, :, ::-1].reshape(rows.shape)


def pyramid(rows: HalfOrSingle) -> NDArray[np.float32]:
    """Return float32 (n, 55296) for `activations` (n, 50176): a spatial pyramid.

    After the activations come, for each block, the channels averaged over its overlapping
    quarters and over the whole, averaged before the square root: objects of one category are
    similar without their parts being in the same place (Lazebnik, Schmid and Ponce, "Beyond bags
    of features", CVPR 2006).
    """
    exact = rows.astype(np.float32)
    levels = [exact]
    for start in (0, BLOCK):
        cells = np.square(exact[:, start : start + BLOCK]).reshape(-1, *CELLS)
        quarters = [cells[:, down, across].mean(axis=(1, 2)) for down, across in QUARTERS]
        levels.append(unit_rows(np.sqrt(np.hstack(quarters))))
        levels.append(unit_rows(np.sqrt(cells.mean(axis=(1, 2)))))
    return np.hstack(levels)


def resample(cells: NDArray[np.float32], part: Box) -> NDArray[np.float32]:
    """Return a part of a grid, (7, 7, channels), stretched to the full grid's shape."""
    if part == WHOLE:
        return cells
    down, across = weights(part.top, part.bottom), weights(part.left, part.right)
    size, _, channels = cells.shape
    rows = (down @ cells.reshape(size, -1)).reshape(size, size, channels)
    return np.asarray(across @ rows)


def weights(low: float, high: float, size: int = 7) -> NDArray[np.float32]:
    """Return the weight of each old cell in each new one, float32 (new, old).

    The new cells divide the interval from `low` to `high`, in shares of the old cells' extent;
    values between the centres of old cells are interpolated linearly.
    """
    centres = (np.arange(size) + 0.5) / size
    positions = ((low + centres * (high - low)) * size - 0.5).clip(0, size - 1)
    distances = np.abs(positions[:, np.newaxis] - np.arange(size))
    return np.asarray(np.maximum(0, 1 - distances), np.float32)
