"""Take screenshots of each page for the README, with the demo catalogue.

Each is taken when everything in view has been painted, in a window of 1440 x 900 and the light
theme, and saved as a PNG of at most 256 colours. Needs `python -m core demo`:
python -m benchmarks.screenshots [--json] [--into FOLDER]
"""

import argparse
import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image
from playwright.sync_api import Page

from benchmarks.map import window_position
from benchmarks.support.machine import Machine, Row, report
from core.catalogue import Catalogue, Filters, Item
from core.settings import PROJECT
from devtools.browser import chromium, demo, draw, serve, visitor

# The model that is open, and the trail of those visited before it.
MODEL = "Automobile"
TRAIL = ("Tractor", "Delivery truck", "Taxi")
# The model whose nearest lookalike is explained.
EXPLAINED = "Fox"
# The pointer rests on the lowest of these on the map, so that there is room for the card above it.
ON_THE_MAP = ("Fox", "Guitar", "Red apple", "Sailboat")
# A screenshot is taken when nothing has changed on the page for this many ms: a busy machine
# unpacks the pictures of the map meanwhile.
QUIET = 2000

WATCH_PAGES = """
Object.assign(bench, {
  seen: "",
  since: 0,

  // All pictures in view, once the page's script has ended, `selector` is there, and nothing has
  // changed for a while: the parts of a page appear one after another.
  settled(selector, quiet) {
    const state = document.querySelector('[data-testid="stApp"]')?.dataset.testScriptState;
    const pictures = bench.picturesInView();
    const drawn = bench.all("canvas").map((one) => one.dataset.frames);
    const seen = [bench.all("*").length, ...drawn, ...pictures.map((one) => one.src)].join();
    if (seen !== bench.seen) Object.assign(bench, { seen, since: performance.now() });
    const still = performance.now() - bench.since > quiet;
    return still && state === "notRunning" && bench.all(selector).length ? pictures : null;
  },
});
"""


def explore(page: Page, catalogue: Catalogue) -> None:
    """Show a model with its neighbours and the trail."""
    trail = ".".join(named(catalogue, name).id for name in TRAIL)
    page.goto(f"/?item={named(catalogue, MODEL).id}&trail={trail}")
    settle(page, 'ul.gallery[aria-label^="Neighbours of"] li')


def gallery(page: Page, catalogue: Catalogue) -> None:
    """Show the first models of the catalogue."""
    page.goto("/")
    settle(page, "ul.gallery li")


def search(page: Page, catalogue: Catalogue) -> None:
    """Show the lookalikes of a drawing."""
    page.goto("/search")
    settle(page, "canvas")
    for stroke in cat():
        draw(page, stroke)
    settle(page, 'ul.gallery[aria-label^="Lookalikes"] li')


def why(page: Page, catalogue: Catalogue) -> None:
    """Show why a model is among the lookalikes of another."""
    page.goto(f"/search?like={named(catalogue, EXPLAINED).id}")
    settle(page, 'ul.gallery[aria-label^="Lookalikes"] li')
    page.locator('ul.gallery[aria-label^="Lookalikes"] li').first.hover()
    page.get_by_role("button", name="Why?").first.click()
    settle(page, '[role="dialog"] [data-testid="stImage"] img')


def map_(page: Page, catalogue: Catalogue) -> None:
    """Show the map with the card of a model under the pointer."""
    page.goto("/map")
    settle(page, "canvas[data-frames]")
    current = catalogue.map.load()
    assert current is not None
    rows = [current.ids.index(named(catalogue, name).id) for name in ON_THE_MAP]
    positions = window_position(page, current.coordinates[rows])
    x, y = positions[positions[:, 1].argmax()].tolist()
    page.mouse.move(x - 8, y - 8)
    page.mouse.move(x, y, steps=4)
    settle(page, ".card:popover-open img.loaded")


def selection(page: Page, catalogue: Catalogue) -> None:
    """Show a cluster of the map, and its models beside it."""
    current = catalogue.map.load()
    assert current is not None
    label = current.labels[current.ids.index(named(catalogue, MODEL).id)]
    page.goto(f"/map?colour=cluster&sel=cluster:{label}")
    settle(page, 'ul.gallery[aria-label="Selected models"] li')


