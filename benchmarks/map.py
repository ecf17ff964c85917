"""Measure how long a user waits on the map, with a real server and Chromium.

Measured on the demo and on the catalogue of 25,000 models that `benchmarks.support.synthetic`
makes; it is made and deleted again if it does not exist, which takes minutes. `--items 0` measures
the demo alone. Waits are timed inside the page, from the event until a frame with the result has
been drawn. Each is printed beside its target.

- opened: from opening the URL until the points, their landmarks and the legend are drawn, for a
  first-time visitor.
- shown: from the click on “Map” in the bar of another page until the points are drawn.
- card: from the pointer coming to rest on a point until its card is shown with the picture,
  including the dwell of 100 ms. It sends no request to the server except for the picture.
- chosen: from the click on a point until its card is there with six neighbours and their pictures.
- click: from the click on “Open” in the card until the model's neighbours are painted.
- lasso: from closing a lasso around a quarter of the models until their gallery is painted.
- layout: from the click on “Grid” until the points have flown there, which takes half a second.
- flying: frames drawn per second meanwhile.
- panning, with `--panning`: frames drawn per second while the pointer drags the map, both as a
  whole and zoomed in until pictures are in view; compared with Plotly's WebGL scatter, which shows
  the same points in the same size in the same browser, with nothing over them.

Run it on a quiet machine, after `python -m core demo`:
python -m benchmarks.map [--json] [--times N] [--items N] [--panning]
"""

import argparse
import json
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from playwright.sync_api import Browser, Locator, Page, expect

from benchmarks.filling import CANVAS
from benchmarks.support import synthetic
from benchmarks.support.machine import Machine, Row, report, waiting_row
from core.catalogue import Catalogue, Map, names
from devtools.browser import Server, chromium, demo, serve, visitor

# Moves of the pointer in one drag, and the length of each, in CSS pixels.
MOVES = 90
STEP = (3, 1)
# Turns of the wheel after which pictures are in view.
TURNS = 4

WATCH_MAP = """
Object.assign(bench, {
  began: null,

  map() {
    const [canvas] = bench.all("canvas[data-frames]");
    const [legend] = bench.all(".legend .row");
    return canvas && legend ? [] : null;
  },

  points() {
    const [canvas] = bench.all("canvas[data-frames]");
    return canvas ? [] : null;
  },

  grid() {
    const [canvas] = bench.all("canvas[data-layout^='grid']");
    return canvas?.dataset.flying === "false" ? [] : null;
  },

  // The times of the frames that are drawn while points fly.
  watchFlight() {
    const [canvas] = bench.all("canvas[data-frames]");
    bench.flight = [];
    new MutationObserver(() => {
      if (canvas.dataset.flying === "true") bench.flight.push(performance.now());
    }).observe(canvas, { attributeFilter: ["data-frames"] });
  },

  card(before) {
    const [card] = bench.all(".card:popover-open");
    const picture = card?.querySelector("img.loaded");
    return picture && picture.src !== before ? [picture] : null;
  },

  chosen() {
    const [card] = bench.all(".model-card:not([hidden])");
    const links = card ? [...card.querySelectorAll("li a[href]")] : [];
    return links.length ? links.map((link) => link.querySelector("img")) : null;
  },

  model() {
    const list = bench.gallery("Neighbours of");
    return list ? [...list.querySelectorAll("img")].filter(bench.inView) : null;
  },

  selected() {
    const list = bench.gallery("Selected models");
    return list ? [...list.querySelectorAll("img")].filter(bench.inView) : null;
  },

  await(what, type) {
    const note = (event) => (bench.began = event.timeStamp);
    addEventListener(type, note, { capture: true, once: true });
    bench.done = bench.until(bench[what]);
  },
});
"""

