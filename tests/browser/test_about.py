"""About, and what holds for all pages: they fit their window, and no address breaks them."""

import re
from collections.abc import Mapping
from typing import Literal

import pytest
from playwright.sync_api import Page, expect

from core.catalogue import Catalogue, item_id

from .conftest import EMBEDDED, expect_heading, follow

PAGES = ("/", "/search", "/map", "/catalogues", "/about")
MODEL = f"/?item={item_id(EMBEDDED)}&by=both"

GROUNDS: Mapping[Literal["light", "dark"], str] = {
    "light": "rgb(252, 252, 253)",
    "dark": "rgb(20, 22, 28)",
}

OVERFLOW = """() => [document.scrollingElement, ...document.querySelectorAll(
    '[data-testid="stMain"], [data-testid="stMainBlockContainer"]'
)].map((box) => Math.max(0, box.scrollWidth - box.clientWidth))"""

# The first thing of each page that is there once the page is.
LANDMARKS = {
    "/": '[aria-label="Models of Small shelf"] li >> nth=0',
    "/search": "text=The server never stores them",
    "/map": "canvas[data-frames]",
    "/catalogues": "text=Import models",
    "/about": "text=nearest neighbours that have its category",
    MODEL: '[aria-label^="Neighbours of Ship"] li >> nth=-1',
}


def with_catalogue(path: str, name: str) -> str:
    return f"{path}{'&' if '?' in path else '?'}catalogue={name}"


def test_about_explains_how_it_works_and_shows_figures(page: Page) -> None:
    page.goto("/about?catalogue=small")

    expect_heading(page, "How it works")
    expect(page.get_by_role("heading", name="Small shelf in numbers")).to_be_visible()
    for name, figure in (("Models", "70"), ("Categories", "9"), ("On the map", "70")):
        metric = page.locator(".figures > div").filter(has_text=re.compile(f"^{name}"))
        expect(metric.get_by_text(figure, exact=True)).to_be_visible()
    row = page.get_by_role("row").filter(has_text="2016 recipe")
    expect(row.get_by_role("cell").nth(1)).to_have_text("70")
    expect(row.get_by_role("cell").nth(2)).to_have_text("25,088")
    expect(row.get_by_role("cell").nth(3)).to_have_text(re.compile(r"^[1-9]\d?%$"))
    chart = Catalogue("small").map.load()
    assert chart is not None and chart.quality is not None
    quality = chart.quality
    for name, figure in (
        ("Map: trustworthiness", f"{quality.trustworthiness:.2f}"),
        ("Map: neighbours kept", f"{quality.neighbours_kept:.0%}"),
    ):
        metric = page.locator(".figures > div").filter(has_text=name)
        expect(metric.get_by_text(figure, exact=True)).to_be_visible()
    expect(page.get_by_text("weights CC BY 4.0")).to_be_visible()


@pytest.mark.parametrize(
    ("name", "share", "caption"),
    [("one", "–", "needs at least two models"), ("two", "100%", "it would be 100%")],
)
def test_about_has_figures_of_very_small_catalogues(
    page: Page, name: str, share: str, caption: str
) -> None:
    page.goto(f"/about?catalogue={name}")

    row = page.get_by_role("row").filter(has_text="2016 recipe")
    expect(row.get_by_role("cell").nth(3)).to_have_text(share)
    expect(page.get_by_text(caption)).to_be_visible()


def test_about_has_figures_of_an_empty_catalogue(page: Page) -> None:
    page.goto("/about?catalogue=empty")

    expect(page.get_by_role("heading", name="Nothing yet in numbers")).to_be_visible()
    expect(page.get_by_role("row")).to_have_count(0)


@pytest.mark.parametrize("path", ["/search", "/map", "/about"])
@pytest.mark.parametrize(
    ("name", "sentence", "way_on"),
    [
        ("nowhere", "There is no catalogue “nowhere”.", "Small shelf"),
        ("foreign", "made by another version of Lookalike", "See all catalogues"),
    ],
)
def test_catalogue_that_cannot_be_opened_gets_a_sentence(
    page: Page, path: str, name: str, sentence: str, way_on: str
) -> None:
    page.goto(f"{path}?catalogue={name}")

    expect(page.get_by_role("alert").filter(has_text=sentence)).to_be_visible()
    expect(page.get_by_role("link", name=way_on)).to_be_visible()


def test_links_of_the_bar_keep_the_catalogue(page: Page) -> None:
    page.goto("/about?catalogue=small")
    for name in ("Explore", "Search", "Map", "Catalogues", "About"):
        follow(page, name)
        path = "/" if name == "Explore" else f"/{name.lower()}"
        expect(page.locator(LANDMARKS[path])).to_be_visible()
        expect(page).to_have_url(re.compile(rf"{path}\?catalogue=small$"))


@pytest.mark.parametrize("size", [(390, 844), (1440, 900)], ids=["phone", "desk"])
@pytest.mark.parametrize("path", [*PAGES, MODEL])
def test_page_fits_its_window_in_light_and_dark(
    page: Page, path: str, size: tuple[int, int]
) -> None:
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.goto(with_catalogue(path, "small"))
    expect(page.locator(LANDMARKS[path])).to_be_visible()

    for scheme, ground in GROUNDS.items():
        page.emulate_media(color_scheme=scheme)
        expect(page.get_by_test_id("stApp")).to_have_css("background-color", ground)
        assert page.evaluate(OVERFLOW) == [0, 0, 0]
