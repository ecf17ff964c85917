"""What the browser tests share: a catalogue of real pictures, servers, and Chromium.

Most tests are of the app on the `library`. A module that tests a component has a small
page of its own instead: it overrides `base_url`, serves the page with `serve_script`, and
its tests do not wait for the library.
"""

import csv
import fcntl
import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Dialog, Locator, Page, ViewportSize, expect

from core import settings
from core.catalogue import Catalogue, Item
from core.importers import InMemoryEntry, fluent
from devtools.browser import CHROMIUM_FLAGS, Server, find_chromium, run_server

# Milliseconds that anything on a page may take on a slow, busy machine; as a rule it takes 100.
PATIENCE = 60_000
expect.set_options(timeout=PATIENCE)
# Milliseconds that a process may take that loads the network; as a rule it takes 6,000.
LONG = 120_000

DESK: ViewportSize = {"width": 1280, "height": 900}

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

# The browser reaches no other server than ours. `page.route` would say the same, but switches the
# browser's cache off: each visit would load and compile Streamlit's scripts again.
NO_OTHER_SERVERS = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"

# An exception box of Streamlit, however short it is there, becomes an error of the page.
REPORT_EXCEPTIONS = """
new MutationObserver(() => {
    const box = document.querySelector('[data-testid="stException"]');
    if (box) throw new Error(`Streamlit shows an exception: ${box.textContent}`);
}).observe(document, { childList: true, subtree: true });
"""

# Gives the page a file as a browser does it: the event bubbles up from where the focus is.
HAND_OVER = """([kind, name, type, data]) => {
    const bytes = Uint8Array.from(atob(data), (sign) => sign.charCodeAt(0));
    const transfer = new DataTransfer();
    transfer.items.add(new File([bytes], name, { type }));
    const options = { bubbles: true, cancelable: true, composed: true };
    let target = document.activeElement ?? document.body;
    while (target.shadowRoot?.activeElement) target = target.shadowRoot.activeElement;
    target.dispatchEvent(kind === "paste"
        ? new ClipboardEvent("paste", { ...options, clipboardData: transfer })
        : new DragEvent("drop", { ...options, dataTransfer: transfer }));
}"""


def pytest_itemcollected(item: pytest.Item) -> None:
    """Mark the tests of this folder."""
    item.add_marker("browser")


