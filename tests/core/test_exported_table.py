"""Text is escaped from spreadsheets, and comes back exactly."""

import re

from hypothesis import given
from hypothesis import strategies as st

from core.exported_table import escape, unescape

TEXT = st.text(st.sampled_from("a'=+-@; \t\r\n\uff1d"), max_size=12) | st.text()


@given(TEXT)
def test_what_is_escaped_comes_back(text: str) -> None:
    assert unescape(escape(text)) == text


@given(TEXT)
def test_nothing_that_is_escaped_is_a_formula(text: str) -> None:
    """Whichever of its characters end a cell."""
    for cell in re.split("[;\t\r\n]", escape(text)):
        assert not re.match(" *[=+\\-@\uff1d\uff0b\uff0d\uff20]", cell)
    assert not escape(text).startswith(("\t", "\r", "\n"))
