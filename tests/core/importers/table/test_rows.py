"""What the cells of a row say of an item."""

import csv
from pathlib import Path

import pytest

from core.importers import (
    table,
)
from tests.core.importers.sources import ODD_NAMES, items, write


@pytest.mark.parametrize("name", ODD_NAMES)
def test_table_keeps_unusual_names(tmp_path: Path, name: str) -> None:
    write(tmp_path / "a.png")
    path = tmp_path / "models.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([["picture", "name"], ["a.png", f"\x1b {name}\0\u202e"]])
    assert [item.name for item in items(table.read(path))] == [name]


def test_table_without_ids_uses_the_paths_and_file_names(tmp_path: Path) -> None:
    write(tmp_path / "seats/red_chair.png")
    path = write(tmp_path / "t.csv", b"picture\n./seats\\red_chair.png\n")
    [item] = items(table.read(path))
    assert (item.source_id, item.name) == ("seats/red_chair.png", "red chair")
