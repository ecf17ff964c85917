"""axe-core finds no violations on any page, and each page has a title and a heading of its own.

Each state is checked twice: at a desk in the light theme, and on a phone in the dark one.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect

from core import settings
from core.catalogue import Catalogue, Item
from core.duplicates import report
from core.duplicates.records import Duplicate, DuplicateReport, Group

from .conftest import (
    DESK,
    EMBEDDED,
    PATIENCE,
    Library,
    choose_more,
    expect_heading,
    expect_loaded,
    gallery,
    lists,
    open_more,
    prepared,
)

# axe-core, by Deque Systems, is a development dependency of package.json.
AXE = settings.PROJECT / "node_modules" / "axe-core" / "axe.min.js"
# An open menu is at the end of the page, as Streamlit makes it: that it is in no landmark is none.
RUN_AXE = """async () => {
    const { violations } = await axe.run(document, { resultTypes: ["violations"] });
    const isMenu = ({ html }) => html.includes('role="menu"');
    return violations.flatMap(({ id, nodes }) => nodes
        .filter((node) => id !== "region" || !isMenu(node))
        .map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary}`));
}"""
PHONE: ViewportSize = {"width": 390, "height": 844}
VISITS: tuple[tuple[ViewportSize, Literal["light", "dark"]], ...] = (
    (DESK, "light"),
    (PHONE, "dark"),
)

Open = Callable[[Page, Item], None]


def at(url: str) -> Open:
    """Return what opens a URL, in which ITEM stands for the id of a model."""
    return lambda page, item: void(page.goto(url.replace("ITEM", item.id)))


def void(_: object) -> None:
    """Return nothing."""


def why(page: Page, item: Item) -> None:
    page.goto(f"/search?catalogue=small&like={item.id}")
    card = lists(page, "Lookalikes").locator("li").nth(1)
    card.hover()
    card.get_by_role("button", name="Why?").click()
    expect(page.get_by_role("dialog").get_by_role("img").first).to_be_visible()


def pointing(page: Page, item: Item) -> None:
    page.goto(f"/?catalogue=small&item={item.id}")
    card = lists(page, f"Neighbours of {item.name}").locator("li").nth(1)
    card.hover()
    expect(card.locator(".tooltip")).to_have_css("opacity", "1")
    expect(card.locator(".name")).to_be_hidden()


def importing(page: Page, _: Item) -> None:
    page.goto("/catalogues?catalogue=small")
    page.get_by_role("button", name="Import models").click()
    expect(page.get_by_role("dialog")).to_be_visible()


def previewing_import(page: Page, item: Item) -> None:
    importing(page, item)
    picture = settings.PROJECT / "static" / "icon.png"
    page.get_by_role("dialog").locator("input[type=file]").set_input_files(picture)
    expect(page.get_by_text("1 model found")).to_be_visible()


def uploaded(page: Page, _: Item) -> None:
    page.goto("/search?catalogue=small")
    expect_heading(page, "What are you looking for?")
    picture = settings.PROJECT / "static" / "icon.png"
    page.locator("input[type=file]").set_input_files(picture)
    expect(gallery(page, "Lookalikes")).to_have_count(18)


def opening_menu(page: Page, _: Item) -> None:
    page.goto("/catalogues?catalogue=small")
    open_more(page, "small")
    expect(page.get_by_role("menuitem", name="Remove")).to_be_visible()


def touring(page: Page, _: Item) -> None:
    page.goto("/map?catalogue=small")
    page.get_by_role("button", name="Tour", exact=True).click()
    expect(page.get_by_role("region", name="Tour of the clusters")).to_be_visible()


def finding_on_the_map(page: Page, item: Item) -> None:
    page.goto(f"/map?catalogue=small&item={item.id}")
    finder = page.get_by_role("combobox", name="Find a model on the map")
    finder.fill("ship")
    expect(page.get_by_role("option").first).to_be_visible()
    finder.press("ArrowDown")


STATES: dict[str, tuple[Open, str]] = {
    "explore": (at("/?catalogue=small"), "Small shelf"),
    "explore-category": (at("/?catalogue=small&category=Objects"), "Objects · Small shelf"),
    "explore-nothing-found": (at("/?catalogue=small&q=zzzzqqq"), "“zzzzqqq” · Small shelf"),
    "explore-empty": (at("/?catalogue=empty"), "Nothing yet"),
    "model": (at("/?catalogue=small&item=ITEM&trail=ITEM"), "NAME · Small shelf"),
    "model-with-a-tooltip": (pointing, "NAME · Small shelf"),
    "model-side-by-side": (at("/?catalogue=small&item=ITEM&by=both"), "NAME · Small shelf"),
    "unknown-model": (at("/?catalogue=small&item=0000000000000"), "Small shelf"),
    "unknown-catalogue": (at("/?catalogue=nosuch"), ""),
    "search": (at("/search?catalogue=small"), "Search"),
    "search-with-a-model": (at("/search?catalogue=small&like=ITEM"), "Like NAME · Small shelf"),
    "search-with-a-picture": (uploaded, "Lookalikes · Small shelf"),
    "why": (why, "Like NAME · Small shelf"),
    "map": (at("/map?catalogue=small"), "Map · Small shelf"),
    "map-model": (at("/map?catalogue=small&item=ITEM"), "Map · Small shelf"),
    "map-finding": (finding_on_the_map, "Map · Small shelf"),
    "map-selection": (at("/map?catalogue=small&sel=cluster:0"), "Map · Small shelf"),
    "map-category": (at("/map?catalogue=small&layout=category"), "Map · Small shelf"),
    "map-tour": (touring, "Map · Small shelf"),
    "no-map": (at("/map?catalogue=empty"), "Map · Nothing yet"),
    "catalogues": (at("/catalogues?catalogue=small"), "Catalogues"),
    "menu-of-a-catalogue": (opening_menu, "Catalogues"),
    "import": (importing, "Catalogues"),
    "import-with-a-preview": (previewing_import, "Catalogues"),
    "about": (at("/about?catalogue=small"), "How it works"),
}

# What the menu of a catalogue opens.
DIALOGS = ("Near-duplicates", "Collections", "Sources", "What is compared", "Remove")


@pytest.fixture
def ship(library: Library) -> Item:
    return library.by_source[EMBEDDED]


@pytest.fixture
def axe() -> Iterator[Path]:
    assert AXE.exists(), "make installs axe-core"
    yield AXE


@pytest.mark.parametrize("state", STATES)
def test_no_violations(page: Page, ship: Item, axe: Path, state: str) -> None:
    open_state, title = STATES[state]

    for size, scheme in VISITS:
        page.set_viewport_size(size)
        page.emulate_media(color_scheme=scheme)
        open_state(page, ship)
        words = " · ".join(filter(None, [title.replace("NAME", ship.name), "Lookalike"]))
        expect(page).to_have_title(words)
        heading = page.get_by_role("heading", level=1)
        expect(heading).to_have_count(1)
        expect_loaded(page)
        page.add_script_tag(path=axe)
        assert violations(page) == [], f"in the {scheme} theme"


def test_no_violations_in_the_dialogs_of_a_catalogue(
    page: Page, library: Library, axe: Path
) -> None:
    two = Catalogue("two")
    kept, other = two.items.find()
    two.collections.add("Both", [kept.id, other.id])
    found = DuplicateReport((Group(kept, (Duplicate(other, 1.0, ()),)),), 0.9, 2, 1)
    report.save(two, found)
    try:
        for size, scheme in VISITS:
            page.set_viewport_size(size)
            page.emulate_media(color_scheme=scheme)
            page.goto("/catalogues?catalogue=two")
            expect_loaded(page)
            page.add_script_tag(path=axe)
            open_more(page, "two")
            menu = page.get_by_role("menu", name="More for Two of them", exact=True)
            expect(menu).to_be_visible()
            page.keyboard.press("Escape")
            for label in DIALOGS:
                choose_more(page, "two", label)
                dialog = page.get_by_role("dialog", name=label)
                expect(dialog).to_be_visible()
                expect_loaded(page)
                assert violations(page) == [], f"in {label}, in the {scheme} theme"
                page.keyboard.press("Escape")
                expect(dialog).to_have_count(0)
    finally:
        two.collections.delete("Both")
        report.save(two, replace(found, groups=()))


def card_of_a_point(page: Page, item: Item) -> None:
    page.goto(f"/map?catalogue=small&item={item.id}")
    card = page.get_by_role("region", name="Chosen model")
    expect(card.get_by_role("list").get_by_role("link")).to_have_count(6)


def sheet_of_a_card(page: Page, _: Item) -> None:
    page.goto("/?catalogue=small&q=ship")
    card = lists(page, "Models of Small shelf").locator("li").first
    card.get_by_role("button", name=re.compile("^Actions: ")).tap()
    expect(card.locator(".actions button").first).to_be_visible()


@pytest.mark.parametrize("open_state", [card_of_a_point, sheet_of_a_card])
def test_no_violations_on_a_touch_screen(
    browser: Browser,
    browser_context_args: dict[str, Any],
    base_url: str,
    ship: Item,
    axe: Path,
    open_state: Open,
) -> None:
    options = browser_context_args | {"base_url": base_url, "viewport": PHONE}
    with browser.new_context(**options, has_touch=True, is_mobile=True) as window:
        tab = prepared(window.new_page())
        for _, scheme in VISITS:
            tab.page.emulate_media(color_scheme=scheme)
            open_state(tab.page, ship)
            expect_loaded(tab.page)
            tab.page.add_script_tag(path=axe)
            assert violations(tab.page) == [], f"in the {scheme} theme"
        assert not tab.errors, tab.errors


def violations(page: Page) -> list[str]:
    """Return what axe-core finds once the widgets have got their labels."""
    found: list[str] = []
    for _ in range(PATIENCE // 500):
        found = page.evaluate(RUN_AXE)
        if not found:
            break
        page.wait_for_timeout(500)
    return found


def test_colours_and_what_is_selected_are_seen_with_the_colours_of_the_system(page: Page) -> None:
    grounds = "(all, part) => all.map((each) => getComputedStyle(each, part).backgroundColor)"
    page.emulate_media(forced_colors="active")
    try:
        page.goto("/search?catalogue=small")
        expect(page.locator("canvas")).to_be_visible()
        pens = page.locator(".colours button")
        assert len(set(pens.evaluate_all(grounds, "::before"))) == pens.count() > 1
        pressed, *others = pens.evaluate_all(grounds)
        assert pressed not in others

        page.goto("/map?catalogue=small")
        options = page.get_by_role("radio", name=re.compile("^(Map|Grid)$"))
        expect(options).to_have_count(2)
        selected, other = options.evaluate_all(grounds)
        assert selected != other
    finally:
        page.emulate_media(forced_colors="none")
