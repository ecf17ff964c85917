"""Caches are discarded when what they hold has changed, and only then."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import streamlit as st

from components.map import caches as map_caches
from components.map import map_data
from components.search import caches as search_caches
from components.shared import caches
from core import search
from core.catalogue import Catalogue, Failure, Item, Picture, UnknownCatalogue
from core.catalogue.database import Database
from core.descriptors import COMPACT
from core.similarity import Index
from tests.components.map.test_map_data import catalogue_of, lay_out

Builds = Counter[str]


@pytest.fixture
def catalogue() -> Catalogue:
    created = catalogue_of([Item(source_id=str(number), name="Thing") for number in range(4)])
    items = created.items.find()
    matrix = np.eye(4, dtype=np.float32)
    created.vectors.save_fit(COMPACT, "fit 1", {"weights": matrix}, items, matrix)
    lay_out(created)
    return created


@pytest.fixture
def builds(monkeypatch: pytest.MonkeyPatch) -> Iterator[Builds]:
    """Count how often each thing is built; what is built does not matter here."""
    counter: Builds = Counter()

    def count(module: ModuleType | type, name: str, *, result: object = None) -> None:
        original: Callable[..., Any] = getattr(module, name)

        def counted(*arguments: Any) -> Any:
            counter[name] += 1
            return original(*arguments) if result is None else result

        monkeypatch.setattr(module, name, counted)

    count(search, "index_of", result="index")
    count(search, "viewpoints_of", result="viewpoints")
    count(search, "region_index_of", result="regions")
    count(search, "descriptor_of", result="descriptor")
    count(map_data, "read")
    count(Catalogue, "summary")
    st.cache_resource.clear()
    yield counter
    st.cache_resource.clear()


def use_all() -> None:
    """Use every cache, as the run of a page does: each opens the catalogue again."""
    catalogue = Catalogue("things")
    caches.index(catalogue, COMPACT)
    search_caches.viewpoints(catalogue, COMPACT, "pictures")
    search_caches.region_index(catalogue)
    search_caches.descriptor(catalogue, COMPACT)
    map_caches.current_map(catalogue)


def add_item(catalogue: Catalogue, source_id: str) -> None:
    """Add an item, as a batch of a running import does."""
    picture = Picture(digest="f" * 64, original=b"png", extension="png", thumbnail=b"webp")
    catalogue.items.add([(Item(source_id=source_id, name="New"), picture)])


ONCE = dict.fromkeys(("index_of", "viewpoints_of", "region_index_of", "descriptor_of", "read"), 1)


def test_collections_and_batches_of_an_import_discard_nothing(
    catalogue: Catalogue, builds: Builds
) -> None:
    use_all()
    assert builds == ONCE
    map_ = map_caches.current_map(catalogue)
    assert map_ is not None

    catalogue.collections.add("For the meeting", [catalogue.items.find()[0].id])
    use_all()
    for number in range(3):
        add_item(catalogue, f"new {number}")
        use_all()
    catalogue.imports.record_failures([Failure("import", "x", "Broken", "It is cut short.")])
    use_all()

    # New models are not on the map: it is read again, but what was computed of it is kept.
    assert builds == ONCE | {"read": 4}
    assert map_caches.current_map(catalogue) is map_


def test_a_renamed_model_discards_no_index_and_has_its_new_name_everywhere(
    catalogue: Catalogue, builds: Builds, monkeypatch: pytest.MonkeyPatch
) -> None:
    items = catalogue.items.find()
    index = Index([item.id for item in items], [np.eye(4, dtype=np.float32)])
    monkeypatch.setattr(caches, "index", lambda *_: index)
    monkeypatch.setattr(map_caches, "index", lambda *_: index)

    def shown() -> list[set[str]]:
        """Return what the models are called on the map, in an export and as neighbours."""
        map_ = map_caches.current_map(catalogue)
        assert map_ is not None
        exported = map_caches.most_typical_first(catalogue, items).neighbours
        neighbours = caches.neighbours(catalogue, COMPACT, items[1].id, 3, None).neighbours
        categories = map_caches.colouring(catalogue, map_, "category", "").entries
        return [
            {item.name for item in map_.items},
            {one.item.name for one in exported},
            {one.item.name for one in neighbours},
            {entry.name for entry in categories},
        ]

    use_all()
    assert shown() == [{"Thing"}, {"Thing"}, {"Thing"}, set()]
    items[0] = replace(items[0], name="Sofa", category="Seats")
    before = builds.copy()

    catalogue.items.update_facts(items[:1])
    use_all()

    assert shown() == [{"Thing", "Sofa"}, {"Thing", "Sofa"}, {"Thing", "Sofa"}, {"Seats"}]
    assert builds - before == {"read": 1}


def test_new_vectors_discard_the_indexes_but_not_the_descriptor(
    catalogue: Catalogue, builds: Builds
) -> None:
    use_all()
    add_item(catalogue, "new")
    (item,) = catalogue.vectors.missing(COMPACT, "fit 1")

    catalogue.vectors.add(COMPACT, "fit 1", [item], np.ones((1, 4), np.float32))
    use_all()

    assert builds == ONCE | {"index_of": 2, "viewpoints_of": 2, "region_index_of": 2, "read": 2}


def test_a_hidden_model_discards_indexes_and_map_but_not_the_descriptor(
    catalogue: Catalogue, builds: Builds
) -> None:
    use_all()
    kept, other, *_ = catalogue.items.find()

    catalogue.items.hide([other.id], kept=kept.id)
    use_all()

    assert builds == dict.fromkeys(ONCE, 2) | {"descriptor_of": 1}


def test_a_new_fit_discards_the_descriptor(catalogue: Catalogue, builds: Builds) -> None:
    use_all()
    matrix = np.eye(4, dtype=np.float32)

    catalogue.vectors.save_fit(
        COMPACT, "fit 2", {"weights": matrix}, catalogue.items.find(), matrix
    )
    use_all()

    assert builds["descriptor_of"] == 2


def test_a_new_map_discards_only_the_map(catalogue: Catalogue, builds: Builds) -> None:
    use_all()

    lay_out(catalogue, seed=1)
    use_all()

    assert builds == ONCE | {"read": 2}


def test_a_new_catalogue_of_the_same_name_shares_nothing_with_the_removed_one(
    catalogue: Catalogue, builds: Builds
) -> None:
    use_all()
    before = catalogue.state("items", "vectors", "map")

    Catalogue.remove("things")
    again = catalogue_of([Item(source_id=str(number), name="Other") for number in range(4)])
    matrix = np.eye(4, dtype=np.float32)
    again.vectors.save_fit(COMPACT, "fit 1", {"weights": matrix}, again.items.find(), matrix)
    lay_out(again)
    use_all()

    # The revisions are the same, for the same has been done.
    assert again.vectors.revision == catalogue.vectors.revision
    assert again.state("items", "vectors", "map") != before
    # A descriptor is known by the fingerprint of its fit, which is a digest of its contents.
    assert builds == dict.fromkeys(ONCE, 2) | {"descriptor_of": 1}


def test_a_catalogue_that_was_removed_meanwhile_raises_its_own_error(
    catalogue: Catalogue, builds: Builds
) -> None:
    use_all()
    Catalogue.remove("things")

    with pytest.raises(UnknownCatalogue):
        caches.facets(catalogue, ("category",))
    with pytest.raises(UnknownCatalogue):
        map_caches.current_map(catalogue)


def test_pictures_are_cached_without_reading_the_database(
    catalogue: Catalogue, builds: Builds, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A search for regions asks for the sizes of up to 500 pictures."""
    item = catalogue.items.find()[0]
    assert caches.size(catalogue, item.id, item.digest) == (64, 64)
    monkeypatch.setattr(Database, "connect", None)

    assert caches.size(catalogue, item.id, item.digest) == (64, 64)


