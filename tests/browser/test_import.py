"""Imports of uploaded files: dropped or chosen, previewed, and followed from every page."""

import re
import shutil
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from core.catalogue import Catalogue, names
from core.errors import LookalikeError
from core.jobs import Job, Stage

from .conftest import (
    LONG,
    Library,
    box,
    choose_more,
    expect_heading,
    expect_painted,
    follow,
    gallery,
)

CATALOGUES = "/catalogues?catalogue=small"
# What the catalogue is called that a test makes, and how its URL names it: the last of all.
TITLE, NAME = "Zebras of a test", "zebras-of-a-test"


@pytest.fixture(autouse=True)
def name(data_of_its_own: None) -> Iterator[str]:
    """Give the name of the catalogue to make, and remove it afterwards."""
    yield NAME
    with suppress(LookalikeError):
        Catalogue.remove(NAME)


@pytest.fixture
def folder(tmp_path: Path, library: Library) -> Path:
    """Make a folder of three pictures in two sub-folders, and a file that is no picture."""
    folder = tmp_path / TITLE
    for item, where in zip(library.small, ("a", "a", "b"), strict=False):
        (folder / where).mkdir(parents=True, exist_ok=True)
        shutil.copy(library.picture(item), folder / where / f"{item.name}.webp")
    (folder / "notes.pdf").write_bytes(b"%PDF")
    return folder


@pytest.fixture
def pictures(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.webp"))


def open_dialog(page: Page) -> Locator:
    page.goto(CATALOGUES)
    page.get_by_role("button", name="Import models").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.locator("input[type=file]")).to_be_attached()
    return dialog


def choose_folder(dialog: Locator) -> None:
    dialog.get_by_text("A folder", exact=True).click()
    expect(dialog.locator("input[webkitdirectory]")).to_be_attached()


def upload(dialog: Locator, files: Path | list[Path]) -> None:
    field = dialog.locator("input[type=file]")
    # For a moment the one for files is there beside the one for folders.
    expect(field).to_have_count(1)
    field.set_input_files(files)


def start(dialog: Locator, *, into: str = "") -> None:
    if into:
        field = dialog.get_by_role("textbox", name="Import into catalogue")
        field.fill(into)
        field.press("Enter")
        expect(dialog.get_by_text(f"the catalogue “{into}”")).to_be_visible()
    dialog.get_by_role("button", name="Import", exact=True).click()
    expect(dialog).to_have_count(0, timeout=LONG)


def toast(page: Page, words: str) -> Locator:
    return page.get_by_test_id("stToast").filter(has_text=words)


def first_card(page: Page) -> Locator:
    """Return the first of the catalogues that the page lists."""
    return page.locator("[class*=st-key-catalogue-]").first


def test_pictures_are_previewed_imported_and_their_card_is_on_top(
    name: str, page: Page, pictures: list[Path]
) -> None:
    dialog = open_dialog(page)
    expect(
        dialog.get_by_text("Up to 200 MB a file, 500 MB and 1,000 files in all.")
    ).to_be_visible()
    expect(dialog.get_by_role("button", name="Import", exact=True)).to_be_disabled()

    upload(dialog, pictures)

    expect(dialog.get_by_text("3 models found")).to_be_visible()
    models = dialog.locator("ul.sample li")
    expect(models).to_have_count(3)
    for number, title in enumerate(sorted(path.stem for path in pictures)):
        expect(models.nth(number)).to_have_attribute("title", title)
        expect(models.nth(number).locator("img")).to_have_js_property("naturalWidth", 160)
    assert name not in names()
    start(dialog, into=TITLE)

    expect(toast(page, f"Importing into “{TITLE}”")).to_be_visible()
    expect(first_card(page).get_by_role("heading", name=TITLE)).to_be_visible()
    ready = toast(page, f"“{TITLE}” is ready. 3 added. 3 embedded, map layout computed.")
    expect(ready).to_be_visible(timeout=LONG)
    expect(first_card(page).get_by_text("3 models · 3 on the map")).to_be_visible()
    expect(page.get_by_role("progressbar")).to_have_count(0)


