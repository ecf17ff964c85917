"""Catalogues are created, opened, listed, removed and counted."""

import os
import shutil
import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from core.catalogue import (
    Catalogue,
    CatalogueError,
    Failure,
    Item,
    UnknownCatalogue,
    WrongVersion,
    names,
)
from tests.core.catalogue.support import add, map_of, mapped_ids, numbered
from tests.served_files import served_folder


def test_catalogues_are_created_listed_opened_and_removed(tmp_path: Path) -> None:
    assert names() == []
    Catalogue.create("zebra", title="Zebras & co")
    first = Catalogue.create("apple")
    add(first, *numbered(2))
    assert names() == ["apple", "zebra"]
    assert (Catalogue("zebra").title, first.title) == ("Zebras & co", "apple")

    again = Catalogue.create("apple", title="Another title")
    assert (again.title, again.items.count()) == ("apple", 2)

    folder, thumbnails = first.folder, served_folder(first)
    assert any(thumbnails.iterdir())
    Catalogue.remove("apple")
    assert names() == ["zebra"]
    assert not folder.exists() and not thumbnails.exists()
    assert Catalogue.create("apple").items.count() == 0


@pytest.mark.parametrize(
    "name",
    ["", "A", "ä", "a b", "a/b", "..", ".", "-a", "_a", "a.b", "a" * 49, "a\n", "a\0", "<b>", "🪑"],
)
def test_an_unsafe_name_is_rejected(name: str, tmp_path: Path) -> None:
    for use in (Catalogue.create, Catalogue, Catalogue.remove):
        with pytest.raises(CatalogueError, match="cannot name a catalogue"):
            use(name)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["a", "0", "a-b_c", "2016-recipe", "a" * 48])
def test_a_simple_name_is_accepted(name: str) -> None:
    assert Catalogue.create(name).name == name
    assert names() == [name]


def test_the_error_for_an_unknown_name_lists_the_catalogues() -> None:
    with pytest.raises(UnknownCatalogue, match=r"no catalogue “chairs”\. There are none yet\."):
        Catalogue("chairs")
    Catalogue.create("tables"), Catalogue.create("lamps")
    with pytest.raises(UnknownCatalogue, match=r"Catalogues: lamps, tables\."):
        Catalogue("chairs")
    with pytest.raises(UnknownCatalogue, match="chairs"):
        Catalogue.remove("chairs")


def test_a_catalogue_of_another_version_is_not_changed(catalogue: Catalogue) -> None:
    with closing(sqlite3.connect(catalogue.folder / "catalogue.db")) as db:
        db.execute("PRAGMA user_version = 99")
    with pytest.raises(WrongVersion, match=r"format 99; this version reads format 10"):
        Catalogue("things")
    with pytest.raises(WrongVersion):
        Catalogue.create("things")
    assert names() == ["things"]


@pytest.mark.parametrize("kept", [0, 100, 5000, 30_000])
def test_a_damaged_catalogue_is_reported_and_can_be_removed(
    catalogue: Catalogue, kept: int
) -> None:
    add(catalogue, *numbered(50))
    file = catalogue.folder / "catalogue.db"
    data = file.read_bytes()
    file.write_bytes(data[:kept] + b"garbage!" * ((len(data) - kept) // 8))

    with pytest.raises(CatalogueError, match=r"“things” is damaged .* Remove it"):
        Catalogue("things").items.find()

    Catalogue.remove("things")
    assert names() == []


def test_using_a_removed_catalogue_is_an_error_and_does_not_create_it_again(
    catalogue: Catalogue,
) -> None:
    Catalogue.remove("things")
    with pytest.raises(UnknownCatalogue, match="any more"):
        catalogue.items.find()
    with pytest.raises(UnknownCatalogue):
        catalogue.items.remove([])
    assert names() == []


def test_a_removed_catalogue_stays_removed_even_if_the_removal_was_interrupted(
    catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cut_short(*_: object, **__: object) -> None:
        raise OSError("cut short")

    # With an open reader, the items stay in the write-ahead log.
    with closing(sqlite3.connect(catalogue.folder / "catalogue.db", isolation_level=None)) as db:
        db.execute("BEGIN")
        db.execute("SELECT * FROM items").fetchall()
        add(catalogue, *numbered(3))
        with monkeypatch.context() as patch:
            patch.setattr(shutil, "rmtree", cut_short)
            with pytest.raises(OSError, match="cut short"):
                Catalogue.remove("things")
        assert "things" not in names()

        assert Catalogue.create("things").items.find() == []


def test_several_threads_may_create_the_same_catalogue() -> None:
    barrier = threading.Barrier(8)

    def make(name: str, item: Item) -> None:
        barrier.wait()
        add(Catalogue.create(name), item)

    with ThreadPoolExecutor(8) as pool:
        for name in ("race-1", "race-2", "race-3"):
            list(pool.map(make, [name] * 8, numbered(8)))
            assert Catalogue(name).items.count() == 8


def test_a_new_catalogue_can_be_read_while_it_is_being_created(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A reader must not lock out the process that has just created it."""
    readers: list[sqlite3.Connection] = []

    def link_and_read(*paths: Path) -> None:
        link(*paths)
        reader = connect(paths[1], isolation_level=None)
        reader.execute("BEGIN")
        assert reader.execute("SELECT * FROM settings").fetchall()
        readers.append(reader)

    link, connect = os.link, sqlite3.connect
    with monkeypatch.context() as patch:
        patch.setattr(os, "link", link_and_read)
        # No waiting: a timeout of half a minute would only hide the fault.
        patch.setattr(
            sqlite3,
            "connect",
            lambda *paths, **options: connect(*paths, **options | {"timeout": 0}),
        )
        add(Catalogue.create("things"), *numbered(1))
    assert len(readers) == 1
    readers[0].close()


def test_a_summary_counts_what_there_is(furniture: Catalogue) -> None:
    items = furniture.items.find()
    furniture.vectors.add("compact", "v1", items[:4], np.zeros((4, 2), np.float32))
    furniture.map.save(map_of([item.id for item in items], np.zeros((7, 2), np.float32), "m"))
    furniture.imports.record_failures([Failure("import", "8", "Broken", "It is cut short.")])
    furniture.items.remove([items[3].id])

    summary = furniture.summary()

    assert (summary.name, summary.title) == ("things", "things")
    assert (summary.items, summary.categories, summary.failures) == (6, 4, 1)
    assert summary.vectors == {"compact": 3}
    assert summary.mapped == furniture.map.count() == len(mapped_ids(furniture)) == 6
    assert summary.revision == furniture.revision
    assert summary.bytes > 50_000


def test_a_summary_can_be_made_while_files_appear_and_disappear(
    catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A job replaces its status file, and SQLite deletes its log, at any time."""
    passing = catalogue.folder / "job.tmp"
    passing.write_text("{}")
    is_file = Path.is_file

    def is_file_and_gone(path: Path) -> bool:
        was_file = is_file(path)
        if path == passing:
            passing.unlink(missing_ok=True)
        return was_file

    monkeypatch.setattr(Path, "is_file", is_file_and_gone)
    assert catalogue.summary().bytes > 0
