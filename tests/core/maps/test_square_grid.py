"""The grid: one cell for each item, with neighbours still close together."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy.optimize import linear_sum_assignment
from sklearn.neighbors import NearestNeighbors

from core.maps import square_grid


def scattered(count: int, *, seed: int = 0) -> np.ndarray:
    """Return coordinates that are dense in some parts and sparse in others, as on a map."""
    chance = np.random.default_rng(seed)
    centres = chance.uniform(-1, 1, (max(1, count // 40), 2))
    return (
        centres[chance.integers(0, len(centres), count)] + chance.normal(0, 0.05, (count, 2))
    ).astype(np.float32)


def cells_of(filled: np.ndarray, spacing: float) -> np.ndarray:
    """Return the integer coordinates of the cells, and check that they are integers."""
    shifted = (filled - filled.min(axis=0)) / spacing
    cells = np.rint(shifted).astype(int)
    np.testing.assert_allclose(cells, shifted, atol=1e-3)
    return cells


def together(coordinates: np.ndarray, filled: np.ndarray) -> float:
    """Return the share of the 8 nearest items that are also in the 8 nearest cells."""
    near, shown = (
        NearestNeighbors(n_neighbors=8).fit(each).kneighbors(return_distance=False)
        for each in (coordinates, filled)
    )
    return float(np.mean([np.isin(a, b).mean() for a, b in zip(near, shown, strict=True)]))


@pytest.mark.parametrize("count", [0, 1, 2, 3, 5, 20, 99, 100, 101, 1000])
def test_every_item_has_its_own_cell_of_a_square(count: int) -> None:
    filled = square_grid.assign_cells(scattered(count))

    assert filled.shape == (count, 2)
    assert filled.dtype == np.float32
    assert np.abs(filled).max(initial=0) <= 1
    if count:
        columns = math.ceil(math.sqrt(count))
        cells = cells_of(filled, 2 / columns)
        assert len(np.unique(cells, axis=0)) == count
        assert cells[:, 0].max() == columns - 1
        # Filled row by row: only the end of the last row may be empty.
        assert sorted((cells[:, 1] * columns + cells[:, 0]).tolist()) == list(range(count))


@given(st.integers(1, 60), st.integers(0, 3))
@settings(max_examples=40)
def test_copies_have_their_own_cells(count: int, seed: int) -> None:
    coordinates = np.random.default_rng(seed).integers(0, 2, (count, 2)).astype(np.float32)

    filled = square_grid.assign_cells(coordinates)

    assert len(np.unique(filled, axis=0)) == count
    np.testing.assert_array_equal(filled, square_grid.assign_cells(coordinates))


def test_lattice_is_unchanged() -> None:
    down, across = np.divmod(np.arange(36), 6)
    coordinates = np.stack([across, down], axis=1).astype(np.float32)
    shuffled = np.random.default_rng(0).permutation(36)

    filled = square_grid.assign_cells(coordinates[shuffled])

    np.testing.assert_array_equal(cells_of(filled, 2 / 6), coordinates[shuffled])


@pytest.mark.parametrize("count", [900, 2500])
def test_neighbours_stay_together_far_better_than_by_chance(count: int) -> None:
    coordinates = scattered(count)

    filled = square_grid.assign_cells(coordinates)

    assert len(np.unique(filled, axis=0)) == count
    by_chance = filled[np.random.default_rng(0).permutation(count)]
    assert together(coordinates, filled) > 0.4
    assert together(coordinates, by_chance) < 0.05


def test_halving_is_nearly_as_good_as_the_exact_assignment(monkeypatch: pytest.MonkeyPatch) -> None:
    coordinates = scattered(800)
    exact = square_grid.assign_cells(coordinates)
    monkeypatch.setattr(square_grid, "MAX_EXACT", 0)

    halved = square_grid.assign_cells(coordinates)

    assert together(coordinates, halved) > together(coordinates, exact) - 0.05


def test_few_items_are_assigned_as_by_scipy() -> None:
    coordinates = scattered(50)
    filled = square_grid.assign_cells(coordinates)
    cells = np.unique(filled, axis=0)
    ranks = np.argsort(np.argsort(coordinates, axis=0), axis=0) / 49
    shares = (cells - cells.min(axis=0)) / np.ptp(cells, axis=0)

    def cost(of: np.ndarray) -> float:
        own = (of - cells.min(axis=0)) / np.ptp(cells, axis=0)
        return float(np.square(ranks - own).sum())

    costs = np.square(ranks[:, np.newaxis] - shares).sum(axis=2)
    rows, columns = linear_sum_assignment(costs)
    assert cost(filled) == pytest.approx(costs[rows, columns].sum(), abs=1e-4)


# -- added items ---------------------------------------------------------------


@given(
    taken=st.integers(1, 40),
    later=st.integers(0, 60),
    gone=st.integers(0, 20),
    seed=st.integers(0, 5),
)
@example(taken=17, later=57, gone=11, seed=3)
@settings(max_examples=60)
def test_new_cells_are_free_and_on_the_same_lattice(
    taken: int, later: int, gone: int, seed: int
) -> None:
    chance = np.random.default_rng(seed)
    filled = square_grid.assign_cells(chance.uniform(-1, 1, (taken, 2)).astype(np.float32))
    left = filled[: max(1, taken - gone)]

    added = square_grid.assign_new_cells(left, chance.uniform(-1, 1, (later, 2)).astype(np.float32))

    assert added.shape == (later, 2)
    both = np.concatenate([left, added]).astype(np.float64)
    spacing = square_grid._spacing(left)
    cells = cells_of(both, spacing)
    assert len(np.unique(cells, axis=0)) == len(both)
    # A ring is used only once the one inside it is full.
    low, high = cells[: len(left)].min(axis=0), cells[: len(left)].max(axis=0)
    rings = next(r for r in itertools.count() if np.prod(high - low + 1 + 2 * r) >= len(both))
    assert (cells >= low - rings).all() and (cells <= high + rings).all()


def test_nearest_free_cell_is_used_and_then_the_lattice_grows() -> None:
    down, across = np.divmod(np.arange(9), 3)
    lattice = np.stack([across - 1, down - 1], axis=1).astype(np.float32)
    left = np.delete(lattice, [4, 8], axis=0)

    added = square_grid.assign_new_cells(
        left, np.array([[0.1, 0.2], [0.1, 0.1], [0.9, 0.1]], np.float32)
    )

    np.testing.assert_allclose(added, [[0, 0], [1, 1], [2, 0]], atol=1e-6)


def test_lattice_of_one_cell_grows() -> None:
    added = square_grid.assign_new_cells(
        np.zeros((1, 2), np.float32), np.array([[0.5, 0], [0.5, 0.1]], np.float32)
    )

    np.testing.assert_allclose(added, [[2, 0], [0, 2]], atol=1e-6)


def test_lattice_that_grows_repeatedly_stays_regular() -> None:
    filled = square_grid.assign_cells(scattered(10_000))
    chance = np.random.default_rng(0)
    for _ in range(12):
        gone = chance.choice(len(filled), 10, replace=False)
        kept = np.delete(filled, gone, axis=0)
        wanted = chance.uniform(-1, 1, (12, 2)).astype(np.float32)
        more = square_grid.assign_new_cells(kept, wanted)
        filled = np.concatenate([kept, more])

    cells = cells_of(filled, 0.02)

    assert len(np.unique(cells, axis=0)) == len(filled)
    assert cells.max() <= 104
