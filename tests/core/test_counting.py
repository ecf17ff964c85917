"""Counts in sentences."""

import pytest

from core.counting import counted


@pytest.mark.parametrize(
    ("number", "words", "expected"),
    [
        (0, ("model",), "0 models"),
        (1, ("model",), "1 model"),
        (1599, ("model",), "1,599 models"),
        (2, ("category", "categories"), "2 categories"),
        (1, ("category", "categories"), "1 category"),
    ],
)
def test_only_one_is_singular(number: int, words: tuple[str, ...], expected: str) -> None:
    assert counted(number, *words) == expected