def test_a_folder_keeps_its_sub_folders_and_each_of_its_files_is_counted(
    name: str, page: Page, folder: Path
) -> None:
    (folder / "a" / "seat.obj").write_text("v 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 3\n")
    dialog = open_dialog(page)
    choose_folder(dialog)
    upload(dialog, folder)

    expect(dialog.get_by_text("1 model found")).to_be_visible()
    expect(dialog.get_by_text("Passed over (4 files)")).to_be_visible()
    expect(dialog.get_by_text(re.compile("^3 pictures .* take “both”"))).to_be_visible()
    dialog.get_by_text("Both", exact=True).click()
    expect(dialog.get_by_text("4 models found")).to_be_visible()
    expect(dialog.get_by_text("Passed over (1 file)")).to_be_visible()
    expect(dialog.get_by_text(f"Creates the catalogue “{TITLE}”.")).to_be_visible()
    start(dialog)

    # First: the toast goes away by itself.
    expect(toast(page, "is ready. 4 added, 1 passed over.")).to_be_visible(timeout=LONG)
    expect(box(page, name).get_by_text("4 models · 2 categories")).to_be_visible()
    box(page, name).get_by_text("Passed over (1)").click()
    expect(box(page, name).get_by_text("1 PDF (notes.pdf)")).to_be_visible()
    choose_more(page, name, "Sources (1)")
    dialog = page.get_by_role("dialog", name=f"Sources · {TITLE}")
    expect(dialog.get_by_text("Upload 1 · folder of 3D files")).to_be_visible()


def test_a_folder_that_is_dropped_keeps_its_sub_folders(page: Page, folder: Path) -> None:
    dialog = open_dialog(page)
    zone = dialog.get_by_test_id("stFileUploaderDropzone").bounding_box()
    assert zone is not None
    browser = page.context.new_cdp_session(page)
    data = {"items": [], "files": [str(folder)], "dragOperationsMask": 1}
    for kind in ("dragEnter", "dragOver", "drop"):
        place = {"x": zone["x"] + 20, "y": zone["y"] + 20}
        browser.send("Input.dispatchDragEvent", {"type": kind, "data": data, **place})

    expect(dialog.get_by_text("3 models found")).to_be_visible()
    expect(dialog.locator("ul.sample small")).to_have_text(["a", "a", "b"])


def test_an_archive_is_uploaded_and_a_second_upload_adds_to_it(
    name: str, page: Page, folder: Path, pictures: list[Path], library: Library
) -> None:
    packed = folder.with_suffix(".zip")
    with zipfile.ZipFile(packed, "w") as archive:
        for path in pictures:
            archive.write(path, path.relative_to(folder))
    dialog = open_dialog(page)
    upload(dialog, packed)
    expect(dialog.get_by_text("3 models found")).to_be_visible()
    start(dialog)
    expect(toast(page, "is ready. 3 added.")).to_be_visible(timeout=LONG)

    dialog = open_dialog(page)
    upload(dialog, library.picture(library.small[9]))
    expect(dialog.get_by_text("1 model found")).to_be_visible()
    start(dialog, into=TITLE)

    expect(toast(page, "is ready. 1 added.")).to_be_visible(timeout=LONG)
    expect(box(page, name).get_by_text("4 models · ")).to_be_visible()
    choose_more(page, name, "Update")
    expect(toast(page, "is ready. 4 unchanged.")).to_be_visible(timeout=LONG)


def test_a_table_says_what_its_columns_are(page: Page, pictures: list[Path]) -> None:
    table = pictures[0].with_name("list.csv")
    rows = [f"{path.name},Model of a table,3" for path in pictures[:2]]
    table.write_text("\n".join(["File,Title,Price", *rows, "none.webp,Gone,1"]), encoding="utf-8")
    dialog = open_dialog(page)

    upload(dialog, [table, *pictures])

    columns = "Columns recognised: picture (“File”), name (“Title”). Not used: “Price”."
    expect(dialog.get_by_text(columns)).to_be_visible()
    expect(dialog.get_by_text("2 models found, 1 file cannot be read")).to_be_visible()
    expect(dialog.locator("ul.sample li")).to_have_count(2)
    expect(dialog.get_by_text("“Gone” cannot be imported: Row 4: There is no file")).to_be_visible()


