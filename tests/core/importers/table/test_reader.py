"""How tables are written: delimiters, encodings, JSON Lines, and rows that cannot be read."""

import csv
import json
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.catalogue import Item
from core.importers import (
    table,
)
from core.importers.text import one_line
from tests.core.importers.sources import contents, items, write


@pytest.mark.parametrize("suffix", [".csv", ".tsv", ".psv", ".txt"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_table_detects_its_delimiter_whatever_the_suffix(
    tmp_path: Path, delimiter: str, suffix: str
) -> None:
    write(tmp_path / "pictures/a.png", b"A"), write(tmp_path / "b.png", b"B")
    rows = [
        ["ID", "Title", "Thumbnail", "Keywords", "Class", "Author", "License", "URL", "embedUrl"],
        ["7", "Chair, red", "pictures/a.png", "x, y;z", "Seat", "Ann", "MIT", "http://a.b/c", ""],
        ["8", 'A "big"\nsofa', "b.png", "", "", "", "", "javascript:x", "HTTPS://a.b"],
    ]
    path = tmp_path / f"models{suffix}"
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, delimiter=delimiter).writerows(rows)

    entries, skipped = contents(table.read(path))

    assert not skipped
    assert [entry.data for entry in entries.values()] == [b"A", b"B"]
    assert entries["7"].item == Item(
        source_id="7",
        name="Chair, red",
        category="Seat",
        tags=("x", "y", "z"),
        creator="Ann",
        licence="MIT",
        page_url="http://a.b/c",
    )
    assert entries["8"].item == Item(source_id="8", name='A "big" sofa', embed_url="HTTPS://a.b")


@pytest.mark.parametrize(
    ("encoding", "name"),
    [
        ("utf-8", "Стул 椅子"),
        ("utf-8-sig", "Стул 椅子"),
        ("utf-16", "Стул 椅子"),
        ("latin-1", "Fauteuil à crémaillère"),
        ("cp1252", "Ann\u2019s chair \u2013 5 €"),
    ],
)
def test_table_detects_its_encoding(tmp_path: Path, encoding: str, name: str) -> None:
    write(tmp_path / "a.png")
    text = f"picture,name\r\na.png,{name}\r\n"
    path = write(tmp_path / "models.csv", text.encode(encoding))
    assert [item.name for item in items(table.read(path))] == [name]


def test_table_of_json_lines(tmp_path: Path) -> None:
    write(tmp_path / "a.png")
    rows = [
        {"image": "a.png", "uid": 12, "label": "Chair", "tags": ["red", " red ", "old", None]},
        {"image": "a.png", "uid": "x", "category": None, "tags": "red; old", "embed": "ftp://x"},
        {"image": "a.png", "label": "half \ud800 a pair", "creator": {"no": "text"}},
    ]
    lines = "\n\n".join(json.dumps(row) for row in rows)
    for name in ["models.jsonl", "models.ndjson", "models.json"]:
        first, second, third = items(table.read(write(tmp_path / name, lines.encode())))
        assert (first.source_id, first.name, first.tags) == ("12", "Chair", ("red", "old"))
        assert (second.source_id, second.name, second.embed_url) == ("x", "a", "")
        assert second.tags == ("red", "old")
        assert (third.source_id, third.name, third.creator) == ("a.png", "half ? a pair", "")


@pytest.mark.parametrize(
    ("name", "row", "key", "reason"),
    [
        ("t.csv", "1,a.png,Chair", "1 (row 3)", "same id"),
        ("t.csv", "2,a.png,Chair,extra", "row 3", "4 cells"),
        ("t.csv", "2", "2", "names no picture"),
        ("t.csv", '2,a.png,"' + "x" * 200_000 + '"', "row 3", "more than 131,072"),
        ("t.csv", "2," + "x" * 3_000_000, "row 3", "more than 131,072"),
        ("t.jsonl", '{"id": 2, "picture": ', "row 3", "not JSON"),
        ("t.jsonl", '["a.png"]', "row 3", "not an object"),
        ("t.jsonl", "[" * 100_000, "row 3", "not JSON"),
        ("t.jsonl", '{"id": "' + "x" * 3_000_000 + '"}', "row 3", "not JSON"),
    ],
    ids=range(9),
)
def test_table_skips_a_bad_row_and_continues(
    tmp_path: Path, name: str, row: str, key: str, reason: str
) -> None:
    write(tmp_path / "a.png")
    if name == "t.csv":
        rows = ["id,picture,name", "1,a.png,First", row, ",,", "", "9,a.png"]
    else:
        good = json.dumps({"id": "1", "picture": "a.png"})
        rows = [good, "", row, "", json.dumps({"id": "9", "picture": "a.png"})]
    path = write(tmp_path / name, "\n".join(rows).encode())

    entries, skipped = contents(table.read(path))

    assert list(entries) == ["1", "9"]
    assert list(skipped) == [key] and reason in skipped[key].reason


@given(
    delimiter=st.sampled_from(",;\t|"),
    names=st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=1, max_size=5),
)
def test_table_returns_what_was_written(
    tmp_path_factory: pytest.TempPathFactory, delimiter: str, names: list[str]
) -> None:
    folder_path = tmp_path_factory.mktemp("table")
    write(folder_path / "a.png")
    with (folder_path / "t.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, delimiter=delimiter, quoting=csv.QUOTE_ALL)
        writer.writerow(["id", "picture", "name"])
        writer.writerows([number, "a.png", name] for number, name in enumerate(names))
    found = items(table.read(folder_path / "t.csv"))
    assert [item.name for item in found] == [one_line(name) or "a" for name in names]


@pytest.mark.parametrize("quick", [False, True])
def test_an_encoding_that_shows_late_is_found_when_the_table_is_opened(
    tmp_path: Path, quick: bool
) -> None:
    rows = [b"a.png,Chair\r\n"] * 100_000
    path = write(tmp_path / "t.csv", b"picture,name\r\n" + b"".join(rows) + b"a.png,Ch\xe2teau\r\n")
    opened = table.open_table(path, quick=quick)
    assert (opened.format.encoding, opened.total) == (
        ("utf-8-sig", 0) if quick else ("cp1252", 100_001)
    )
    [*_, (_, last)] = opened.records()
    assert isinstance(last, Mapping)
    assert last["name"] == ("Ch\ufffdteau" if quick else "Château")


@pytest.mark.parametrize(
    "above", ["sep=;\n", '"sep=;"\n', "My models\n\n", "My models;;\n", "\n\nMy models\n\n", "\n"]
)
def test_a_line_above_the_header_is_not_the_header_and_counts_as_a_row(
    tmp_path: Path, above: str
) -> None:
    write(tmp_path / "a.png")
    text = f"{above}picture;name;tags\na.png;Chair;x\na.png;Sofa;x;more\n"
    entries, skipped = contents(table.read(write(tmp_path / "t.csv", text.encode())))

    assert [entry.item.name for entry in entries.values()] == ["Chair"]
    assert list(skipped) == [f"row {above.count(chr(10)) + 3}"]


def test_a_table_is_read_in_the_code_page_of_its_country(tmp_path: Path) -> None:
    write(tmp_path / "a.png")
    names = ["Стул", "Лампа", "Мебель", "Диван угловой"]
    rows = "".join(f"a.png,{name},{number}\n" for number, name in enumerate(names))
    path = write(tmp_path / "t.csv", f"picture,name,id\n{rows}".encode("cp1251"))

    assert [item.name for item in items(table.read(path))] == names
