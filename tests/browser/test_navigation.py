"""The bar: its search box for words, pictures and drawings, and its menu."""

import base64
import re

import pytest
from playwright.sync_api import Locator, Page, expect

from core.catalogue import Item

from .conftest import (
    EMBEDDED,
    HAND_OVER,
    Library,
    expect_heading,
    expect_painted,
    follow,
    gallery,
    search_box,
)


@pytest.fixture
def ship(library: Library) -> Item:
    return library.by_source[EMBEDDED]


def suggestions(page: Page) -> Locator:
    return page.get_by_role("listbox", name="Models").get_by_role("option")


def test_words_suggest_models_that_the_keyboard_opens(page: Page) -> None:
    page.goto("/about?catalogue=small")
    expect_heading(page, "How it works")
    box = search_box(page)
    # While the page loads it is hidden, and takes no keys.
    expect(box).to_be_visible()

    page.keyboard.press("/")
    expect(box).to_be_focused()
    page.keyboard.type("hippopo")
    expect(suggestions(page)).to_have_text(
        [re.compile("Hippopotamus"), "Show all matches for “hippopo”"]
    )
    expect(suggestions(page).locator("img")).to_have_js_property("naturalWidth", 160)
    expect(box).to_have_attribute("aria-expanded", "true")

    page.keyboard.press("Escape")
    expect(suggestions(page)).to_have_count(0)
    expect(box).to_have_value("hippopo")
    page.keyboard.press("ArrowDown")
    chosen = suggestions(page).first
    expect(chosen).to_have_attribute("aria-selected", "true")
    expect(box).to_have_attribute("aria-activedescendant", str(chosen.get_attribute("id")))
    expect(chosen).to_have_attribute("href", re.compile(r"catalogue=small&item=\w+$"))
    page.keyboard.press("Enter")

    expect_heading(page, "Hippopotamus")
    expect(box).to_have_value("")
    page.go_back()
    expect_heading(page, "How it works")


def test_words_that_nothing_matches_say_so_and_can_be_drawn(page: Page) -> None:
    page.goto("/catalogues?catalogue=small")
    expect_heading(page, "Catalogues")

    # While the page loads it is hidden, and takes no focus, until something is pressed.
    search_box(page).click()
    search_box(page).fill("zzzzqqq")

    expect(page.get_by_text("No models match “zzzzqqq”")).to_be_visible()
    search_box(page).press("Escape")
    expect(page.get_by_text("No models match “zzzzqqq”")).to_have_count(0)

    search_box(page).press("ArrowDown")
    expect(page.get_by_text("No models match “zzzzqqq”")).to_be_visible()
    expect(suggestions(page)).to_have_text(["Draw it"])
    search_box(page).press("Enter")
    expect_heading(page, "What are you looking for?")


def test_a_picture_that_is_pasted_into_the_box_is_searched_with(
    page: Page, library: Library, ship: Item
) -> None:
    page.goto("/?catalogue=small")
    expect_painted(gallery(page, "Models of Small shelf"), 48)
    search_box(page).focus()

    def paste(data: bytes) -> None:
        encoded = base64.b64encode(data).decode()
        page.evaluate(HAND_OVER, ["paste", "image.webp", "image/webp", encoded])

    paste(b"no picture")
    expect(page.get_by_role("search", name="Catalogue").get_by_role("status")).to_have_text(
        re.compile("picture")
    )
    expect(page).to_have_url(re.compile(r"/\?catalogue=small$"))
    paste(library.picture(ship).read_bytes())

    expect_painted(gallery(page, "Lookalikes"), 18)
    expect(gallery(page, "Lookalikes").first).to_have_accessible_name(
        re.compile(f"^{re.escape(ship.name)}, 1.00 ")
    )
    picture = page.get_by_role("img", name="Your picture")
    expect(picture).to_be_visible()

    page.get_by_role("link", name="Draw what you are looking for").click()
    expect(page.locator("canvas")).to_be_visible()
    expect(picture).to_have_count(0)
    follow(page, "Search")
    expect(page.locator("canvas")).to_be_visible()
    page.go_back()
    expect(picture).to_be_visible()


@pytest.mark.parametrize("path", ["/", "/search", "/about"])
def test_box_is_in_the_middle_of_the_bar(page: Page, path: str) -> None:
    page.goto(f"{path}?catalogue=small")
    expect(search_box(page)).to_be_visible()
    box = page.get_by_role("search").bounding_box()
    bar = page.locator(".st-key-bar").bounding_box()
    assert box is not None
    assert bar is not None
    assert abs(box["y"] + box["height"] / 2 - bar["y"] - bar["height"] / 2) <= 1


def test_menu_has_links_and_is_closed_by_the_keyboard(page: Page) -> None:
    page.goto("/?catalogue=small")
    expect_painted(gallery(page, "Models of Small shelf"), 48)
    more = page.get_by_role("navigation", name="Pages").get_by_role("button", name="More")
    about = page.get_by_role("link", name="About", exact=True)
    expect(about).to_have_count(0)

    more.press("Enter")
    expect(about).to_have_attribute("href", "./about?catalogue=small")
    page.keyboard.press("Escape")
    expect(about).to_have_count(0)
    expect(more).to_be_focused()
    follow(page, "About")
    expect_heading(page, "How it works")
    follow(page, "About")
    expect(about).to_have_count(0)


def test_page_stays_where_it_is_while_the_box_is_typed_in_and_the_bar_is_skipped(
    page: Page,
) -> None:
    page.goto("/?catalogue=small")
    expect_painted(gallery(page, "Models of Small shelf"), 48)
    scrolled = "document.querySelector('[data-testid=stMain]').scrollTop"
    page.evaluate(f"{scrolled} = 700")

    page.keyboard.press("/")
    page.keyboard.type("hippo")
    expect(suggestions(page).first).to_be_visible()
    assert page.evaluate(scrolled) == 700

    page.keyboard.press("Escape")
    skip = page.get_by_role("link", name="Skip to main content")
    skip.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Draw it")).to_be_focused()
