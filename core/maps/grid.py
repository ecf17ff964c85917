"""Arranges all items in square cells that fill a canvas: as a grid, or as a block for each group.

Items that are near each other on the map get cells near each other.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

# The lines along which items are sorted: the steps from a cell of a line to the next.
_DIRECTIONS = ((1, 0), (0, 1), (1, 1), (1, -1), (2, 1), (1, 2), (2, -1), (1, -2))
# How often they are sorted along all of them.
_ROUNDS = 6
# On a canvas of height 1: the space above each block, for its name; between two rows of blocks;
# between two blocks of a row; and how wide a block is at least, for the beginning of its name.
_NAME, _ROW_GAP, _BLOCK_GAP, _MIN_WIDTH = 0.034, 0.014, 0.018, 0.075
# How often the interval that holds the largest side of a cell is halved: down to a thousandth.
_HALVINGS = 10
# The most rows of blocks, and which share of the largest side of a cell is nearly as large.
_MAX_ROWS, _NEARLY = 12, 0.94

_Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Block:
    """The cells of a group.

    Attributes:
        name: of the group.
        count: how many items it has.
        box: that holds its cells, and is wide enough for the beginning of its name, which goes
            above it: left, bottom, right, top.
    """

    name: str
    count: int
    box: _Box


@dataclass(frozen=True, slots=True, eq=False)
class Arrangement:
    """A cell for each item.

    Attributes:
        coordinates: of the middle of each item's cell, float32 (n, 2), within -1 and 1.
        cell: the side of a cell.
        box: that holds all cells, and the names of all blocks: left, bottom, right, top.
        blocks: none in a grid.
    """

    coordinates: NDArray[np.float32]
    cell: float
    box: _Box
    blocks: tuple[Block, ...] = ()


@dataclass(frozen=True, slots=True)
class _Placed:
    """A block on a canvas of height 1, y down from its top."""

    left: float
    top: float
    columns: int
    rows: int

    def size(self, side: float) -> tuple[float, float]:
        """Return the width and the height, for a side of a cell."""
        return max(self.columns * side, _MIN_WIDTH), self.rows * side


def as_grid(places: NDArray[np.float32], shape: float) -> Arrangement:
    """Arrange items in one grid, of which the end of the last row may be empty.

    Args:
        places: where the items are on the map, float32 (n, 2), n >= 1.
        shape: the width of the canvas for each unit of its height.
    """
    columns = columns_of(len(places), shape)
    rows = math.ceil(len(places) / columns)
    cells = _cells(len(places), columns)
    middles = np.empty((len(places), 2))
    middles[_assign(places, cells, np.zeros(len(places), np.intp))] = cells + 0.5
    return _arrangement(middles, 1.0, (columns, rows))


def as_blocks(
    places: NDArray[np.float32],
    groups: Sequence[tuple[str, NDArray[np.intp]]],
    shape: float,
) -> Arrangement:
    """Arrange items in a block for each group, in rows of blocks.

    Args:
        places: where the items are on the map, float32 (n, 2), n >= 1.
        groups: the name of each, and which items it has; each item is in one group.
        shape: the width of the canvas for each unit of its height.
    """
    counts = [len(members) for _, members in groups]
    side, placed = _fitted(counts, shape)
    cells = np.concatenate(
        [_cells(count, block.columns) for count, block in zip(counts, placed, strict=True)]
    )
    group = np.repeat(np.arange(len(groups)), counts)
    items = np.concatenate([members for _, members in groups])
    corners = np.array([[block.left, block.top] for block in placed])
    middles = np.empty((len(places), 2))
    middles[items[_assign(places[items], cells, group)]] = corners[group] + (cells + 0.5) * side
    width = max(block.left + block.size(side)[0] for block in placed)
    height = max(block.top + block.size(side)[1] for block in placed)
    boxes = [
        (name, count, block.left, block.top, *block.size(side))
        for (name, _), count, block in zip(groups, counts, placed, strict=True)
    ]
    return _arrangement(middles, side, (width, height), boxes)


def columns_of(count: int, shape: float) -> int:
    """Return how many columns make the cells of a grid largest on a canvas of a shape.

    Of several numbers the one that leaves the fewest cells empty is returned.
    """
    about = math.sqrt(count * shape)
    candidates = range(max(1, math.floor(about) - 1), min(count, math.ceil(about) + 1) + 1)

    def merit(columns: int) -> tuple[float, int]:
        rows = math.ceil(count / columns)
        return round(min(shape / columns, 1 / rows), 9), -columns * rows

    return max(candidates, key=merit, default=1)


def _cells(count: int, columns: int) -> NDArray[np.intp]:
    """Return the column and the row of each cell, row by row: intp (count, 2)."""
    down, across = np.divmod(np.arange(count), columns)
    return np.stack([across, down], axis=1)


def _arrangement(
    middles: NDArray[np.float64],
    side: float,
    size: tuple[float, float],
    blocks: Sequence[tuple[str, int, float, float, float, float]] = (),
) -> Arrangement:
    """Return an arrangement from places that are measured from the top left of a canvas."""
    width, height = size
    half = max(width, height) / 2

    def box(left: float, top: float, across: float, down: float) -> _Box:
        x, y = (left - width / 2) / half, (height / 2 - top) / half
        return x, y - down / half, x + across / half, y

    coordinates = (middles - np.array([width, height]) / 2) * [1 / half, -1 / half]
    return Arrangement(
        coordinates.astype(np.float32),
        side / half,
        box(0, 0, width, height),
        tuple(Block(name, count, box(*place)) for name, count, *place in blocks),
    )


# -- which item is in which cell -----------------------------------------------------


def _assign(
    places: NDArray[np.float32], cells: NDArray[np.intp], group: NDArray[np.intp]
) -> NDArray[np.intp]:
    """Return the item in each cell: a permutation, intp (n,).

    The sum of the squared distances is to be small between each cell and where its item would be
    if the items of its group were spread evenly along each axis. Along a line of cells, that sum
    is smallest when the items are in the order of their places along it, so they are sorted along
    lines in several directions, again and again; the sum never grows. For the 1,600 items of the
    demo it ends 12 to 15 % above the least sum, which takes a hundred times as long to find; as
    many neighbours are kept (`python -m benchmarks.filling`).

    Args:
        places: float32 (n, 2).
        cells: the column and the row, from the top, of each cell: intp (n, 2).
        group: the number of the group of item and cell i alike, ascending: intp (n,).
    """
    wanted = _spread(places, cells, group)
    item_of = _halved(wanted, cells, group)
    lines = [_lines(cells, group, direction) for direction in _DIRECTIONS]
    for _ in range(_ROUNDS):
        for (line, in_order), direction in zip(lines, _DIRECTIONS, strict=True):
            along = wanted[item_of] @ np.array(direction)
            item_of[in_order] = item_of[_sorted_by(line, along)]
    return item_of


def _spread(
    places: NDArray[np.float32], cells: NDArray[np.intp], group: NDArray[np.intp]
) -> NDArray[np.float64]:
    """Return where each item would be if its group's were spread evenly, in cells: (n, 2)."""
    starts = np.flatnonzero(np.diff(group, prepend=-1))
    sizes = np.diff(np.append(starts, len(group)))
    start, last = np.repeat(starts, sizes), np.repeat(np.maximum(sizes - 1, 1), sizes)
    high = np.repeat(np.maximum.reduceat(cells, starts), sizes, axis=0)
    wanted = np.empty((len(group), 2))
    for axis, sign in enumerate((1, -1)):  # rows are counted from the top, where y is largest
        order = np.lexsort((sign * places[:, axis], group))
        wanted[order, axis] = (np.arange(len(group)) - start) / last
    return np.asarray(wanted * high)


