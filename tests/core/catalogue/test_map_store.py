"""The map is stored, replaced, and read without the items that are not shown."""

import contextlib
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from core.catalogue import Catalogue, CatalogueError, Cluster, Map, MapQuality
from core.catalogue.database import Database
from tests.core.catalogue.support import add, map_of, numbered


def test_a_new_map_replaces_the_old_one(catalogue: Catalogue) -> None:
    items = add(catalogue, *numbered(4))
    assert catalogue.map.load() is None
    ids = tuple(item.id for item in items)
    catalogue.map.save(map_of(ids, np.zeros((4, 2), np.float32), "old"))
    coordinates = np.arange(6, dtype=np.float32).reshape(3, 2)
    catalogue.map.save(map_of(ids[::-1][:3], coordinates, "new"))

    stored_map = catalogue.map.load()

    assert stored_map is not None
    assert (stored_map.ids, stored_map.fingerprint) == (ids[::-1][:3], "new")
    np.testing.assert_array_equal(stored_map.coordinates, coordinates)
    assert len(list((catalogue.folder / "map").iterdir())) == 1


@pytest.mark.parametrize("quality", [None, MapQuality(0.93, 0.46, 15, 5)])
def test_every_part_of_a_map_is_stored(catalogue: Catalogue, quality: MapQuality | None) -> None:
    items = add(catalogue, *numbered(5))
    ids = tuple(item.id for item in items)
    coordinates = np.random.default_rng(0).uniform(-1, 1, (5, 2)).astype(np.float32)
    saved = Map(
        ids=ids,
        digests=tuple(item.digest[:8] for item in items),
        coordinates=coordinates,
        grid=coordinates[::-1].copy(),
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


def test_a_hidden_item_leaves_the_map_and_its_cluster_stays(catalogue: Catalogue) -> None:
    items = add(catalogue, *numbered(3))
    stored_map = map_of([item.id for item in items], np.eye(3, 2, dtype=np.float32), "m")
    labels = np.array([1, 0, 0], np.int32)
    clusters = (Cluster("Many", items[1].id), Cluster("One", items[0].id))
    catalogue.map.save(replace(stored_map, labels=labels, clusters=clusters))

    catalogue.items.hide([items[0].id], kept=items[1].id)

    read = catalogue.map.load()
    assert read is not None
    assert read.ids == (items[1].id, items[2].id)
    assert read.labels.tolist() == [0, 0]
    assert read.clusters == clusters
    catalogue.items.restore_hidden([items[0].id])
    again = catalogue.map.load()
    assert again is not None and again.ids == stored_map.ids


def test_a_map_can_be_read_while_it_is_replaced(
    catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    items = add(catalogue, *numbered(4))
    ids = tuple(item.id for item in items)
    catalogue.map.save(map_of(ids, np.zeros((4, 2), np.float32), "old"))
    load = np.load
    replaced: list[bool] = []

    def load_after_another_process_was_faster(*arguments: Any, **options: Any) -> Any:
        if not replaced:
            replaced.append(True)
            catalogue.map.save(map_of(ids, np.ones((4, 2), np.float32), "new"))
        return load(*arguments, **options)

    monkeypatch.setattr(np, "load", load_after_another_process_was_faster)
    stored_map = catalogue.map.load()
    assert stored_map is not None and replaced
    assert (stored_map.fingerprint, float(stored_map.coordinates[0, 0])) in [("old", 0), ("new", 1)]


# -- names that people give clusters ---------------------------------------------------


def clustered(
    catalogue: Catalogue, labels: list[int], names: list[str], *, order: list[int] | None = None
) -> None:
    """Store a map with these clusters of the catalogue's items, which are in `order` on it."""
    ids = catalogue.items.ids()
    ids = [ids[number] for number in order or range(len(labels))]
    coordinates = np.zeros((len(ids), 2), np.float32)
    clusters = tuple(Cluster(name, ids[labels.index(n)]) for n, name in enumerate(names))
    labelled = replace(map_of(ids, coordinates, "m"), labels=np.array(labels, np.int32))
    catalogue.map.save(replace(labelled, clusters=clusters))


def names_on(catalogue: Catalogue) -> list[str]:
    stored = catalogue.map.load()
    assert stored is not None
    return [cluster.name for cluster in stored.clusters]


def rename(catalogue: Catalogue, number: int, name: str) -> None:
    stored = catalogue.map.load()
    assert stored is not None
    catalogue.map.rename_cluster(number, name, landmark=stored.clusters[number].landmark)


@pytest.fixture
def mapped(catalogue: Catalogue) -> Catalogue:
    """Return a catalogue of nine items in three clusters, the last of which has no name."""
    add(catalogue, *numbered(9))
    clustered(catalogue, [0, 0, 0, 0, 1, 1, 1, 2, 2], ["Faces", "Hands", ""])
    return catalogue


def test_a_cluster_can_be_renamed_and_get_its_automatic_name_back(mapped: Catalogue) -> None:
    revision, items = mapped.map.revision, mapped.items.revision
    rename(mapped, 0, "  Smileys\n and <b>more</b> ")
    assert names_on(mapped) == ["Smileys and <b>more</b>", "Hands", ""]
    assert (mapped.map.revision, mapped.items.revision) == (revision + 1, items)

    rename(mapped, 0, "Grins")
    assert names_on(mapped) == ["Grins", "Hands", ""]
    stored = mapped.map.load()
    assert stored is not None and stored.clusters[0].automatic_name == "Faces"
    rename(mapped, 0, " ")
    assert names_on(mapped) == ["Faces", "Hands", ""]


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("x" * 61, "at most 60 characters"),
        ("left\u202eright", "can be printed"),
        ("hands", "Another cluster is called “hands”"),
        ("Cluster 3", "Another cluster is called “Cluster 3”"),
    ],
)
def test_a_name_that_no_cluster_can_have_is_refused(
    mapped: Catalogue, name: str, reason: str
) -> None:
    with pytest.raises(CatalogueError, match=reason):
        rename(mapped, 0, name)
    assert names_on(mapped) == ["Faces", "Hands", ""]


