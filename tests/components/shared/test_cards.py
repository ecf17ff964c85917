"""What a card says of a neighbour."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.shared.cards import bar

SCORES = st.floats(-1, 1)


@given(SCORES, st.floats(-1, 0.99))
def test_bar_runs_from_the_median_to_the_same_picture(score: float, median: float) -> None:
    assert bar(median, median) == 0
    assert bar(1, median) == pytest.approx(1)
    assert 0 <= bar(score, median) <= 1


@given(SCORES, SCORES, st.floats(-1, 0.99))
def test_bar_of_a_higher_score_is_no_shorter(one: float, other: float, median: float) -> None:
    low, high = sorted([one, other])
    assert bar(low, median) <= bar(high, median)


def test_bar_is_empty_where_all_pictures_are_the_same() -> None:
    assert bar(1, 1) == 0
