"""What a page says when its files are lost or broken: a sentence, and no box of Streamlit."""

import itertools
import re
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from core import settings
from core.catalogue import Catalogue
from core.descriptors import COMPACT

from .conftest import (
    LONG,
    Library,
    ServeFolder,
    box,
    choose_more,
    expect_loaded,
    expect_painted,
    gallery,
    leave,
    prepared,
    search_box,
)


@dataclass(frozen=True)
class Shelf:
    """A copy of the catalogue `small` that a test may break, and a tab on its server."""

    page: Page
    name: str

    @property
    def folder(self) -> Path:
        return settings.data_root() / self.name


@pytest.fixture(scope="session")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the data folder of these tests, in which each has a catalogue of its own."""
    return tmp_path_factory.mktemp("shelves")


@pytest.fixture(scope="session")
def base_url(data: Path, serve_folder: ServeFolder) -> Iterator[str]:
    with serve_folder(data) as server:
        yield server.url


@pytest.fixture(scope="module")
def numbers() -> Iterator[int]:
    return itertools.count(1)


@pytest.fixture
def shelf(
    library: Library,
    data: Path,
    numbers: Iterator[int],
    page: Page,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Shelf]:
    # The server remembers what it has read of a name.
    name = f"small-{next(numbers)}"
    served = settings.thumbnails_root()
    monkeypatch.setenv("LOOKALIKE_DATA", str(data))
    own = settings.thumbnails_root()
    shutil.copytree(library.folder / "small", data / name)
    shutil.copytree(served / "small", own / name)
    yield Shelf(page, name)
    leave(page)
    shutil.rmtree(data / name, ignore_errors=True)
    shutil.rmtree(own, ignore_errors=True)


def remove(shelf: Shelf) -> None:
    Catalogue.remove(shelf.name)


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
    shutil.rmtree(settings.thumbnails_root() / shelf.name)


PAGES = {
    "explore": "/?catalogue=NAME",
    "model": "/?catalogue=NAME&item=ITEM",
    "search": "/search?catalogue=NAME&like=ITEM",
    "map": "/map?catalogue=NAME&item=ITEM",
    "catalogues": "/catalogues?catalogue=NAME",
    "about": "/about?catalogue=NAME",
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
    item = Catalogue(shelf.name).items.find(limit=1)[0]
    damage(shelf)

    for name, url in PAGES.items():
        shelf.page.goto(url.replace("NAME", shelf.name).replace("ITEM", item.id))

        expect(shelf.page.get_by_role("heading", level=1), name).to_have_count(1)
        expect_loaded(shelf.page)
        expect(shelf.page.get_by_test_id("stException"), name).to_have_count(0)
        if damage in (remove, break_database) and name not in ("catalogues",):
            expect(shelf.page.get_by_role("alert").first, name).to_be_visible()


def test_lost_pictures_have_a_placeholder(shelf: Shelf) -> None:
    page, placeholder = shelf.page, re.compile("svg")
    lose_thumbnails(shelf)

    page.goto(f"/catalogues?catalogue={shelf.name}")
    cover = page.locator(f".st-key-catalogue-{shelf.name} .cover img")
    expect(cover).to_have_count(4)
    for number in range(4):
        expect(cover.nth(number)).to_have_css("content", placeholder)

    search_box(page).press_sequentially("man")
    expect(page.get_by_role("option").first.locator("img")).to_have_css("content", placeholder)


@pytest.mark.parametrize("damage", [remove, break_database], ids=["removed", "broken"])
def test_catalogue_that_is_lost_under_a_page_is_reported(
    shelf: Shelf, damage: Callable[[Shelf], None]
) -> None:
    page = shelf.page
    page.goto(f"/?catalogue={shelf.name}")
    expect_painted(gallery(page, "Models of Small shelf"), 48)
    damage(shelf)

    page.get_by_role("link", name="Surprise me").click()

    name = shelf.name
    sentence = f"There is no catalogue “{name}”" if damage is remove else f"{name}” is damaged"
    expect(page.get_by_text(sentence)).to_be_visible()
    page.get_by_role("link", name="See all catalogues").click()
    expect(page.get_by_role("heading", level=1, name="Catalogues")).to_be_visible()


def test_button_of_a_catalogue_that_was_removed_says_so(shelf: Shelf) -> None:
    page = shelf.page
    catalogue = Catalogue(shelf.name)
    catalogue.collections.add("Ships", [item.id for item in catalogue.items.find(limit=3)])
    page.goto("/catalogues")
    choose_more(page, shelf.name, "Collections (1)")
    dialog = page.get_by_role("dialog")
    delete = dialog.get_by_role("button", name="Delete", exact=True)
    expect(delete).to_be_visible()
    remove(shelf)

    delete.click()

    expect(page.get_by_text(f"There is no catalogue “{shelf.name}”")).to_be_visible()
    expect(page.get_by_test_id("stException")).to_have_count(0)
    expect(dialog).to_have_count(0)
    page.get_by_role("button", name="Import models").click()
    expect(page.get_by_role("dialog", name="Import models")).to_be_visible()
    expect(box(page, shelf.name)).to_have_count(0)


def test_map_whose_served_files_are_lost_is_served_again(shelf: Shelf) -> None:
    page = shelf.page
    page.goto(f"/map?catalogue={shelf.name}")
    expect(page.locator("canvas[data-frames]")).to_be_visible()
    # Streamlit's server prints a stack trace if a file goes while it is read.
    leave(page)
    lose_thumbnails(shelf)

    page.goto(f"/map?catalogue={shelf.name}")

    expect(page.locator("canvas[data-frames]")).to_be_visible()
    expect(page.get_by_text("The map could not be loaded")).to_have_count(0)


def test_damaged_files_are_named_and_repaired(shelf: Shelf) -> None:
    page, card = shelf.page, box(shelf.page, shelf.name)
    [file] = (shelf.folder / "map").glob("*.npz")
    file.write_bytes(file.read_bytes()[:500])
    page.goto(f"/catalogues?catalogue={shelf.name}")

    warning = card.get_by_text("1 file of this catalogue is damaged, missing or left over.")
    expect(warning).to_be_visible()
    card.get_by_text("Findings (1)").click()
    expect(card.get_by_text("Without it there is no map.")).to_be_visible()
    expect(box(page, "small")).to_have_count(0)
    page.goto(f"/map?catalogue={shelf.name}")
    expect(page.get_by_text("This catalogue has no map yet.")).to_be_visible()
    page.goto(f"/?catalogue={shelf.name}")
    expect_painted(gallery(page, "Models of Small shelf"), 48)
    page.goto(f"/catalogues?catalogue={shelf.name}")
    card.get_by_role("button", name="Repair").click()

    done = card.get_by_text("1 finding repaired. Nothing else is wrong.")
    expect(done).to_be_visible(timeout=LONG)
    expect(card.get_by_text(re.compile("^Files checked on .*: no damage."))).to_be_visible()
    expect(warning).to_have_count(0)
    page.goto(f"/map?catalogue={shelf.name}")
    expect(page.locator("canvas[data-frames]")).to_be_visible()


def test_catalogue_of_another_version_says_so_and_is_updated_by_one_press(shelf: Shelf) -> None:
    item = Catalogue(shelf.name).items.find(limit=1)[0]
    with closing(sqlite3.connect(shelf.folder / "catalogue.db")) as db:
        for table in ("fits", "segments"):
            db.execute(
                f"UPDATE {table} SET fingerprint = 'older' || fingerprint WHERE descriptor = ?",
                [COMPACT],
            )
        db.commit()
    (shelf.folder / "job.json").unlink()  # which says how the last job ended
    page = shelf.page
    page.goto(f"/?catalogue={shelf.name}&item={item.id}")
    expect(page.get_by_text("indexed by another version of Lookalike")).to_be_visible()
    page.get_by_role("link", name="Go to Catalogues").click()
    box = page.locator(f".st-key-catalogue-{shelf.name}")
    expect(box.get_by_text("indexed by another version of Lookalike")).to_be_visible()

    box.get_by_role("button", name="Update").click()

    expect(box.get_by_text("70 unchanged. Vectors")).to_be_visible(timeout=LONG)
    expect(box.get_by_text("indexed by another version of Lookalike")).to_have_count(0)
    page.goto(f"/?catalogue={shelf.name}&item={item.id}")
    expect_painted(gallery(page, f"Neighbours of {item.name}"), 18)


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