def test_facets_follow_items_and_collections(catalogue: Catalogue, builds: Builds) -> None:
    def collections() -> dict[str, int]:
        return caches.facets(Catalogue("things"), ("collection", "category"))["collection"]

    assert collections() == {}
    catalogue.collections.add("Mine", [catalogue.items.find()[0].id])
    assert collections() == {"Mine": 1}
    catalogue.items.remove([catalogue.items.find()[0].id])
    assert collections() == {}


def test_the_summary_is_counted_once_until_anything_changes(
    catalogue: Catalogue, builds: Builds
) -> None:
    for _ in range(3):
        assert caches.summary(Catalogue("things")).items == 4
    assert builds["summary"] == 1

    add_item(catalogue, "new")
    assert caches.summary(Catalogue("things")).items == 5
    catalogue.imports.record_failures([Failure("import", "x", "Broken", "It is cut short.")])
    assert caches.summary(Catalogue("things")).failures == 1
    assert builds["summary"] == 3


def test_the_colours_belong_to_the_map_that_they_are_asked_for(
    catalogue: Catalogue, builds: Builds
) -> None:
    """A page that still shows the map of a moment ago gets colours for that one."""
    before = map_caches.current_map(Catalogue("things"))
    assert before is not None
    catalogue.items.remove([catalogue.items.find()[0].id])

    old = map_caches.colouring(catalogue, before, "category", "")
    after = map_caches.current_map(Catalogue("things"))
    assert after is not None
    new = map_caches.colouring(catalogue, after, "category", "")

    assert (len(old.groups), len(new.groups)) == (4, 3)


def test_a_catalogue_of_an_earlier_version_has_a_state(tmp_path: Path) -> None:
    created = Catalogue.create("old")
    with created._database.transaction() as db:
        db.execute("DELETE FROM settings WHERE key = 'created'")

    assert created.state("map") == Catalogue("old").state("map")
