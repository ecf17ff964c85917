"""Which columns of a table hold what, and tables that have none of use."""

from pathlib import Path

import pytest

from core.errors import LookalikeError
from core.importers import (
    table,
)
from tests.core.importers.sources import items, write


def test_table_uses_a_column_mapping(tmp_path: Path) -> None:
    write(tmp_path / "a.png")
    path = write(tmp_path / "t.csv", b"Thumb file,name,French name,picture\na.png,Chair,Chaise,x\n")
    columns = {"picture": "thumb_file", "name": "FRENCH NAME"}
    assert [item.name for item in items(table.read(path, columns=columns))] == ["Chaise"]


@pytest.mark.parametrize(
    ("name", "data", "sentence"),
    [
        ("t.csv", b"", "is empty"),
        ("t.csv", b"\xef\xbb\xbf\r\n\r\n", "is empty"),
        ("t.csv", b"sep=;\r\n", "is empty"),
        ("t.csv", b"id,picture,name\r\n", "no rows"),
        ("t.csv", b"picture\n\n\n", "no rows"),
        ("t.csv", b"id,name\n1,Chair\n", r"no column of pictures\. .*'id', 'name'.*picture=COLUMN"),
        ("t.txt", b"just\nlines\n", r"no column of pictures\. .*'just'"),
        ("t.csv", b"PK\x03\x04\0\0\0\0\nstuff", "it is damaged, protected"),
        ("t.csv", b"x" * 200_000 + b"\n", "more than 131,072"),
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
