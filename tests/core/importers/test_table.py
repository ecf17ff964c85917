"""The importer of tables with picture files."""

import csv
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.catalogue import Item
from core.errors import LookalikeError
from core.importers import (
    table,
)
from core.importers.text import one_line
from tests.core.importers.sources import ODD_NAMES, contents, items, write


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


@pytest.mark.parametrize("name", ODD_NAMES)
def test_table_keeps_unusual_names(tmp_path: Path, name: str) -> None:
    write(tmp_path / "a.png")
    path = tmp_path / "models.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([["picture", "name"], ["a.png", f"\x1b {name}\0\u202e"]])
    assert [item.name for item in items(table.read(path))] == [name]


def test_table_uses_a_column_mapping(tmp_path: Path) -> None:
    write(tmp_path / "a.png")
    path = write(tmp_path / "t.csv", b"Thumb file,name,French name,picture\na.png,Chair,Chaise,x\n")
    columns = {"picture": "thumb_file", "name": "FRENCH NAME"}
    assert [item.name for item in items(table.read(path, columns=columns))] == ["Chaise"]


def test_table_without_ids_uses_the_paths_and_file_names(tmp_path: Path) -> None:
    write(tmp_path / "seats/red_chair.png")
    path = write(tmp_path / "t.csv", b"picture\n./seats\\red_chair.png\n")
    [item] = items(table.read(path))
    assert (item.source_id, item.name) == ("seats/red_chair.png", "red chair")


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        ("", "names no picture"),
        ("missing.png", 'no file "missing.png"'),
        ("sub", "no file"),
        ("x" * 5000, "no file"),
        ("../outside.png", "leads out"),
        ("sub/../../outside.png", "leads out"),
        ("/etc/hostname", "leads out"),
        ("C:\\Windows\\a.png", "leads out"),
        ("\\\\server\\share\\a.png", "leads out"),
        ("link.png", "link that leads out"),
        ("linked/outside.png", "link that leads out"),
        ("file:///etc/hostname", "Download it"),
        ("data:image/png;base64,AAAA", "Download it"),
        ("huge.png", "larger than 20 MB"),
        ("nul\0.png", "NUL"),
    ],
)
@pytest.mark.parametrize("suffix", [".csv", ".jsonl"])
def test_table_skips_a_bad_picture_and_continues(
    tmp_path: Path, cell: str, reason: str, suffix: str
) -> None:
    root = tmp_path / "root"
    write(root / "sub/good.png"), write(tmp_path / "outside.png")
    (root / "link.png").symlink_to(tmp_path / "outside.png")
    (root / "linked").symlink_to(tmp_path)
    with (root / "huge.png").open("wb") as file:
        file.truncate(1 << 40)
    rows = [["id", "picture"], ["bad", cell], ["good", "sub/good.png"]]
    path = root / f"models{suffix}"
    with path.open("w", newline="", encoding="utf-8") as text:
        if suffix == ".csv":
            csv.writer(text).writerows(rows)
        else:
            text.writelines(
                json.dumps(dict(zip(rows[0], row, strict=True))) + "\n" for row in rows[1:]
            )

    entries, skipped = contents(table.read(path))

    assert list(entries) == ["good"]
    assert list(skipped) == ["bad"] and reason in skipped["bad"].reason
    assert skipped["bad"].reason.startswith("Row ")


@pytest.mark.parametrize(
    ("name", "row", "key", "reason"),
    [
        ("t.csv", "1,a.png,Chair", "1 (row 3)", "same id"),
        ("t.csv", "2,a.png,Chair,extra", "row 3", "4 cells"),
        ("t.csv", "2", "2", "names no picture"),
        ("t.csv", '2,a.png,"' + "x" * 200_000 + '"', "row 3", "field larger"),
        ("t.csv", "2," + "x" * 3_000_000, "row 3", "field larger"),
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


@pytest.mark.parametrize(
    ("name", "data", "sentence"),
    [
        ("t.csv", b"", "is empty"),
        ("t.csv", b"\xef\xbb\xbf\r\n\r\n", "is empty"),
        ("t.csv", b"id,picture,name\r\n", "no rows"),
        ("t.csv", b"picture\n\n\n", "no rows"),
        ("t.csv", b"id,name\n1,Chair\n", r"no column of pictures\. .*'id', 'name'.*picture=COLUMN"),
        ("t.txt", b"just\nlines\n", r"no column of pictures\. .*'just'"),
        ("t.csv", b"PK\x03\x04\0\0\0\0\nstuff", "not a text file"),
        ("t.csv", b"x" * 200_000 + b"\n", "field larger"),
        ("t.json", b'[{"picture": "a.png"}]', "not JSON Lines"),
        ("t.json", b'{\n  "picture": "a.png"\n}', "not JSON Lines"),
        ("t.jsonl", b"picture,name\na.png,Chair", "not JSON Lines"),
        ("t.jsonl", b'{"name": "Chair"}', "no column of pictures"),
    ],
)
def test_table_says_what_is_wrong(tmp_path: Path, name: str, data: bytes, sentence: str) -> None:
    with pytest.raises(LookalikeError, match=sentence):
        table.read(write(tmp_path / name, data))


def test_table_says_what_is_wrong_with_a_mapping_or_a_path(tmp_path: Path) -> None:
    path = write(tmp_path / "t.csv", b"id,picture\n1,a.png\n")
    with pytest.raises(LookalikeError, match=r'no column "Thumb"\. Its columns are .id., .picture'):
        table.read(path, columns={"picture": "Thumb"})
    with pytest.raises(LookalikeError, match='"colour" is not one of picture, source_id'):
        table.read(path, columns={"colour": "id"})
    with pytest.raises(LookalikeError, match="No such file"):
        table.read(tmp_path / "missing.csv")
    with pytest.raises(LookalikeError, match="Is a directory"):
        table.read(tmp_path)


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
