"""A catalogue on disk: what is taken is kept, whole, in order, whoever else writes or dies."""

import hashlib
import os
import random
import re
import shutil
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.catalogue import (
    Catalogue,
    CatalogueError,
    Cluster,
    Failure,
    Filters,
    ImportCounts,
    Item,
    Map,
    MapQuality,
    Picture,
    UnknownCatalogue,
    UnknownItem,
    WrongVersion,
    item_id,
    names,
    schema,
    vector_store,
)
from core.settings import PROJECT

# The catalogue of such a test is only read, so that its examples do not meet.
ONLY_READ = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])

# ---------------------------------------------------------------- material


def picture_of(text: str, *, frame: bytes | None = None) -> Picture:
    """Return a picture whose bytes are `text`: a catalogue does not look into them."""
    return Picture(
        digest=hashlib.sha256(text.encode()).hexdigest(),
        original=text.encode(),
        extension="png",
        thumbnail=b"small " + text.encode(),
        downscaled=frame is not None,
        squashed=frame,
    )


def add(catalogue: Catalogue, *items: Item, picture: str = "") -> list[Item]:
    """Add items, each with a picture of its own, and return them as stored."""
    catalogue.items.add((item, picture_of(picture or item.source_id)) for item in items)
    return [catalogue.items.get(item.id) for item in items]


def numbered(count: int) -> list[Item]:
    return [Item(source_id=f"item {number}", name=f"Number {number}") for number in range(count)]


def chart_of(ids: Sequence[str], places: np.ndarray, fingerprint: str) -> Map:
    """Return a map that says nothing but where items are."""
    count = len(ids)
    return Map(
        ids=tuple(ids),
        digests=("",) * count,
        coordinates=places,
        grid=-places,
        labels=np.full(count, -1, np.int32),
        added_later=np.zeros(count, bool),
        clusters=(),
        fingerprint=fingerprint,
        quality=None,
    )


def sources(items: Iterable[Item]) -> list[str]:
    return [item.source_id for item in items]


def found(catalogue: Catalogue, text: str, category: str | None = None) -> list[str]:
    return [item.name for item in catalogue.items.find(Filters(text=text, category=category))]


def vector_files(catalogue: Catalogue, descriptor: str = "compact") -> set[str]:
    return {path.name for path in (catalogue.folder / "vectors" / descriptor).glob("*")}


def in_another_process(script: str) -> list[str]:
    """Return the command that runs a script which can import `core`."""
    return [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(PROJECT)!r})\n{script}"]


@pytest.fixture
def catalogue() -> Catalogue:
    return Catalogue.create("things")


@pytest.fixture
def furniture(catalogue: Catalogue) -> Catalogue:
    add(
        catalogue,
        Item(source_id="1", name="Kitchen chair", category="Seats", tags=("wood", "red")),
        Item(source_id="2", name="Armchair", category="Seats", tags=("soft", "chair")),
        Item(source_id="3", name="Café table", category="Tables", tags=("round", "wood")),
        Item(source_id="4", name="Floor lamp", category="Lights", tags=("tall", "chrome")),
        Item(source_id="5", name="Chaise longue 🛋", category="Seats", tags=("crème brûlée",)),
        Item(source_id="6", name="???", category="Rock & roll"),
        Item(source_id="7", name="Stool", category="Chairs", tags=("C-3PO", "R2_D2")),
    )
    return catalogue


# ---------------------------------------------------------------- catalogues


def test_catalogues_are_made_listed_opened_and_removed(tmp_path: Path) -> None:
    assert names() == []
    Catalogue.create("zebra", title="Zebras & co")
    first = Catalogue.create("apple")
    add(first, *numbered(2))
    assert names() == ["apple", "zebra"]
    assert (Catalogue("zebra").title, first.title) == ("Zebras & co", "apple")

    again = Catalogue.create("apple", title="Another title")
    assert (again.title, again.items.count()) == ("apple", 2)

    folder, thumbnails = first.folder, first.pictures.served
    assert any(thumbnails.iterdir())
    Catalogue.remove("apple")
    assert names() == ["zebra"]
    assert not folder.exists() and not thumbnails.exists()
    assert Catalogue.create("apple").items.count() == 0


@pytest.mark.parametrize(
    "name",
    ["", "A", "ä", "a b", "a/b", "..", ".", "-a", "_a", "a.b", "a" * 49, "a\n", "a\0", "<b>", "🪑"],
)
def test_a_name_that_no_folder_should_have_is_refused(name: str, tmp_path: Path) -> None:
    for use in (Catalogue.create, Catalogue, Catalogue.remove):
        with pytest.raises(CatalogueError, match="cannot name a catalogue"):
            use(name)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["a", "0", "a-b_c", "2016-recipe", "a" * 48])
def test_a_plain_name_is_taken(name: str) -> None:
    assert Catalogue.create(name).name == name
    assert names() == [name]


def test_an_unknown_name_is_answered_with_those_there_are() -> None:
    with pytest.raises(UnknownCatalogue, match=r"no catalogue “chairs”\. There is: none yet\."):
        Catalogue("chairs")
    Catalogue.create("tables"), Catalogue.create("lamps")
    with pytest.raises(UnknownCatalogue, match=r"There is: lamps, tables\."):
        Catalogue("chairs")
    with pytest.raises(UnknownCatalogue, match="chairs"):
        Catalogue.remove("chairs")


def test_a_catalogue_of_another_version_is_not_touched(catalogue: Catalogue) -> None:
    with closing(sqlite3.connect(catalogue.folder / "catalogue.db")) as db:
        db.execute("PRAGMA user_version = 99")
    with pytest.raises(WrongVersion, match=r"format 99; this version reads format 4"):
        Catalogue("things")
    with pytest.raises(WrongVersion):
        Catalogue.create("things")
    assert names() == ["things"]


FIRST_VERSION = (
    schema.FIRST_SCHEMA
    + "CREATE INDEX items_by_category ON items (category) WHERE NOT removed;"
    + "PRAGMA user_version = 1;"
)


def as_first_version(catalogue: Catalogue) -> None:
    """Write the catalogue's database as the first version of the schema would have it."""
    file = catalogue.folder / "catalogue.db"
    with closing(sqlite3.connect(":memory:")) as old:
        old.executescript(FIRST_VERSION)
        with closing(sqlite3.connect(file)) as db:
            for table in ("settings", "items", "words", "runs", "failures", "fits", "segments"):
                columns = [row[1] for row in old.execute(f"PRAGMA table_info({table})")]
                rows = db.execute(f"SELECT rowid, {', '.join(columns)} FROM {table}").fetchall()
                marks = ", ".join("?" * (1 + len(columns)))
                into = f"{table} (rowid, {', '.join(columns)})"
                old.executemany(f"INSERT OR REPLACE INTO {into} VALUES ({marks})", rows)
            rows = db.execute("SELECT * FROM vectors").fetchall()
            old.executemany("INSERT INTO vectors VALUES (?, ?, ?, ?, ?)", rows)
        old.execute("INSERT INTO maps (identity, file) VALUES ('m', 'gone.npz')")
        old.commit()
        for path in file.parent.glob("catalogue.db*"):
            path.unlink()
        with closing(sqlite3.connect(file)) as db:
            old.backup(db)