@pytest.mark.parametrize(
    ("files", "sentence"),
    [
        ({"a.png": b""}, "“a.png” cannot be imported. It is empty."),
        ({"notes.png": b"some text"}, "Nothing in it can be imported."),
        ({"notes.3ds": b"x"}, "1 3DS file (notes.3ds): export as GLB, for example from Blender."),
        ({"a.zip": b"no archive"}, "a.zip"),
        ({"a.zip": b"PK", "b.png": b"x"}, "“a.zip” is an archive, which is imported by itself."),
    ],
    ids=["empty", "no picture", "wrong type", "broken archive", "archive and picture"],
)
def test_what_cannot_be_imported_is_said(
    page: Page, tmp_path: Path, files: dict[str, bytes], sentence: str
) -> None:
    before = names()
    (tmp_path / "files").mkdir()
    for file, data in files.items():
        (tmp_path / "files" / file).write_bytes(data)
    dialog = open_dialog(page)

    upload(dialog, sorted((tmp_path / "files").iterdir()))

    alert = dialog.get_by_role("alert").filter(has_text=sentence)
    expect(alert).to_be_visible()
    # The temporary folder means nothing to people.
    expect(alert).not_to_contain_text(re.compile("/files|cache"))
    expect(dialog.get_by_role("button", name="Import", exact=True)).to_be_disabled()
    assert names() == before


def test_a_discarded_upload_is_gone(page: Page, pictures: list[Path]) -> None:
    dialog = open_dialog(page)
    upload(dialog, pictures)
    expect(dialog.get_by_text("3 models found")).to_be_visible()

    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    page.get_by_role("button", name="Import models").click()

    expect(page.get_by_test_id("stFileUploaderDropzoneInstructions")).to_be_visible()
    expect(page.get_by_text("models found")).to_have_count(0)


def test_progress_is_in_the_bar_of_every_page_while_a_job_runs(name: str, page: Page) -> None:
    catalogue = Catalogue.create(name, title=TITLE)
    progress = page.get_by_role("progressbar", name=f"Import into {TITLE}")
    with Job(catalogue.job_file, title=f"Import into {TITLE}") as job:
        job.stage(Stage.IMPORTING, 8)
        page.goto("/?catalogue=small")
        expect(progress).to_have_attribute("aria-valuenow", "0")
        expect_painted(gallery(page, "Models of Small shelf"), 48)
        gallery(page, "Models of Small shelf").nth(3).focus()

        job.stage(Stage.EMBEDDING, 4)
        job.stage(Stage.COMPUTING_LAYOUT)

        expect(progress).to_have_attribute("aria-valuetext", "Computing the map layout")
        expect(progress).not_to_have_attribute("aria-valuenow", re.compile(".*"))
        expect(gallery(page, "Models of Small shelf").nth(3)).to_be_focused()
        for link, title in (("Search", "What are you looking for?"), ("About", "How it works")):
            follow(page, link)
            expect_heading(page, title)
            expect(progress).to_be_visible()
        progress.click()
        expect_heading(page, "Catalogues")
        expect(first_card(page).get_by_role("heading", name=TITLE)).to_be_visible()
        page.go_back()
        expect_heading(page, "How it works")
        expect(progress).to_be_visible()
        job.message("8 added.")

    expect(toast(page, f"“{TITLE}” is ready. 8 added.")).to_be_visible()
    expect(progress).to_have_count(0)
    expect_heading(page, "How it works")


def test_a_job_that_fails_says_why_in_a_toast(name: str, page: Page) -> None:
    catalogue = Catalogue.create(name, title=TITLE)
    with suppress(LookalikeError), Job(catalogue.job_file, title="Import") as job:
        job.stage(Stage.IMPORTING)
        page.goto("/about?catalogue=small")
        expect(page.get_by_role("progressbar", name="Import")).to_be_visible()
        raise LookalikeError("The disk is full.")

    expect(toast(page, f"The job on “{TITLE}” did not finish. The disk is full.")).to_be_visible()
