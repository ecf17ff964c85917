"""A real server of Lookalike and a real browser, and when a picture is on the screen."""

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

from playwright.sync_api import Browser, Page, sync_playwright

from core import settings
from core.catalogue import Catalogue
from core.workflows.demos import DEMOS, is_ready

CHROMIUMS = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
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
WINDOW = {"width": 1440, "height": 900}
# Seconds that a server may take to answer.
PATIENCE = 60.0

# What every page is given before its own scripts run. A moment is `performance.now()`, in
# milliseconds. Pictures are looked for in shadow roots too, where the components keep them.
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
    // What is folded up has a place all the same.
    const outside = element.getRootNode().host ?? element;
    if (outside.closest("details:not([open])")) return false;
    const { width, height, top, right, bottom, left } = element.getBoundingClientRect();
    const shown = width > 0 && height > 0;
    return shown && bottom > 0 && right > 0 && top < innerHeight && left < innerWidth;
  },

  picturesInView() {
    return bench.all("img").filter(bench.inView);
  },

  // The gallery whose label begins so, once it holds cards.
  gallery(label) {
    const named = (list) => list.getAttribute("aria-label")?.startsWith(label);
    return bench.all("ul.gallery").find((list) => named(list) && list.firstElementChild);
  },

  // The moment when all that `pictures` returns is on the screen; null means: not there yet.
  // It may be a frame late (16 ms), never early.
  until(pictures) {
    const deadline = performance.now() + 120_000;
    const isWhole = (picture) => picture.complete && picture.naturalWidth > 0;
    return new Promise((resolve, reject) => {
      const look = async () => {
        const wanted = pictures();
        if (wanted?.every(isWhole)) {
          await Promise.allSettled(wanted.map((picture) => picture.decode()));
          // In the first of these frames all is drawn; when the second begins it is shown.
          requestAnimationFrame(() => requestAnimationFrame(() => resolve(performance.now())));
        } else if (performance.now() > deadline) {
          reject(new Error("Nothing was painted within two minutes."));
        } else {
          requestAnimationFrame(look);
        }
      };
      look();
    });
  },

  // The same as seconds since the epoch, which Python's clock tells too.
  async dateWhen(pictures) {
    return (performance.timeOrigin + (await bench.until(pictures))) / 1000;
  },
});
"""


@dataclass(frozen=True, slots=True)
class Server:
    """A running server. `began` is when its process was started, in seconds since the epoch."""

    url: str
    pid: int
    began: float

    def memory(self) -> float:
        """Return how much memory it holds now (its resident set), in MB."""
        return memory_of(self.pid, "VmRSS")

    def has_mapped(self, library: str) -> bool:
        """Return whether it has loaded a native library whose path contains `library`."""
        return library in Path(f"/proc/{self.pid}/maps").read_text(encoding="utf-8")


def memory_of(pid: int, field: str) -> float:
    """Return a size in MB (10^6 bytes) that /proc/PID/status tells; 0 once the process has gone."""
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines():
            if line.startswith(f"{field}:"):
                return int(line.split()[1]) * 1024 / 1e6
    return 0.0


def demo() -> Catalogue:
    """Return the demo catalogue, or end the program with what to do if it is not ready."""
    if not is_ready(DEMOS["fluent"]):
        sys.exit("The demo catalogue is not ready. Run `python -m core demo` first.")
    return Catalogue("fluent")


@contextmanager
def serve(environment: Mapping[str, str] | None = None) -> Iterator[Server]:
    """Run a server on a free port until the context ends."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.headless=true"]
    with tempfile.TemporaryFile() as log:
        began = time.time()
        process = subprocess.Popen(
            [*command, "--server.address=127.0.0.1", f"--server.port={port}"],
            cwd=settings.PROJECT,
            env={**os.environ, **(environment or {})},
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            server = Server(f"http://127.0.0.1:{port}", process.pid, began)
            _await_health(server, process)
            yield server
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


@contextmanager
def chromium() -> Iterator[Browser]:
    """Run Chromium without a window: the one that `CHROMIUM` names, or the first on the path."""
    named = [os.environ["CHROMIUM"]] if os.environ.get("CHROMIUM") else []
    path = next(filter(None, map(shutil.which, [*named, *CHROMIUMS])), None)
    if path is None:
        sys.exit("There is no Chromium. Install it, or set CHROMIUM to its path.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        yield browser
        browser.close()


@contextmanager
def visitor(browser: Browser, server: Server, script: str = "") -> Iterator[Page]:
    """Open an empty page of somebody who was never here: nothing of the server is cached.

    The page has `WATCH` and then `script`.
    """
    context = browser.new_context(base_url=server.url, viewport=WINDOW, color_scheme="light")
    context.add_init_script(WATCH + script)
    yield context.new_page()
    context.close()


def _await_health(server: Server, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + PATIENCE
    while process.poll() is None and time.monotonic() < deadline:
        with suppress(OSError), urllib.request.urlopen(f"{server.url}/_stcore/health") as answer:
            if answer.read() == b"ok":
                return
        time.sleep(0.02)
    sys.exit("The server did not come up. See why with: python -m streamlit run app.py")


def draw(page: Page, stroke: Sequence[tuple[float, float]]) -> None:
    """Draw a stroke on the page's paper with the mouse; places are shares of the paper."""
    box = page.locator("canvas").bounding_box()
    assert box is not None
    first, *rest = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in stroke]
    page.mouse.move(*first)
    page.mouse.down()
    for place in rest:
        page.mouse.move(*place, steps=4)
    page.mouse.up()
