"""Measure how far pages shift while they load, with the demo, a real server and Chromium.

Each page is opened by a first-time visitor, at a desk and on a phone. The layout shift is that of
the browser's own entries, as in “cumulative layout shift”: the share of the window that moves times
how far it moves, summed over the worst five seconds. Under 0.1 is called good. The loads may run on
a busy machine: what shifts there shifts for somebody.

Run it after `python -m core demo`:
python -m benchmarks.shifts [--json] [--loads N] [--sources]
"""

import argparse
from dataclasses import dataclass, field
from statistics import median
from typing import Any

from playwright.sync_api import Browser, ViewportSize

from benchmarks.support.machine import Machine, Row, report
from devtools.browser import Server, chromium, demo, serve, visitor

TARGET = 0.05
SIZES: dict[str, ViewportSize] = {
    "1280 x 900": {"width": 1280, "height": 900},
    "390 x 844": {"width": 390, "height": 844},
}
PAGES = {
    "Explore": "/",
    "a model": "/?item=ITEM",
    "Search": "/search",
    "Search with a model": "/search?like=ITEM",
    "Map": "/map",
    "About": "/about",
}
# ms without a shift after which a page has come to rest.
REST = 2_500

WATCH_SHIFTS = """
bench.shifts = [];
new PerformanceObserver((list) => {
  for (const { value, startTime, hadRecentInput, sources } of list.getEntries()) {
    if (hadRecentInput) continue;
    bench.shifts.push({ value, startTime, sources: sources.map(bench.sourceOf) });
  }
}).observe({ type: "layout-shift", buffered: true });

// What moved, and from where to where.
bench.sourceOf = ({ node, previousRect, currentRect }) => {
  const element = node?.nodeType === Node.TEXT_NODE ? node.parentElement : node;
  const name = element?.dataset?.testid ?? element?.className ?? element?.nodeName;
  const box = ({ x, y, width, height }) => [x, y, width, height].map(Math.round).join(" ");
  return `${name}: ${box(previousRect)} -> ${box(currentRect)}`;
};

// The worst sum of shifts that are less than a second apart and within five seconds.
bench.cumulativeShift = () => {
  let [worst, sum, first, last] = [0, 0, -Infinity, -Infinity];
  for (const { value, startTime } of bench.shifts) {
    if (startTime - last > 1000 || startTime - first > 5000) [sum, first] = [0, startTime];
    sum += value;
    last = startTime;
    worst = Math.max(worst, sum);
  }
  return worst;
};
"""
IS_AT_REST = """(rest) => {
  const app = document.querySelector('[data-testid="stApp"]');
  const last = bench.shifts.at(-1)?.startTime ?? 0;
  const pictures = bench.picturesInView();
  return app?.dataset.testScriptState === "notRunning" && document.querySelector("h1") &&
    pictures.every((picture) => picture.complete) && performance.now() - last > rest;
}"""


@dataclass(slots=True)
class Measured:
    """The layout shifts of a page at one size of the window, and what moved."""

    shifts: list[float] = field(default_factory=list)
    sources: list[dict[str, Any]] = field(default_factory=list)


def measure(browser: Browser, server: Server, url: str, size: ViewportSize, into: Measured) -> None:
    """Open a page as a first-time visitor, and add how far it shifted."""
    with visitor(browser, server, WATCH_SHIFTS) as page:
        page.set_viewport_size(size)
        page.goto(url, wait_until="commit")
        page.wait_for_function(IS_AT_REST, arg=REST, timeout=120_000)
        into.shifts.append(page.evaluate("bench.cumulativeShift()"))
        into.sources += page.evaluate("bench.shifts")


def main() -> None:
    """Measure and report."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--json", action="store_true", help="print JSON, for machines")
    parser.add_argument("--loads", type=int, default=3, metavar="N", help="loads of each page (3)")
    parser.add_argument("--sources", action="store_true", help="print what moved as well")
    options = parser.parse_args()
    machine = Machine.here()
    item_id = demo().items.find(limit=1)[0].id
    rows: list[Row] = []
    with chromium() as browser, serve() as server:
        for page, url in PAGES.items():
            for size, viewport in SIZES.items():
                measured = Measured()
                for _ in range(options.loads):
                    measure(browser, server, url.replace("ITEM", item_id), viewport, measured)
                rows.append(
                    {
                        "page": page,
                        "window": size,
                        "loads": options.loads,
                        "median": round(median(measured.shifts), 3),
                        "worst": round(max(measured.shifts), 3),
                        "target": f"under {TARGET}",
                    }
                )
                if options.sources:
                    for shift in measured.sources:
                        print(f"{page}, {size}: {shift['value']:.3f} at {shift['startTime']:.0f}")
                        print(*(f"    {source}" for source in shift["sources"]), sep="\n")
    report(machine, {"Layout shift of a cold load": rows}, as_json=options.json)


if __name__ == "__main__":
    main()