def _halved(
    wanted: NDArray[np.float64], cells: NDArray[np.intp], group: NDArray[np.intp]
) -> NDArray[np.intp]:
    """Return an item for each cell: cells and items are halved together until they are single."""
    count = len(group)
    items, numbers = np.arange(count), np.arange(count)
    starts = np.flatnonzero(np.diff(group, prepend=-1))
    while len(starts) < count:
        sizes = np.diff(np.append(starts, count))
        part = np.repeat(np.arange(len(starts)), sizes)
        low = np.minimum.reduceat(cells[numbers], starts)
        high = np.maximum.reduceat(cells[numbers], starts)
        axis = (high - low).argmax(axis=1)
        middle = ((low + high) // 2)[np.arange(len(starts)), axis]
        is_second = cells[numbers, axis[part]] > middle[part]
        numbers = numbers[np.lexsort((is_second, part))]
        items = items[np.lexsort((wanted[items, axis[part]], part))]
        firsts = sizes - np.add.reduceat(is_second.astype(np.intp), starts)
        starts = np.unique(np.concatenate([starts, starts + firsts]))
        starts = starts[starts < count]
    item_of = np.empty(count, np.intp)
    item_of[numbers] = items
    return item_of


def _lines(
    cells: NDArray[np.intp], group: NDArray[np.intp], direction: tuple[int, int]
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return the line of each cell in a direction, and the cells line by line, along each."""
    across, down = direction
    line = cells @ np.array([down, -across])
    line += group * (np.ptp(line) + 1)
    return line, _sorted_by(line, cells @ np.array(direction))


def _sorted_by(line: NDArray[np.intp], along: NDArray[np.intp | np.float64]) -> NDArray[np.intp]:
    """Return the order by line and then by a number: intp (n,)."""
    # One number to sort by takes half the time of two.
    low, extent = along.min(), np.ptp(along)
    return np.argsort(line + (along - low) / (extent + 1), kind="stable")


# -- where blocks are ----------------------------------------------------------------


def _fitted(counts: Sequence[int], shape: float) -> tuple[float, list[_Placed]]:
    """Return the side of a cell, and where the blocks are, in rows with about as many items each.

    Of the numbers of rows with which cells are nearly as large as can be, the one that makes the
    blocks most square is taken.
    """
    found = []
    # More would not fit beside each other.
    max_blocks = max(1, math.floor((shape + _BLOCK_GAP) / (_MIN_WIDTH + _BLOCK_GAP)))
    for rows in range(1, min(len(counts), _MAX_ROWS) + 1):
        parts = _parted(counts, rows, max_blocks)
        if side := _largest_side(parts, shape):
            found.append((side, list(_placed(parts, side, shape))))
    if not found:
        # The names alone are larger than the canvas: what is shown is too, and gets smaller.
        side = math.sqrt(shape / sum(counts))
        return side, list(_placed(_parted(counts, _MAX_ROWS, max_blocks), side, shape))
    min_side = _NEARLY * max(side for side, _ in found)
    return min(
        (one for one in found if one[0] >= min_side), key=lambda one: _elongation(counts, one[1])
    )


def _parted(counts: Sequence[int], rows: int, max_blocks: int) -> list[list[int]]:
    """Return the counts in about `rows` parts with sums that differ little.

    A part has at most `max_blocks` counts, so there may be more parts.
    """
    parts: list[list[int]] = [[]]
    done, total = 0, sum(counts)
    for count in counts:
        # A part ends where its end comes closest to its share.
        is_over = done + count / 2 > total * len(parts) / rows
        if len(parts[-1]) == max_blocks or (parts[-1] and is_over):
            parts.append([])
        parts[-1].append(count)
        done += count
    return parts


def _largest_side(parts: Sequence[Sequence[int]], shape: float) -> float:
    """Return the largest side of a cell with which the rows of blocks fit; 0 if none does."""
    low, high = 0.0, math.sqrt(shape / sum(map(sum, parts)))
    for _ in range(_HALVINGS):
        side = (low + high) / 2
        ends = [
            (block.left + block.size(side)[0], block.top + block.size(side)[1])
            for block in _placed(parts, side, shape)
        ]
        if max(right for right, _ in ends) <= shape and max(bottom for _, bottom in ends) <= 1:
            low = side
        else:
            high = side
    return low


def _placed(parts: Sequence[Sequence[int]], side: float, shape: float) -> Iterator[_Placed]:
    """Yield the place of each block, row by row from the top."""
    top = 0.0
    for counts in parts:
        top += _NAME
        left, highest, rows = 0.0, 0, _rows(counts, side, shape)
        for count in counts:
            columns = math.ceil(count / rows)
            block = _Placed(left, top, columns, math.ceil(count / columns))
            yield block
            left += block.size(side)[0] + _BLOCK_GAP
            highest = max(highest, block.rows)
        top += highest * side + _ROW_GAP


def _rows(counts: Sequence[int], side: float, shape: float) -> int:
    """Return how many rows of cells blocks beside each other need within the width."""
    free = shape - (len(counts) - 1) * _BLOCK_GAP

    def is_enough(rows: int) -> bool:
        return sum(max(math.ceil(count / rows) * side, _MIN_WIDTH) for count in counts) <= free

    rows = max(1, math.floor(sum(counts) * side / max(free, side)))
    while rows < max(counts) and not is_enough(rows):
        rows += 1
    return rows


def _elongation(counts: Sequence[int], placed: Sequence[_Placed]) -> float:
    """Return the ratio of the longer side of blocks to the shorter, averaged over their items."""
    ratios = [block.columns / block.rows for block in placed]
    return sum(
        count * max(ratio, 1 / ratio) for count, ratio in zip(counts, ratios, strict=True)
    ) / sum(counts)
