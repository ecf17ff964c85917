"""Each store has a revision that grows with its changes and with nothing else."""

import sqlite3
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from core.catalogue import STORES, Catalogue, Failure, ImportCounts, Item, SourceRecord
from tests.core.catalogue.support import add, map_of, numbered, picture_of, rows_for


def test_the_revision_grows_with_each_change_and_with_nothing_else(catalogue: Catalogue) -> None:
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
        lambda: catalogue.map.save(map_of(ids, matrix, "m")),
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


def revisions(catalogue: Catalogue) -> dict[str, int]:
    return {name: getattr(catalogue, name).revision for name in STORES}


@pytest.fixture
def busy(catalogue: Catalogue) -> Catalogue:
    """A catalogue of six items: vectors, a map, and one item each hidden, missing and removed."""
    items = add(catalogue, *numbered(6))
    ids = [item.id for item in items]
    matrix = rows_for(items)
    catalogue.vectors.save_fit("compact", "v1", {"mean": matrix}, items, matrix)
    catalogue.map.save(map_of(ids, matrix, "m"))
    catalogue.items.hide(ids[3:4], kept=ids[0])
    catalogue.items.mark_missing([items[4].source_id])
    catalogue.items.remove(ids[5:])
    catalogue.collections.add("Mine", ids[:2])
    catalogue.imports.record_failures([Failure("import", "x", "x", "It is broken.")])
    return catalogue


ITEM_CHANGES = {"items", "vectors", "map"}
ITEMS = numbered(6)
IDS = [item.id for item in ITEMS]
NEW = Item(source_id="new", name="New")
ROW = np.zeros((1, 2), np.float32)