def test_a_name_that_another_cluster_has_taken_meanwhile_is_not_restored(mapped: Catalogue) -> None:
    rename(mapped, 0, "Smileys")
    rename(mapped, 1, "Faces")

    with pytest.raises(CatalogueError, match="Another cluster is called “Faces”"):
        rename(mapped, 0, "")


def test_what_a_cluster_without_a_name_is_called_is_not_kept_as_its_name(mapped: Catalogue) -> None:
    rename(mapped, 2, "Cluster 3")
    assert names_on(mapped) == ["Faces", "Hands", ""]
    rename(mapped, 2, "x" * 60)
    rename(mapped, 2, "\u06a9\u062a\u0627\u0628\u200c\u0647\u0627")
    assert names_on(mapped)[2].endswith("\u200c\u0647\u0627")


def test_a_cluster_of_an_earlier_map_is_not_renamed(mapped: Catalogue) -> None:
    before = mapped.map.load()
    assert before is not None
    clustered(mapped, [0, 0, 0, 1, 1], ["Hands", "Faces"], order=[4, 5, 6, 0, 1])

    for number in (0, 2):
        with pytest.raises(CatalogueError, match="The map has changed"):
            mapped.map.rename_cluster(number, "X", landmark=before.clusters[number].landmark)


def test_names_are_inherited_by_the_clusters_that_share_most_members(mapped: Catalogue) -> None:
    rename(mapped, 0, "Smileys")
    rename(mapped, 1, "Paws")
    rename(mapped, 2, "Odds and ends")

    # Two of four faces are in a cluster, all hands, and one of the last two.
    clustered(mapped, [0, 0, 0, 1, 1, -1, -1, 0, -1], ["A", "B"], order=[4, 5, 6, 0, 1, 2, 3, 7, 8])
    assert names_on(mapped) == ["Paws", "Smileys"]

    # No cluster has the faces now.
    clustered(mapped, [0, 0, 0, 1, -1, -1], ["A", "B"], order=[4, 5, 6, 7, 0, 1])
    assert names_on(mapped) == ["Paws", "B"]


def test_a_cluster_inherits_one_name_only(mapped: Catalogue) -> None:
    rename(mapped, 0, "Smileys")
    rename(mapped, 1, "Paws")

    clustered(mapped, [0] * 9, ["All"])

    assert names_on(mapped) == ["Smileys"]


def test_models_that_are_gone_do_not_count_when_names_are_inherited(mapped: Catalogue) -> None:
    rename(mapped, 0, "Smileys")
    ids = mapped.items.ids()
    mapped.items.remove(ids[:3])

    clustered(mapped, [0, 1, 1, 1, 2, 2], ["Faces", "Hands", ""])

    assert names_on(mapped) == ["Smileys", "Hands", ""]


def test_a_read_only_catalogue_says_so(mapped: Catalogue, monkeypatch: pytest.MonkeyPatch) -> None:
    connect = Database.connect

    @contextlib.contextmanager
    def read_only(database: Database, *, to_change: bool = False) -> Iterator[sqlite3.Connection]:
        with connect(database, to_change=to_change) as db:
            db.execute("PRAGMA query_only = ON")
            yield db

    monkeypatch.setattr(Database, "connect", read_only)
    with pytest.raises(CatalogueError, match=r"cannot be changed, because its folder .* read-only"):
        rename(mapped, 0, "Smileys")
