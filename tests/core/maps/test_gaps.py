"""Empty strips of a layout become narrower, and the order of its items stays."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from core.maps import gaps

LAYOUTS = st.integers(1, 40).flatmap(
    lambda count: arrays(
        np.float32, (count, 2), elements=st.floats(-1, 1, width=32, allow_subnormal=False)
    )
)


def island(centre: tuple[float, float], count: int = 50) -> NDArray[np.float32]:
    """Return points close to a centre: float32 (count, 2)."""
    points = np.random.default_rng(count).normal(centre, 0.02, (count, 2))
    return points.astype(np.float32)


def share_filled(coordinates: NDArray[np.float32]) -> float:
    """Return the share of 16 x 16 cells of the map that hold an item."""
    low, extent = coordinates.min(axis=0), np.ptp(coordinates, axis=0)
    cells = np.minimum((coordinates - low) / extent * 16, 15).astype(int)
    return len(set(map(tuple, cells.tolist()))) / 16**2


@given(LAYOUTS)
def test_order_along_each_axis_is_kept(coordinates: NDArray[np.float32]) -> None:
    closed = gaps.close(coordinates)

    assert closed.shape == coordinates.shape
    assert closed.dtype == np.float32
    assert np.isfinite(closed).all()
    assert np.abs(closed).max() <= 1 + 1e-6
    for before, after in zip(coordinates.T, closed.T, strict=True):
        assert (np.diff(after[np.argsort(before, kind="stable")]) >= 0).all()


@given(LAYOUTS)
def test_same_layout_gives_the_same_and_is_not_changed(coordinates: NDArray[np.float32]) -> None:
    before = coordinates.copy()

    np.testing.assert_array_equal(gaps.close(coordinates), gaps.close(coordinates))
    np.testing.assert_array_equal(coordinates, before)


def test_islands_come_together() -> None:
    far = np.concatenate([island((-1, -1)), island((0, 0.2), 200), island((1, 0.9), 60)])

    closed = gaps.close(far)

    assert share_filled(closed) > 2 * share_filled(far)


def test_shape_is_that_of_a_window() -> None:
    across, up = np.meshgrid(np.linspace(-1, 1, 9), np.linspace(-0.9, 0.9, 9))

    width, height = np.ptp(gaps.close(np.column_stack([across.ravel(), up.ravel()])), axis=0)

    assert width / height == pytest.approx(min(gaps.SHAPE, gaps.MAX_STRETCH / 0.9))


@pytest.mark.parametrize("count", [0, 1, 2, 5])
def test_few_or_equal_items(count: int) -> None:
    closed = gaps.close(np.full((count, 2), 0.3, np.float32))

    np.testing.assert_array_equal(closed, np.zeros((count, 2), np.float32))


def test_items_on_a_line_stay_on_a_line() -> None:
    line = np.column_stack([np.linspace(-1, 1, 20), np.zeros(20)])

    assert (gaps.close(line)[:, 1] == 0).all()
