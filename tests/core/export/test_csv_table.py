"""Tables that a spreadsheet opens without running anything in them."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.export import csv_table


def cell_of(text: str) -> str:
    """Return what a spreadsheet shows for `text` in a table of its own."""
    data = csv_table.table(["name"], [[text]]).decode("utf-8-sig")
    header, row = csv.reader(io.StringIO(data, newline=""))
    assert header == ["name"]
    [cell] = row
    return cell


def test_text_is_quoted_and_numbers_are_not() -> None:
    data = csv_table.table(["name", "score"], [("Café", -0.5), ('19" rack', 2)])

    assert data.startswith(b"\xef\xbb\xbf"), "Excel would read it as Windows-1252"
    assert data.decode("utf-8-sig").splitlines() == [
        '"name","score"',
        '"Café",-0.5',
        '"19"" rack",2',
    ]


@pytest.mark.parametrize(
    "name",
    ["Chair, red", 'A 19" rack', "two\nlines", "two\r\nlines", "a;b", "x = y - z", "5-seater", "'"],
)
def test_text_that_is_not_a_formula_is_unchanged(name: str) -> None:
    assert cell_of(name) == name


@pytest.mark.parametrize(
    ("name", "guarded"),
    [
        ("=1+1", "'=1+1"),
        ("+49 chair", "'+49 chair"),
        ("-40 % chair", "'-40 % chair"),
        ("@chair", "'@chair"),
        ("\uff1d1", "'\uff1d1"),
        ("  =1", "'  =1"),
        ("\t=1", "'\t'=1"),
        ("\rchair", "'\rchair"),
        ('=HYPERLINK("http://x","chair")', '\'=HYPERLINK("http://x","chair")'),
        # Where the semicolon separates cells, and quotes count only at the start of a line.
        ("chair;=1", "chair;'=1"),
        ("chair\n=1", "chair\n'=1"),
    ],
)
def test_formula_becomes_readable_text(name: str, guarded: str) -> None:
    assert cell_of(name) == guarded


@given(st.text(st.characters(codec="utf-8")))
def test_no_cell_is_a_formula_and_none_loses_a_character(name: str) -> None:
    cell = cell_of(name)
    assert not cell.lstrip(" ").startswith(tuple("=+-@\uff1d\uff0b\uff0d\uff20"))
    assert not cell.startswith(("\t", "\r", "\n"))
    assert cell.replace("'", "") == name.replace("'", "")
