"""Measure how long a user waits for the pages, with the demo, a real server and Chromium.

A wait ends when the result is on the screen: every picture in view is loaded and decoded, and a
frame with it has been drawn. Waits are timed inside the page, from the event of the click or of
the chosen file. Each is printed beside its target.

- start: from the start of the server's process, with the browser running, until the first
  gallery is painted for a first-time visitor. At that moment the server's memory is read, and
  whether it has loaded TensorFlow or umap (recognised by llvmlite, which umap needs).
- click: going from neighbour to neighbour, until the new model's heading and all its neighbours
  in view are painted, and until its own large picture and the trail are painted too. Measured
  before the network is loaded, while it loads in the background, and after.
- upload: the first picture right after a start, which has to wait for the network, and later ones.
- stroke: a house is drawn on the sketch pad; from the end of each stroke until its lookalikes are
  painted, including the pause after which the drawing is sent.

The waits on the map are measured by `benchmarks.map`.

Run it on a quiet machine, after `python -m core demo`:
python -m benchmarks.clicks [--json] [--starts N] [--clicks N]
"""

import argparse
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from PIL import ImageOps
from playwright.sync_api import Browser, Page

from benchmarks.support.machine import Machine, Row, report, waiting_row
from core.pictures import decoding
from devtools.browser import Server, chromium, demo, draw, serve, visitor

# Clicks while the network loads, which takes some seconds.
WHILE_LOADING = 15
# The strokes of a house; points are shares of the sketch pad.
HOUSE = (
    ((0.2, 0.45), (0.2, 0.85), (0.8, 0.85), (0.8, 0.45)),
    ((0.12, 0.5), (0.5, 0.15), (0.88, 0.5)),
    ((0.43, 0.85), (0.43, 0.62), (0.57, 0.62), (0.57, 0.85)),
    ((0.26, 0.55), (0.36, 0.55), (0.36, 0.67), (0.26, 0.67), (0.26, 0.55)),
    ((0.64, 0.55), (0.74, 0.55), (0.74, 0.67), (0.64, 0.67), (0.64, 0.55)),
    ((0.68, 0.3), (0.68, 0.2), (0.76, 0.2), (0.76, 0.38)),
)
# Pictures uploaded to each server; the first has to wait for the network.
UPLOADS = 6

WATCH_CLICKS = """
Object.assign(bench, {
  began: null,

  // The pictures in view among the neighbours of a model, or on its whole page.
  model(name, whole) {
    const heading = document.querySelector("h1.name")?.textContent;
    const neighbours = bench.gallery(`Neighbours of ${name}`);
    const own = document.querySelector(".st-key-subject img")?.alt;
    if (heading !== name || !neighbours || (whole && own !== name)) return null;
    if (whole) return bench.picturesInView();
    return [...neighbours.querySelectorAll("img")].filter(bench.inView);
  },

  awaitModel(name) {
    bench.done = Promise.all([
      bench.until(() => bench.model(name, false)),
      bench.until(() => bench.model(name, true)),
    ]);
  },

  results() {
    const list = bench.gallery("Lookalikes");
    if (!list) return "";
    return [...list.querySelectorAll(".pick")].map((card) => card.ariaLabel).join();
  },

  // Wait from the next event of this type on the element until the results have changed.
  awaitLookalikes(selector, type) {
    const before = bench.results();
    bench.message = "";
    const [element] = bench.all(selector);
    const note = () => (bench.began = performance.now());
    element.addEventListener(type, note, { capture: true, once: true });
    bench.done = bench.until(() => {
      bench.message ||= document.querySelector('[data-testid="stSpinner"]')?.textContent ?? "";
      const now = bench.results();
      return now && now !== before ? bench.picturesInView() : null;
    });
  },
});
addEventListener("click", (event) => (bench.began = event.timeStamp), true);
"""


@dataclass(frozen=True, slots=True)
class Start:
    """A start: ms until the first gallery was painted, and what the server had loaded then."""

    wait: float
    memory: float
    tensorflow: bool
    umap: bool


@dataclass(frozen=True, slots=True)
class Click:
    """A click on a model: ms until its neighbours, and until its whole page, were painted."""

    neighbours: float
    whole: float


@dataclass(slots=True)
class Measured:
    """Everything that was measured: waits in ms, memory in MB."""

    starts: list[Start] = field(default_factory=list)
    before: list[Click] = field(default_factory=list)
    loading: list[Click] = field(default_factory=list)
    after: list[Click] = field(default_factory=list)
    first_uploads: list[float] = field(default_factory=list)
    messages: list[str] = field(default_factory=list)
    later_uploads: list[float] = field(default_factory=list)
    strokes: list[float] = field(default_factory=list)
    memory: list[float] = field(default_factory=list)


def measure_clicks(
    browser: Browser, measured: Measured, pictures: Sequence[Path], *, clicks: int
) -> None:
    """Start a server, wait for the first gallery, and go from neighbour to neighbour."""
    with serve() as server, visitor(browser, server, WATCH_CLICKS) as page:
        measured.starts.append(first_gallery(page, server))
        visited: set[str] = set()
        click_on(page, visited)  # not counted: it is on the gallery, not on a neighbour
        for _ in range(clicks):
            click = click_on(page, visited)
            if server.has_mapped("tensorflow"):
                break
            measured.before.append(click)
        measured.loading += [click_on(page, visited) for _ in range(WHILE_LOADING)]
        with visitor(browser, server, WATCH_CLICKS) as other:
            other.goto("/search", wait_until="commit")
            upload(other, pictures[0])
        measured.after += [click_on(page, visited) for _ in range(clicks)]


