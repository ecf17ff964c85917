"""Measure cold loads of the pages: what is fetched, and how far the page shifts meanwhile.

With the demo, a real server and Chromium. Each page is opened by a first-time visitor, at a desk
and on a phone, and measured until it is at rest.

- Requests and kB are what the browser counts, headers included and as compressed as they came.
  What comes through the WebSocket, which is the page itself, is counted apart and before it is
  unpacked. For comparison, a page of Streamlit with one line of text is measured as well.
- Painted is when the pictures in view are on the screen, in ms since the page was asked for.
- The layout shift is that of the browser's own entries, as in “cumulative layout shift”: the share
  of the window that moves times how far it moves, summed over the worst five seconds. Under 0.1 is
  called good. The loads may run on a busy machine: what shifts there shifts for somebody.

Run it after `python -m core demo`:
python -m benchmarks.shifts [--json] [--loads N] [--pages PAGE ...] [--kinds] [--sources]
"""

import argparse
import re
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from playwright.sync_api import Browser, Page, ViewportSize

from benchmarks.support.machine import Machine, Row, report
from devtools.browser import Server, chromium, demo, run_server, serve, visitor

TARGETS = "60 requests, 1,200 kB, painted in 1,500 ms; of every page: shift under 0.05"
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
# What is fetched, by the path of its URL; the first that matches counts.
KINDS = {
    "Streamlit's scripts and styles": r"/static/(js|css)/",
    "fonts": r"/static/media/.*\.woff2$",
    "pictures": r"/app/static/thumbnails/",
    "the server's answers": r"/_stcore/",
    "the rest": r"",
}

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
WHEN_PAINTED = "bench.until(() => document.querySelector('h1, p') ? bench.picturesInView() : null)"


@dataclass(slots=True)
class Traffic:
    """What one load has fetched: requests and bytes by kind, and bytes of WebSocket messages."""

    requests: Counter[str] = field(default_factory=Counter)
    bytes: Counter[str] = field(default_factory=Counter)
    messages: int = 0


@dataclass(slots=True)
class Measured:
    """The loads of a page at one size of the window: traffic, layout shifts, and what moved."""

    traffic: list[Traffic] = field(default_factory=list)
    painted: list[float] = field(default_factory=list)
    shifts: list[float] = field(default_factory=list)
    sources: list[dict[str, Any]] = field(default_factory=list)

    def row(self, page: str, window: str) -> Row:
        """Return the row of a table."""
        return {
            "page": page,
            "window": window,
            "requests": round(median(each.requests.total() for each in self.traffic)),
            "kB": round(median(each.bytes.total() for each in self.traffic) / 1000),
            "WebSocket kB": round(median(each.messages for each in self.traffic) / 1000),
            "painted": round(median(self.painted)),
            "shift": round(median(self.shifts), 3),
            "worst shift": round(max(self.shifts), 3),
        }

    def kinds(self, page: str, window: str) -> list[Row]:
        """Return what the last load has fetched, as rows of a table."""
        traffic = self.traffic[-1]
        return [
            {
                "page": page,
                "window": window,
                "kind": kind,
                "requests": traffic.requests[kind],
                "kB": round(traffic.bytes[kind] / 1000),
            }
            for kind in KINDS
        ]


@contextmanager
def watched(page: Page) -> Iterator[Traffic]:
    """Count what a page fetches."""
    traffic = Traffic()
    kinds: dict[str, str] = {}

    def begin(event: dict[str, Any]) -> None:
        url = event["request"]["url"]
        if not url.startswith("http"):
            return
        path = re.sub(r"^\w+://[^/]+|\?.*", "", url)
        kind = next(kind for kind, pattern in KINDS.items() if re.search(pattern, path))
        kinds[event["requestId"]] = kind
        traffic.requests[kind] += 1

    def forget(event: dict[str, Any]) -> None:
        # What the page has in memory already is not asked for again.
        if kind := kinds.pop(event["requestId"], None):
            traffic.requests[kind] -= 1

    def end(event: dict[str, Any]) -> None:
        if kind := kinds.get(event["requestId"]):
            traffic.bytes[kind] += event["encodedDataLength"]

    def receive(event: dict[str, Any]) -> None:
        # In base64: four characters for three bytes.
        traffic.messages += len(event["response"]["payloadData"]) * 3 // 4

    session = page.context.new_cdp_session(page)
    session.on("Network.requestWillBeSent", begin)
    session.on("Network.loadingFinished", end)
    session.on("Network.requestServedFromCache", forget)
    session.on("Network.webSocketFrameReceived", receive)
    session.send("Network.enable")
    yield traffic
    session.detach()


def measure(browser: Browser, server: Server, url: str, size: ViewportSize, into: Measured) -> None:
    """Open a page as a first-time visitor, and add what it fetched and how far it shifted."""
    with visitor(browser, server, WATCH_SHIFTS) as page, watched(page) as traffic:
        page.set_viewport_size(size)
        page.goto(url, wait_until="commit")
        into.painted.append(page.evaluate(WHEN_PAINTED))
        page.wait_for_function(IS_AT_REST, arg=REST, timeout=120_000)
        into.traffic.append(traffic)
        into.shifts.append(page.evaluate("bench.cumulativeShift()"))
        into.sources += page.evaluate("bench.shifts")


@contextmanager
def one_line_of_streamlit() -> Iterator[Server]:
    """Serve a page of Streamlit with one line of text, with nothing of this project."""
    with tempfile.TemporaryDirectory(prefix="lookalike-") as folder:
        script = Path(folder, "line.py")
        script.write_text('import streamlit as st\n\nst.title("Hello")\n', encoding="utf-8")
        with run_server(script, log=Path(folder, "log.txt")) as server:
            yield server


def main() -> None:
    """Measure and report."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--json", action="store_true", help="print JSON, for machines")
    parser.add_argument("--loads", type=int, default=3, metavar="N", help="loads of each page (3)")
    parser.add_argument("--pages", nargs="+", default=list(PAGES), choices=PAGES, metavar="PAGE")
    parser.add_argument("--kinds", action="store_true", help="print what is fetched, by kind")
    parser.add_argument("--sources", action="store_true", help="print what moved as well")
    options = parser.parse_args()
    machine = Machine.here()
    item_id = demo().items.find(limit=1)[0].id
    rows: list[Row] = []
    kinds: list[Row] = []

    def load(server: Server, page: str, url: str, size: str) -> None:
        measured = Measured()
        for _ in range(options.loads):
            measure(browser, server, url.replace("ITEM", item_id), SIZES[size], measured)
        rows.append(measured.row(page, size))
        kinds.extend(measured.kinds(page, size))
        if options.sources:
            for shift in measured.sources:
                if shift["value"] < 0.0005:
                    continue
                print(f"{page}, {size}: {shift['value']:.3f} at {shift['startTime']:.0f}")
                print(*(f"    {source}" for source in shift["sources"]), sep="\n")

    with chromium() as browser:
        with serve() as server:
            for page in options.pages:
                for size in SIZES:
                    load(server, page, PAGES[page], size)
        with one_line_of_streamlit() as server:
            load(server, "one line of Streamlit", "/", next(iter(SIZES)))
    tables = {f"Cold loads; targets for Explore: {TARGETS}": rows}
    if options.kinds:
        tables["What the last load fetched"] = kinds
    report(machine, tables, as_json=options.json)


if __name__ == "__main__":
    main()