def test_a_catalogue_of_the_first_version_is_brought_up_to_date(furniture: Catalogue) -> None:
    """Several open it at once; nothing is lost but the map, which is drawn anew."""
    items = furniture.items.find()
    furniture.vectors.add("compact", "v1", items, np.eye(7, dtype=np.float32))
    furniture.imports.record_failures([Failure("import", "8", "Broken", "It is cut short.")])
    furniture.items.remove([items[6].id])
    generation = furniture.revision
    as_first_version(furniture)
    with closing(sqlite3.connect(furniture.folder / "catalogue.db")) as db:
        assert db.execute("PRAGMA user_version").fetchone() == (1,)

    with ThreadPoolExecutor(4) as pool:
        *_, opened = pool.map(Catalogue, ["things"] * 8)

    with closing(sqlite3.connect(furniture.folder / "catalogue.db")) as db:
        assert db.execute("PRAGMA user_version").fetchone() == (schema.SCHEMA_VERSION,)
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert opened.items.find() == items[:6]
    assert opened.revision == generation
    assert found(opened, "chair", "Seats") == ["Kitchen chair", "Armchair"]
    assert opened.items.facet("category") == {
        "Lights": 1,
        "Rock & roll": 1,
        "Seats": 3,
        "Tables": 1,
    }
    assert len(opened.imports.failures()) == 1
    np.testing.assert_array_equal(opened.vectors.read("compact", "v1").matrix(), np.eye(7)[:6])
    assert opened.map.load() is None
    opened.items.hide([items[1].id], kept=items[0].id)
    opened.collections.add("Mine", [items[0].id])
    assert opened.items.count() == 5
    assert opened.items.facet("collection") == {"Mine": 1}


