"""Items are found by text, category and other facets."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.catalogue import Catalogue, Filters, Item
from tests.core.catalogue.support import READ_ONLY, add, names_found


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
        ("ittchen", {"Kitchen chair"}),
        ("nothing", set()),
        ("chair zebra", set()),
    ],
)
def test_items_are_found_by_word_prefixes(
    furniture: Catalogue, text: str, expected: set[str]
) -> None:
    assert set(names_found(furniture, text)) == expected
    assert furniture.items.count(Filters(text=text)) == len(expected)
    assert len(furniture.items.ids(Filters(text=text))) == len(expected)


@pytest.mark.parametrize("text", ["", "  ", "\t\n"])
def test_an_empty_text_filters_nothing(furniture: Catalogue, text: str) -> None:
    assert not Filters(text=text)
    assert furniture.items.find(Filters(text=text)) == furniture.items.find()


def test_a_category_filters_alone_and_with_text(furniture: Catalogue) -> None:
    assert names_found(furniture, "", "Seats") == ["Kitchen chair", "Armchair", "Chaise longue 🛋"]
    assert names_found(furniture, "wood", "Seats") == ["Kitchen chair"]
    assert names_found(furniture, "wood", "Lights") == names_found(furniture, "", "seats") == []
    assert furniture.items.facet("category") == {
        "Chairs": 1,
        "Lights": 1,
        "Rock & roll": 1,
        "Seats": 3,
        "Tables": 1,
    }
    assert furniture.items.count_categories() == 5


@READ_ONLY
@given(
    creator=st.none() | st.sampled_from(["Ada", "Bo", "Nobody", "' OR 1 --"]),
    licence=st.none() | st.sampled_from(["CC0", "CC BY 4.0"]),
    tag=st.none() | st.sampled_from(["wood", "red", "wo", "é", '["wood"]']),
)
def test_facets_filter_by_exact_value(
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


def test_facets_are_counted_within_what_matches(credited: Catalogue) -> None:
    items = credited.items
    assert items.facet("licence", Filters(text="one")) == {"CC0": 1}
    assert items.facet("tag", Filters(text="t", creator="Ada")) == {"red": 1, "wood": 1}
    assert items.facet("creator", Filters(tag="é")) == {"Bo": 1}
    credited.collections.add("Mine", items.ids(Filters(creator="Ada")))
    assert items.facet("collection", Filters(licence="CC0")) == {"Mine": 1}
    assert items.facet("creator", Filters(collection="Mine")) == {"Ada": 2}


def test_facets_are_in_natural_order(catalogue: Catalogue) -> None:
    names = ["Category 0", "category 1", "Category 2", "Category 10", "Category 100", "Éclair"]
    add(catalogue, *(Item(source_id=name, name="A", category=name) for name in reversed(names)))
    assert list(catalogue.items.facet("category")) == names


def test_pages_together_give_all_items(furniture: Catalogue) -> None:
    for filters in (None, Filters(category="Seats"), Filters(text="c")):
        everything = furniture.items.find(filters)
        pages = [furniture.items.find(filters, offset=start, limit=2) for start in range(0, 8, 2)]
        assert [item for page in pages for item in page] == everything
        assert all(len(page) <= 2 for page in pages)
        assert furniture.items.ids(filters) == [item.id for item in everything]


def test_a_name_ranks_before_a_tag_and_a_tag_before_the_category(
    furniture: Catalogue,
) -> None:
    assert names_found(furniture, "chair") == ["Kitchen chair", "Armchair", "Stool"]


def test_a_name_ranks_first_however_many_tags_an_item_has(catalogue: Catalogue) -> None:
    many = tuple(f"{number} of its many tags" for number in range(12))
    add(
        catalogue,
        Item(source_id="1", name="Throne", tags=("chair",)),
        Item(source_id="2", name="Sofa", tags=("chair", "chairs", "chairman", "chaired")),
        Item(source_id="3", name="Garden chair", tags=many),
        *(Item(source_id=f"other {n}", name=f"Lamp {n}", tags=("tall",)) for n in range(20)),
    )
    assert names_found(catalogue, "chair")[0] == "Garden chair"


@READ_ONLY
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
def test_any_text_can_be_searched_for(
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
    assert names_found(furniture, name)[0] == name
