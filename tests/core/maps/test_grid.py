"""Arrangements: one cell for each item, in the shape of a canvas, near items in near cells."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.maps import square_grid
from core.maps.grid import Arrangement, as_blocks, as_grid, columns_of
from tests.core.maps.test_square_grid import scattered, together

SHAPES = st.sampled_from([0.45, 0.8, 1.0, 1.5, 2.24])


def cells_of(made: Arrangement) -> np.ndarray:
    """Return the column and row of each item in a grid, and check that they are whole numbers."""
    left, _, _, top = made.box
    across = (made.coordinates[:, 0].astype(np.float64) - left) / made.cell - 0.5
    down = (top - made.coordinates[:, 1].astype(np.float64)) / made.cell - 0.5
    cells = np.stack([across, down], axis=1)
    np.testing.assert_allclose(cells, np.rint(cells), atol=1e-3)
    return np.rint(cells).astype(int)


def size_of(box: tuple[float, float, float, float]) -> tuple[float, float]:
    return box[2] - box[0], box[3] - box[1]


# -- grids -----------------------------------------------------------------------------


@given(count=st.integers(1, 300), shape=SHAPES, seed=st.integers(0, 5))
@settings(max_examples=60)
def test_grid_has_a_cell_for_each_item_and_only_its_last_row_has_room(
    count: int, shape: float, seed: int
) -> None:
    made = as_grid(scattered(count, seed=seed), shape)

    cells = cells_of(made)
    columns = cells[:, 0].max() + 1
    assert made.coordinates.shape == (count, 2)
    assert np.abs(made.coordinates).max() <= 1
    assert made.blocks == ()
    in_order = cells[np.lexsort((cells[:, 0], cells[:, 1]))]
    np.testing.assert_array_equal(in_order, np.stack(np.divmod(np.arange(count), columns)[::-1], 1))


@pytest.mark.parametrize("count", [9, 70, 1599, 25_000])
@pytest.mark.parametrize("shape", [0.45, 1.0, 1.83])
def test_grid_has_the_shape_of_the_canvas(count: int, shape: float) -> None:
    columns = columns_of(count, shape)
    rows = -(-count // columns)

    filled = count / (max(columns, rows * shape) * max(rows, columns / shape))

    assert filled > (0.95 if count > 1000 else 0.6)


@pytest.mark.parametrize(("count", "shape", "columns"), [(1, 2.0, 1), (2, 2.0, 2), (2, 0.5, 1)])
def test_few_items_are_beside_or_below_each_other(count: int, shape: float, columns: int) -> None:
    assert columns_of(count, shape) == columns


def test_items_that_fill_a_lattice_stay_where_they_are() -> None:
    down, across = np.divmod(np.arange(54), 9)
    places = np.stack([across, -down], axis=1).astype(np.float32)
    shuffled = np.random.default_rng(0).permutation(54)

    cells = cells_of(as_grid(places[shuffled], 1.5))

    np.testing.assert_array_equal(cells, np.stack([across, down], axis=1)[shuffled])


@pytest.mark.parametrize("shape", [0.55, 1.0, 1.83])
def test_neighbours_stay_together_about_as_well_as_by_the_exact_assignment(shape: float) -> None:
    places = scattered(900)
    exact = together(places, square_grid.assign_cells(places))

    made = as_grid(places, shape)

    assert exact > 0.4
    assert together(places, made.coordinates) > exact - 0.06


def test_copies_have_cells_of_their_own_and_always_the_same() -> None:
    places = np.zeros((30, 2), np.float32)

    made = as_grid(places, 1.2)

    assert len(np.unique(cells_of(made), axis=0)) == 30
    np.testing.assert_array_equal(made.coordinates, as_grid(places, 1.2).coordinates)


# -- blocks ----------------------------------------------------------------------------


def grouped(counts: list[int]) -> list[tuple[str, np.ndarray]]:
    """Return groups of these sizes, whose items are mixed."""
    mixed = np.random.default_rng(0).permutation(sum(counts))
    parts = np.split(mixed, np.cumsum(counts)[:-1])
    return [(f"Group {number}", part) for number, part in enumerate(parts)]


@given(counts=st.lists(st.integers(1, 80), min_size=1, max_size=40), shape=SHAPES)
@settings(max_examples=60, deadline=None)
def test_blocks_hold_their_items_and_do_not_overlap(counts: list[int], shape: float) -> None:
    groups = grouped(counts)

    made = as_blocks(scattered(sum(counts)), groups, shape)

    assert [(block.name, block.count) for block in made.blocks] == [
        (name, len(rows)) for name, rows in groups
    ]
    half = made.cell / 2
    for (_, rows), block in zip(groups, made.blocks, strict=True):
        left, bottom, right, top = block.box
        own = made.coordinates[rows]
        assert (own >= np.array([left, bottom]) + half - 1e-4).all()
        assert (own <= np.array([right, top]) - half + 1e-4).all()
        assert (np.array(made.box[:2]) <= np.array(block.box[:2]) + 1e-6).all()
        assert (np.array(made.box[2:]) >= np.array(block.box[2:]) - 1e-6).all()
    for number, one in enumerate(made.blocks):
        for other in made.blocks[:number]:
            beside = one.box[0] >= other.box[2] - 1e-6 or other.box[0] >= one.box[2] - 1e-6
            below = one.box[1] >= other.box[3] - 1e-6 or other.box[1] >= one.box[3] - 1e-6
            assert beside or below
    cells = np.rint(made.coordinates / made.cell * 1000).astype(int)
    assert len(np.unique(cells, axis=0)) == sum(counts)


@pytest.mark.parametrize("shape", [0.45, 1.0, 1.83])
@pytest.mark.parametrize(
    "counts", [[900, 20, 5, 1], [200, 180, 90, 80, 60, 40, 9], [40] * 40, [25_000]]
)
def test_blocks_fill_the_canvas(counts: list[int], shape: float) -> None:
    made = as_blocks(scattered(sum(counts)), grouped(counts), shape)

    width, height = size_of(made.box)
    canvas = max(width / shape, height) ** 2 * shape
    assert sum(counts) * made.cell**2 / canvas > 0.4


def test_blocks_have_room_for_their_names_above() -> None:
    made = as_blocks(scattered(90), grouped([50, 30, 10]), 1.5)

    top = made.box[3]
    height = size_of(made.box)[1]
    assert all(block.box[3] <= top - 0.03 * height for block in made.blocks)


def test_near_items_are_near_in_their_block() -> None:
    places = scattered(800)
    groups = grouped([400, 400])

    made = as_blocks(places, groups, 1.5)

    for _, rows in groups:
        assert together(places[rows], made.coordinates[rows]) > 0.3