PLOTLY = """<!doctype html><div id="map" style="width: {width}px; height: {height}px"></div>
<script src="plotly.js"></script>
<script>
  const points = {points};
  Plotly.newPlot(
    "map",
    [{{ type: "scattergl", mode: "markers", x: points.x, y: points.y, hoverinfo: "none",
        marker: {{ size: 7, color: points.colours }} }}],
    {{ dragmode: "pan", margin: {{ l: 0, r: 0, t: 0, b: 0 }},
       xaxis: {{ visible: false }}, yaxis: {{ visible: false }} }},
    {{ scrollZoom: true, displayModeBar: false }},
  ).then((map) => {{
    window.drawn = 0;
    map.on("plotly_relayouting", () => window.drawn++);
    window.ready = true;
  }});
</script>
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Targets:
    """What is aimed at."""

    opened: str
    clicked: str
    lassoed: str
    panned: str


OF_DEMO = Targets(
    opened="under 3,000", clicked="under 300", lassoed="under 500", panned="at least 30"
)
OF_LARGE = Targets(opened="under 5,000", clicked="under 500", lassoed="under 1,200", panned="")


@dataclass(slots=True)
class Measured:
    """Everything that was measured on one catalogue: waits in ms, and frames per second."""

    opened: list[float] = field(default_factory=list)
    shown: list[float] = field(default_factory=list)
    cards: list[float] = field(default_factory=list)
    chosen: list[float] = field(default_factory=list)
    clicks: list[float] = field(default_factory=list)
    lassos: list[float] = field(default_factory=list)
    layouts: list[float] = field(default_factory=list)
    frames: dict[str, list[float]] = field(default_factory=dict)


def measure(
    browser: Browser, server: Server, catalogue: Catalogue, *, times: int, panning: bool
) -> Measured:
    """Measure everything on the map of a catalogue in `times` visits."""
    map_ = catalogue.map.load()
    assert map_ is not None
    measured = Measured()
    chosen = np.random.default_rng(0).permutation(len(map_.ids))[: 4 * times]
    for number in range(times):
        with visitor(browser, server, WATCH_MAP) as page:
            measured.opened.append(open_map(page, catalogue))
            measured.lassos.append(draw_lasso(page, map_))
            page.get_by_role("button", name="Clear selection").click()
            expect(page.get_by_role("heading", name="Selection")).to_have_count(0)
            page.get_by_role("button", name="Move", exact=True).click()
            page.wait_for_timeout(500)
            measured.cards += [rest_on(page, map_, row) for row in chosen[number::times]]
            measured.chosen.append(click_on(page, map_, chosen[number]))
            measured.clicks.append(open_model(page))
            measured.shown.append(show_map(page))
            waited, frames = change_layout(page)
            measured.layouts.append(waited)
            measured.frames.setdefault("flying to the grid", []).append(frames)
            if panning:
                pan(page, catalogue, measured)
    if panning:
        measured.frames["panning Plotly’s WebGL scatter"] = [plotly(browser, map_)]
    return measured


def pan(page: Page, catalogue: Catalogue, measured: Measured) -> None:
    """Drag the map as a whole, and zoomed in."""
    canvas = page.locator("canvas")
    open_map(page, catalogue)
    measured.frames.setdefault("panning as a whole", []).append(drag(page, canvas))
    open_map(page, catalogue)
    page.mouse.move(*centre(canvas))
    for _ in range(TURNS):
        page.mouse.wheel(0, -200)
        page.wait_for_timeout(100)
    page.wait_for_timeout(1000)  # until the pictures are loaded
    measured.frames.setdefault("panning with pictures in view", []).append(drag(page, canvas))


def open_map(page: Page, catalogue: Catalogue) -> float:
    """Open the map; return the ms until it was painted."""
    page.goto(f"/map?catalogue={catalogue.name}", wait_until="commit")
    painted = float(page.evaluate("bench.until(bench.map)"))
    page.wait_for_timeout(500)
    return painted


def show_map(page: Page) -> float:
    """Go from a model's page to the map by the bar; return the ms until its points were drawn."""
    page.wait_for_timeout(500)
    page.evaluate("bench.await('points', 'pointerup')")
    page.get_by_role("link", name="Map", exact=True).click()
    waited = float(page.evaluate("bench.done.then(at => at - bench.began)"))
    page.wait_for_timeout(1000)
    return waited


def change_layout(page: Page) -> tuple[float, float]:
    """Show the grid; return the ms until it was drawn, and the frames per second of the flight."""
    page.evaluate("bench.watchFlight(); bench.await('grid', 'pointerup')")
    page.get_by_role("radio", name="Grid", exact=True).click()
    waited = float(page.evaluate("bench.done.then(at => at - bench.began)"))
    drawn: list[float] = page.evaluate("bench.flight")
    frames = (len(drawn) - 1) / max(drawn[-1] - drawn[0], 1) * 1000 if len(drawn) > 1 else 0.0
    return waited, frames


