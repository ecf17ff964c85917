"""The map is stored, replaced, and read without the items that are not shown."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from core.catalogue import Catalogue, Cluster, Map, MapQuality
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
