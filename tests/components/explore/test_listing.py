"""Which models Explore shows, in which order, and of which category."""

from urllib.parse import parse_qsl

import pytest

from components.explore import listing
from components.explore.listing import MAX_PAGES, PER_PAGE, Pages
from core.catalogue import FACETS, Catalogue, Filters, Item
from tests.components.conftest import Url
from tests.core.catalogue.support import add


@pytest.fixture
def furniture() -> Catalogue:
    catalogue = Catalogue.create("things")
    add(
        catalogue,
        Item(source_id="1", name="Bench", category="Seats", creator="Ada"),
        Item(source_id="2", name="Armchair", category="Seats"),
        Item(source_id="3", name="Table", category="Tables"),
        Item(source_id="4", name="Lamp", category="Lights"),
    )
    return catalogue


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({}, (1, 1)),
        ({"page": "3"}, (3, 3)),
        ({"page": "3", "first": "2"}, (2, 3)),
        ({"page": "3", "first": "9"}, (3, 3)),
        ({"page": "99"}, (30, 30)),
        ({"page": "30", "first": "1"}, (11, 30)),
        ({"page": "0"}, (1, 1)),
    ],
)
def test_pages_of_a_url_are_there_and_not_too_many(
    url: Url, warnings: list[str], asked: dict[str, str], expected: tuple[int, int]
) -> None:
    url |= asked

    pages = listing.pages_from_url(30 * PER_PAGE)

    assert (pages.first, pages.page) == expected
    assert pages.last == 30
    assert len(warnings) == (asked.get("page") == "0")


@pytest.mark.parametrize(
    ("count", "last"), [(0, 1), (1, 1), (PER_PAGE, 1), (PER_PAGE + 1, 2), (5 * PER_PAGE, 5)]
)
def test_the_last_page_has_the_last_model(url: Url, count: int, last: int) -> None:
    assert listing.pages_from_url(count).last == last


def test_a_page_grows_until_all_models_or_the_most_pages_are_shown() -> None:
    assert Pages(1, 1, 2).may_grow
    assert not Pages(1, 2, 2).may_grow
    assert Pages(3, 2 + MAX_PAGES - 1, 99).may_grow
    assert not Pages(3, 2 + MAX_PAGES, 99).may_grow


@pytest.mark.parametrize(
    ("first", "page", "expected"),
    [(1, 1, "?q=cup"), (21, 21, "?q=cup&page=21"), (1, 20, "?q=cup&page=20&first=1")],
)
def test_the_url_of_pages_leads_to_them(url: Url, first: int, page: int, expected: str) -> None:
    url |= {"page": "3", "q": "cup", "first": "2"}

    link = listing.url_of_pages(first, page)

    assert link == expected
    url.clear()
    url |= dict(parse_qsl(link.removeprefix("?")))
    pages = listing.pages_from_url(30 * PER_PAGE)
    assert (pages.first, pages.page) == (first, page)


def test_each_order_is_kept_from_page_to_page(
    furniture: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "PER_PAGE", 1)

    def names(order: str, filters: Filters, pages: Pages) -> list[str]:
        return [item.name for item in listing.models(furniture, filters, order, pages)]

    every, seats = Filters(), Filters(category="Seats")
    assert names(listing.NAME, every, Pages(1, 4, 4)) == ["Armchair", "Bench", "Lamp", "Table"]
    assert names(listing.NAME, every, Pages(2, 3, 4)) == ["Bench", "Lamp"]
    assert names(listing.CATALOGUE, every, Pages(1, 2, 4)) == ["Bench", "Armchair"]
    assert names(listing.NAME, seats, Pages(2, 2, 2)) == ["Bench"]
    mixed = [names(listing.MIXED, every, Pages(page, page, 4))[0] for page in range(1, 5)]
    assert sorted(mixed) == ["Armchair", "Bench", "Lamp", "Table"]


def test_models_found_by_words_come_in_the_order_of_the_words(furniture: Catalogue) -> None:
    filters = Filters(text="lamp")

    [found] = listing.models(furniture, filters, listing.NAME, Pages(1, 1, 1))

    assert found.name == "Lamp"


def test_what_is_shown_is_named_with_long_words_cut() -> None:
    assert listing.described(Filters()) == []
    assert listing.described(Filters(text="  a \n b ", category="Seats")) == ["“a b”", "Seats"]
    [cut] = listing.described(Filters(text="x" * 61))
    assert cut == f"“{'x' * 60}…”"


def test_a_value_that_nothing_else_matches_is_left_out_but_not_the_chosen_one(
    furniture: Catalogue,
) -> None:
    counts = {facet: furniture.items.facet(facet) for facet in FACETS}
    chosen = Filters(category="Tables", creator="Ada")

    found = listing.matching(furniture, chosen, counts)

    assert found["category"] == {"Seats": 1, "Tables": 0}
    assert found["creator"] == {"Ada": 0}


def test_any_model_that_matches_may_be_the_random_one(furniture: Catalogue) -> None:
    seats = Filters(category="Seats")
    ids = set(furniture.items.ids(seats))

    assert {listing.random_id(furniture, seats, 2) for _ in range(60)} == ids
    assert listing.random_id(furniture, Filters(category="None"), 0) == ""


def test_a_model_is_opened_at_the_beginning_of_a_trail(url: Url) -> None:
    url |= {"trail": "a.b", "item": "c", "page": "2"}
    link = listing.url_of("d")

    listing.open_model("d")

    assert url == {"item": "d", "page": "2"}
    assert link == "?page=2&item=d"


def test_chips_are_links_to_the_first_page_of_a_category(url: Url, html: list[str]) -> None:
    url |= {"page": "3", "first": "1", "category": "Seats"}

    listing.show_chips({"Seats": 1200, "<b>": 1}, "Seats")
    listing.show_chips({}, None)

    [chips] = html
    assert '<a class="in-app" href="?" title="All">' in chips
    assert 'href="?category=Seats" aria-current="true" title="Seats"' in chips
    assert "<small>1,200</small>" in chips
    assert "<b>" not in chips and "?category=%3Cb%3E" in chips
    assert chips.count("aria-current") == 1
