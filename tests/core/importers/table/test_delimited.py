"""Rows are split into cells as they were meant."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.importers.table import delimited

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)


@given(
    st.lists(st.lists(TEXT, min_size=2, max_size=2), min_size=1, max_size=6),
    st.sampled_from(",;\t|"),
    st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL]),
)
def test_what_the_standard_library_writes_is_read_back(
    table: list[list[str]], delimiter: str, quoting: int
) -> None:
    # Three lines that look like rows are taken for rows: see below.
    table = [[cell.replace(delimiter, " ") for cell in row] for row in table]
    file = io.StringIO(newline="")
    csv.writer(file, delimiter=delimiter, quoting=quoting).writerows(table)  # type: ignore[arg-type]

    found = delimited.rows(io.StringIO(file.getvalue(), newline=""), delimiter, width=2)

    assert list(found) == table


@pytest.mark.parametrize(
    ("lines", "rows"),
    [
        ('a,"19 inch lamp,b\nc,d,e\n', [["a", '"19 inch lamp', "b"], ["c", "d", "e"]]),
        ('a,"Eames" chair,b\n', [["a", '"Eames" chair', "b"]]),
        ('a,19" lamp,b\n', [["a", '19" lamp', "b"]]),
        ('a,"a ""big"" sofa",b\n', [["a", 'a "big" sofa', "b"]]),
        ('a,"a \\"big\\" sofa, red",b\n', [["a", 'a "big" sofa, red', "b"]]),
        ("a,red\\, big,b\n", [["a", "red, big", "b"]]),
        ("a,C:\\new,b\n", [["a", "C:\\new", "b"]]),
        ('a,"two\nlines",b\nc,d,e\n', [["a", "two\nlines", "b"], ["c", "d", "e"]]),
        ('a,"x" ,b\n', [["a", "x", "b"]]),
        # A quote that is closed by that of a later row, with a row in between.
        (
            'a,"19 inch,b\nc,d,e\nf,21" tv,g\n',
            [["a", '"19 inch', "b"], ["c", "d", "e"], ["f", '21" tv', "g"]],
        ),
    ],
)
def test_quotes_and_backslashes_are_read_as_people_write_them(
    lines: str, rows: list[list[str]]
) -> None:
    found = delimited.rows(io.StringIO(lines, newline=""), ",", width=3)

    assert list(found) == rows


@pytest.mark.parametrize(
    ("lines", "rows"),
    [
        ('a,"A chair.\nRed, painted\nBy hand."\n', [["a", "A chair.\nRed, painted\nBy hand."]]),
        ('a,"A chair.\nRed, painted."\n', [["a", "A chair.\nRed, painted."]]),
        # Not so if it seems that a quote is missing.
        ('a,"19 inch\nb,"c, d"\n', [["a", '"19 inch'], ["b", "c, d"]]),
        ('a,"19 inch\nb,c\nd,21"\n', [["a", '"19 inch'], ["b", "c"], ["d", '21"']]),
    ],
)
def test_prose_in_quotes_may_have_lines_that_look_like_rows(
    lines: str, rows: list[list[str]]
) -> None:
    found = delimited.rows(io.StringIO(lines, newline=""), ",", width=2)

    assert list(found) == rows


def test_a_quote_that_is_never_closed_costs_no_other_row() -> None:
    lines = [f"{number},x,y\n" for number in range(1000)]
    lines[3] = '3,"x,y\n'

    found = list(delimited.rows(lines, ",", width=3))

    assert [row[0] for row in found] == [str(number) for number in range(1000)]


def test_a_cell_that_is_too_long_costs_its_row_only() -> None:
    first, second = delimited.rows(["a," + "x" * 200_000 + "\n", "b,c\n"], ",", width=2)

    assert first == "It has a cell of more than 131,072 characters."
    assert second == ["b", "c"]