def grid(page: Page, catalogue: Catalogue) -> None:
    """Show the map as a grid."""
    page.goto("/map?layout=grid")
    settle(page, "canvas[data-frames]")


def catalogues(page: Page, catalogue: Catalogue) -> None:
    """Show the list of catalogues."""
    page.goto("/catalogues")
    settle(page, ".st-key-catalogue-fluent")


def about(page: Page, catalogue: Catalogue) -> None:
    """Show how the app works, with the catalogue's figures."""
    page.goto("/about")
    settle(page, "table.figures")


PAGES: dict[str, Callable[[Page, Catalogue], None]] = {
    "explore": explore,
    "gallery": gallery,
    "search": search,
    "why": why,
    "map": map_,
    "selection": selection,
    "grid": grid,
    "catalogues": catalogues,
    "about": about,
}


def settle(page: Page, selector: str) -> None:
    """Wait until `selector` is there and everything in view is painted."""
    page.evaluate(
        "([selector, quiet]) => bench.until(() => bench.settled(selector, quiet))",
        [selector, QUIET],
    )
    # Wait for transitions to finish; what follows the scrolling of an element does not.
    page.evaluate(
        """Promise.allSettled(document.getAnimations()
          .filter(({ timeline }) => timeline === document.timeline)
          .map(({ finished }) => finished))"""
    )


def named(catalogue: Catalogue, name: str) -> Item:
    """Return the model of that name."""
    return next(item for item in catalogue.items.find(Filters(text=name)) if item.name == name)


def cat() -> list[list[tuple[float, float]]]:
    """Return the strokes of a cat, drawn as a person would draw one."""

    def arc(
        x: float, y: float, width: float, height: float, start: float, end: float
    ) -> list[tuple[float, float]]:
        turns = np.radians(np.linspace(start, end, 24))
        return [
            (x + width * across, y + height * down)
            for across, down in zip(np.cos(turns), np.sin(turns), strict=True)
        ]

    ears = [(0.25, 0.37), (0.2, 0.15), (0.4, 0.28), (0.6, 0.28), (0.8, 0.15), (0.75, 0.37)]
    eyes = [arc(x, 0.51, 0.015, 0.025, 0, 360) for x in (0.37, 0.63)]
    nose = [(0.47, 0.61), (0.53, 0.61), (0.5, 0.64), (0.47, 0.61)]
    mouth = [arc(x, 0.65, 0.04, 0.04, 0, 180) for x in (0.46, 0.54)]
    whiskers = [
        [(side, y - 0.03), (0.5 + (side - 0.5) * 0.45, y)]
        for y in (0.61, 0.67)
        for side in (0.08, 0.92)
    ]
    return [ears, arc(0.5, 0.56, 0.32, 0.3, -40, 220), *eyes, nose, *mouth, *whiskers]


def save(screenshot: bytes, path: Path) -> int:
    """Save a screenshot with 256 colours, and return the size in bytes."""
    picture = Image.open(io.BytesIO(screenshot)).convert("RGB")
    palette = picture.quantize(256, Image.Quantize.MEDIANCUT, kmeans=1)
    # Without dithering, the shading of round objects shows steps.
    dithered = picture.quantize(palette=palette, dither=Image.Dither.FLOYDSTEINBERG)
    dithered.save(path, optimize=True)
    return path.stat().st_size


def main() -> None:
    """Take the screenshots and print their sizes."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--json", action="store_true", help="print JSON, for machines")
    parser.add_argument(
        "--into", type=Path, default=PROJECT / "docs", metavar="FOLDER", help="(docs)"
    )
    options = parser.parse_args()
    machine, catalogue = Machine.here(), demo()
    rows: list[Row] = []
    options.into.mkdir(parents=True, exist_ok=True)
    with serve() as server, chromium() as browser:
        for name, show in PAGES.items():
            path = options.into / f"{name}.png"
            with visitor(browser, server, WATCH_PAGES) as page:
                show(page, catalogue)
                size = save(page.screenshot(), path)
            rows.append({"screenshot": str(path), "kB": round(size / 1000)})
    report(machine, {"Screenshots": rows}, as_json=options.json)


if __name__ == "__main__":
    main()