# Runs commands in one process, so that the network is loaded only once.
RUN_ALL = """
import json, sys
from core.cli.main import main
sys.exit(any([main(command) for command in json.loads(sys.argv[1])]))
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


def gallery(page: Page, label: str) -> Locator:
    """Return the cards of the gallery that screen readers call `label`.

    Or of several that begin with it: “Lookalikes: Strong matches” and “Lookalikes: Weaker matches”.
    """
    return lists(page, label).locator(".pick")


def lists(page: Page, label: str) -> Locator:
    """Return the lists that screen readers call `label`, or that and something after a colon."""
    return page.get_by_role("list", name=re.compile(rf"^{re.escape(label)}(:|$)"))


def expect_painted(cards: Locator, count: int) -> None:
    """Wait until there are `count` cards and the first nine have their pictures."""
    expect(cards).to_have_count(count)
    for number in range(min(count, 9)):
        image = cards.nth(number).locator("img")
        # Playwright's own way fails if new results take the place of the image meanwhile.
        image.evaluate("(image) => image.scrollIntoView({ block: 'nearest' })")
        expect(image).to_have_js_property("naturalWidth", 160)


def expect_heading(page: Page, text: str) -> None:
    """Wait until the page has one heading of the first level, and it says `text`."""
    expect(page.get_by_role("heading", level=1)).to_have_text([text])


def expect_loaded(page: Page) -> None:
    """Wait until everything that the page shows is there, and its script has ended."""
    expect(page.locator("html")).to_have_attribute("data-loaded", "")
    expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning")


def search_box(page: Page) -> Locator:
    """Return the search box of the bar."""
    return page.get_by_role("combobox", name="Search for models")


def follow(page: Page, name: str) -> None:
    """Follow a link of the bar, which may be in its menu."""
    bar = page.get_by_role("navigation", name="Pages")
    if name in ("Catalogues", "About"):
        bar.get_by_role("button", name="More", exact=True).click()
    bar.get_by_role("link", name=name, exact=True).click()


def choose(page: Page, label: str, option: str) -> None:
    """Choose `option` in the select box `label`."""
    page.get_by_role("combobox", name=label, exact=True).click()
    page.get_by_role("option", name=option, exact=True).click()


def box(page: Page, name: str) -> Locator:
    """Return the part of the page Catalogues that is about the catalogue `name`."""
    return page.locator(f".st-key-catalogue-{name}")


def open_more(page: Page, name: str) -> None:
    """Open the menu of the catalogue `name` on the page Catalogues.

    While the page's script runs, the button may be replaced, which closes the menu.
    """
    expect_loaded(page)
    box(page, name).get_by_role("button", name="More").click()


def choose_more(page: Page, name: str, label: str) -> None:
    """Choose what is in the menu of the catalogue `name` on the page Catalogues."""
    open_more(page, name)
    page.get_by_role("menuitem", name=label).click()


Serve = Callable[[], AbstractContextManager[Server]]
ServeFolder = Callable[[Path], AbstractContextManager[Server]]
ServeScript = Callable[[str], AbstractContextManager[Server]]


@pytest.fixture(scope="session")
def made_library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a library that is made once for all workers of a run.

    It takes 45 seconds of the processor.
    """
    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent
    made = folder / "library"
    with (folder / "library.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (made / "done").exists():
            shutil.rmtree(made, ignore_errors=True)
            _make_library(made)
            (made / "done").touch()
    return made


def _make_library(folder: Path) -> None:
    """Make the `data`, the `thumbnails` and the `pictures` of a library in a folder."""
    folder.mkdir()
    items = _write_pictures(folder / "pictures")
    tables = {
        "small": ("Small shelf", items),
        "one": ("One alone", items[:1]),
        "two": ("Two of them", items[:2]),
    }
    commands = [
        [
            *("import", str(_write_table(folder / "pictures" / f"{name}.csv", rows))),
            *("--into", name, "--title", title, "--index"),
        ]
        for name, (title, rows) in tables.items()
    ]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LOOKALIKE_DATA", str(folder / "data"))
        thumbnails = settings.thumbnails_root()
        assert thumbnails.name.startswith("at-"), "these would be the product's own thumbnails"
        try:
            Catalogue.create("empty", title="Nothing yet")
            foreign = Catalogue.create("foreign", title="From afar")
            with closing(sqlite3.connect(foreign.folder / "catalogue.db")) as db:
                db.execute("PRAGMA user_version = 99")
            done = subprocess.run(
                [sys.executable, "-c", RUN_ALL, json.dumps(commands)],
                cwd=settings.PROJECT,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                text=True,
            )
            assert done.returncode == 0, done.stderr
            shutil.copytree(thumbnails, folder / "thumbnails")
        finally:
            shutil.rmtree(thumbnails, ignore_errors=True)


@pytest.fixture(scope="session")
def library(made_library: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    """Give a copy of the library, which the tests of one worker may change."""
    folder = tmp_path_factory.mktemp("library") / "data"
    shutil.copytree(made_library / "data", folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LOOKALIKE_DATA", str(folder))
        thumbnails = settings.thumbnails_root()
        try:
            shutil.copytree(made_library / "thumbnails", thumbnails)
            small = tuple(Catalogue("small").items.find())
            environment = {**os.environ, "LOOKALIKE_DATA": str(folder)}
            yield Library(environment, folder, made_library / "pictures", small)
        finally:
            shutil.rmtree(thumbnails, ignore_errors=True)


@pytest.fixture(autouse=True)
def data_of_its_own(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Let a test of the app itself look into the data of the server; others have none."""
    of_the_app = "library" in request.fixturenames
    folder = request.getfixturevalue("library").folder if of_the_app else tmp_path
    monkeypatch.setenv("LOOKALIKE_DATA", str(folder))


@pytest.fixture(scope="session")
def serve(library: Library, tmp_path_factory: pytest.TempPathFactory) -> Serve:
    """Return what starts a server on the library: `with serve() as server`."""

    def start() -> AbstractContextManager[Server]:
        log = tmp_path_factory.mktemp("server") / "log.txt"
        return _serve("app.py", environment=library.environment, log=log)

    return start


@pytest.fixture(scope="session")
def serve_folder(tmp_path_factory: pytest.TempPathFactory) -> ServeFolder:
    """Return what starts a server on a data folder: `with serve_folder(path) as server`."""

    def start(folder: Path) -> AbstractContextManager[Server]:
        log = tmp_path_factory.mktemp("server") / "log.txt"
        environment = {**os.environ, "LOOKALIKE_DATA": str(folder)}
        return _serve("app.py", environment=environment, log=log)

    return start


@pytest.fixture(scope="session")
def serve_script(tmp_path_factory: pytest.TempPathFactory) -> ServeScript:
    """Return what serves a page of Streamlit: `with serve_script("…") as server`."""

    def start(script: str) -> AbstractContextManager[Server]:
        folder = tmp_path_factory.mktemp("script")
        path = folder / "app.py"
        path.write_text(script, encoding="utf-8")
        environment = {**os.environ, "LOOKALIKE_DATA": str(folder)}
        return _serve(str(path), environment=environment, log=folder / "log.txt")

    return start


@pytest.fixture(scope="session")
def base_url(serve: Serve) -> Iterator[str]:
    """Start the server that all tests of the app share; `page` puts it before addresses."""
    with serve() as server:
        yield server.url


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    path = find_chromium()
    assert path, "There is no Chromium. Run: sh tests/browser/install_chromium.sh"
    flags = [*CHROMIUM_FLAGS, "--use-fake-device-for-media-stream", NO_OTHER_SERVERS]
    return {**browser_type_launch_args, "executable_path": path, "args": flags}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    return {
        **browser_context_args,
        "viewport": DESK,
        "reduced_motion": "reduce",
    }


@dataclass(frozen=True)
class Tab:
    """A tab of the browser, and the errors that happened in it since they were last read."""

    page: Page
    errors: list[str]


@pytest.fixture(scope="session")
def tabs(browser: Browser, browser_context_args: dict[str, Any]) -> Iterator[Callable[[str], Tab]]:
    """Return what gives the one tab that all tests of a server use.

    In a tab of its own each test would compile Streamlit's scripts again, for five seconds.
    """
    with ExitStack() as windows:

        @cache
        def tab(base_url: str) -> Tab:
            options = browser_context_args | {"base_url": base_url}
            return prepared(windows.enter_context(browser.new_context(**options)).new_page())

        yield tab


@pytest.fixture
def page(tabs: Callable[[str], Tab], base_url: str) -> Iterator[Page]:
    """Give the tab, empty, and fail the test on any error in it."""
    tab = tabs(base_url)
    tab.page.set_viewport_size(DESK)
    tab.page.emulate_media(color_scheme="light")
    tab.errors.clear()
    yield tab.page
    leave(tab.page)
    assert not tab.errors, tab.errors


def leave(page: Page) -> None:
    """Leave the app, which ends the session, for a line of text from the same server.

    For an empty page the browser would end the process of the tab, and with it what is compiled.
    """
    page.goto("/_stcore/health")


def prepared(page: Page) -> Tab:
    """Return a tab whose errors are noted."""
    errors: list[str] = []

    def refuse(dialog: Dialog) -> None:
        errors.append(f"a dialog: {dialog.message}")
        dialog.dismiss()

    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("dialog", refuse)
    page.add_init_script(REPORT_EXCEPTIONS)
    page.set_default_timeout(PATIENCE)
    return Tab(page, errors)


def _write_pictures(folder: Path) -> list[Item]:
    """Write real pictures into `folder`, and return what the table says of them."""
    folder.mkdir()
    plain, hostile = [], []
    for number, entry in enumerate(fluent.read().entries):
        assert isinstance(entry, InMemoryEntry)
        item = entry.item
        if item.source_id in HOSTILE:
            name = HOSTILE[item.source_id]
            tags = ("sharp", "<i>*tag*</i>")
            hostile.append(replace(item, name=name, category=HOSTILE_CATEGORY, tags=tags))
        elif number % STRIDE == 0:
            plain.append(replace(item, page_url=f"https://www.example.org/{item.source_id}"))
        else:
            continue
        (folder / f"{item.source_id}.webp").write_bytes(entry.data)
    viewers = {EMBEDDED: EMBED_URL, UNSAFE: EMBED_URL.replace("https", "http")}
    plain = [replace(item, embed_url=viewers.get(item.source_id, "")) for item in plain]
    return plain + hostile


def _write_table(path: Path, items: list[Item]) -> Path:
    columns = ("source_id", "name", "category", "creator", "licence", "page_url", "embed_url")
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([*columns, "tags", "picture"])
        for item in items:
            row = [getattr(item, column) for column in columns]
            writer.writerow([*row, "|".join(item.tags), f"{item.source_id}.webp"])
    return path


@contextmanager
def _serve(script: str, *, environment: Mapping[str, str], log: Path) -> Iterator[Server]:
    """Serve a script, and fail the test if the server printed a stack trace."""
    with run_server(script, log=log, environment=environment) as server:
        yield server
    printed = log.read_text(errors="replace")
    assert "Traceback" not in printed, printed
