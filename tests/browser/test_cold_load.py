"""A link that is opened first: on a server that has shown nothing yet."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from devtools.browser import Server

from .conftest import EMBEDDED, Library, Serve, expect_heading, expect_painted, gallery


@pytest.fixture
def cold(serve: Serve) -> Iterator[Server]:
    with serve() as server:
        yield server


def expect_whole_app(page: Page) -> None:
    """Expect the bar of app.py, and not the menu that Streamlit makes of the folder pages/."""
    bar = page.get_by_role("navigation", name="Pages")
    for name in ("Explore", "Search", "Map"):
        expect(bar.get_by_role("link", name=name, exact=True)).to_have_count(1)
    expect(bar.get_by_role("button", name="More")).to_have_count(1)
    expect(page).to_have_title(re.compile("Lookalike$"))


def test_link_to_a_model_opens_it(page: Page, cold: Server, library: Library) -> None:
    ship = library.by_source[EMBEDDED]

    page.goto(f"{cold.url}/?catalogue=small&item={ship.id}&k=9")

    expect_heading(page, ship.name)
    expect_painted(gallery(page, f"Neighbours of {ship.name}"), 9)
    expect_whole_app(page)


def test_first_gallery_is_painted_before_the_network_is_loaded(page: Page, cold: Server) -> None:
    page.goto(f"{cold.url}/?catalogue=small")
    expect_painted(gallery(page, "Models of Small shelf"), 48)

    assert cold.has_mapped("_sqlite3")
    assert not cold.has_mapped("tensorflow")
    assert not cold.has_mapped("llvmlite"), "umap is there, which brings numba and this"


def test_explore_opens_by_its_name(page: Page, cold: Server) -> None:
    page.goto(f"{cold.url}/explore?catalogue=small")

    expect_painted(gallery(page, "Models of Small shelf"), 48)
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect_whole_app(page)


def test_first_picture_loads_the_network(page: Page, cold: Server, library: Library) -> None:
    ship = library.by_source[EMBEDDED]

    page.goto(f"{cold.url}/search?catalogue=small")
    expect_heading(page, "What are you looking for?")
    expect_whole_app(page)
    page.locator("input[type=file]").set_input_files(library.picture(ship))

    lookalikes = gallery(page, "Lookalikes")
    expect_painted(lookalikes, 18)
    expect(lookalikes.first).to_have_accessible_name(
        re.compile(f"^{ship.name}, 1.00 · .*, {ship.category}")
    )
    assert cold.has_mapped("tensorflow")


def test_link_to_the_map_opens_it(page: Page, cold: Server, library: Library) -> None:
    ship = library.by_source[EMBEDDED]

    page.goto(f"{cold.url}/map?catalogue=small&item={ship.id}")

    expect(page.get_by_text(ship.name, exact=True)).to_be_visible()
    expect(page.get_by_text("70 models. Models that look alike lie close together")).to_be_visible()
    expect_whole_app(page)


def test_link_to_about_opens_it(page: Page, cold: Server) -> None:
    page.goto(f"{cold.url}/about?catalogue=small")

    expect_heading(page, "How it works")
    expect(page.get_by_role("heading", name="Small shelf in numbers")).to_be_visible()
    expect_whole_app(page)
