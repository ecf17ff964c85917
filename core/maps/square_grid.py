"""Computes the square grid, with a cell of a lattice for each item.

It is stored with the map, for exports and for links of earlier versions. Pages show a grid in the
shape of their canvas, which `grid.py` makes.
"""

import math

import numpy as np
from numpy.typing import NDArray

# Up to this many items are assigned exactly: 1,600 take 1.2 s. Of an item's exact neighbours, .321
# are then neighbours on the grid, against .314 when split into leaves, in a tenth of the time.
MAX_EXACT = 2_000
# Larger maps are halved until no part has more than this many items.
LEAF = 400
# Distances between cells below this are rounding errors; a lattice of a million cells has 0.002.
_ROUNDING = 1e-4


def assign_cells(coordinates: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return a cell for each item, float32 (n, 2), within -1 and 1; neighbours stay together.

    The lattice is a square whose last rows may be missing or incomplete. Cells are assigned so
    that the sum of the squared distances between coordinates and cells is smallest, both
    measured in ranks along each axis because a map is dense in some parts and empty in others:
    an assignment problem (Crouse, "On implementing 2D rectangular assignment algorithms",
    2016). Large maps and their cells are first halved along an axis as often as necessary.

    Args:
        coordinates: float32 (n, 2).
    """
    count = len(coordinates)
    if not count:
        return np.empty((0, 2), np.float32)
    columns = math.ceil(math.sqrt(count))
    rows = math.ceil(count / columns)
    down, across = np.divmod(np.arange(count), columns)
    cells = np.stack([across, down], axis=1)
    assigned = _assign(coordinates, cells, MAX_EXACT if count <= MAX_EXACT else LEAF)
    middle = (np.array([columns, rows]) - 1) / 2
    return np.asarray((cells[assigned] - middle) * (2 / columns), np.float32)


def assign_new_cells(grid: NDArray[np.float32], wanted: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return free cells of the lattice of `grid`, float32 (n, 2), each near the wanted position.

    The nearest free cell is assigned to each item in turn. When no cell is free, the lattice
    grows by one cell on every side.

    Args:
        grid: float32 (m, 2), m >= 1: the cells that are taken.
        wanted: float32 (n, 2).
    """
    spacing = _spacing(grid)
    origin = grid.min(axis=0).astype(np.float64)
    taken = np.rint((grid - origin) / spacing).astype(np.intp)
    low, high = taken.min(axis=0), taken.max(axis=0)
    is_taken = set(map(tuple, taken.tolist()))
    targets = (wanted - origin) / spacing
    assigned = np.empty((len(wanted), 2))
    cells, free = np.empty((0, 2), np.intp), np.empty(0, bool)
    for number, target in enumerate(targets):
        while not free.any():
            box = np.mgrid[low[0] : high[0] + 1, low[1] : high[1] + 1].reshape(2, -1).T
            cells = np.array(
                [cell for cell in box.tolist() if tuple(cell) not in is_taken], np.intp
            )
            free = np.ones(len(cells), bool)
            low, high = low - 1, high + 1
        distances = np.where(free, np.square(cells.reshape(-1, 2) - target).sum(axis=1), np.inf)
        best = int(distances.argmin())
        free[best] = False
        is_taken.add(tuple(cells[best].tolist()))
        assigned[number] = cells[best]
    return np.asarray(origin + assigned * spacing, np.float32)


def _spacing(grid: NDArray[np.float32]) -> float:
    """Return the distance between neighbouring cells of a lattice, from the cells taken."""
    gaps = np.concatenate([np.diff(np.unique(axis)) for axis in grid.T])
    gaps = gaps[gaps > _ROUNDING]
    if not len(gaps):
        return 2.0
    # A gap is exact to a few millionths, which adds up to a wrong cell over a hundred cells.
    span = float(np.ptp(grid, axis=0).max())
    return span / round(span / float(gaps.min()))


def _assign(
    coordinates: NDArray[np.float32], cells: NDArray[np.intp], max_exact: int
) -> NDArray[np.intp]:
    """Return the number of the cell assigned to each item: a permutation, intp (n,).

    Args:
        coordinates: float32 (n, 2).
        cells: column and row of each cell: intp (n, 2).
        max_exact: larger parts are halved first.
    """
    # Imported here: only a new map needs it.
    from scipy.optimize import linear_sum_assignment

    assigned = np.empty(len(coordinates), np.intp)
    parts = [(np.arange(len(coordinates)), np.arange(len(cells)))]
    while parts:
        item_numbers, cell_numbers = parts.pop()
        if len(item_numbers) <= max_exact:
            differences = _ranks(coordinates[item_numbers])[:, np.newaxis] - _shares(
                cells[cell_numbers]
            )
            _, chosen = linear_sum_assignment(np.square(differences).sum(axis=2))
            assigned[item_numbers] = cell_numbers[chosen]
            continue
        extent = np.ptp(cells[cell_numbers], axis=0)
        axis = int(extent[1] > extent[0])
        along = cells[cell_numbers, axis]
        is_first_half = along <= (along.min() + along.max()) // 2
        order = np.argsort(coordinates[item_numbers, axis], kind="stable")
        half = int(is_first_half.sum())
        parts.append((item_numbers[order[:half]], cell_numbers[is_first_half]))
        parts.append((item_numbers[order[half:]], cell_numbers[~is_first_half]))
    return assigned


def _ranks(coordinates: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return each item's rank along each axis, 0 to 1: float64 (n, 2)."""
    ranks = np.argsort(np.argsort(coordinates, axis=0, kind="stable"), axis=0, kind="stable")
    return np.asarray(ranks / max(1, len(coordinates) - 1))


def _shares(cells: NDArray[np.intp]) -> NDArray[np.float64]:
    """Return how far along each axis each cell lies, 0 to 1: float64 (n, 2)."""
    low = cells.min(axis=0)
    return np.asarray((cells - low) / np.maximum(1, np.ptp(cells, axis=0)))
