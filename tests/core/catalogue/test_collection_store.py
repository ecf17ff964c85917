"""Collections are sets of items that people name."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.catalogue import Catalogue, CatalogueError, Filters
from tests.core.catalogue.support import READ_ONLY, add, numbered


def test_a_collection_is_created_extended_and_deleted(furniture: Catalogue) -> None:
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


def test_a_removed_item_counts_in_no_collection_until_it_is_added_again(
    catalogue: Catalogue,
) -> None:
    first, second = add(catalogue, *numbered(2))
    catalogue.collections.add("Both", [first.id, second.id])

    catalogue.items.remove([first.id])
    assert catalogue.items.facet("collection") == {"Both": 1}
    assert catalogue.items.find(Filters(collection="Both")) == [second]

    add(catalogue, first)
    assert catalogue.items.find(Filters(collection="Both")) == [first, second]


@pytest.mark.parametrize("name", ["", "  \n", "a" * 61, "bell \a", "half \ud83d", "\u202eright"])
def test_an_unreadable_name_is_rejected(catalogue: Catalogue, name: str) -> None:
    (item,) = add(catalogue, *numbered(1))

    with pytest.raises(CatalogueError, match="1 to 60 characters"):
        catalogue.collections.add(name, [item.id])

    assert catalogue.items.facet("collection") == {}


@READ_ONLY
@given(name=st.none() | st.sampled_from(["Mine", "mine", "Yours", "' OR 1 --", ""]))
def test_a_collection_filters_by_its_name(collected: Catalogue, name: str | None) -> None:
    expected = {"mine": ["One", "Two"], "yours": ["Two", "Three"]}
    everything = [item.name for item in collected.items.find()]
    filters = Filters(collection=name)

    found_names = [item.name for item in collected.items.find(filters)]

    assert found_names == (everything if name is None else expected.get(name.lower(), []))
    assert bool(filters) == (name is not None)


@pytest.fixture
def collected(credited: Catalogue) -> Catalogue:
    one, two, three, *_ = credited.items.ids()
    credited.collections.add("Mine", [two, one])
    credited.collections.add("Yours", [two, three])
    return credited
