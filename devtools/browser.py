"""Run a server of the app and a browser, and find out when a picture is on the screen.

The browser tests and the benchmarks use both.
"""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

from core import settings
from core.catalogue import Catalogue
from core.workflows.demos import DEMOS, is_ready

CHROMIUMS = ("chromium", "chromium-browser", "google-chrome")
# Chromium in a container has no sandbox, no GPU and little shared memory; the rest keeps it from
# loading anything but the pages that are asked for.
CHROMIUM_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--enable-unsafe-swiftshader",
)
# The size of the window, in CSS pixels.
WINDOW: ViewportSize = {"width": 1440, "height": 900}
# Seconds that a server may take to start.
START_TIMEOUT = 60.0

# The script that every page runs before its own. Times are `performance.now()`, in milliseconds.
# Pictures are searched for in shadow roots too, where the widgets have them.
WATCH = """
const bench = (window.bench = {
  all(selector, root = document) {
    const found = [...root.querySelectorAll(selector)];
    for (const element of root.querySelectorAll("*")) {
      if (element.shadowRoot) found.push(...bench.all(selector, element.shadowRoot));
    }
    return found;
  },

  inView(element) {
    // The contents of a closed <details> have a position all the same.
    const outside = element.getRootNode().host ?? element;
    if (outside.closest("details:not([open])")) return false;
    const { width, height, top, right, bottom, left } = element.getBoundingClientRect();
    const shown = width > 0 && height > 0;
    return shown && bottom > 0 && right > 0 && top < innerHeight && left < innerWidth;
  },

  // While a page loads, nothing of it is shown.
  isShown() {
    const page = document.querySelector('[data-testid="stMainBlockContainer"]');
    return page !== null && getComputedStyle(page).opacity === "1";
  },

  picturesInView() {
    return bench.all("img").filter(bench.inView);
  },

  // The gallery whose label begins with `label`, once it has cards.
  gallery(label) {
    const named = (list) => list.getAttribute("aria-label")?.startsWith(label);
    return bench.all("ul.gallery").find((list) => named(list) && list.firstElementChild);
  },

  // The time when every picture that `pictures` returns is on the screen; it returns null until
  // they exist. The time may be a frame late (16 ms), never early.
  until(pictures) {
    const deadline = performance.now() + 120_000;
    const isWhole = (picture) => picture.complete && picture.naturalWidth > 0;
    return new Promise((resolve, reject) => {
      const check = async () => {
        const wanted = pictures();
        if (wanted?.every(isWhole) && bench.isShown()) {
          await Promise.allSettled(wanted.map((picture) => picture.decode()));
          // The first of these frames draws everything; when the second begins it is shown.
          requestAnimationFrame(() => requestAnimationFrame(() => resolve(performance.now())));
        } else if (performance.now() > deadline) {
          reject(new Error("Nothing was painted within two minutes."));
        } else {
          requestAnimationFrame(check);
        }
      };
      check();
    });
  },

  // The same in seconds since the epoch, to compare with `time.time()` in Python.
  async dateWhen(pictures) {
    return (performance.timeOrigin + (await bench.until(pictures))) / 1000;
  },
});
"""


class ServerError(Exception):
    """The server ended, or did not answer in time; the message is what it printed."""


@dataclass(frozen=True, slots=True)
class Server:
    """A running server.

    Attributes:
        url: its URL.
        process: its process.
        began: when the process was started, in seconds since the epoch.
    """

    url: str
    process: subprocess.Popen[bytes]
    began: float

    def memory(self) -> float:
        """Return the memory that it uses now (its resident set), in MB (10^6 bytes)."""
        return memory_of(self.process.pid, "VmRSS")

    def has_mapped(self, library: str) -> bool:
        """Return whether it has loaded a native library whose path contains `library`."""
        return library in Path(f"/proc/{self.process.pid}/maps").read_text(encoding="utf-8")


