"""The browser's history: every jump adds one entry, and Back brings back what was there."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from components.explore.start import LINE
from core.catalogue import Catalogue, Item, Map

from .conftest import (
    EMBEDDED,
    HOSTILE,
    HOSTILE_CATEGORY,
    Library,
    Tab,
    expect_heading,
    expect_loaded,
    expect_painted,
    follow,
    gallery,
    leave,
    prepared,
    search_box,
)
from .test_map import (
    at_rest,
    expect_other_view,
    expect_view,
    legend,
    model_card,
    open_map,
    place_of,
    view_of,
)

SMALL = "/?catalogue=small"
# Browsers keep no more entries than this.
MOST_ENTRIES = 50

# Three steps back or forward, each at once when the browser has arrived.
QUICKLY = """async (direction) => {
    for (let step = 0; step < 3; step++) {
        const arrived = new Promise((resolve) =>
            addEventListener("popstate", resolve, { once: true }));
        history[direction]();
        await arrived;
    }
}"""

SCROLLED = "() => document.querySelector('[data-testid=stMain]').scrollTop"


@pytest.fixture(scope="module")
def window(
    browser: Browser, browser_context_args: dict[str, Any], base_url: str
) -> Iterator[BrowserContext]:
    with browser.new_context(**browser_context_args | {"base_url": base_url}) as window:
        yield window


@pytest.fixture(scope="module")
def opened() -> list[Tab]:
    """Hold the tabs of these tests, which are not that of the others: its history is full."""
    return []


@pytest.fixture
def page(window: BrowserContext, opened: list[Tab]) -> Iterator[Page]:
    """Give a tab whose history has space for the entries of a test."""
    if not opened or opened[-1].page.evaluate("history.length") > MOST_ENTRIES - 10:
        opened.append(prepared(window.new_page()))
    tab = opened[-1]
    # Another address, so that the test does not begin by replacing the last entry.
    leave(tab.page)
    tab.errors.clear()
    yield tab.page
    assert not tab.errors, tab.errors


@pytest.fixture
def ship(library: Library) -> Item:
    return library.by_source[EMBEDDED]


@contextmanager
def one_entry(page: Page) -> Iterator[None]:
    """Expect one new entry of the history, and the app not to be loaded again.

    What is done must end with what is seen on the new page.
    """
    before = page.evaluate("history.length")
    assert before < MOST_ENTRIES
    page.evaluate("window.loaded = 'once'")
    yield
    assert page.evaluate("history.length") == before + 1
    assert page.evaluate("window.loaded") == "once"


def back(page: Page, url: str) -> None:
    """Go back, and expect the URL to be the one that was left."""
    page.go_back()
    expect(page).to_have_url(url)
    assert page.evaluate("window.loaded") == "once"


def neighbours(page: Page, item: Item) -> Locator:
    return gallery(page, f"Neighbours of {item.name}")


def names(cards: Locator) -> list[str]:
    return cards.locator(".name").all_text_contents()


def act(page: Page, label: str, place: int, action: str) -> None:
    """Press an action of a card."""
    card = page.get_by_role("list", name=label).locator("li").nth(place)
    card.hover()
    card.get_by_role("button", name=action).click()


# -- from Search ------------------------------------------------------------------


def test_card_of_search_opens_its_model(page: Page, ship: Item) -> None:
    page.goto(f"/search?catalogue=small&like={ship.id}")
    found = gallery(page, "Lookalikes")
    expect_painted(found, 18)
    url, before = page.url, names(found)

    with one_entry(page):
        found.nth(3).click()
        expect_heading(page, before[3])
        expect(page).to_have_url(re.compile(r"/\?catalogue=small&item=[a-z2-7]{13}$"))

    back(page, url)
    expect_painted(found, 18)
    assert names(found) == before
    expect(page.get_by_role("button", name=f"Remove {ship.name}")).to_be_visible()


def test_search_is_shown_on_the_map(page: Page, ship: Item) -> None:
    page.goto(f"/search?catalogue=small&like={ship.id}&k=9")
    found = gallery(page, "Lookalikes")
    expect_painted(found, 9)
    url, before = page.url, names(found)

    with one_entry(page):
        page.get_by_role("button", name="Show on map").click()
        at_rest(page)
        expect(page).to_have_url(re.compile(r"/map\?catalogue=small&from=search"))

    back(page, url)
    expect_painted(found, 9)
    assert names(found) == before


# -- from the map -----------------------------------------------------------------


def test_selection_is_searched_with(page: Page) -> None:
    canvas = open_map(page, "/map?catalogue=small")
    legend(page, "Categories").filter(has_text=HOSTILE_CATEGORY).click()
    selected = gallery(page, "Selected models")
    expect(selected).to_have_count(len(HOSTILE))
    at_rest(page)
    url, view = page.url, view_of(canvas)

    with one_entry(page):
        page.get_by_role("button", name="Search with selection").click()
        expect(gallery(page, "Lookalikes")).to_have_count(18)
        expect(page).to_have_url(re.compile(r"/search\?catalogue=small"))

    back(page, url)
    at_rest(page)
    expect(page.get_by_role("heading", name=HOSTILE_CATEGORY)).to_be_visible()
    expect(selected).to_have_count(len(HOSTILE))
    expect_view(page.locator("canvas"), view)
    page.go_forward()
    expect(gallery(page, "Lookalikes")).to_have_count(18)


def test_back_leads_to_the_search_before(page: Page, library: Library) -> None:
    """Each search with a selection has a set of models of its own, which no URL holds."""
    category = library.small[0].category
    count = sum(item.category == category for item in library.small)
    urls = []
    open_map(page, "/map?catalogue=small")
    for chosen, models in ((HOSTILE_CATEGORY, len(HOSTILE)), (category, count)):
        legend(page, "Categories").filter(has_text=chosen).click()
        expect(page.get_by_text(f"{models} models · most typical first")).to_be_visible()
        page.get_by_role("button", name="Search with selection").click()
        expect(page.get_by_text(f"{models} models", exact=True)).to_be_visible()
        expect(gallery(page, "Lookalikes")).to_have_count(18)
        urls.append(page.url)
        page.get_by_role("link", name="Map", exact=True).click()
        at_rest(page)

    page.go_back()
    expect(page.get_by_text(f"{count} models", exact=True)).to_be_visible()
    while page.url != urls[0]:
        url = page.url
        page.go_back()
        expect(page).not_to_have_url(url)
        # Only then does the browser know where the next step begins.
        expect_loaded(page)

    expect(page.get_by_text(f"{len(HOSTILE)} models", exact=True)).to_be_visible()
    follow(page, "About")
    expect_heading(page, "How it works")
    page.get_by_role("link", name="Search").click()
    expect(page.get_by_text(f"{len(HOSTILE)} models", exact=True)).to_be_visible()


def test_back_and_forward_in_quick_succession_lead_where_they_should(page: Page) -> None:
    """The next one is pressed before the page of the one before has begun to run."""
    page.goto(SMALL)
    expect(gallery(page, "Models of Small shelf")).to_have_count(48)
    urls, places = [page.url], ("Search", "Map", "Explore", "Map")
    for name in places:
        page.get_by_role("navigation", name="Pages").get_by_role("link", name=name).click()
        expect(page).not_to_have_url(urls[-1])
        expect_loaded(page)
        urls.append(page.url)
    entries = page.evaluate("history.length")

    for direction, url in (("back", urls[1]), ("forward", urls[-1]), ("back", urls[1])):
        page.evaluate(QUICKLY, direction)
        expect(page).to_have_title(re.compile("Map" if url == urls[-1] else "Search"))
        expect_loaded(page)
        expect(page).to_have_url(url)
        assert page.evaluate("history.length") == entries


@pytest.mark.parametrize("zoomed", [False, True], ids=["whole map", "zoomed in"])
def test_point_opens_its_model(page: Page, ship: Item, zoomed: bool) -> None:
    stored_map = Catalogue("small").map.load()
    assert isinstance(stored_map, Map)
    canvas = open_map(page, "/map?catalogue=small&hide=pictures.landmarks")
    if zoomed:
        x, y = place_of(canvas, stored_map, ship)
        page.mouse.move(x, y)
        page.mouse.wheel(0, -400)
        at_rest(page)
        expect(page).to_have_url(re.compile("view="))
    url, view = page.url, view_of(canvas)

    card = model_card(page)
    with one_entry(page):
        page.mouse.click(*place_of(canvas, stored_map, ship))
        expect(card.locator("li a")).to_have_count(6)
        expect(page).to_have_url(re.compile(rf"/map\?.*item={ship.id}.*view="))
    chosen = page.url
    with one_entry(page):
        card.get_by_role("link", name=f"Open {ship.name}").click()
        expect_heading(page, ship.name)
        expect(page).to_have_url(re.compile(rf"/\?catalogue=small&item={ship.id}$"))

    back(page, chosen)
    at_rest(page)
    expect(card.locator(".name")).to_have_text(ship.name)
    expect_view(page.locator("canvas"), view)
    back(page, url)
    expect(card).to_be_hidden()
    expect_view(page.locator("canvas"), view)


def test_view_is_restored_that_was_left_at_once(page: Page, ship: Item) -> None:
    stored_map = Catalogue("small").map.load()
    assert isinstance(stored_map, Map)
    canvas = open_map(page, "/map?catalogue=small&hide=pictures.landmarks")
    x, y = place_of(canvas, stored_map, ship)
    page.mouse.move(x, y)
    before = view_of(canvas)
    page.mouse.wheel(0, -400)
    expect_other_view(canvas, before)
    view = view_of(canvas)
    # Sooner than the view is written to the URL.
    place = place_of(canvas, stored_map, ship)
    page.mouse.click(*place)
    page.mouse.click(*place)
    expect_heading(page, ship.name)

    page.go_back()

    at_rest(page)
    expect_view(page.locator("canvas"), view)


def test_selected_model_is_opened(page: Page) -> None:
    open_map(page, "/map?catalogue=small&sel=cluster:0")
    selected = gallery(page, "Selected models")
    name = selected.first.locator(".name").inner_text()
    url = page.url

    with one_entry(page):
        selected.first.click()
        expect_heading(page, name)

    back(page, url)
    at_rest(page)
    expect(selected.first).to_be_visible()


# -- from Explore -----------------------------------------------------------------


def test_neighbour_leads_to_its_neighbours(page: Page, ship: Item) -> None:
    page.goto(f"{SMALL}&item={ship.id}")
    expect_painted(neighbours(page, ship), 18)
    url, before = page.url, names(neighbours(page, ship))

    with one_entry(page):
        neighbours(page, ship).nth(1).click()
        expect_heading(page, before[1])
        expect(gallery(page, f"Neighbours of {before[1]}")).to_have_count(18)

    back(page, url)
    expect_heading(page, ship.name)
    expect_painted(neighbours(page, ship), 18)
    assert names(neighbours(page, ship)) == before


def test_model_of_the_catalogue_is_opened(page: Page, library: Library) -> None:
    page.goto(f"{SMALL}&page=2&sort=catalogue")
    models = gallery(page, "Models of Small shelf")
    expect(models).to_have_count(22)
    url = page.url

    with one_entry(page):
        models.first.click()
        expect_heading(page, library.small[48].name)

    back(page, url)
    expect(models).to_have_count(22)


def test_heading_of_a_row_leads_to_its_cluster(page: Page) -> None:
    page.goto(SMALL)
    expect(gallery(page, "Models of Small shelf")).to_have_count(48)
    heading = page.locator(".st-key-rows h2 a").last
    name = heading.locator("span").first.inner_text()
    heading.scroll_into_view_if_needed()
    scrolled = page.evaluate(SCROLLED)
    url = page.url

    with one_entry(page):
        heading.click()
        at_rest(page)
        expect(page).to_have_url(re.compile(r"/map\?catalogue=small&sel=cluster"))
    expect(page.get_by_role("heading", name=name)).to_be_visible()

    back(page, url)
    expect(heading).to_be_visible()
    page.wait_for_function(f"Math.abs(({SCROLLED})() - {scrolled}) < 2")


def test_model_of_a_row_is_opened(page: Page) -> None:
    page.goto(SMALL)
    row = page.locator(".st-key-rows .gallery").first.locator(".pick")
    label = str(row.nth(1).get_attribute("aria-label"))
    url = page.url

    with one_entry(page):
        row.nth(1).click()
        expect(page.get_by_role("heading", level=1)).not_to_have_text([LINE])
    assert label.startswith(page.get_by_role("heading", level=1).inner_text())

    back(page, url)
    expect(row.nth(1)).to_be_visible()


def test_category_is_one_entry_and_back_returns_to_the_rows(page: Page) -> None:
    page.goto(SMALL)
    models = gallery(page, "Models of Small shelf")
    expect(models).to_have_count(48)
    url = page.url

    with one_entry(page):
        page.get_by_role("link", name=re.compile("^Objects")).click()
        expect(models).not_to_have_count(48)

    back(page, url)
    expect(models).to_have_count(48)
    expect(page.locator(".st-key-rows .gallery").first).to_be_visible()


@pytest.mark.parametrize("how", ["scrolling", "link"])
def test_gallery_grows_within_its_entry_and_back_restores_it(
    page: Page, library: Library, how: str
) -> None:
    page.goto(SMALL)
    models = gallery(page, "Models of Small shelf")
    expect(models).to_have_count(48)
    first, entries = names(models), page.evaluate("history.length")

    if how == "link":
        # Playwright's click would scroll to the link, which follows it.
        page.get_by_role("link", name="Show more").dispatch_event("click")
    else:
        scroll_to_end(page)
    expect(models).to_have_count(70)
    expect(page).to_have_url(re.compile(r"\?catalogue=small&page=2&first=1$"))
    assert page.evaluate("history.length") == entries
    assert names(models)[:48] == first
    assert sorted(names(models)) == sorted(item.name for item in library.small)
    expect(page.get_by_role("link", name="Show more")).to_have_count(0)

    scrolled = scroll_to_end(page)
    url, last = page.url, names(models)[-1]
    with one_entry(page):
        models.last.click()
        expect_heading(page, last)
    # Scrolling here lets nothing grow there. A wheel is heard later, and would stop Back's.
    page.get_by_test_id("stMain").dispatch_event("scroll")
    back(page, url)
    expect(models).to_have_count(70)
    page.wait_for_function(f"Math.abs(({SCROLLED})() - {scrolled}) < 2")


def test_list_that_is_being_left_does_not_take_the_place_of_the_model(
    page: Page, library: Library
) -> None:
    page.goto(SMALL)
    more = page.get_by_role("link", name="Show more")
    expect(more).to_be_visible()

    # Forward to a model whose page has yet to come, while the list is drawn again and scrolled.
    model = f"{SMALL}&item={library.small[0].id}"
    page.evaluate("url => history.pushState({}, '', url)", model)
    colour = more.evaluate("link => getComputedStyle(link).color")
    page.emulate_media(color_scheme="dark")
    expect(more).not_to_have_css("color", colour)
    shown = page.get_by_test_id("stMain").evaluate(
        """page => {
            page.scrollTop = page.scrollHeight;
            page.dispatchEvent(new Event("scroll"));
            return location.href;
        }"""
    )
    assert shown.endswith(model)

    more.dispatch_event("click")
    expect(gallery(page, "Models of Small shelf")).to_have_count(70)
    page.go_back()
    assert page.url.endswith(model)


@pytest.mark.parametrize("events", ["scroll, click", "click, scroll"])
def test_click_while_the_gallery_grows_opens_the_model(page: Page, events: str) -> None:
    page.goto(SMALL)
    models = gallery(page, "Models of Small shelf")
    expect(models).to_have_count(48)
    name = names(models)[-1]

    with one_entry(page):
        models.last.evaluate(
            """(card, events) => {
                const page = document.querySelector("[data-testid=stMain]");
                const scroll = () => {
                    page.scrollTop = page.scrollHeight;
                    page.dispatchEvent(new Event("scroll"));
                };
                const act = { scroll, click: () => card.click() };
                for (const event of events.split(", ")) act[event]();
            }""",
            events,
        )
        expect(gallery(page, f"Neighbours of {name}")).to_have_count(18)
        expect(page.get_by_test_id("stApp")).to_have_attribute(
            "data-test-script-state", "notRunning"
        )
        expect_heading(page, name)
    assert "item=" in page.url

    page.go_back()
    expect(models.first).to_be_visible()
    expect(page).not_to_have_url(re.compile("item="))


@pytest.mark.parametrize(
    ("link", "arrived"),
    [
        ("Find similar", r"/search\?.*like="),
        ("Show on map", r"/map\?.*item="),
        ("Small shelf", r"/\?catalogue=small&k=9$"),
    ],
)
def test_link_of_a_model_leads_to_another_page(
    page: Page, ship: Item, link: str, arrived: str
) -> None:
    page.goto(f"{SMALL}&item={ship.id}&k=9")
    expect_painted(neighbours(page, ship), 9)
    url = page.url

    with one_entry(page):
        page.get_by_role("link", name=link).click()
        expect(page).to_have_url(re.compile(arrived))
        expect(page.get_by_role("link", name=link)).to_have_count(0)

    back(page, url)
    expect_heading(page, ship.name)
    expect_painted(neighbours(page, ship), 9)


def test_action_of_a_neighbour_leads_to_search(page: Page, ship: Item) -> None:
    page.goto(f"{SMALL}&item={ship.id}")
    expect_painted(neighbours(page, ship), 18)
    url = page.url

    with one_entry(page):
        act(page, f"Neighbours of {ship.name}", 0, "Less like this")
        expect_painted(gallery(page, "Lookalikes"), 18)

    back(page, url)
    expect_heading(page, ship.name)


# -- from Catalogues, and the bar ---------------------------------------------------


@pytest.mark.parametrize("part", ["h2 a", ".cover", "a.primary"])
def test_catalogue_is_opened(page: Page, part: str) -> None:
    page.goto("/catalogues?catalogue=one")
    url = page.url

    with one_entry(page):
        page.locator(f".st-key-catalogue-small {part}").click()
        expect(page.get_by_text("70 models", exact=True)).to_be_visible()

    back(page, url)
    expect_heading(page, "Catalogues")


def test_links_of_the_bar_lead_from_page_to_page(page: Page, ship: Item) -> None:
    page.goto(f"{SMALL}&item={ship.id}")
    # The neighbours come last: by now the links of the bar are followed within the app.
    expect_painted(neighbours(page, ship), 18)
    visited = [page.url]
    bar = page.locator(".st-key-bar").get_by_role("navigation")

    for name in ("Search", "Map", "Catalogues", "About", "Explore"):
        with one_entry(page):
            follow(page, name)
            expect(bar.locator("[aria-current=page]")).to_have_text(re.compile(name))
            expect(page.get_by_test_id("stApp")).to_have_attribute(
                "data-test-script-state", "notRunning"
            )
        assert re.search(r"/[a-z]*\?catalogue=small$", page.url), page.url
        visited.append(page.url)

    for url, name in zip(
        reversed(visited[:-1]), ("About", "Catalogues", "Map", "Search"), strict=False
    ):
        back(page, url)
        expect(bar.locator("[aria-current=page]")).to_have_text(re.compile(name))
    back(page, visited[0])
    expect_heading(page, ship.name)


def test_explore_leads_from_a_model_to_all_models(page: Page, ship: Item) -> None:
    page.goto(f"{SMALL}&item={ship.id}")
    expect_painted(neighbours(page, ship), 18)
    url = page.url

    with one_entry(page):
        page.get_by_role("link", name="Explore").click()
        expect(page.get_by_text("70 models", exact=True)).to_be_visible()
    assert page.url.endswith("/?catalogue=small")

    back(page, url)
    expect_heading(page, ship.name)


# -- scrolling ----------------------------------------------------------------------


def scroll_to_end(page: Page) -> int:
    """Scroll as a person does, and return how far the page is scrolled."""
    page.mouse.move(640, 600)
    for _ in range(5):
        page.mouse.wheel(0, 4000)
    page.wait_for_function(f"({SCROLLED})() > 300")
    before = -1
    while before != (before := page.evaluate(SCROLLED)):
        page.wait_for_timeout(100)
    return before


@pytest.mark.parametrize("address", [f"{SMALL}&k=36", "/search?catalogue=small&k=36&like="])
def test_pages_open_at_their_top_and_back_scrolls_to_where_they_were_left(
    page: Page, ship: Item, address: str
) -> None:
    searching = address.startswith("/search")
    page.goto(address + (ship.id if searching else ""))
    cards = gallery(page, "Lookalikes" if searching else "Models of Small shelf")
    expect(cards).to_have_count(36 if searching else 48)
    scrolled = scroll_to_end(page)
    if not searching:
        expect(cards).to_have_count(70)
        scrolled = scroll_to_end(page)
    name = cards.last.locator(".name").inner_text()
    url = page.url

    with one_entry(page):
        cards.last.click()
        expect_heading(page, name)
    page.wait_for_function(f"({SCROLLED})() === 0")

    back(page, url)
    expect(cards.last).to_be_in_viewport()
    page.wait_for_function(f"Math.abs(({SCROLLED})() - {scrolled}) < 2")


def test_app_works_where_the_browser_forbids_storage(window: BrowserContext) -> None:
    tab = prepared(window.new_page())
    page = tab.page
    page.add_init_script(
        "Object.defineProperty(window, 'sessionStorage',"
        " { get() { throw new DOMException('denied', 'SecurityError'); } })"
    )
    page.goto(f"{SMALL}&k=36")
    cards = gallery(page, "Models of Small shelf")
    expect(cards).to_have_count(48)
    scroll_to_end(page)
    expect(cards).to_have_count(70)
    scrolled = scroll_to_end(page)
    name = cards.last.locator(".name").inner_text()

    with one_entry(page):
        cards.last.click()
        expect_heading(page, name)
    page.go_back()

    expect(cards.last).to_be_in_viewport()
    page.wait_for_function(f"Math.abs(({SCROLLED})() - {scrolled}) < 2")
    assert not tab.errors, tab.errors
    page.close()


@pytest.fixture
def phone(page: Page) -> Iterator[Page]:
    """Give the tab in the size of a phone, where a row has more models than fit."""
    before = page.viewport_size
    page.set_viewport_size({"width": 390, "height": 844})
    yield page
    if before:
        page.set_viewport_size(before)


def test_back_scrolls_a_row_to_where_it_was_left(phone: Page) -> None:
    page = phone
    page.goto(SMALL)
    row = page.locator(".st-key-rows .gallery").first
    expect(row.locator(".pick").first).to_be_visible()
    last = row.locator(".pick").last
    name = str(last.get_attribute("title")).partition("\n")[0]
    row.evaluate("(row) => (row.scrollLeft = row.scrollWidth)")
    scrolled = row.evaluate("(row) => row.scrollLeft")
    assert scrolled > 100

    last.click()
    expect_heading(page, name)
    page.go_back()

    expect_heading(page, LINE)
    expect(row).to_have_js_property("scrollLeft", scrolled)


def test_reload_scrolls_to_where_the_page_was(page: Page) -> None:
    page.goto(SMALL)
    cards = gallery(page, "Models of Small shelf")
    expect(cards).to_have_count(48)
    scroll_to_end(page)
    expect(cards).to_have_count(70)
    scrolled = scroll_to_end(page)

    page.reload()

    page.wait_for_function(f"Math.abs(({SCROLLED})() - {scrolled}) < 2")


# -- links --------------------------------------------------------------------------


def test_cards_open_in_a_new_tab(page: Page, ship: Item) -> None:
    page.goto(f"{SMALL}&item={ship.id}")
    card = neighbours(page, ship).nth(1)
    name = card.locator(".name").inner_text()
    url = page.url

    with page.context.expect_page() as opened:
        card.click(modifiers=["ControlOrMeta"])

    expect_heading(opened.value, name)
    trail = opened.value.get_by_role("navigation", name="Trail").get_by_role("listitem")
    expect(trail).to_have_text([ship.name, name])
    opened.value.close()
    assert page.url == url
    expect_heading(page, ship.name)


def test_links_of_the_bar_open_in_a_new_tab(page: Page) -> None:
    page.goto("/search?catalogue=small")

    with page.context.expect_page() as opened:
        page.get_by_role("link", name="Explore").click(button="middle")

    expect(opened.value.get_by_text("70 models", exact=True)).to_be_visible()
    opened.value.close()


# -- focus --------------------------------------------------------------------------


def heading(page: Page, name: str) -> Locator:
    return page.get_by_role("heading", level=1, name=name, exact=True)


def test_heading_gets_the_focus_on_the_way_there_and_back(page: Page, ship: Item) -> None:
    page.goto(f"{SMALL}&item={ship.id}")
    cards = neighbours(page, ship)
    expect_painted(cards, 18)
    expect(heading(page, ship.name)).not_to_be_focused()
    name = names(cards)[1]

    cards.nth(1).press("Enter")
    expect(heading(page, name)).to_be_focused()
    page.keyboard.press("Tab")
    expect(heading(page, name)).not_to_be_focused()
    assert page.evaluate(
        """() => {
            const heading = document.querySelector("h1");
            const place = heading.compareDocumentPosition(document.activeElement);
            return (place & Node.DOCUMENT_POSITION_FOLLOWING) > 0;
        }"""
    ), "Tab goes on from the heading"

    page.go_back()
    expect(heading(page, ship.name)).to_be_focused()
    page.get_by_role("link", name="Show on map").click()
    expect(heading(page, "Map of Small shelf")).to_be_focused()
    page.go_back()
    expect(heading(page, ship.name)).to_be_focused()
    follow(page, "Catalogues")
    expect(heading(page, "Catalogues")).to_be_focused()
    expect(heading(page, "Catalogues")).to_have_css("outline-style", "none")


def test_filters_leave_the_focus_where_it_is(page: Page) -> None:
    page.goto(SMALL)
    expect_painted(gallery(page, "Models of Small shelf"), 48)
    box = search_box(page)

    box.fill("ship")
    box.press("Enter")
    expect(page).to_have_url(re.compile("q=ship"))
    expect(gallery(page, "Models of Small shelf")).not_to_have_count(48)

    expect(box).to_be_focused()
