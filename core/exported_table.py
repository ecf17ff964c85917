"""The table in which a catalogue is exported: its columns, and text in it that is no formula.

Spreadsheets run text as a formula that begins with `=`, `+`, `-`, `@`, one of their full-width
forms, a tab or a line break ("CSV Injection" of OWASP, whose advice is an apostrophe before it).
"""

import re

COLUMNS = (
    "source_id",
    "name",
    "category",
    "tags",
    "creator",
    "licence",
    "page_url",
    "embed_url",
    "picture",
    "id",
)
# At the start of a cell, and after any character that ends a cell in some spreadsheets (in Excel,
# where 0.5 is written 0,5: the semicolon). Apostrophes that are there get one more, so that
# `unescape` gives the text back.
_START = r"(?:^|(?<=[;\t\r\n]))"
_FORMULA = r"(?='* *[=+\-@\uff1d\uff0b\uff0d\uff20])"
_PLAIN = re.compile(rf"^(?='*[\t\r\n])|{_START}{_FORMULA}")
_ESCAPED = re.compile(rf"^'(?='*[\t\r\n])|{_START}'{_FORMULA}")


def escape(text: str) -> str:
    """Return text that no spreadsheet runs: with an apostrophe wherever it could be a formula."""
    return _PLAIN.sub("'", text)


def unescape(text: str) -> str:
    """Return the text that `escape` got."""
    return _ESCAPED.sub("", text)