def window_position(page: Page, coordinates: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return the positions in the window of coordinates of the map: (n, 2) for (n, 2)."""
    canvas = page.locator("canvas")
    k, tx, ty = map(float, str(canvas.get_attribute("data-transform")).split())
    box = canvas.bounding_box()
    assert box is not None
    across, up = coordinates.T.astype(np.float64)
    return np.column_stack([box["x"] + tx + k * across, box["y"] + ty - k * up])


def rest_on(page: Page, map_: Map, row: int) -> float:
    """Rest the pointer on a point; return the ms until its card was shown."""
    x, y = window_position(page, map_.coordinates[[row]])[0].tolist()
    page.mouse.move(5, 5)
    page.wait_for_timeout(150)
    page.evaluate("bench.await('card', 'pointermove')")
    page.mouse.move(x, y)
    return float(page.evaluate("bench.done.then(at => at - bench.began)"))


def click_on(page: Page, map_: Map, row: int) -> float:
    """Click on a point; return the ms until its card was there with its neighbours."""
    x, y = window_position(page, map_.coordinates[[row]])[0].tolist()
    page.evaluate("bench.await('chosen', 'pointerup')")
    page.mouse.click(x, y)
    return float(page.evaluate("bench.done.then(at => at - bench.began)"))


def open_model(page: Page) -> float:
    """Open the model of the card; return the ms until its neighbours were painted."""
    page.evaluate("bench.await('model', 'pointerup')")
    page.locator(".model-card .open").click()
    return float(page.evaluate("bench.done.then(at => at - bench.began)"))


def draw_lasso(page: Page, map_: Map) -> float:
    """Draw a lasso around a quarter of the models; return the ms until they were painted."""
    positions = window_position(page, map_.coordinates)
    (left, top), bottom = (positions.min(axis=0) - 6).tolist(), float(positions[:, 1].max()) + 6
    right = float(np.quantile(positions[:, 0], 0.25))
    page.get_by_role("button", name="Lasso", exact=True).click()
    page.evaluate("bench.await('selected', 'pointerup')")
    page.mouse.move(left, top)
    page.mouse.down()
    for corner in ((right, top), (right, bottom), (left, bottom)):
        page.mouse.move(*corner, steps=5)
    page.mouse.up()
    return float(page.evaluate("bench.done.then(at => at - bench.began)"))


def centre(element: Locator) -> tuple[float, float]:
    """Return the position in the window of the centre of an element."""
    box = element.bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def drag(page: Page, element: Locator, count: str = "") -> float:
    """Drag a map; return how many frames were drawn per second.

    `count` is JavaScript that counts the frames drawn so far, by default those of our own map.
    """
    count = count or "Number(bench.all('canvas[data-frames]')[0].dataset.frames)"
    x, y = centre(element)
    page.mouse.move(x, y)
    page.mouse.down()
    before, began = page.evaluate(f"[{count}, performance.now()]")
    for move in range(MOVES):
        page.mouse.move(x + STEP[0] * (move - MOVES / 2), y + STEP[1] * (move - MOVES / 2))
    after, ended = page.evaluate(f"[{count}, performance.now()]")
    page.mouse.up()
    return float((after - before) / (ended - began) * 1000)


def plotly(browser: Browser, map_: Map) -> float:
    """Drag the same points in Plotly's WebGL scatter; return its frames per second."""
    colours = ["#0072b2", "#e69f00", "#009e73", "#cc79a7"]
    points = {
        "x": map_.coordinates[:, 0].tolist(),
        "y": map_.coordinates[:, 1].tolist(),
        "colours": [colours[label % len(colours)] for label in map_.labels.tolist()],
    }
    with tempfile.TemporaryDirectory(prefix="lookalike-") as folder:
        script = files("plotly").joinpath("package_data/plotly.min.js").read_bytes()
        Path(folder, "plotly.js").write_bytes(script)
        html = PLOTLY.format(width=CANVAS[0], height=CANVAS[1], points=json.dumps(points))
        Path(folder, "map.html").write_text(html, encoding="utf-8")
        page = browser.new_page()
        page.goto(Path(folder, "map.html").as_uri())
        page.wait_for_function("window.ready")
        frames = drag(page, page.locator("#map"), count="window.drawn")
        page.close()
    return frames


def tables(measured: Sequence[tuple[str, Measured, Targets]]) -> dict[str, list[Row]]:
    """Return the report's tables, of catalogues with a name each."""
    waiting: list[Row] = []
    drawing: list[Row] = []
    for what, found, targets in measured:
        waiting += [
            waiting_row(f"{what}: opened", found.opened, targets.opened),
            waiting_row(f"{what}: Map in the bar to points", found.shown, "under 400"),
            waiting_row(f"{what}: card", found.cards, "under 150 after the dwell of 100"),
            waiting_row(f"{what}: click to card with neighbours", found.chosen, "under 150"),
            waiting_row(f"{what}: Open to model", found.clicks, targets.clicked),
            waiting_row(f"{what}: lasso to gallery", found.lassos, targets.lassoed),
            waiting_row(f"{what}: Grid, with a flight of 500", found.layouts, ""),
        ]
        drawing += [
            {
                "what": f"{what}: {where}",
                "median": round(float(np.median(frames)), 1),
                "lowest": round(min(frames), 1),
                "target": targets.panned if "pictures" in where else "",
            }
            for where, frames in found.frames.items()
        ]
    return {"Waiting, in ms": waiting, "Frames per second": drawing}


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and report."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--json", action="store_true", help="print JSON, for machines")
    parser.add_argument("--times", type=int, default=5, metavar="N", help="visits (5)")
    parser.add_argument(
        "--items", type=int, default=25_000, metavar="N", help="models (25,000); 0: only the demo"
    )
    parser.add_argument("--panning", action="store_true", help="measure panning too")
    options = parser.parse_args(arguments)
    machine = Machine.here()
    catalogues = [("demo", demo(), OF_DEMO)]
    made = options.items > 0 and synthetic.NAME not in names()
    if made:
        synthetic.build_map(synthetic.make(items=options.items, name=synthetic.NAME))
    if options.items > 0:
        catalogues.append(("large", Catalogue(synthetic.NAME), OF_LARGE))
    measured = []
    try:
        with serve() as server, chromium() as browser:
            for name, catalogue, targets in catalogues:
                found = measure(
                    browser, server, catalogue, times=options.times, panning=options.panning
                )
                what = f"{name}, {catalogue.items.count():,} models"
                measured.append((what, found, targets))
    finally:
        if made:
            Catalogue.remove(synthetic.NAME)
    report(machine, tables(measured), as_json=options.json)


if __name__ == "__main__":
    main()
