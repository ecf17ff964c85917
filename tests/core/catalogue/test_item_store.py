"""Items are added, changed, removed, hidden and restored."""

import hashlib
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from core.catalogue import Catalogue, Filters, Item, UnknownItem
from tests.core.catalogue.support import add, map_of, mapped_ids, names_found, numbered, picture_of


def test_items_are_stored_unchanged_and_in_order(catalogue: Catalogue) -> None:
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
        assert {**fields_of(given_item), "digest": digest} == fields_of(item)
        assert catalogue.items.get(item.id) == item
        assert catalogue.pictures.original(item) == item.source_id.encode()
        assert catalogue.pictures.extension(item) == "png"
        assert catalogue.pictures.thumbnail(item.id) == b"small " + item.source_id.encode()
    assert catalogue.items.ids() == [item.id for item in stored]
    assert catalogue.items.all_items() == {item.source_id: item for item in stored}
    assert catalogue.items.get_many([stored[3].id, "nobody", stored[0].id]) == [
        stored[0],
        stored[3],
    ]


def fields_of(item: Item) -> dict[str, Any]:
    return {name: getattr(item, name) for name in Item.__slots__}


def test_ids_are_ordered_by_name_whatever_its_case_and_by_numbers_in_it(
    catalogue: Catalogue,
) -> None:
    names = ["stool 10", "Armchair", "armchair", "Bench", "Stool 9"]
    added = add(catalogue, *(Item(source_id=name, name=name) for name in names))

    names_of = {item.id: item.name for item in added}
    ordered = [names_of[item_id] for item_id in catalogue.items.ids(by_name=True)]
    assert ordered == ["Armchair", "armchair", "Bench", "Stool 9", "stool 10"]


def test_categories_are_those_of_the_items_that_match(furniture: Catalogue) -> None:
    categories = furniture.items.categories(Filters(tag="wood"))

    assert list(categories) == furniture.items.ids(Filters(tag="wood"))
    assert list(categories.values()) == ["Seats", "Tables"]
    assert furniture.items.categories(Filters(category="Chairs")) == {
        furniture.items.find()[-1].id: "Chairs"
    }


def test_the_error_for_an_unknown_id_names_it(catalogue: Catalogue) -> None:
    with pytest.raises(UnknownItem, match=r"“things” has no model with the id “nobody”"):
        catalogue.items.get("nobody")


def test_an_item_that_is_added_again_is_updated_in_place(catalogue: Catalogue) -> None:
    first, second, third = add(catalogue, *numbered(3))
    changed = Item(source_id=second.source_id, name="Sofa", category="Seats", tags=("soft",))

    (updated,) = add(catalogue, changed, picture="another picture")

    assert catalogue.items.find() == [first, updated, third]
    assert catalogue.pictures.original(updated) == b"another picture"
    assert catalogue.pictures.thumbnail(updated.id) == b"small another picture"
    assert names_found(catalogue, "sofa") == names_found(catalogue, "soft") == ["Sofa"]
    assert names_found(catalogue, "1") == []


def test_facts_are_updated_without_the_picture(catalogue: Catalogue) -> None:
    first, second = add(catalogue, *numbered(2))
    catalogue.items.update_facts([Item(source_id=first.source_id, name="Sofa", tags=("soft",))])
    assert [item.name for item in catalogue.items.find()] == ["Sofa", "Number 1"]
    assert catalogue.items.get(first.id).digest == first.digest
    assert names_found(catalogue, "soft") == ["Sofa"]
    assert names_found(catalogue, "number") == [second.name]


