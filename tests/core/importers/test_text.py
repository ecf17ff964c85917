"""Cleaning up text, and sorting paths."""

from hypothesis import given
from hypothesis import strategies as st

from core.importers.text import one_line
from core.natural_order import natural_key


@given(st.integers(0, 10**9), st.integers(0, 10**9))
def test_numbers_in_names_sort_as_numbers(first: int, second: int) -> None:
    keys = natural_key(f"Chair {first}/a.png"), natural_key(f"chair {second}/a.png")
    assert (keys[0] < keys[1]) == (first < second) or first == second


@given(st.text(st.characters()))
def test_one_line_can_be_stored_and_shown(text: str) -> None:
    line = one_line(text)
    assert one_line(line) == line == line.strip()
    assert line.encode("utf-8").decode("utf-8") == line
    assert not set(line) & set("\0\t\r\n\x1b\x85\u2028\u202e\u2066")