def first_gallery(page: Page, server: Server) -> Start:
    """Open the first page of a server that has just been started."""
    page.goto("/", wait_until="commit")
    painted = page.evaluate(
        "bench.dateWhen(() => bench.gallery('Models of') ? bench.picturesInView() : null)"
    )
    tensorflow, umap = server.has_mapped("tensorflow"), server.has_mapped("llvmlite")
    return Start((painted - server.began) * 1000, server.memory(), tensorflow, umap)


def click_on(page: Page, visited: set[str]) -> Click:
    """Click on the first model in view that was not visited yet."""
    cards = page.locator("ul.gallery .pick")
    names: list[str] = cards.evaluate_all(
        "all => all.filter(bench.inView).map(card => card.querySelector('.name').textContent)"
    )
    number = next((n for n, name in enumerate(names) if name not in visited), 0)
    visited.add(names[number])
    page.evaluate("name => bench.awaitModel(name)", names[number])
    cards.nth(number).click()
    return Click(*page.evaluate("bench.done.then(all => all.map(at => at - bench.began))"))


def measure_searches(browser: Browser, measured: Measured, pictures: Sequence[Path]) -> None:
    """Start a server, upload a picture immediately and others after it, and draw."""
    with serve() as server, visitor(browser, server, WATCH_CLICKS) as page:
        page.goto("/search", wait_until="commit")
        measured.first_uploads.append(upload(page, pictures[0]))
        measured.messages.append(page.evaluate("bench.message"))
        measured.later_uploads += [upload(page, picture) for picture in pictures[1:]]
        page.get_by_role("button", name="Draw instead").click()
        measured.strokes += [draw_stroke(page, stroke) for stroke in HOUSE]
        measured.memory.append(server.memory())


def upload(page: Page, picture: Path) -> float:
    """Upload a picture; return the ms until its lookalikes were painted."""
    chooser = page.locator("input[type=file]")
    chooser.wait_for(state="attached")
    page.evaluate("bench.awaitLookalikes('input[type=file]', 'change')")
    chooser.set_input_files(picture)
    return float(page.evaluate("bench.done.then(at => at - bench.began)"))


def draw_stroke(page: Page, stroke: Sequence[tuple[float, float]]) -> float:
    """Draw a stroke; return the ms from its end until its lookalikes were painted."""
    page.locator("canvas").wait_for()
    page.evaluate("bench.awaitLookalikes('canvas', 'pointerup')")
    draw(page, stroke)
    return float(page.evaluate("bench.done.then(at => at - bench.began)"))


def write_pictures(folder: Path) -> list[Path]:
    """Write pictures that resemble models of the demo, but are not theirs: mirrored, as PNG."""
    catalogue = demo()
    written = []
    for item in catalogue.items.find()[:: catalogue.items.count() // UPLOADS][:UPLOADS]:
        written.append(folder / f"{item.id}.png")
        ImageOps.mirror(decoding.decode(catalogue.pictures.original(item))).save(written[-1])
    return written


def tables(measured: Measured) -> dict[str, list[Row]]:
    """Return the report's tables."""
    starts, clicks = measured.starts, "median under 120, 95 % under 300"
    memory = {
        "first gallery painted": ([start.memory for start in starts], "under 500"),
        "network loaded, pictures searched": (measured.memory, "under 1,500"),
    }
    libraries = {
        "TensorFlow": any(start.tensorflow for start in starts),
        "umap": any(start.umap for start in starts),
    }
    return {
        "Waiting, in ms": [
            waiting_row("server start to first gallery", [s.wait for s in starts], "under 5,000"),
            *_clicks("click, network not loaded", measured.before, clicks),
            *_clicks("click, network loading", measured.loading, clicks),
            *_clicks("click, network loaded", measured.after, clicks),
            waiting_row("first upload after start", measured.first_uploads, "under 8,000"),
            waiting_row("later upload", measured.later_uploads, "under 1,000"),
            waiting_row("stroke of a drawing", measured.strokes, "median under 450"),
        ],
        "Memory of the server, in MB": [
            {"when": when, "most": round(max(sizes)), "target": target}
            for when, (sizes, target) in memory.items()
        ],
        "At the first gallery": [
            {"library": library, "loaded": "yes" if loaded else "no", "target": "no"}
            for library, loaded in libraries.items()
        ],
        "Message during the first upload": [
            {"message": message or "nothing"} for message in sorted(set(measured.messages))
        ],
    }


def _clicks(what: str, clicks: Sequence[Click], target: str) -> list[Row]:
    if not clicks:  # on a slow machine the network is loaded before the second click
        return []
    return [
        waiting_row(f"{what}: neighbours", [click.neighbours for click in clicks], target),
        waiting_row(f"{what}: whole page", [click.whole for click in clicks], ""),
    ]


def main() -> None:
    """Measure and report."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--json", action="store_true", help="print JSON, for machines")
    parser.add_argument("--starts", type=int, default=4, metavar="N", help="cold starts (4)")
    parser.add_argument(
        "--clicks",
        type=int,
        default=30,
        metavar="N",
        help="clicks before and after the network is loaded, at most (30)",
    )
    options = parser.parse_args()
    machine, measured = Machine.here(), Measured()
    with tempfile.TemporaryDirectory(prefix="lookalike-") as folder, chromium() as browser:
        pictures = write_pictures(Path(folder))
        for _ in range(options.starts):
            measure_clicks(browser, measured, pictures, clicks=options.clicks)
            measure_searches(browser, measured, pictures)
    report(machine, tables(measured), as_json=options.json)


if __name__ == "__main__":
    main()
