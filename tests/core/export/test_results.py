"""Exported results can be read by other programs, whatever their names contain."""

import csv
import io
import json
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.catalogue import Item
from core.export import results
from core.search import Neighbour, Results

NOTHING = Results((), candidates=0, z_cutoff=0.0)


def results_of(items: Sequence[Item]) -> Results:
    """Return the items as results with falling scores."""
    neighbours = (
        Neighbour(item, rank, score=0.987654321 - rank / 100, z_score=4.0)
        for rank, item in enumerate(items, start=1)
    )
    return Results(tuple(neighbours), candidates=1600, z_cutoff=3.0)


def read_table(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))


# ---------------------------------------------------------------- CSV


def test_csv_has_all_columns_of_each_result() -> None:
    chair = Item(
        source_id="chairs/1.png",
        name="Café “chair”",
        category="Seats",
        tags=("wood", "old, red"),
        creator="Zoë",
        licence="CC BY 4.0",
        page_url="https://example.org/chair?a=1&b=2",
    )
    data = results.as_csv(results_of([chair, Item(source_id="2", name="木椅子")]))
    assert data.startswith(b"\xef\xbb\xbf"), "Excel would read it as Windows-1252"
    first, second = read_table(data)
    assert first == {
        "rank": "1",
        "score": "0.977654",
        "id": chair.id,
        "source_id": "chairs/1.png",
        "name": "Café “chair”",
        "category": "Seats",
        "tags": "wood, old, red",
        "creator": "Zoë",
        "licence": "CC BY 4.0",
        "page_url": "https://example.org/chair?a=1&b=2",
    }
    assert (second["rank"], second["name"], second["creator"]) == ("2", "木椅子", "")


def test_csv_without_results_has_only_its_header() -> None:
    text = results.as_csv(NOTHING).decode("utf-8-sig")
    assert next(csv.reader([text])) == list(results.COLUMNS)
    assert read_table(results.as_csv(NOTHING)) == []


@pytest.mark.parametrize(
    "name",
    ["Chair, red", 'A 19" rack', "two\nlines", "two\r\nlines", "a;b", "x = y - z", "5-seater", "'"],
)
def test_name_that_is_not_a_formula_is_unchanged(name: str) -> None:
    table = read_table(results.as_csv(results_of([Item(source_id="1", name=name)])))
    assert [row["name"] for row in table] == [name]


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
    item = Item(source_id=name, name=name, category=name, tags=(name,), creator=name, licence=name)
    (row,) = read_table(results.as_csv(results_of([item])))
    told = ("source_id", "name", "category", "tags", "creator", "licence")
    assert [row[column] for column in told] == [guarded] * len(told)


@given(st.text(st.characters(codec="utf-8")))
def test_no_cell_is_a_formula_and_none_loses_a_character(name: str) -> None:
    (row,) = read_table(results.as_csv(results_of([Item(source_id="1", name=name)])))
    cell = row["name"]
    assert not cell.lstrip(" ").startswith(tuple("=+-@\uff1d\uff0b\uff0d\uff20"))
    assert not cell.startswith(("\t", "\r", "\n"))
    assert cell.replace("'", "") == name.replace("'", "")


# ---------------------------------------------------------------- JSON


def test_json_has_the_shape_of_the_command_line_and_all_that_is_said() -> None:
    chair = Item(
        source_id="1", name="木の “椅子”\n2", tags=("a", "b"), licence="MIT", creator="Zoë"
    )
    data = results.as_json(results_of([chair]), query={"text": "椅子", "items": ["x"]})
    assert "木の “椅子”".encode() in data, "people read it too"
    told = json.loads(data)
    assert told["query"] == {"text": "椅子", "items": ["x"]}
    (found,) = told["neighbours"]
    assert list(found)[:4] == ["id", "name", "score", "rank"]
    assert (found["id"], found["name"]) == (chair.id, chair.name)
    assert (found["score"], found["rank"]) == (0.977654, 1)
    assert (found["tags"], found["licence"], found["creator"]) == (["a", "b"], "MIT", "Zoë")
    assert {"source_id", "category", "page_url", "embed_url"} <= set(found)


def test_json_takes_what_an_address_may_bring_in() -> None:
    data = results.as_json(NOTHING, query={"text": "half \ud83d"})
    assert json.loads(data) == {"query": {"text": "half ?"}, "neighbours": []}