def memory_of(pid: int, field: str) -> float:
    """Return a field of /proc/PID/status in MB (10^6 bytes); 0 once the process has ended."""
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines():
            if line.startswith(f"{field}:"):
                return int(line.split()[1]) * 1024 / 1e6
    return 0.0


def demo() -> Catalogue:
    """Return the demo catalogue; end the program if it is not ready."""
    if not is_ready(DEMOS["fluent"]):
        sys.exit("The demo catalogue is not ready. Run `python -m core demo` first.")
    return Catalogue("fluent")


@contextmanager
def run_server(
    script: str | Path = "app.py", *, log: Path, environment: Mapping[str, str] | None = None
) -> Iterator[Server]:
    """Serve a Streamlit script on a free port until the context ends.

    Args:
        script: the script; a relative path is one of the project.
        log: the file that gets everything the server prints.
        environment: variables that are set beside those of this process.

    Raises:
        ServerError: if the server does not answer within a minute.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", str(script), "--server.headless=true"]
    began = time.time()
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*command, "--server.address=127.0.0.1", f"--server.port={port}"],
            cwd=settings.PROJECT,
            env={**os.environ, **(environment or {})},
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        server = Server(f"http://127.0.0.1:{port}", process, began)
        _await_health(server, log)
        yield server
    finally:
        # There is no such group any more if the server ended by itself.
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _await_health(server: Server, log: Path) -> None:
    """Wait until the server answers; raises `ServerError`."""
    deadline = time.monotonic() + START_TIMEOUT
    while server.process.poll() is None and time.monotonic() < deadline:
        with suppress(OSError), urllib.request.urlopen(f"{server.url}/_stcore/health") as answer:
            if answer.read() == b"ok":
                return
        with suppress(subprocess.TimeoutExpired):
            server.process.wait(0.02)
    raise ServerError(log.read_text(encoding="utf-8", errors="replace"))


@contextmanager
def serve(environment: Mapping[str, str] | None = None) -> Iterator[Server]:
    """Serve the app until the context ends; end the program if that fails."""
    with tempfile.TemporaryDirectory(prefix="lookalike-") as folder:
        try:
            with run_server(log=Path(folder, "log.txt"), environment=environment) as server:
                yield server
        except ServerError as error:
            sys.exit(f"The server did not start. It printed:\n{error}")


def find_chromium() -> str | None:
    """Return the path of Chromium: the one that `CHROMIUM` names, or the first on the path."""
    named = [os.environ["CHROMIUM"]] if os.environ.get("CHROMIUM") else []
    return next(filter(None, map(shutil.which, [*named, *CHROMIUMS])), None)


@contextmanager
def chromium() -> Iterator[Browser]:
    """Run Chromium without a window; end the program if there is none."""
    path = find_chromium()
    if path is None:
        sys.exit("There is no Chromium. Install it, or set CHROMIUM to its path.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=[*CHROMIUM_FLAGS])
        yield browser
        browser.close()


@contextmanager
def visitor(browser: Browser, server: Server, script: str = "") -> Iterator[Page]:
    """Open an empty page as a first-time visitor: nothing of the server is cached.

    Args:
        browser: the browser to open it in.
        server: the server whose pages relative URLs name.
        script: JavaScript that each document runs after `WATCH` and before its own scripts.
    """
    context = browser.new_context(base_url=server.url, viewport=WINDOW, color_scheme="light")
    context.add_init_script(WATCH + script)
    yield context.new_page()
    context.close()


def draw(page: Page, stroke: Sequence[tuple[float, float]]) -> None:
    """Draw a stroke on the sketch pad with the mouse; its points are shares of the pad."""
    box = page.locator("canvas").bounding_box()
    assert box is not None
    first, *rest = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in stroke]
    page.mouse.move(*first)
    page.mouse.down()
    for point in rest:
        page.mouse.move(*point, steps=4)
    page.mouse.up()
