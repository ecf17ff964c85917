"""Points that are far apart."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.maps.farthest import farthest_first


@given(
    points=st.lists(st.tuples(st.integers(-9, 9), st.integers(-9, 9)), max_size=20),
    count=st.integers(0, 9),
)
def test_each_is_the_farthest_from_those_before_it(
    points: list[tuple[int, int]], count: int
) -> None:
    rows = np.array(points, np.float32).reshape(-1, 2)

    chosen = farthest_first(rows, count=count)

    assert len(set(chosen)) == len(chosen) == min(count, len(points))
    for number in range(1, len(chosen)):
        before = rows[list(chosen[:number])].astype(np.float64)
        gaps = np.linalg.norm(rows[:, np.newaxis].astype(np.float64) - before, axis=2).min(axis=1)
        assert gaps[chosen[number]] == pytest.approx(gaps.max())
