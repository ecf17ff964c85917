"""The map without overlap: each item in a cell of its own of a square lattice."""

import math

import numpy as np

# Up to this many cells are given away at once, which is exact: 1,600 take 1.2 s. Of an item's
# exact neighbours .321 are then so on the grid, .314 in leaves, a tenth of the time.
MAX_EXACT = 2_000
# More are halved until no part has more than this many.
LEAF = 400
# Distances between cells below this are rounding; a lattice of a million has 0.002.
_ROUNDING = 1e-4


def assign_cells(places: np.ndarray) -> np.ndarray:
    """Return a cell for each place, float32 (n, 2), within -1 and 1, such that neighbours stay so.

    The lattice is a square, or lacks some of its last row. Cells are given away such that the
    squared distances of places to cells are least in sum, both counted in ranks along each
    axis, for a map is dense in some parts and empty in others: an assignment problem (Crouse,
    "On implementing 2D rectangular assignment algorithms", 2016). Large maps are halved along
    an axis as often as need be, and their cells with them.

    Args:
        places: float (n, 2).
    """
    count = len(places)
    if not count:
        return np.empty((0, 2), np.float32)
    columns = math.ceil(math.sqrt(count))
    rows = math.ceil(count / columns)
    down, across = np.divmod(np.arange(count), columns)
    cells = np.stack([across, down], axis=1)
    given = _assign(places, cells, MAX_EXACT if count <= MAX_EXACT else LEAF)
    middle = (np.array([columns, rows]) - 1) / 2
    return np.asarray((cells[given] - middle) * (2 / columns), np.float32)


def assign_new_cells(grid: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Return free cells of the lattice of `grid`, float32 (n, 2): each the nearest to its wish.

    Wishes are granted in turn. Where no cell is free the lattice grows by one all round.

    Args:
        grid: float (m, 2), m >= 1: the cells that are taken.
        wanted: float (n, 2).
    """
    spacing = _spacing(grid)
    origin = grid.min(axis=0).astype(np.float64)
    taken = np.rint((grid - origin) / spacing).astype(np.intp)
    low, high = taken.min(axis=0), taken.max(axis=0)
    is_taken = set(map(tuple, taken.tolist()))
    wishes = (wanted - origin) / spacing
    given = np.empty((len(wanted), 2))
    cells, free = np.empty((0, 2), np.intp), np.empty(0, bool)
    for number, wish in enumerate(wishes):
        while not free.any():
            box = np.mgrid[low[0] : high[0] + 1, low[1] : high[1] + 1].reshape(2, -1).T
            cells = np.array([one for one in box.tolist() if tuple(one) not in is_taken], np.intp)
            free = np.ones(len(cells), bool)
            low, high = low - 1, high + 1
        distances = np.where(free, np.square(cells.reshape(-1, 2) - wish).sum(axis=1), np.inf)
        best = int(distances.argmin())
        free[best] = False
        is_taken.add(tuple(cells[best].tolist()))
        given[number] = cells[best]
    return np.asarray(origin + given * spacing, np.float32)


def _spacing(grid: np.ndarray) -> float:
    """Return how far the cells of a lattice are apart, as far as those that are taken tell."""
    gaps = np.concatenate([np.diff(np.unique(axis)) for axis in grid.T])
    gaps = gaps[gaps > _ROUNDING]
    if not len(gaps):
        return 2.0
    # A gap is right to some millionths, which a hundred cells further is no cell any more.
    span = float(np.ptp(grid, axis=0).max())
    return span / round(span / float(gaps.min()))


def _assign(places: np.ndarray, cells: np.ndarray, most: int) -> np.ndarray:
    """Return the number of the cell that each place is given: a permutation, intp (n,)."""
    # Imported here: only a new map needs it.
    from scipy.optimize import linear_sum_assignment

    given = np.empty(len(places), np.intp)
    parts = [(np.arange(len(places)), np.arange(len(cells)))]
    while parts:
        of_places, of_cells = parts.pop()
        if len(of_places) <= most:
            steps = _ranks(places[of_places])[:, np.newaxis] - _shares(cells[of_cells])
            _, chosen = linear_sum_assignment(np.square(steps).sum(axis=2))
            given[of_places] = of_cells[chosen]
            continue
        sides = np.ptp(cells[of_cells], axis=0)
        axis = int(sides[1] > sides[0])
        along = cells[of_cells, axis]
        first = along <= (along.min() + along.max()) // 2
        order = np.argsort(places[of_places, axis], kind="stable")
        half = int(first.sum())
        parts.append((of_places[order[:half]], of_cells[first]))
        parts.append((of_places[order[half:]], of_cells[~first]))
    return given


def _ranks(places: np.ndarray) -> np.ndarray:
    """Return each place's rank along each axis, 0 to 1: float64 (n, 2)."""
    ranks = np.argsort(np.argsort(places, axis=0, kind="stable"), axis=0, kind="stable")
    return np.asarray(ranks / max(1, len(places) - 1))


def _shares(cells: np.ndarray) -> np.ndarray:
    """Return how far along each axis each cell lies, 0 to 1: float64 (n, 2)."""
    low = cells.min(axis=0)
    return np.asarray((cells - low) / np.maximum(1, np.ptp(cells, axis=0)))
