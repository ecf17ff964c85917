"""What the browser tests share: a catalogue of real pictures, a server on it, and Chromium."""

import csv
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, closing, contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from time import monotonic

import pytest
from playwright.sync_api import Page

from core import settings
from core.catalogue import Catalogue
from core.importers import fluent
from core.items import Item

CHROMIUMS = ("chromium", "chromium-browser", "google-chrome")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--enable-unsafe-swiftshader",
]

# Every 26th emoji: 62 of them, of all eight categories.
STRIDE = 26

# Names that a page must show letter by letter, on emoji that stand between the others.
HOSTILE = {
    "1f4a3": "It's a \"chair\" & 'more'",
    "1f4bb": "<script>alert(1)</script>",
    "1f4d7": '<img src=x onerror="alert(2)">',
    "1f4e6": "كرسي أحمر",
    "1f4f7": "кресло 🪑 椅子",
    "1f50b": "armchair " * 33 + "end",
    "1f52b": "*a* $x$ :red[b] [l](http://x) `c` # h &amp;",
    "1f5ff": "100% ~~and~~ __more__",
}
HOSTILE_CATEGORY = 'Odd <b>names</b> & "signs"'

# The one model that can be turned in 3D, and one whose viewer must not be shown.
EMBEDDED, UNSAFE = "1f6a2", "1f434"
EMBED_URL = "https://example.org/embed"

# An exception box of Streamlit, however short it is there, becomes an error of the page.
TELL_EXCEPTIONS = """
new MutationObserver(() => {
    const box = document.querySelector('[data-testid="stException"]');
    if (box) throw new Error(`Streamlit shows an exception: ${box.textContent}`);
}).observe(document, { childList: true, subtree: true });
"""


@dataclass(frozen=True)
class Library:
    """A data folder with the catalogues `small` (70), `one`, `two`, `empty` and `foreign`."""

    environment: Mapping[str, str]
    folder: Path
    pictures: Path
    small: tuple[Item, ...]
    by_source: Mapping[str, Item] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_source", {item.source_id: item for item in self.small})

    def picture(self, item: Item) -> Path:
        """Return the file that the item was imported from."""
        return self.pictures / f"{item.source_id}.webp"


@dataclass(frozen=True)
class Server:
    """A running server."""

    url: str
    process: subprocess.Popen[bytes]


Serve = Callable[[], AbstractContextManager[Server]]


@pytest.fixture(scope="session")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    folder = tmp_path_factory.mktemp("library")
    environment = {**os.environ, "LOOKALIKE_DATA": str(folder / "data")}
    items = _write_pictures(folder / "pictures")
    tables = {
        "small": ("Small shelf", items),
        "one": ("One alone", items[:1]),
        "two": ("Two of them", items[:2]),
    }
    commands = {}
    for name, (title, rows) in tables.items():
        table = _write_table(folder / "pictures" / f"{name}.csv", rows)
        command = [sys.executable, "-m", "core", "import", str(table), "--into", name]
        commands[name] = subprocess.Popen(
            [*command, "--title", title, "--index"],
            cwd=settings.PROJECT,
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LOOKALIKE_DATA", environment["LOOKALIKE_DATA"])
        thumbnails = settings.thumbnails_root()
        assert thumbnails.name.startswith("at-"), "these would be the product's own thumbnails"
        try:
            Catalogue.create("empty", title="Nothing yet")
            foreign = Catalogue.create("foreign", title="From afar")
            with closing(sqlite3.connect(foreign.folder / "catalogue.db")) as db:
                db.execute("PRAGMA user_version = 99")
            for name, process in commands.items():
                _, errors = process.communicate()
                assert process.returncode == 0, f"{name}: {errors}"
            small = tuple(Catalogue("small").items())
            yield Library(environment, folder / "data", folder / "pictures", small)
        finally:
            shutil.rmtree(thumbnails, ignore_errors=True)


@pytest.fixture(autouse=True)
def data_of_its_own(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the test itself look into the data of the server."""
    monkeypatch.setenv("LOOKALIKE_DATA", str(library.folder))


@pytest.fixture(scope="session")
def serve(library: Library, tmp_path_factory: pytest.TempPathFactory) -> Serve:
    """Return what starts a server on the library: `with serve() as server`."""
    return lambda: _serve(library, tmp_path_factory.mktemp("server") / "log.txt")


@pytest.fixture(scope="session")
def base_url(serve: Serve) -> Iterator[str]:
    """Start the server that all tests share; pytest-playwright puts it before addresses."""
    with serve() as server:
        yield server.url


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, object]) -> dict[str, object]:
    named = [os.environ["CHROMIUM"]] if os.environ.get("CHROMIUM") else []
    found = next(filter(None, map(shutil.which, [*named, *CHROMIUMS])), None)
    assert found, "There is no Chromium. Run: sh tests/browser/install_chromium.sh"
    return {**browser_type_launch_args, "executable_path": found, "args": FLAGS}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, object]) -> dict[str, object]:
    return {
        **browser_context_args,
        "viewport": {"width": 1280, "height": 900},
        "reduced_motion": "reduce",
    }


@pytest.fixture
def page(page: Page) -> Iterator[Page]:
    """Give a page that fails the test on any error in it, and that reaches no other server."""
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))

    def refuse_dialog(dialog: object) -> None:
        errors.append(f"a dialog: {dialog}")

    page.on("dialog", refuse_dialog)
    page.add_init_script(TELL_EXCEPTIONS)
    page.route("https://example.org/**", lambda route: route.fulfill(body="A viewer."))
    page.set_default_timeout(TIMEOUT)
    yield page
    assert not errors, errors
