"""Cleaning up text."""

from hypothesis import given
from hypothesis import strategies as st

from core.importers.text import one_line


@given(st.text(st.characters()))
def test_one_line_can_be_stored_and_shown(text: str) -> None:
    line = one_line(text)
    assert one_line(line) == line == line.strip()
    assert line.encode("utf-8").decode("utf-8") == line
    assert not set(line) & set("\0\t\r\n\x1b\x85\u2028\u202e\u2066")
