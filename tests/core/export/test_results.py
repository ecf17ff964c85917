"""Exported results can be read by other programs, whatever their names contain."""

import csv
import io
import json
from collections.abc import Sequence

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


def test_no_text_of_a_result_is_a_formula() -> None:
    item = Item(source_id="=1", name="=1", category="=1", tags=("=1",), creator="=1", licence="=1")
    (row,) = read_table(results.as_csv(results_of([item])))
    told = ("source_id", "name", "category", "tags", "creator", "licence")
    assert [row[column] for column in told] == ["'=1"] * len(told)


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