def test_a_removed_item_is_not_shown_until_it_is_added_again(furniture: Catalogue) -> None:
    items = furniture.items.find()
    lamp = items[3]
    matrix = np.arange(14, dtype=np.float32).reshape(7, 2)
    furniture.vectors.add("compact", "v1", items, matrix)
    furniture.map.save(map_of(tuple(furniture.items.ids()), matrix, "m"))

    furniture.items.remove([lamp.id, "nobody"])

    rest = [item for item in items if item != lamp]
    assert furniture.items.find() == rest == list(furniture.items.all_items().values())
    assert furniture.items.count() == furniture.items.count(Filters(text="")) == 6
    assert lamp.id not in furniture.items.ids()
    assert furniture.items.get_many([lamp.id]) == []
    with pytest.raises(UnknownItem):
        furniture.items.get(lamp.id)
    assert names_found(furniture, "lamp") == names_found(furniture, "", "Lights") == []
    assert "Lights" not in furniture.items.facet("category")
    stored_map, vectors = furniture.map.load(), furniture.vectors.read("compact", "v1")
    assert stored_map is not None
    assert stored_map.ids == vectors.ids == tuple(item.id for item in rest)
    expected = np.delete(matrix, 3, axis=0)
    np.testing.assert_array_equal(stored_map.coordinates, expected)
    np.testing.assert_array_equal(vectors.matrix(), expected)
    assert furniture.vectors.missing("compact", "v1") == []

    add(furniture, lamp)

    assert furniture.items.find() == items
    assert names_found(furniture, "lamp") == ["Floor lamp"]
    assert furniture.items.facet("category")["Lights"] == 1
    assert lamp.id in mapped_ids(furniture)
    np.testing.assert_array_equal(furniture.vectors.read("compact", "v1").matrix(), matrix)


def test_a_hidden_item_is_not_shown_until_it_is_restored(furniture: Catalogue) -> None:
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
    assert names_found(furniture, "lamp") == names_found(furniture, "", "Lights") == []
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
    assert names_found(furniture, "lamp") == ["Floor lamp"]
    assert furniture.items.facet("collection") == {"Mine": 2}
    np.testing.assert_array_equal(furniture.vectors.read("compact", "v1").matrix(), matrix)


def test_a_hidden_item_stays_hidden_when_it_is_imported_again(furniture: Catalogue) -> None:
    kept, other, *rest = furniture.items.find()
    furniture.items.hide([other.id], kept=kept.id)

    furniture.items.add([(replace(other, name="Another name"), picture_of("another picture"))])
    furniture.items.update_facts([replace(other, name="A third name")])

    assert furniture.items.find() == [kept, *rest]
    assert names_found(furniture, "name") == []
    [hidden] = furniture.items.hidden()[kept.id]
    assert hidden.name == "A third name"
    assert furniture.items.all_items()[other.source_id] == hidden


def test_when_a_kept_item_is_hidden_its_duplicates_are_hidden_for_the_new_one(
    catalogue: Catalogue,
) -> None:
    first, second, third, fourth = add(catalogue, *numbered(4))
    catalogue.items.hide([first.id], kept=second.id)

    catalogue.items.hide([second.id, third.id], kept=fourth.id)

    assert catalogue.items.hidden() == {fourth.id: [first, second, third]}
    assert catalogue.items.find() == [fourth]
    catalogue.items.restore_hidden([second.id])
    assert catalogue.items.hidden() == {fourth.id: [first, third]}


def test_an_item_cannot_be_hidden_for_itself_or_for_an_item_that_is_not_shown(
    catalogue: Catalogue,
) -> None:
    first, second, third = add(catalogue, *numbered(3))
    catalogue.items.hide([first.id], kept=second.id)

    with pytest.raises(ValueError, match="for itself"):
        catalogue.items.hide([second.id, third.id], kept=third.id)
    for missing in (first.id, "nobody"):
        with pytest.raises(UnknownItem):
            catalogue.items.hide([third.id], kept=missing)

    assert catalogue.items.find() == [second, third]


def test_a_hidden_item_that_is_removed_is_no_longer_listed_as_hidden(catalogue: Catalogue) -> None:
    first, second = add(catalogue, *numbered(2))
    catalogue.items.hide([first.id], kept=second.id)

    catalogue.items.remove([first.id])

    assert catalogue.items.hidden() == {}
    assert list(catalogue.items.all_items()) == [second.source_id]
