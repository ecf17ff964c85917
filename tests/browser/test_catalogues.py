"""Catalogues: listed, imported into, updated and removed on the page."""

import random
import re
import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import Page, expect

from components.catalogues import removal
from core import jobs
from core.catalogue import Catalogue, Item, Picture, names
from core.catalogue.schema import SCHEMA_VERSION
from core.errors import LookalikeError
from core.importers import Loaded, open_source
from core.workflows import importing
from tests.conftest import MakePicture

from .conftest import (
    LONG,
    Library,
    box,
    choose_more,
    expect_heading,
    expect_loaded,
    expect_painted,
    gallery,
    open_more,
)

CATALOGUES = "/catalogues?catalogue=small"


@pytest.fixture
def name(data_of_its_own: None) -> Iterator[str]:
    """Give the name of a catalogue to make, and remove it afterwards."""
    yield "made-by-a-test"
    with suppress(LookalikeError):
        Catalogue.remove("made-by-a-test")


@pytest.fixture
def folder(tmp_path: Path, library: Library) -> Path:
    """Make a folder of three pictures in two sub-folders, and one that is none."""
    folder = tmp_path / "my pictures"
    for item, where in zip(library.small, ("a", "a", "b"), strict=False):
        (folder / where).mkdir(parents=True, exist_ok=True)
        shutil.copy(library.picture(item), folder / where / f"{item.name}.webp")
    (folder / "b" / "broken.png").write_bytes(b"not a picture")
    return folder