Change = Callable[[Catalogue], object]
CHANGES: dict[str, tuple[set[str], Change]] = {
    "add a new item": ({"items", "pictures"}, lambda one: add(one, NEW)),
    "add a new item that had failed": (
        {"items", "pictures", "imports"},
        lambda one: add(one, Item(source_id="x", name="x")),
    ),
    "change a picture": (
        ITEM_CHANGES | {"pictures"},
        lambda one: add(one, ITEMS[0], picture="another picture"),
    ),
    "add an item with the picture that it has": (
        {"items", "pictures"},
        lambda one: add(one, replace(ITEMS[0], name="Sofa")),
    ),
    "change facts": (
        {"items"},
        lambda one: one.items.update_facts([replace(ITEMS[0], name="Sofa", category="Chairs")]),
    ),
    "change facts of a hidden item": (
        {"items"},
        lambda one: one.items.update_facts([replace(ITEMS[3], name="Sofa")]),
    ),
    "find a missing item again": (
        ITEM_CHANGES,
        lambda one: one.items.update_facts([ITEMS[4]]),
    ),
    "hide": (ITEM_CHANGES, lambda one: one.items.hide(IDS[1:2], kept=IDS[0])),
    "restore a hidden item": (ITEM_CHANGES, lambda one: one.items.restore_hidden(IDS[3:4])),
    "mark as missing": (
        ITEM_CHANGES,
        lambda one: one.items.mark_missing([ITEMS[1].source_id]),
    ),
    "restore a missing item": (ITEM_CHANGES, lambda one: one.items.restore_missing(IDS[4:5])),
    "remove": (ITEM_CHANGES, lambda one: one.items.remove(IDS[:1])),
    "add a removed item again": (
        ITEM_CHANGES | {"pictures"},
        lambda one: one.items.add([(ITEMS[5], picture_of(ITEMS[5].source_id))]),
    ),
    "restore a thumbnail": (
        {"pictures"},
        lambda one: one.pictures.restore_thumbnail(one.items.get(IDS[0]), b"anew"),
    ),
    "add vectors": (
        {"vectors"},
        lambda one: one.vectors.add("published", "p", one.items.get_many(IDS[:1]), ROW),
    ),
    "save a fit": (
        {"vectors"},
        lambda one: one.vectors.save_fit("compact", "v2", {}, one.items.get_many(IDS[:1]), ROW),
    ),
    "delete vectors": ({"vectors"}, lambda one: one.vectors.delete("compact", IDS[:1])),
    "drop vectors": ({"vectors"}, lambda one: one.vectors.drop("compact")),
    "choose what is compared, which is so already": (
        {"masks"},
        lambda one: one.masks.choose("whole", item_ids=IDS[:1]),
    ),
    "save a map": ({"map"}, lambda one: one.map.save(map_of(IDS[:1], ROW, "n"))),
    "record a failure": (
        {"imports"},
        lambda one: one.imports.record_failures([Failure("index", "y", "y", "It is dark.")]),
    ),
    "delete failures": ({"imports"}, lambda one: one.imports.delete_failures("")),
    "resolve a failure": (
        {"imports"},
        lambda one: one.imports.resolve_failures("import", [Item(source_id="x", name="x")]),
    ),
    "record a run": (
        {"imports"},
        lambda one: one.imports.record_run(
            kind="folder", source="/pictures", counts=ImportCounts(added=1)
        ),
    ),
    "record a source": (
        {"imports"},
        lambda one: one.imports.record_source(SourceRecord("/pictures", "folder", {})),
    ),
    "name a collection": ({"collections"}, lambda one: one.collections.add("Other", [])),
    "extend a collection": ({"collections"}, lambda one: one.collections.add("Mine", IDS[2:3])),
    "delete a collection": ({"collections"}, lambda one: one.collections.delete("Mine")),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_grows_the_revisions_of_the_stores_it_affects(busy: Catalogue, name: str) -> None:
    """An index, a fitted descriptor and a map stay cached unless they can differ."""
    expected, change = CHANGES[name]
    before = revisions(busy)

    change(busy)

    after = revisions(busy)
    assert {store for store in STORES if after[store] > before[store]} == expected
    assert {store for store in STORES if after[store] < before[store]} == set()
    assert busy.revision == sum(after.values())


WITHOUT_EFFECT: dict[str, Change] = {
    "hide an unknown item": lambda one: one.items.hide(["nobody"], kept=IDS[0]),
    "restore an item that is not hidden": lambda one: one.items.restore_hidden(IDS[:1]),
    "restore an item that is not missing": lambda one: one.items.restore_missing(IDS[:1]),
    "mark a missing item again": lambda one: one.items.mark_missing([ITEMS[4].source_id]),
    "mark nothing": lambda one: one.items.mark_missing([]),
    "remove nothing": lambda one: one.items.remove([]),
    "remove a removed item": lambda one: one.items.remove(IDS[5:]),
    "add nothing": lambda one: one.items.add([]),
    "add to a collection again": lambda one: one.collections.add("mine", IDS[:2]),
    "delete an unknown collection": lambda one: one.collections.delete("Nobody’s"),
    "delete the failures of another source": lambda one: one.imports.delete_failures("/other"),
    "drop vectors of an unknown descriptor": lambda one: one.vectors.drop("other"),
    "delete no vectors": lambda one: one.vectors.delete("compact", ["nobody"]),
    "compact": lambda one: one.vectors.compact("compact", "v1"),
    "sweep": lambda one: one.sweep(),
    "save a note": lambda one: one.save_note("plan", "{}"),
    "save a cache": lambda one: one.save_cache("tiles", {"tiles": ROW}),
    "summary": lambda one: one.summary(),
}


@pytest.mark.parametrize("name", WITHOUT_EFFECT)
def test_what_changes_nothing_leaves_every_revision(busy: Catalogue, name: str) -> None:
    before = revisions(busy)
    WITHOUT_EFFECT[name](busy)
    assert revisions(busy) == before


@pytest.mark.parametrize("name", CHANGES)
def test_vectors_and_map_differ_only_with_a_new_revision(busy: Catalogue, name: str) -> None:
    def vectors() -> object:
        stored = busy.vectors.read("compact", "v1")
        return stored.ids, stored.matrix().tolist()

    def map_ids() -> object:
        stored = busy.map.load()
        return stored and (stored.ids, stored.fingerprint)

    before = revisions(busy), vectors(), map_ids()
    CHANGES[name][1](busy)
    after = revisions(busy), vectors(), map_ids()

    if after[0]["vectors"] == before[0]["vectors"]:
        assert after[1] == before[1]
    if after[0]["map"] == before[0]["map"]:
        assert after[2] == before[2]


def test_a_failed_change_grows_no_revision(busy: Catalogue) -> None:
    before = revisions(busy)
    with pytest.raises(ValueError, match="1 items but 2 rows"):
        busy.vectors.add(
            "compact", "v1", busy.items.get_many(IDS[:1]), np.zeros((2, 2), np.float32)
        )
    with pytest.raises(sqlite3.IntegrityError):
        busy.imports.record_failures([Failure("index", "y", None, "")])  # type: ignore[arg-type]
    assert revisions(busy) == before
