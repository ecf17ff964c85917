"""What a page says when its files are lost or broken: a sentence, and no box of Streamlit."""

import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from core import settings
from core.catalogue import Catalogue

from .conftest import Library, ServeFolder, expect_painted, gallery, prepared


@dataclass(frozen=True)
class Shelf:
    """A copy of the catalogue `small` that a test may break, open in a tab."""

    page: Page
    folder: Path


@pytest.fixture
def shelf(
    library: Library,
    tmp_path: Path,
    serve_folder: ServeFolder,
    monkeypatch: pytest.MonkeyPatch,
    browser: Browser,
    browser_context_args: dict[str, Any],
) -> Iterator[Shelf]:
    shutil.copytree(library.folder / "small", tmp_path / "small")
    served = settings.thumbnails_root()
    monkeypatch.setenv("LOOKALIKE_DATA", str(tmp_path))
    own = settings.thumbnails_root()
    shutil.copytree(served / "small", own / "small")
    try:
        with serve_folder(tmp_path) as server:
            options = browser_context_args | {"base_url": server.url}
            with browser.new_context(**options) as window:
                tab = prepared(window.new_page())
                yield Shelf(tab.page, tmp_path / "small")
                # Among them are the boxes of Streamlit.
                assert not tab.errors, tab.errors
    finally:
        shutil.rmtree(own, ignore_errors=True)


def remove(shelf: Shelf) -> None:
    Catalogue.remove("small")


def break_database(shelf: Shelf) -> None:
    for file in shelf.folder.glob("catalogue.db*"):
        file.unlink()
    (shelf.folder / "catalogue.db").write_bytes(b"This is no database. " * 500)


def lose_vectors(shelf: Shelf) -> None:
    shutil.rmtree(shelf.folder / "vectors")


def lose_map(shelf: Shelf) -> None:
    shutil.rmtree(shelf.folder / "map")


def lose_originals(shelf: Shelf) -> None:
    shutil.rmtree(shelf.folder / "originals")


def lose_thumbnails(shelf: Shelf) -> None:
    shutil.rmtree(settings.thumbnails_root() / "small")


PAGES = {
    "explore": "/?catalogue=small",
    "model": "/?catalogue=small&item=ITEM",
    "search": "/search?catalogue=small&like=ITEM",
    "map": "/map?catalogue=small&item=ITEM",
    "catalogues": "/catalogues?catalogue=small",
    "about": "/about?catalogue=small",
}


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(damage, id=damage.__name__)
        for damage in (
            remove,
            break_database,
            lose_vectors,
            lose_map,
            lose_originals,
            lose_thumbnails,
        )
    ],
)
def test_every_page_says_what_is_wrong(shelf: Shelf, damage: Callable[[Shelf], None]) -> None:
    item = Catalogue("small").items.find(limit=1)[0]
    damage(shelf)

    for name, url in PAGES.items():
        shelf.page.goto(url.replace("ITEM", item.id))

        expect(shelf.page.get_by_role("heading", level=1), name).to_have_count(1)
        expect(shelf.page.get_by_test_id("stApp")).to_have_attribute(
            "data-test-script-state", re.compile("notRunning")
        )
        expect(shelf.page.get_by_test_id("stException"), name).to_have_count(0)
        if damage in (remove, break_database) and name not in ("catalogues",):
            expect(shelf.page.get_by_role("alert").first, name).to_be_visible()


@pytest.mark.parametrize("damage", [remove, break_database], ids=["removed", "broken"])
def test_catalogue_that_is_lost_under_a_page_is_reported(
    shelf: Shelf, damage: Callable[[Shelf], None]
) -> None:
    page = shelf.page
    page.goto("/?catalogue=small")
    expect_painted(gallery(page, "Models of Small shelf"), 48)
    damage(shelf)

    page.get_by_role("button", name="Surprise me").click()

    sentence = "There is no catalogue “small”" if damage is remove else "small” is damaged"
    expect(page.get_by_text(sentence)).to_be_visible()
    page.get_by_role("link", name="See all catalogues").click()
    expect(page.get_by_role("heading", level=1, name="Catalogues")).to_be_visible()


def test_map_whose_served_files_are_lost_is_served_again(shelf: Shelf) -> None:
    page = shelf.page
    page.goto("/map?catalogue=small")
    expect(page.locator("canvas[data-frames]")).to_be_visible()
    # Streamlit's server prints a stack trace if a file goes while it is read.
    page.goto("about:blank")
    lose_thumbnails(shelf)

    page.goto("/map?catalogue=small")

    expect(page.locator("canvas[data-frames]")).to_be_visible()
    expect(page.get_by_text("The map could not be loaded")).to_have_count(0)


def test_pages_go_on_with_a_data_folder_that_is_no_folder(
    tmp_path: Path,
    serve_folder: ServeFolder,
    browser: Browser,
    browser_context_args: dict[str, Any],
) -> None:
    (tmp_path / "data").write_text("This is a file.", encoding="utf-8")
    with (
        serve_folder(tmp_path / "data") as server,
        browser.new_context(**browser_context_args | {"base_url": server.url}) as window,
    ):
        tab = prepared(window.new_page())
        for url in ("/", "/map", "/search", "/about"):
            tab.page.goto(url)

            expect(tab.page.get_by_text("There are no catalogues yet.")).to_be_visible()
            expect(tab.page.get_by_test_id("stException")).to_have_count(0)
        assert not tab.errors, tab.errors