@pytest.fixture
def many(tmp_path: Path) -> Path:
    """Make a folder of pictures that take a while, and a second time for those that are left."""
    folder = tmp_path / "many"
    folder.mkdir()
    for number in range(4000):
        chance = random.Random(number)
        picture = Image.new("RGB", (128, 128), "white")
        corners = [(chance.randrange(128), chance.randrange(128)) for _ in range(3)]
        ImageDraw.Draw(picture).polygon(corners, fill=(number % 200, 60, number // 200))
        picture.save(folder / f"{number}.png")
    return folder


def fill_in(page: Page, *, source: str, into: str, press: str = "Import") -> None:
    if not page.get_by_role("dialog").is_visible():
        page.get_by_role("button", name="Import models").click()
        page.get_by_role("dialog").get_by_text("Files on this computer", exact=True).click()
    page.get_by_role("textbox", name="Folder or file").fill(source)
    title = page.get_by_role("textbox", name="Import into catalogue")
    # For a moment the one of uploads is there too.
    expect(title).to_have_count(1)
    title.fill(into)
    page.get_by_role("button", name=press, exact=True).click()


def test_catalogues_are_listed_with_their_counts(page: Page) -> None:
    page.goto(CATALOGUES)

    expect_heading(page, "Catalogues")
    for name, title, counts in (
        ("small", "Small shelf", "70 models · 9 categories · 70 on the map · "),
        ("two", "Two of them", "2 models · "),
        ("one", "One alone", "1 model"),
        ("empty", "Nothing yet", "0 models · 0 on the map · 0 MB"),
    ):
        expect(box(page, name).get_by_role("heading", name=title)).to_be_visible()
        expect(box(page, name).get_by_text(counts)).to_be_visible()


def test_catalogue_of_another_version_says_so_and_the_others_work(page: Page) -> None:
    page.goto(CATALOGUES)

    expect(box(page, "foreign").get_by_role("alert")).to_contain_text(
        "made by another version of Lookalike "
        f"(format 99; this version reads format {SCHEMA_VERSION})"
    )
    box(page, "two").get_by_role("link", name="Open").click()
    expect_painted(gallery(page, "Models of Two of them"), 2)


def test_switch_opens_another_catalogue(page: Page) -> None:
    page.goto("/?catalogue=small")
    expect(gallery(page, "Models of Small shelf")).to_have_count(48)

    switch = page.get_by_role("button", name="Catalogue: ")
    switch.press("Enter")
    page.get_by_role("link", name="Two of them", exact=True).press("Enter")

    expect_painted(gallery(page, "Models of Two of them"), 2)
    expect(page).to_have_url(re.compile(r"\?catalogue=two$"))
    expect(switch).to_have_accessible_name("Catalogue: Two of them")
    expect(switch).to_be_focused()
    page.go_back()
    expect_painted(gallery(page, "Models of Small shelf"), 48)


def test_folder_is_imported_with_progress_until_its_pictures_can_be_seen(
    name: str, page: Page, folder: Path
) -> None:
    page.goto(CATALOGUES)

    fill_in(page, source=str(folder), into="Made by a test")

    expect(box(page, name).get_by_role("progressbar")).to_be_visible()
    done = box(page, name).get_by_text(
        "3 added, 1 failed to import. 3 embedded, map layout computed."
    )
    expect(done).to_be_visible(timeout=LONG)
    expect(box(page, name).get_by_role("progressbar")).to_have_count(0)
    expect(box(page, name).get_by_role("button", name="Cancel")).to_have_count(0)
    expect(
        box(page, name).get_by_text(re.compile("3 models · 2 categories · 3 on the map"))
    ).to_be_visible()
    box(page, name).get_by_text("Failed (1)").click()
    expect(box(page, name).get_by_text("1 · The file is not a JPEG")).to_be_visible()

    box(page, name).get_by_role("link", name="Open").click()

    expect_painted(gallery(page, "Models of Made by a test"), 3)
    gallery(page, "Models of Made by a test").first.click()
    expect(page.get_by_role("list", name=re.compile("^Neighbours of")).locator("li")).to_have_count(
        2
    )


def test_near_duplicates_are_found_hidden_and_restored(
    name: str, page: Page, folder: Path, library: Library
) -> None:
    first = library.small[0]
    with Image.open(folder / "a" / f"{first.name}.webp") as picture:
        picture.resize((180, 180)).save(folder / "b" / "Smaller.png")
    page.goto(CATALOGUES)
    fill_in(page, source=str(folder), into=name)
    # The job ends after the map: a click while it ends would meet a page that is being replaced.
    expect(box(page, name).get_by_text("map layout computed")).to_be_visible(timeout=LONG)

    choose_more(page, name, "Near-duplicates")
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Find near-duplicates").click()
    # The card shows the job. A dialog that is opened meanwhile stays when it ends.
    expect(dialog).to_have_count(0)
    choose_more(page, name, "Sources (1)")
    found = box(page, name).locator("button", has_text="Near-duplicates (1)")
    expect(found).to_be_visible(timeout=LONG)
    expect(dialog.get_by_text("4 added, 1 failed to import.")).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(box(page, name).get_by_role("button", name="More")).to_be_focused()

    found.click()
    group = gallery(page, f"Near-duplicates of {first.name}")
    expect(group).to_have_count(2)
    expect(group.nth(0)).to_have_accessible_name(f"{first.name}, kept, a")
    expect(group.nth(1)).to_have_accessible_name(re.compile("^Smaller, .*180"))

    group.nth(1).click()
    expect(group.nth(1)).to_have_accessible_name(re.compile("^Smaller, kept"))
    dialog.get_by_role("button", name="Keep one, hide the other").click()

    expect(dialog.get_by_text("No more near-duplicates among 4 models.")).to_be_visible()
    assert {item.name for item in Catalogue(name).items.find()} == {
        "Smaller",
        *(item.name for item in library.small[1:3]),
    }

    # A run that has not ended would open the dialog again.
    expect_loaded(page)
    page.keyboard.press("Escape")
    expect(box(page, name).get_by_text("3 models · ")).to_be_visible()
    expect(found).to_have_count(0)
    choose_more(page, name, "Near-duplicates")
    dialog.get_by_role("button", name="Restore 1 hidden").click()
    expect(group).to_have_count(2)
    dialog.get_by_role("button", name="Close").click()
    expect(box(page, name).get_by_text("4 models · ")).to_be_visible()


def test_import_can_be_cancelled_and_keeps_what_was_done(name: str, page: Page, many: Path) -> None:
    page.goto(CATALOGUES)

    fill_in(page, source=str(many), into=name)
    begun = box(page, name).get_by_text(re.compile(r"Importing · [1-9]"))
    expect(begun).to_be_visible(timeout=LONG)
    box(page, name).get_by_role("button", name="Cancel").click()

    cancelled = box(page, name).get_by_text("Cancelled. Finished work is kept")
    expect(cancelled).to_be_visible(timeout=LONG)
    expect(box(page, name).get_by_role("progressbar")).to_have_count(0)
    kept = Catalogue(name).summary()
    assert kept.items
    assert kept.mapped == 0
    expect(box(page, name).get_by_text(f"{kept.items} models")).to_be_visible()
    open_more(page, name)
    expect(page.get_by_role("menuitem", name="Update")).to_be_enabled()

    # A second tab shows the same, and goes on with it.
    page.reload()
    box(page, name).get_by_role("button", name="Resume").click()
    expect(box(page, name).get_by_text("Importing")).to_be_visible(timeout=LONG)
    page.goto("about:blank")
    page.goto(CATALOGUES)
    expect(box(page, name).get_by_text("Importing")).to_be_visible()
    expect(page.get_by_role("list", name="Just imported")).to_be_visible()
    box(page, name).get_by_role("button", name="Cancel").click()
    expect(cancelled).to_be_visible(timeout=LONG)
    assert Catalogue(name).items.count() >= kept.items


def test_update_is_previewed_and_missing_and_blank_models_are_listed(
    name: str, page: Page, folder: Path
) -> None:
    importing.run(open_source(str(folder)), Catalogue.create(name, title="Mine"))
    kept, gone, _ = Catalogue(name).items.find()
    (folder / gone.source_id).unlink()
    Image.new("RGB", (64, 64), "white").save(folder / "blank.png")
    page.goto(CATALOGUES)

    choose_more(page, name, "Sources (1)")
    expect(page.get_by_role("dialog").get_by_text(str(folder))).to_be_visible()
    page.keyboard.press("Escape")
    choose_more(page, name, "Preview changes")
    plan = box(page, name).locator(f".st-key-plan-{name}")
    expect(plan).to_contain_text(
        "Preview: 1 to add, 2 unchanged, 1 missing from the source, 1 failed to import."
    )
    plan.get_by_text("Missing from the source (1)").click()
    expect(plan.get_by_text(gone.name, exact=True)).to_be_visible()
    assert Catalogue(name).items.count() == 3
    plan.get_by_role("button", name="Apply").click()

    done = re.compile("^1 added, 2 unchanged, 1 missing from the source")
    expect(box(page, name).get_by_text(done)).to_be_visible(timeout=LONG)
    expect(plan).to_have_count(0)
    box(page, name).get_by_text("Missing from the source (1)").click()
    gallery(page, "Missing models of Mine").first.click()

    expect(box(page, name).get_by_text("4 models")).to_be_visible()
    expect(box(page, name).get_by_text("Missing from the source (1)")).to_have_count(0)
    assert kept.id in Catalogue(name).items.ids()
    box(page, name).get_by_text("Nothing to see (1)").click()
    gallery(page, "Models of Mine with nothing to see").click()
    expect_heading(page, "blank")
    expect(page.get_by_text("There is nothing to see in the picture of “blank”")).to_be_visible()


def test_a_watched_folder_is_imported_when_it_changes(
    name: str, page: Page, folder: Path, library: Library
) -> None:
    importing.run(open_source(str(folder)), Catalogue.create(name, title="Mine"))
    page.goto(CATALOGUES)

    choose_more(page, name, "Watch for changes")
    expect(box(page, name).get_by_text(f"Watching {folder}")).to_be_visible()
    shutil.copy(library.picture(library.small[9]), folder / "new.webp")

    expect(box(page, name).get_by_text("4 models · ")).to_be_visible(timeout=LONG)
    expect(box(page, name).get_by_text(re.compile("4 on the map"))).to_be_visible(timeout=LONG)
    stop = box(page, name).get_by_role("button", name="Stop watching")
    stop.click()
    expect(stop).to_have_count(0, timeout=LONG)
    assert not jobs.running(Catalogue(name).watch_file)


def cuboid(width: float, height: float, depth: float) -> str:
    """Return a box as an OBJ file."""
    corners = [(x, y, z) for x in (0, width) for y in (0, height) for z in (0, depth)]
    faces = ["1 2 4 3", "5 7 8 6", "1 5 6 2", "3 4 8 7", "1 3 7 5", "2 6 8 4"]
    lines = [f"v {x} {y} {z}" for x, y, z in corners] + [f"f {face}" for face in faces]
    return "\n".join(lines) + "\n"


def test_3d_files_are_rendered_and_can_be_rotated_and_turned(
    name: str, page: Page, tmp_path: Path
) -> None:
    folder = tmp_path / "models"
    for number, sides in enumerate([(1, 1, 1), (3, 1, 1), (1, 3, 1)]):
        (folder / "boxes").mkdir(parents=True, exist_ok=True)
        (folder / "boxes" / f"box {number}.obj").write_text(cuboid(*sides))
    (folder / "half.glb").write_bytes(b"glTF\2\0\0\0")
    page.goto(CATALOGUES)

    fill_in(page, source=str(folder), into=name)
    expect(box(page, name).get_by_text("3 on the map")).to_be_visible(timeout=LONG)
    expect(box(page, name).get_by_text("Failed (1)")).to_be_visible()
    box(page, name).get_by_role("link", name="Open").click()
    expect_painted(gallery(page, f"Models of {name}"), 3)
    gallery(page, f"Models of {name}").filter(has_text="box 1").click()

    viewer = page.locator("model-viewer")
    expect(viewer).to_have_js_property("loaded", True, timeout=LONG)
    expect(page.get_by_role("application", name=re.compile("^box 1"))).to_be_visible()

    page.get_by_text("Details", exact=True).click()
    page.get_by_role("button", name="Up: Y").click()
    page.get_by_text("Z is up", exact=True).click()
    expect(page.get_by_role("button", name="Up: Z")).to_be_visible(timeout=LONG)
    page.goto(CATALOGUES)
    done = re.compile("^1 changed, 2 unchanged, 1 failed to import")
    expect(box(page, name).get_by_text(done)).to_be_visible(timeout=LONG)
    choose_more(page, name, "Which way is up")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Y is up in 2 models and Z is up in 1 model.")
    dialog.get_by_text("Z is up", exact=True).click()
    done = re.compile("^2 changed, 1 unchanged, 1 failed to import")
    expect(box(page, name).get_by_text(done)).to_be_visible(timeout=LONG)


def test_preview_shows_models_and_creates_no_catalogue(
    page: Page, folder: Path, library: Library
) -> None:
    before = names()
    page.goto(CATALOGUES)

    fill_in(page, source=str(folder), into="mine", press="Preview models")

    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("3 models found, 1 file cannot be read")).to_be_visible()
    expect(dialog.locator("ul.sample li")).to_have_count(3)
    expect(dialog.get_by_text("“broken” cannot be imported")).to_be_visible()
    assert names() == before


@pytest.mark.parametrize(
    ("source", "into", "sentence"),
    [
        ("", "", "Enter a folder or a file."),
        ("/no/such/folder", "mine", "There is no folder or file"),
        ("{folder}", "!!!", "cannot name a catalogue"),
        ("{empty}", "mine", "has no pictures"),
        ("{picture}", "mine", "is a single picture. Give the folder that it is in"),
    ],
    ids=["nothing", "missing folder", "bad name", "empty folder", "one picture"],
)
def test_form_says_what_is_wrong_and_makes_no_catalogue(
    page: Page, folder: Path, tmp_path: Path, source: str, into: str, sentence: str
) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    before = names()
    page.goto(CATALOGUES)

    places = {"folder": folder, "empty": empty, "picture": folder / "b" / "broken.png"}
    fill_in(page, source=source.format(**places), into=into)

    expect(page.get_by_role("alert").filter(has_text=sentence)).to_be_visible()
    assert names() == before


def test_focus_comes_back_to_a_button_that_was_clicked_without_having_it(page: Page) -> None:
    page.goto(CATALOGUES)
    expect_loaded(page)
    more = box(page, "small").get_by_role("button", name="More")

    # As voice control and Safari do.
    more.dispatch_event("click")
    page.get_by_role("menuitem", name="Remove").dispatch_event("click")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")

    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(more).to_be_focused()


def test_removal_is_confirmed_first(name: str, page: Page) -> None:
    Catalogue.create(name, title="To be removed")
    page.goto(f"/catalogues?catalogue={name}")

    choose_more(page, name, "Remove")
    page.get_by_role("dialog").get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(box(page, name).get_by_role("button", name="More")).to_be_focused()
    assert name in names()

    choose_more(page, name, "Remove")
    page.get_by_role("dialog").get_by_role("button", name="Remove", exact=True).click()
    expect(box(page, name)).to_have_count(0)
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert name not in names()
    expect(box(page, "small").get_by_text("70 models")).to_be_visible()


def test_a_large_catalogue_is_removed_only_if_its_title_is_typed(
    name: str, page: Page, picture: MakePicture
) -> None:
    catalogue = Catalogue.create(name, title="Very many")
    prepared = importing.prepare(Loaded(picture=picture(1), version="1"))
    assert isinstance(prepared, Picture)
    count = removal.MAX_WITHOUT_TITLE + 1
    catalogue.items.add(
        [(Item(source_id=str(number), name=f"{number}"), prepared) for number in range(count)]
    )
    page.goto(CATALOGUES)

    choose_more(page, name, "Remove")
    dialog = page.get_by_role("dialog")
    confirm = dialog.get_by_role("button", name="Remove", exact=True)
    expect(confirm).to_be_disabled()
    dialog.get_by_label("Type its title to confirm").fill("Very few")
    page.keyboard.press("Enter")
    expect(confirm).to_be_disabled()
    dialog.get_by_label("Type its title to confirm").fill("Very many")
    page.keyboard.press("Enter")
    confirm.click()

    expect(box(page, name)).to_have_count(0)
    assert name not in names()


def test_catalogue_that_cannot_be_opened_can_be_removed(name: str, page: Page) -> None:
    broken = Catalogue.create(name)
    (broken.folder / "catalogue.db").write_bytes(b"no database" * 100)
    page.goto(CATALOGUES)

    expect(box(page, name).get_by_role("alert")).to_contain_text("is damaged")
    box(page, name).get_by_role("button", name="Remove", exact=True).click()
    page.get_by_role("dialog").get_by_role("button", name="Remove", exact=True).click()

    expect(box(page, name)).to_have_count(0)
    assert name not in names()