@pytest.mark.parametrize("kept", [0, 100, 5000, 30_000])
def test_a_damaged_file_is_told_as_such_and_can_be_removed(catalogue: Catalogue, kept: int) -> None:
    add(catalogue, *numbered(50))
    file = catalogue.folder / "catalogue.db"
    data = file.read_bytes()
    file.write_bytes(data[:kept] + b"garbage!" * ((len(data) - kept) // 8))

    with pytest.raises(CatalogueError, match=r"“things” is damaged .* core remove things"):
        Catalogue("things").items.find()

    Catalogue.remove("things")
    assert names() == []


def test_a_catalogue_removed_meanwhile_is_an_error_and_does_not_come_back(
    catalogue: Catalogue,
) -> None:
    Catalogue.remove("things")
    with pytest.raises(UnknownCatalogue, match="any more"):
        catalogue.items.find()
    with pytest.raises(UnknownCatalogue):
        catalogue.items.remove([])
    assert names() == []


def test_a_removed_catalogue_stays_removed_even_if_its_removal_was_cut_short(
    catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cut_short(*_: object, **__: object) -> None:
        raise OSError("cut short")

    # Somebody reads, so that the items are still in the write-ahead log.
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


def test_many_may_make_the_same_catalogue_at_once() -> None:
    barrier = threading.Barrier(8)

    def make(name: str, item: Item) -> None:
        barrier.wait()
        add(Catalogue.create(name), item)

    with ThreadPoolExecutor(8) as pool:
        for name in ("race-1", "race-2", "race-3"):
            list(pool.map(make, [name] * 8, numbered(8)))
            assert Catalogue(name).items.count() == 8


def test_a_catalogue_may_be_read_from_the_moment_it_appears(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Whoever reads must not lock out the one that has just made it."""
    readers = []

    def link_and_read(*paths: Path) -> None:
        link(*paths)
        reader = connect(paths[1], isolation_level=None)
        reader.execute("BEGIN")
        readers.append(reader.execute("SELECT * FROM settings").fetchall() and reader)

    link, connect = os.link, sqlite3.connect
    with monkeypatch.context() as patch:
        patch.setattr(os, "link", link_and_read)
        # Nobody need wait: half a minute of patience would only hide it.
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
    furniture.map.save(chart_of([item.id for item in items], np.zeros((7, 2), np.float32), "m"))
    furniture.imports.record_failures([Failure("import", "8", "Broken", "It is cut short.")])
    furniture.items.remove([items[3].id])

    summary = furniture.summary()

    assert (summary.name, summary.title) == ("things", "things")
    assert (summary.items, summary.categories, summary.failures) == (6, 4, 1)
    assert summary.vectors == {"compact": 3}
    assert summary.mapped == len(furniture.map.load().ids)
    assert summary.revision == furniture.revision
    assert summary.bytes > 50_000


def test_a_summary_can_be_made_while_files_come_and_go(
    catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A job renames its status, and SQLite deletes its log, whenever they like."""
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


# ---------------------------------------------------------------- items


def test_items_come_back_as_they_went_in_and_in_that_order(catalogue: Catalogue) -> None:
    full = Item(
        source_id="../ö 🪑\n'; DROP TABLE items; --",
        name="<b>Chair</b>",
        category="Seats/Soft",
        tags=("red", "a, b", 'quo"ted', ""),
        creator="Ödön",
        licence="CC BY 4.0",
        page_url="https://example.org/?a=1&b=2",
        embed_url="https://example.org/embed",
    )
    items = [*reversed(numbered(3)), full]
    stored = add(catalogue, *items)

    assert catalogue.items.find() == stored
    for given_item, item in zip(items, stored, strict=True):
        digest = hashlib.sha256(given_item.source_id.encode()).hexdigest()
        assert item.digest == digest
        assert {**as_words(given_item), "digest": digest} == as_words(item)
        assert catalogue.items.get(item.id) == item
        assert catalogue.pictures.original(item) == item.source_id.encode()
        assert catalogue.pictures.extension(item) == "png"
        assert (
            catalogue.pictures.thumbnail(item).read_bytes() == b"small " + item.source_id.encode()
        )
    assert catalogue.items.ids() == [item.id for item in stored]
    assert catalogue.items.all_items() == {item.source_id: item for item in stored}
    assert catalogue.items.get_many([stored[3].id, "nobody", stored[0].id]) == [
        stored[0],
        stored[3],
    ]


def as_words(item: Item) -> dict[str, Any]:
    return {name: getattr(item, name) for name in Item.__slots__}


def test_an_unknown_id_is_named(catalogue: Catalogue) -> None:
    with pytest.raises(UnknownItem, match=r"“things” has no model with the id “nobody”"):
        catalogue.items.get("nobody")


def test_an_item_that_was_never_taken_has_no_original(catalogue: Catalogue) -> None:
    stranger = Item(source_id="stranger", name="Stranger")
    sentence = rf"“things” has no model with the id “{stranger.id}”"
    for read in (catalogue.pictures.original, catalogue.pictures.extension):
        with pytest.raises(UnknownItem, match=sentence):
            read(stranger)


def test_an_item_that_is_added_again_is_updated_in_its_place(catalogue: Catalogue) -> None:
    first, second, third = add(catalogue, *numbered(3))
    changed = Item(source_id=second.source_id, name="Sofa", category="Seats", tags=("soft",))

    (updated,) = add(catalogue, changed, picture="another picture")

    assert catalogue.items.find() == [first, updated, third]
    assert catalogue.pictures.original(updated) == b"another picture"
    assert catalogue.pictures.thumbnail(updated).read_bytes() == b"small another picture"
    assert found(catalogue, "sofa") == found(catalogue, "soft") == ["Sofa"]
    assert found(catalogue, "1") == []


def test_words_are_replaced_without_the_picture(catalogue: Catalogue) -> None:
    first, second = add(catalogue, *numbered(2))
    catalogue.items.update_facts([Item(source_id=first.source_id, name="Sofa", tags=("soft",))])
    assert [item.name for item in catalogue.items.find()] == ["Sofa", "Number 1"]
    assert catalogue.items.get(first.id).digest == first.digest
    assert found(catalogue, "soft") == ["Sofa"]
    assert found(catalogue, "number") == [second.name]


def test_a_removed_item_is_nowhere_until_it_is_added_again(furniture: Catalogue) -> None:
    items = furniture.items.find()
    lamp = items[3]
    matrix = np.arange(14, dtype=np.float32).reshape(7, 2)
    furniture.vectors.add("compact", "v1", items, matrix)
    furniture.map.save(chart_of(tuple(furniture.items.ids()), matrix, "m"))

    furniture.items.remove([lamp.id, "nobody"])

    rest = [item for item in items if item != lamp]
    assert furniture.items.find() == rest == list(furniture.items.all_items().values())
    assert furniture.items.count() == furniture.items.count(Filters(text="")) == 6
    assert lamp.id not in furniture.items.ids()
    assert furniture.items.get_many([lamp.id]) == []
    with pytest.raises(UnknownItem):
        furniture.items.get(lamp.id)
    assert found(furniture, "lamp") == found(furniture, "", "Lights") == []
    assert "Lights" not in furniture.items.facet("category")
    chart, vectors = furniture.map.load(), furniture.vectors.read("compact", "v1")
    assert chart is not None
    assert chart.ids == vectors.ids == tuple(item.id for item in rest)
    expected = np.delete(matrix, 3, axis=0)
    np.testing.assert_array_equal(chart.coordinates, expected)
    np.testing.assert_array_equal(vectors.matrix(), expected)
    assert furniture.vectors.missing("compact", "v1") == []

    add(furniture, lamp)

    assert furniture.items.find() == items
    assert found(furniture, "lamp") == ["Floor lamp"]
    assert furniture.items.facet("category")["Lights"] == 1
    assert lamp.id in furniture.map.load().ids
    np.testing.assert_array_equal(furniture.vectors.read("compact", "v1").matrix(), matrix)


def test_a_missing_picture_is_told_with_what_to_do(catalogue: Catalogue) -> None:
    (item,) = add(catalogue, *numbered(1))
    shutil.rmtree(catalogue.folder / "originals")
    with pytest.raises(CatalogueError, match=r"picture of “Number 0” is missing.*Import"):
        catalogue.pictures.original(item)


def test_the_frame_is_kept_of_downscaled_pictures_and_of_no_others(catalogue: Catalogue) -> None:
    small, large = numbered(2)
    catalogue.items.add(
        [(small, picture_of("small")), (large, picture_of("large", squashed=b"samples"))]
    )
    small, large = catalogue.items.find()
    assert catalogue.pictures.squashed(small) is None
    assert catalogue.pictures.squashed(large) == b"samples"
    assert catalogue.pictures.original(large) == b"large"


def test_lost_thumbnails_are_found_and_restored(catalogue: Catalogue) -> None:
    first, second, third = add(catalogue, *numbered(3))
    assert catalogue.pictures.lost_thumbnails() == []
    catalogue.pictures.thumbnail(second).unlink()
    assert catalogue.pictures.lost_thumbnails() == [second]
    shutil.rmtree(catalogue.pictures.served)
    assert catalogue.pictures.lost_thumbnails() == [first, second, third]
    catalogue.pictures.restore_thumbnail(third, b"anew")
    assert catalogue.pictures.lost_thumbnails() == [first, second]
    assert catalogue.pictures.thumbnail(third).read_bytes() == b"anew"


def test_a_thumbnail_is_below_static_under_a_name_the_project_made(catalogue: Catalogue) -> None:
    (item,) = add(catalogue, Item(source_id="../../../etc/passwd", name="x"))
    path = catalogue.pictures.thumbnail(item)
    assert path.resolve().is_relative_to(PROJECT / "static" / "thumbnails")
    assert re.fullmatch(r"[a-z2-7]{13}\.webp", path.name)


def test_what_could_not_be_taken_is_noted_until_it_is(catalogue: Catalogue) -> None:
    first, second = numbered(2)
    failures = [
        Failure("import", first.source_id, first.name, "It is cut short."),
        Failure("import", second.source_id, second.name, "It is too large."),
    ]
    catalogue.imports.record_failures(failures)
    catalogue.imports.record_failures([])
    assert catalogue.imports.failures() == failures
    another = Failure("import", first.source_id, first.name, "It is empty.")
    catalogue.imports.record_failures([another])
    assert catalogue.imports.failures() == [another, failures[1]]
    add(catalogue, first)
    assert catalogue.imports.failures() == [failures[1]]


def test_runs_are_listed_the_newest_first(catalogue: Catalogue) -> None:
    for added in (1, 2):
        counts = ImportCounts(added=added, changed=3, unchanged=4, failed=5, missing=6)
        catalogue.imports.record_run(kind="folder", source="/pictures", counts=counts)
    runs = catalogue.imports.runs()
    assert [run.counts.added for run in runs] == [2, 1]
    assert (runs[0].kind, runs[0].source, runs[0].counts) == ("folder", "/pictures", counts)


def test_a_generation_grows_with_each_change_and_with_nothing_else(catalogue: Catalogue) -> None:
    items = numbered(3)
    ids = tuple(item.id for item in items)
    matrix = np.zeros((3, 2), np.float32)
    changes: list[Callable[[], object]] = [
        lambda: add(catalogue, *items),
        lambda: catalogue.items.update_facts(items),
        lambda: catalogue.vectors.add("compact", "v1", catalogue.items.find(), matrix),
        lambda: catalogue.vectors.save_fit(
            "compact", "v2", {"a": matrix}, catalogue.items.find(), matrix
        ),
        lambda: catalogue.map.save(chart_of(ids, matrix, "m")),
        lambda: catalogue.imports.record_failures([Failure("import", "x", "x", "broken")]),
        lambda: catalogue.imports.record_run(kind="folder", source="", counts=ImportCounts()),
        lambda: catalogue.items.hide(ids[1:2], kept=ids[2]),
        lambda: catalogue.items.restore_hidden(ids[1:2]),
        lambda: catalogue.collections.add("mine", ids),
        lambda: catalogue.collections.delete("mine"),
        lambda: catalogue.items.remove(ids[:1]),
        lambda: catalogue.vectors.drop("compact"),
    ]
    reads: list[Callable[[], object]] = [
        catalogue.items.find,
        catalogue.summary,
        catalogue.map.load,
        catalogue.imports.failures,
        catalogue.imports.runs,
        lambda: catalogue.items.facet("category"),
        lambda: catalogue.items.facet("collection"),
        catalogue.items.hidden,
        lambda: catalogue.vectors.missing("compact", "v2"),
        lambda: catalogue.vectors.read("compact", "v2").matrix(),
        lambda: catalogue.vectors.load_fit("compact"),
        catalogue.sweep,
        lambda: Catalogue("things"),
        lambda: Catalogue.create("things"),
    ]
    for change in changes:
        before = catalogue.revision
        change()
        after = catalogue.revision
        assert after > before
        for read in reads:
            read()
        assert catalogue.revision == after


# ---------------------------------------------------------------- search by words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("kitchen", {"Kitchen chair"}),
        ("KITCH", {"Kitchen chair"}),
        ("chair kitchen", {"Kitchen chair"}),
        ("chair", {"Kitchen chair", "Armchair", "Stool"}),
        ("cafe", {"Café table"}),
        ("CAFÉ TAB", {"Café table"}),
        ("cafe\u0301 table", {"Café table"}),
        ("creme brulee", {"Chaise longue 🛋"}),
        ("wood", {"Kitchen chair", "Café table"}),
        ("wood seats", {"Kitchen chair"}),
        ("rock roll", {"???"}),
        ("Rock & roll", {"???"}),
        ("🛋", {"Chaise longue 🛋"}),
        ("???", {"???"}),
        ("c-3po", {"Stool"}),
        ("r2_d2", {"Stool"}),
        ("itchen", set()),
        ("chair zebra", set()),
    ],
)
def test_items_are_found_by_the_beginnings_of_their_words(
    furniture: Catalogue, text: str, expected: set[str]
) -> None:
    assert set(found(furniture, text)) == expected
    assert furniture.items.count(Filters(text=text)) == len(expected)
    assert len(furniture.items.ids(Filters(text=text))) == len(expected)


@pytest.mark.parametrize("text", ["", "  ", "\t\n"])
def test_an_empty_text_filters_nothing(furniture: Catalogue, text: str) -> None:
    assert not Filters(text=text)
    assert furniture.items.find(Filters(text=text)) == furniture.items.find()


def test_a_category_filters_alone_and_with_words(furniture: Catalogue) -> None:
    assert found(furniture, "", "Seats") == ["Kitchen chair", "Armchair", "Chaise longue 🛋"]
    assert found(furniture, "wood", "Seats") == ["Kitchen chair"]
    assert found(furniture, "wood", "Lights") == found(furniture, "", "seats") == []
    assert furniture.items.facet("category") == {
        "Chairs": 1,
        "Lights": 1,
        "Rock & roll": 1,
        "Seats": 3,
        "Tables": 1,
    }


@ONLY_READ
@given(
    creator=st.none() | st.sampled_from(["Ada", "Bo", "Nobody", "' OR 1 --"]),
    licence=st.none() | st.sampled_from(["CC0", "CC BY 4.0"]),
    tag=st.none() | st.sampled_from(["wood", "red", "wo", "é", '["wood"]']),
)
def test_facets_filter_by_what_is_exactly_said(
    credited: Catalogue, creator: str | None, licence: str | None, tag: str | None
) -> None:
    filters = Filters(creator=creator, licence=licence, tag=tag)
    expected = [
        item
        for item in credited.items.find()
        if creator in (None, item.creator)
        and licence in (None, item.licence)
        and (tag is None or tag in item.tags)
    ]
    assert credited.items.find(filters) == expected
    assert credited.items.count(filters) == len(expected)
    assert bool(filters) == any((creator, licence, tag))


def test_each_facet_is_counted(credited: Catalogue) -> None:
    assert credited.items.facet("creator") == {"Ada": 2, "Bo": 1}
    assert credited.items.facet("licence") == {"CC BY 4.0": 2, "CC0": 1}
    assert credited.items.facet("tag") == {"red": 1, "wood": 2, "é": 1}


@pytest.fixture
def credited(catalogue: Catalogue) -> Catalogue:
    add(
        catalogue,
        Item(source_id="1", name="One", creator="Ada", licence="CC0", tags=("wood", "wood")),
        Item(source_id="2", name="Two", creator="Ada", licence="CC BY 4.0", tags=("wood", "red")),
        Item(source_id="3", name="Three", creator="Bo", licence="CC BY 4.0", tags=("é",)),
        Item(source_id="4", name="Four"),
    )
    return catalogue


def test_pages_follow_on_each_other(furniture: Catalogue) -> None:
    for filters in (None, Filters(category="Seats"), Filters(text="c")):
        everything = furniture.items.find(filters)
        pages = [furniture.items.find(filters, offset=start, limit=2) for start in range(0, 8, 2)]
        assert [item for page in pages for item in page] == everything
        assert all(len(page) <= 2 for page in pages)
        assert furniture.items.ids(filters) == [item.id for item in everything]


def test_a_match_of_the_name_comes_before_one_of_a_tag_and_that_before_the_category(
    furniture: Catalogue,
) -> None:
    assert found(furniture, "chair") == ["Kitchen chair", "Armchair", "Stool"]


def test_a_match_of_the_name_comes_first_however_many_tags_there_are(catalogue: Catalogue) -> None:
    many = tuple(f"{number} of its many tags" for number in range(12))
    add(
        catalogue,
        Item(source_id="1", name="Throne", tags=("chair",)),
        Item(source_id="2", name="Sofa", tags=("chair", "chairs", "chairman", "chaired")),
        Item(source_id="3", name="Garden chair", tags=many),
        *(Item(source_id=f"other {n}", name=f"Lamp {n}", tags=("tall",)) for n in range(20)),
    )
    assert found(catalogue, "chair")[0] == "Garden chair"


@ONLY_READ
@given(
    st.text()
    | st.text(alphabet="\"'*-+^():{}\\;,.%_&|~ aANORDTE\0")
    | st.lists(
        st.sampled_from(
            [
                '"',
                "*",
                "NEAR(",
                ")",
                "AND",
                "OR",
                "NOT",
                "name:",
                "^",
                "-",
                "{",
                "🪑",
                "é",
                "a",
                "--",
            ]
        )
    ).map(" ".join),
    st.none() | st.text(),
)
def test_any_text_may_be_searched_for(
    furniture: Catalogue, text: str, category: str | None
) -> None:
    filters = Filters(text=text, category=category)
    items = furniture.items.find(filters)
    assert furniture.items.count(filters) == len(items) <= 7
    assert furniture.items.ids(filters) == [item.id for item in items]


@pytest.mark.parametrize(
    "name",
    [
        "Rock'n'roll \"chair\" (v2) 50 %",
        "C-3PO_final.obj",
        "हिन्दी कुर्सी",
        "東京タワー",
        "كُرْسِيّ",
        "Cafe\u0301s",  # as file names of a Mac have it
        "İstanbul Straße",
        "🛠Hammer",
        "_",
        "🪑🪑",
        "1\u20442 m²",
    ],
)
def test_an_item_is_found_by_its_own_name(furniture: Catalogue, name: str) -> None:
    add(furniture, Item(source_id="itself", name=name))
    assert found(furniture, name) == [name]


# ---------------------------------------------------------------- hidden items


def test_a_hidden_item_is_nowhere_until_it_is_restored(furniture: Catalogue) -> None:
    items = furniture.items.find()
    kept, lamp = items[2], items[3]
    matrix = np.arange(14, dtype=np.float32).reshape(7, 2)
    furniture.vectors.add("compact", "v1", items, matrix)
    furniture.collections.add("Mine", [kept.id, lamp.id])

    furniture.items.hide([lamp.id, "nobody"], kept=kept.id)

    rest = [item for item in items if item != lamp]
    assert furniture.items.hidden() == {kept.id: [lamp]}
    assert furniture.items.find() == rest
    assert furniture.items.ids() == [item.id for item in rest]
    assert furniture.items.count() == furniture.summary().items == 6
    assert furniture.items.get_many([lamp.id]) == []
    with pytest.raises(UnknownItem):
        furniture.items.get(lamp.id)
    assert found(furniture, "lamp") == found(furniture, "", "Lights") == []
    assert "Lights" not in furniture.items.facet("category")
    assert furniture.items.facet("collection") == {"Mine": 1}
    assert furniture.summary().vectors == {"compact": 6}
    vectors = furniture.vectors.read("compact", "v1")
    assert vectors.ids == tuple(furniture.items.ids())
    np.testing.assert_array_equal(vectors.matrix(), np.delete(matrix, 3, axis=0))
    assert furniture.vectors.missing("compact", "v1") == []

    furniture.items.restore_hidden([lamp.id])

    assert furniture.items.hidden() == {}
    assert furniture.items.find() == items
    assert found(furniture, "lamp") == ["Floor lamp"]
    assert furniture.items.facet("collection") == {"Mine": 2}
    np.testing.assert_array_equal(furniture.vectors.read("compact", "v1").matrix(), matrix)


def test_what_was_hidden_stays_hidden_when_it_is_imported_again(furniture: Catalogue) -> None:
    kept, other, *rest = furniture.items.find()
    furniture.items.hide([other.id], kept=kept.id)

    furniture.items.add([(replace(other, name="Another name"), picture_of("another picture"))])
    furniture.items.update_facts([replace(other, name="A third name")])

    assert furniture.items.find() == [kept, *rest]
    assert found(furniture, "name") == []
    [hidden] = furniture.items.hidden()[kept.id]
    assert hidden.name == "A third name"
    assert furniture.items.all_items()[other.source_id] == hidden


def test_those_hidden_for_one_that_is_hidden_too_follow_it(catalogue: Catalogue) -> None:
    first, second, third, fourth = add(catalogue, *numbered(4))
    catalogue.items.hide([first.id], kept=second.id)

    catalogue.items.hide([second.id, third.id], kept=fourth.id)

    assert catalogue.items.hidden() == {fourth.id: [first, second, third]}
    assert catalogue.items.find() == [fourth]
    catalogue.items.restore_hidden([second.id])
    assert catalogue.items.hidden() == {fourth.id: [first, third]}


def test_nothing_is_hidden_for_itself_or_for_what_is_not_shown(catalogue: Catalogue) -> None:
    first, second, third = add(catalogue, *numbered(3))
    catalogue.items.hide([first.id], kept=second.id)

    with pytest.raises(ValueError, match="for itself"):
        catalogue.items.hide([second.id, third.id], kept=third.id)
    for missing in (first.id, "nobody"):
        with pytest.raises(UnknownItem):
            catalogue.items.hide([third.id], kept=missing)

    assert catalogue.items.find() == [second, third]


def test_a_hidden_item_that_is_removed_is_not_among_the_hidden(catalogue: Catalogue) -> None:
    first, second = add(catalogue, *numbered(2))
    catalogue.items.hide([first.id], kept=second.id)

    catalogue.items.remove([first.id])

    assert catalogue.items.hidden() == {}
    assert list(catalogue.items.all_items()) == [second.source_id]


# ---------------------------------------------------------------- collections


def test_a_collection_is_made_added_to_and_forgotten(furniture: Catalogue) -> None:
    chair, armchair, table, *_ = furniture.items.find()
    assert furniture.items.facet("collection") == {}

    furniture.collections.add("My  chairs ", [chair.id])
    furniture.collections.add("my CHAIRS", [armchair.id, chair.id])
    furniture.collections.add("Ærø", [table.id])

    assert furniture.items.facet("collection") == {"My chairs": 2, "Ærø": 1}
    for name in ("My chairs", "MY CHAIRS"):
        assert furniture.items.find(Filters(collection=name)) == [chair, armchair]
        assert furniture.items.count(Filters(collection=name)) == 2
    assert furniture.items.find(Filters(collection="My chairs", text="kitchen")) == [chair]
    assert furniture.items.ids(Filters(collection="My chairs", category="Tables")) == []
    assert Filters(collection="My chairs")

    furniture.collections.delete("MY chairs")

    assert furniture.items.facet("collection") == {"Ærø": 1}
    assert furniture.items.find(Filters(collection="My chairs")) == []
    assert furniture.items.count() == 7
    furniture.collections.add("My chairs", [])
    assert furniture.items.find(Filters(collection="My chairs")) == []


def test_a_removed_item_counts_in_no_collection_until_it_comes_back(catalogue: Catalogue) -> None:
    first, second = add(catalogue, *numbered(2))
    catalogue.collections.add("Both", [first.id, second.id])

    catalogue.items.remove([first.id])
    assert catalogue.items.facet("collection") == {"Both": 1}
    assert catalogue.items.find(Filters(collection="Both")) == [second]

    add(catalogue, first)
    assert catalogue.items.find(Filters(collection="Both")) == [first, second]


@pytest.mark.parametrize("name", ["", "  \n", "a" * 61, "bell \a", "half \ud83d", "\u202eright"])
def test_a_name_that_cannot_be_read_names_no_collection(catalogue: Catalogue, name: str) -> None:
    (item,) = add(catalogue, *numbered(1))

    with pytest.raises(CatalogueError, match="1 to 60 characters"):
        catalogue.collections.add(name, [item.id])

    assert catalogue.items.facet("collection") == {}


@ONLY_READ
@given(name=st.none() | st.sampled_from(["Mine", "mine", "Yours", "' OR 1 --", ""]))
def test_a_collection_filters_by_its_name_alone(collected: Catalogue, name: str | None) -> None:
    expected = {"mine": ["One", "Two"], "yours": ["Two", "Three"]}
    everything = [item.name for item in collected.items.find()]
    filters = Filters(collection=name)

    names_found = [item.name for item in collected.items.find(filters)]

    assert names_found == (everything if name is None else expected.get(name.lower(), []))
    assert bool(filters) == (name is not None)


@pytest.fixture
def collected(credited: Catalogue) -> Catalogue:
    one, two, three, *_ = credited.items.ids()
    credited.collections.add("Mine", [two, one])
    credited.collections.add("Yours", [two, three])
    return credited


# ---------------------------------------------------------------- vectors


def rows_for(items: Sequence[Item], *, shift: float = 0) -> np.ndarray:
    """Return a row for each numbered item that tells which it is."""
    values = np.array([int(item.source_id.split()[-1]) for item in items], np.float32)
    return np.stack([values, values * 0 + shift], axis=1)


@pytest.fixture
def of_three(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a segment hold three rows, so that a few items need several."""
    monkeypatch.setattr(vector_store, "SEGMENT_ROWS", 3)


@pytest.mark.usefixtures("of_three")
def test_vectors_come_in_item_order_however_they_were_stored(catalogue: Catalogue) -> None:
    items = add(catalogue, *numbered(20))
    shuffled = random.Random(0).sample(items, 20)
    for part in (shuffled[:7], shuffled[7:9], shuffled[9:]):
        catalogue.vectors.add("compact", "v1", part, rows_for(part))

    vectors = catalogue.vectors.read("compact", "v1")

    assert vectors.ids == tuple(catalogue.items.ids())
    blocks = list(vectors.blocks)
    assert all(len(block) <= 3 for block in blocks)
    assert {block.dtype for block in blocks} == {np.dtype(np.float32)}
    np.testing.assert_array_equal(np.concatenate(blocks), rows_for(items))
    assert len(vector_files(catalogue)) == 8


@pytest.mark.usefixtures("of_three")
@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.one_of(
            st.tuples(st.just("add"), st.lists(st.integers(0, 9), unique=True, min_size=1)),
            st.tuples(st.just("remove"), st.lists(st.integers(0, 9), max_size=3)),
            st.tuples(st.just("redraw"), st.lists(st.integers(0, 9), unique=True, max_size=3)),
            st.tuples(st.just("compact"), st.just([])),
            st.tuples(st.just("sweep"), st.just([])),
        ),
        max_size=8,
    )
)
@pytest.mark.slow
def test_vectors_are_those_last_stored_for_the_present_picture(
    steps: list[tuple[str, list[int]]],
) -> None:
    """Whatever is done in whatever order, a dictionary would say the same."""
    if "model" in names():
        Catalogue.remove("model")
    catalogue = Catalogue.create("model")
    everybody = add(catalogue, *numbered(10))
    pictures = [item.source_id for item in everybody]
    present, stored = set(range(10)), dict[int, tuple[str, float]]()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(vector_store, "SEGMENTS_BEFORE_COMPACTION", 1)
        for time, (step, numbers) in enumerate(steps):
            chosen = [number for number in numbers if number in present]
            items = [catalogue.items.get(everybody[number].id) for number in chosen]
            if step == "add":
                catalogue.vectors.add("compact", "v1", items, rows_for(items, shift=time))
                stored |= {number: (pictures[number], time) for number in chosen}
            elif step == "remove":
                catalogue.items.remove(item.id for item in items)
                present -= set(chosen)
            elif step == "redraw":
                for number in numbers:
                    pictures[number] = f"{number} at {time}"
                    add(catalogue, everybody[number], picture=pictures[number])
                    present.add(number)
            elif step == "compact":
                catalogue.vectors.compact("compact", "v1")
            else:
                catalogue.sweep()

    expected = {
        everybody[number].id: (number, time)
        for number, (drawn, time) in sorted(stored.items())
        if number in present and drawn == pictures[number]
    }
    vectors = catalogue.vectors.read("compact", "v1")
    assert vectors.ids == tuple(expected)
    rows = vectors.matrix().reshape(-1, 2)
    assert [tuple(row) for row in rows.tolist()] == list(expected.values())
    missing = {item.id for item in catalogue.vectors.missing("compact", "v1")}
    assert missing == {everybody[number].id for number in present} - set(expected)


def test_a_changed_picture_lacks_a_vector_until_it_has_one(catalogue: Catalogue) -> None:
    items = add(catalogue, *numbered(3))
    catalogue.vectors.add("compact", "v1", items, rows_for(items))
    assert catalogue.vectors.missing("compact", "v1") == []

    (changed,) = add(catalogue, items[1], picture="another picture")

    assert catalogue.vectors.missing("compact", "v1") == [changed]
    assert catalogue.vectors.read("compact", "v1").ids == (items[0].id, items[2].id)
    # What was computed from the old picture meanwhile does not count.
    catalogue.vectors.add("compact", "v1", [items[1]], rows_for([items[1]]))
    assert catalogue.vectors.missing("compact", "v1") == [changed]
    catalogue.vectors.add("compact", "v1", [changed], rows_for([changed], shift=7))
    assert catalogue.vectors.missing("compact", "v1") == []
    assert catalogue.vectors.read("compact", "v1").matrix()[:, 1].tolist() == [0, 7, 0]


def test_vectors_of_another_identity_or_descriptor_are_never_given(catalogue: Catalogue) -> None:
    items = add(catalogue, *numbered(3))
    catalogue.vectors.add("compact", "v1", items, rows_for(items))
    catalogue.vectors.add("published", "p", items, rows_for(items, shift=5))
    for descriptor, fingerprint in [("compact", "v2"), ("compact", "p"), ("other", "v1")]:
        vectors = catalogue.vectors.read(descriptor, fingerprint)
        assert vectors.ids == ()
        assert len(vectors.matrix()) == 0
        assert catalogue.vectors.missing(descriptor, fingerprint) == items

    catalogue.vectors.add("compact", "v2", items[:1], rows_for(items[:1], shift=2))

    assert catalogue.vectors.read("compact", "v1").ids == (items[1].id, items[2].id)
    assert catalogue.vectors.read("compact", "v2").matrix().tolist() == [[0, 2]]
    assert len(catalogue.vectors.read("published", "p").ids) == 3
    catalogue.vectors.drop("compact")
    assert vector_files(catalogue) == set()
    assert len(catalogue.vectors.read("published", "p").matrix()) == 3


def test_items_and_rows_must_be_as_many(catalogue: Catalogue) -> None:
    items = add(catalogue, *numbered(3))
    with pytest.raises(ValueError, match="3 items but 2 rows"):
        catalogue.vectors.add("compact", "v1", items, np.zeros((2, 4), np.float32))
    assert catalogue.vectors.missing("compact", "v1") == items


def test_vectors_keep_their_type(catalogue: Catalogue) -> None:
    items = add(catalogue, *numbered(2))
    matrix = np.array([[1.5, 2], [3, 4]], np.float16)
    catalogue.vectors.add("compact", "v1", items, matrix)
    back = catalogue.vectors.read("compact", "v1").matrix()
    assert back.dtype == np.float16
    np.testing.assert_array_equal(back, matrix)


@pytest.mark.usefixtures("of_three")
def test_a_new_fit_replaces_all_vectors_of_its_descriptor_at_once(catalogue: Catalogue) -> None:
    items = add(catalogue, *numbered(5))
    assert (
        catalogue.vectors.load_fit("compact")
        is catalogue.vectors.fit_fingerprint("compact")
        is None
    )
    catalogue.vectors.add("compact", "v1", items, rows_for(items))
    catalogue.vectors.add("published", "p", items, rows_for(items))
    arrays = {"mean": np.arange(3.0), "directions": np.eye(2, dtype=np.float16)}

    catalogue.vectors.save_fit("compact", "v2", arrays, items[1:], rows_for(items[1:], shift=2))

    assert catalogue.vectors.fit_fingerprint("compact") == "v2"
    fit = catalogue.vectors.load_fit("compact")
    assert fit is not None and fit.keys() == arrays.keys()
    for name, array in arrays.items():
        np.testing.assert_array_equal(fit[name], array)
        assert fit[name].dtype == array.dtype
    assert catalogue.vectors.read("compact", "v1").ids == ()
    assert catalogue.vectors.missing("compact", "v2") == items[:1]
    expected = rows_for(items[1:], shift=2)
    np.testing.assert_array_equal(catalogue.vectors.read("compact", "v2").matrix(), expected)
    assert len(catalogue.vectors.read("published", "p").ids) == 5

    catalogue.sweep()
    np.testing.assert_array_equal(catalogue.vectors.read("compact", "v2").matrix(), expected)
    assert catalogue.vectors.load_fit("compact") is not None
    assert len(vector_files(catalogue)) == 3  # two segments and the fit


def test_vectors_that_are_being_read_survive_a_new_fit(catalogue: Catalogue) -> None:
    """A page reads them while the work in another process ends."""
    items = add(catalogue, *numbered(4))
    catalogue.vectors.add("compact", "v1", items, rows_for(items))
    being_read = catalogue.vectors.read("compact", "v1")
    catalogue.vectors.save_fit("compact", "v2", {}, items, rows_for(items, shift=1))
    catalogue.sweep()
    np.testing.assert_array_equal(being_read.matrix(), rows_for(items))


def test_vectors_in_many_files_are_compacted_with_the_same_answer(catalogue: Catalogue) -> None:
    items = add(catalogue, *numbered(60))
    for item in random.Random(0).sample(items, 60):
        catalogue.vectors.add("compact", "v1", [item], rows_for([item]))
    assert len(vector_files(catalogue)) == 60

    catalogue.vectors.compact("compact", "v1")

    assert len(vector_files(catalogue)) == 1
    vectors = catalogue.vectors.read("compact", "v1")
    assert vectors.ids == tuple(catalogue.items.ids())
    np.testing.assert_array_equal(vectors.matrix(), rows_for(items))

    before = vector_files(catalogue), catalogue.revision
    catalogue.vectors.compact("compact", "v1")
    assert (vector_files(catalogue), catalogue.revision) == before


def test_compaction_leaves_the_rows_of_removed_items_behind(
    catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else every later run rewrites all vectors and gets rid of nothing."""
    monkeypatch.setattr(vector_store, "SEGMENTS_BEFORE_COMPACTION", 3)
    items = add(catalogue, *numbered(20))
    for start in range(0, 20, 4):
        part = items[start : start + 4]
        catalogue.vectors.add("compact", "v1", part, rows_for(part))
    catalogue.items.remove(item.id for item in items[::4])
    rest = [item for number, item in enumerate(items) if number % 4]

    catalogue.vectors.compact("compact", "v1")

    np.testing.assert_array_equal(catalogue.vectors.read("compact", "v1").matrix(), rows_for(rest))
    assert len(vector_files(catalogue)) == 1
    before = vector_files(catalogue)
    catalogue.vectors.compact("compact", "v1")
    assert vector_files(catalogue) == before


# ---------------------------------------------------------------- the map


def test_a_new_map_takes_the_place_of_the_old(catalogue: Catalogue) -> None:
    items = add(catalogue, *numbered(4))
    assert catalogue.map.load() is None
    ids = tuple(item.id for item in items)
    catalogue.map.save(chart_of(ids, np.zeros((4, 2), np.float32), "old"))
    places = np.arange(6, dtype=np.float32).reshape(3, 2)
    catalogue.map.save(chart_of(ids[::-1][:3], places, "new"))

    chart = catalogue.map.load()

    assert chart is not None
    assert (chart.ids, chart.fingerprint) == (ids[::-1][:3], "new")
    np.testing.assert_array_equal(chart.coordinates, places)
    assert len(list((catalogue.folder / "map").iterdir())) == 1


@pytest.mark.parametrize("quality", [None, MapQuality(0.93, 0.46, 15, 5)])
def test_all_of_a_map_is_kept(catalogue: Catalogue, quality: MapQuality | None) -> None:
    items = add(catalogue, *numbered(5))
    ids = tuple(item.id for item in items)
    places = np.random.default_rng(0).uniform(-1, 1, (5, 2)).astype(np.float32)
    saved = Map(
        ids=ids,
        digests=tuple(item.digest[:8] for item in items),
        coordinates=places,
        grid=places[::-1].copy(),
        labels=np.array([0, 1, -1, 0, 1], np.int32),
        added_later=np.array([False, True, False, False, True]),
        clusters=(Cluster("Clock, time", ids[0]), Cluster("Like “Größe 2”", ids[1])),
        fingerprint="v1",
        quality=quality,
    )
    catalogue.map.save(saved)

    read = catalogue.map.load()

    assert read is not None
    for name in ("coordinates", "grid", "labels", "added_later"):
        array, expected = getattr(read, name), getattr(saved, name)
        np.testing.assert_array_equal(array, expected)
        assert array.dtype == expected.dtype
    assert (read.ids, read.digests, read.clusters) == (saved.ids, saved.digests, saved.clusters)
    assert (read.fingerprint, read.quality) == ("v1", quality)


def test_what_is_gone_vanishes_from_the_map_and_its_cluster_stays(catalogue: Catalogue) -> None:
    items = add(catalogue, *numbered(3))
    chart = chart_of([item.id for item in items], np.eye(3, 2, dtype=np.float32), "m")
    labels = np.array([1, 0, 0], np.int32)
    clusters = (Cluster("Many", items[1].id), Cluster("One", items[0].id))
    catalogue.map.save(replace(chart, labels=labels, clusters=clusters))

    catalogue.items.hide([items[0].id], kept=items[1].id)

    read = catalogue.map.load()
    assert read is not None
    assert read.ids == (items[1].id, items[2].id)
    assert read.labels.tolist() == [0, 0]
    assert read.clusters == clusters
    catalogue.items.restore_hidden([items[0].id])
    again = catalogue.map.load()
    assert again is not None and again.ids == chart.ids


def test_a_map_can_be_read_while_it_is_replaced(
    catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    items = add(catalogue, *numbered(4))
    ids = tuple(item.id for item in items)
    catalogue.map.save(chart_of(ids, np.zeros((4, 2), np.float32), "old"))
    load, replaced = np.load, []

    def load_after_another_process_was_faster(*arguments: Any, **options: Any) -> Any:
        if not replaced:
            replaced.append(True)
            catalogue.map.save(chart_of(ids, np.ones((4, 2), np.float32), "new"))
        return load(*arguments, **options)

    monkeypatch.setattr(np, "load", load_after_another_process_was_faster)
    chart = catalogue.map.load()
    assert chart is not None and replaced
    assert (chart.fingerprint, float(chart.coordinates[0, 0])) in [("old", 0), ("new", 1)]


# ---------------------------------------------------------------- crashes


def state(catalogue: Catalogue) -> object:
    """Return everything that a reader can see of vectors, fit and map."""
    vectors, fit, chart = (
        catalogue.vectors.read("compact", "v1"),
        catalogue.vectors.load_fit("compact"),
        catalogue.map.load(),
    )
    return (
        vectors.ids,
        vectors.matrix().tolist(),
        [item.id for item in catalogue.vectors.missing("compact", "v1")],
        fit and {name: array.tolist() for name, array in fit.items()},
        chart and (chart.ids, chart.coordinates.tolist(), chart.fingerprint),
        catalogue.revision,
    )


class PowerCut(BaseException):
    """What no code expects."""


@pytest.mark.usefixtures("of_three")
@pytest.mark.parametrize("step", ["fsync", "replace", "replace of the second file", "registering"])
@pytest.mark.parametrize("change", ["add_vectors", "save_fit", "save_map"])
def test_a_crash_in_the_middle_leaves_everything_as_it_was(
    catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch, change: str, step: str
) -> None:
    items = add(catalogue, *numbered(7))
    ids = tuple(item.id for item in items)
    first = rows_for(items[:4])
    catalogue.vectors.save_fit("compact", "v1", {"mean": np.zeros(2)}, items[:4], first)
    catalogue.map.save(chart_of(ids, rows_for(items), "old"))
    before, files = state(catalogue), all_files(catalogue)
    chart = chart_of(ids, rows_for(items, shift=1), "new")
    changes: dict[str, Callable[[], None]] = {
        "add_vectors": lambda: catalogue.vectors.add(
            "compact", "v1", items[1:], rows_for(items[1:], shift=1)
        ),
        "save_fit": lambda: catalogue.vectors.save_fit(
            "compact", "v1", {"mean": np.ones(2)}, items, rows_for(items, shift=1)
        ),
        "save_map": lambda: catalogue.map.save(chart),
    }
    left = 2 if "second" in step and change != "save_map" else 1

    def crash(*_: object, **__: object) -> None:
        raise PowerCut

    def crash_later(*arguments: Any) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            raise PowerCut
        replace(*arguments)

    replace = os.replace
    with monkeypatch.context() as patch:
        if step == "fsync":
            patch.setattr(os, "fsync", crash)
        elif step.startswith("replace"):
            patch.setattr(os, "replace", crash_later)
        elif change == "save_map":
            patch.setattr(Map, "identity", property(crash))
        else:
            patch.setattr(Item, "id", property(crash))
        with pytest.raises(PowerCut):
            changes[change]()

    assert state(catalogue) == before
    catalogue.sweep()
    assert state(catalogue) == before
    assert all_files(catalogue) == files
    changes[change]()
    assert state(catalogue) != before


def all_files(catalogue: Catalogue) -> set[Path]:
    return {path for path in catalogue.folder.rglob("*") if path.is_file()}


def test_sweeping_deletes_what_nothing_names_and_nothing_else(catalogue: Catalogue) -> None:
    items = add(catalogue, *numbered(4))
    catalogue.vectors.save_fit("compact", "v1", {"mean": np.zeros(2)}, items, rows_for(items))
    catalogue.vectors.add("published", "p", items, rows_for(items))
    catalogue.map.save(chart_of(tuple(catalogue.items.ids()), rows_for(items), "m"))
    before, files = state(catalogue), all_files(catalogue)
    for left_behind in ["vectors/compact/a.npy", "vectors/compact/.new-b", "map/c.npz"]:
        (catalogue.folder / left_behind).write_bytes(b"cut sho")
    (catalogue.folder / "vectors" / "gone").mkdir()
    (catalogue.folder / "vectors" / "gone" / "d.npy").write_bytes(b"")

    catalogue.sweep()

    assert all_files(catalogue) == files
    assert state(catalogue) == before
    assert len(catalogue.vectors.read("published", "p").matrix()) == 4


ADDS_VECTORS_UNTIL_KILLED = """
import itertools, os
import numpy as np
from core.catalogue import Catalogue, Picture, vector_store
vector_store.SEGMENT_ROWS = 5

def telling(function):
    def tell(*arguments):
        print(".", flush=True)
        return function(*arguments)
    return tell

os.fsync, os.replace = telling(os.fsync), telling(os.replace)
catalogue = Catalogue("things")
items = catalogue.items.find()
for turn in itertools.count(int(sys.argv[1])):
    matrix = np.stack([np.arange(12), np.full(12, turn)], axis=1).astype(np.float32)
    catalogue.vectors.add("compact", "v1", items, matrix)
    catalogue.items.add(((item, Picture(digest=item.digest, original=b"", extension="png",
        thumbnail=b"")) for item in items[:2]))
    print("turn", turn, flush=True)
"""


def test_what_is_registered_is_whole_after_real_kills(catalogue: Catalogue) -> None:
    add(catalogue, *numbered(12))
    chance = random.Random()
    turn = 0
    for _ in range(5):
        command = [*in_another_process(ADDS_VECTORS_UNTIL_KILLED), str(turn + 1)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            lines = [process.stdout.readline() for _ in range(chance.randint(10, 40))]
            process.kill()
            lines += process.stdout.readlines()
        told = [int(line.split()[1]) for line in lines if line.startswith("turn")]
        assert told, "it was killed before it did anything"

        vectors = Catalogue("things").vectors.read("compact", "v1")
        rows = vectors.matrix()
        assert vectors.ids == tuple(catalogue.items.ids())
        assert rows[:, 0].tolist() == list(range(12))
        assert len(set(rows[:, 1])) == 1, "rows of two turns"
        turn = int(rows[0, 1])
        assert turn - told[-1] in (0, 1)

        catalogue.sweep()
        assert len(vector_files(catalogue)) == 3
        np.testing.assert_array_equal(catalogue.vectors.read("compact", "v1").matrix(), rows)
    with closing(sqlite3.connect(catalogue.folder / "catalogue.db")) as db:
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)


# ---------------------------------------------------------------- several at once

ADDS_ITEMS = """
from core.catalogue import Catalogue, Item, Picture
catalogue = Catalogue("things")
for number in range(25):
    item = Item(source_id=f"{sys.argv[1]} {number}", name="x")
    picture = Picture(digest=str(number) * 8, original=b"x", extension="png", thumbnail=b"x")
    catalogue.items.add([(item, picture)])
    assert catalogue.items.get(item.id).name == "x"
"""


def test_processes_and_threads_that_write_at_once_lose_nothing(catalogue: Catalogue) -> None:
    processes = [
        subprocess.Popen([*in_another_process(ADDS_ITEMS), name], stderr=subprocess.PIPE, text=True)
        for name in ("first process", "second process")
    ]

    def write(name: str) -> None:
        for number in range(25):
            add(catalogue, Item(source_id=f"{name} {number}", name="x"))

    def read() -> Iterator[int]:
        while any(process.poll() is None for process in processes):
            yield catalogue.items.count()

    with ThreadPoolExecutor(2) as pool:
        done = [pool.submit(write, name) for name in ("first thread", "second thread")]
        counts = list(read())
        for each in done:
            each.result()
    for process in processes:
        _, errors = process.communicate()
        assert process.returncode == 0, errors

    assert counts == sorted(counts)
    writers = ("first process", "second process", "first thread", "second thread")
    expected = {f"{writer} {number}" for writer in writers for number in range(25)}
    assert set(sources(catalogue.items.find())) == expected
    assert catalogue.items.count() == catalogue.items.count(Filters(text="x")) == 100
    assert catalogue.revision == 100


# ---------------------------------------------------------------- ids


@given(st.text(alphabet=st.characters()))
def test_an_id_is_thirteen_plain_characters_and_always_the_same(source_id: str) -> None:
    made = item_id(source_id)
    assert re.fullmatch(r"[a-z2-7]{13}", made)
    assert made == item_id(source_id) == Item(source_id=source_id, name="another name").id


@given(st.sets(st.text(alphabet=st.characters()), max_size=50))
def test_different_source_ids_have_different_ids(source_ids: set[str]) -> None:
    assert len({item_id(source_id) for source_id in source_ids}) == len(source_ids)


def test_ids_stay_what_they_were_in_catalogues_made_before() -> None:
    """They are in people's bookmarks."""
    assert item_id("1f600") == "ipk3w5mvufcw2"
    assert item_id("chairs/Sofa é.png") == "6odurzrtbtouq"
    assert item_id("half of a pair \ud83d") == "debsxx7p53mw6"
