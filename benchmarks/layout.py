"""How long it takes to draw the map of a large catalogue, beside plain UMAP on the same vectors.

The vectors are mixtures of the demo's (`benchmarks.synthetic`), their first 256 numbers: those
that vary most. Ours is `core.projection.lay_out`, given the exact neighbours, which are timed by
themselves; plain is `umap.UMAP().fit` of umap-learn. Each runs in a fresh process, with the import
and what numba compiles, in turns; the figures are the medians.

- trust: scikit-learn's trustworthiness of a sample of 2,000, 15 neighbours, cosine
- kept: the share of an item's 15 exact neighbours that are among its 15 nearest on the map
- load: the load average when the run began; on two busy cores times are no measure

Target: half of plain UMAP's time or less, and a trustworthiness within .01 of its.

Run it on a quiet machine, after `python -m core demo`; it takes some five minutes:
python -m benchmarks.layout [--json] [--items N] [--runs N]
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from benchmarks.support.machine import Machine, Row, report
from benchmarks.support.synthetic import ITEMS, Mixtures
from core import search
from core.descriptors import COMPACT
from core.maps import clusters, grid, umap_layout
from core.maps.quality import measure as map_quality
from core.settings import PROJECT
from core.similarity import KnnGraph, knn_graph

DIMENSIONS = 256
RUNS = 2
# The most of plain UMAP's time that ours may take, and the most trustworthiness it may lose.
TARGET = {"time": 0.5, "trust": 0.01}


def vectors(count: int) -> np.ndarray:
    """Return rows of length 1, float32 (count, 256)."""
    from devtools.browser import demo

    rows = knn_graph.unit_rows(search.index_of(demo(), COMPACT))
    mixed = Mixtures.of(rows, count).rows(rows)[:, :DIMENSIONS]
    return np.asarray(mixed / np.linalg.norm(mixed, axis=1, keepdims=True), np.float32)


def plain(rows: np.ndarray, near: KnnGraph) -> np.ndarray:
    """Return the places that umap-learn gives by itself; `near` is not looked at."""
    import umap

    return np.asarray(umap.UMAP().fit(rows).embedding_)


WAYS: dict[str, Callable[[np.ndarray, KnnGraph], np.ndarray]] = {
    "ours": umap_layout.umap_layout,
    "plain UMAP": plain,
}


def alone(way: str, folder: Path) -> dict[str, Any]:
    """Lay out the vectors in `folder` in a process of its own, which leaves places there."""
    load = round(os.getloadavg()[0], 2)
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.layout", "--way", way, "--folder", str(folder)],
        cwd=PROJECT,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        check=True,
    )
    return {"load": load, **json.loads(done.stdout)}


def lay_out(way: str, folder: Path) -> None:
    """Be that process: print the seconds it took as JSON."""
    rows, numbers, cosines = (
        np.load(folder / f"{name}.npy") for name in ("rows", "numbers", "cosines")
    )
    began = time.perf_counter()
    places = WAYS[way](rows, KnnGraph(numbers, cosines))
    seconds = time.perf_counter() - began
    np.save(folder / "places.npy", places)
    print(json.dumps({"seconds": seconds}))


def timed(work: Callable[[], Any]) -> tuple[Any, float]:
    """Return what `work` returns, and the seconds it took."""
    began = time.perf_counter()
    found = work()
    return found, time.perf_counter() - began


def measure(count: int, runs: int) -> dict[str, list[Row]]:
    """Measure both layouts, and the other steps of drawing a map."""
    print(f"{count:,} vectors …", file=sys.stderr)
    rows = vectors(count)
    near, seconds = timed(lambda: knn_graph.knn_graph(rows))
    steps: list[Row] = [_step("exact neighbours", seconds)]
    found: dict[str, list[dict[str, Any]]] = {way: [] for way in WAYS}
    ours = np.empty((0, 2), np.float32)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for part, array in (("rows", rows), ("numbers", near.rows), ("cosines", near.cosines)):
            np.save(folder / f"{part}.npy", array)
        for run in range(runs):
            for way, results in found.items():
                print(f"{way}, run {run + 1} of {runs} …", file=sys.stderr)
                result = alone(way, folder)
                places = np.load(folder / "places.npy")
                quality = map_quality(rows, near, places)
                assert quality is not None
                results.append(
                    result | {"trust": quality.trustworthiness, "kept": quality.neighbours_kept}
                )
                if way == "ours":
                    ours = places
    print("grid, clusters, quality …", file=sys.stderr)
    cells, seconds = timed(lambda: grid.assign_cells(ours))
    steps.append(_step("grid", seconds))
    labels, seconds = timed(lambda: clusters.find(ours, near))
    steps.append(_step(f"{labels.max() + 1} clusters", seconds))
    kept, seconds = timed(lambda: map_quality(rows, near, cells))
    steps.append(_step("quality", seconds))
    assert kept is not None
    return {
        f"layout of {count:,} x {DIMENSIONS}, median of {runs}": _compared(found),
        f"the other steps; of 15 neighbours the grid keeps {kept.kept:.3f}": steps,
    }


def _compared(found: dict[str, list[dict[str, Any]]]) -> list[Row]:
    middle = {
        way: {name: median(result[name] for result in results) for name in results[0]}
        for way, results in found.items()
    }
    own, other = middle["ours"], middle["plain UMAP"]
    rows: list[Row] = [
        {
            "layout": way,
            "seconds": round(result["seconds"], 1),
            "trust": round(result["trust"], 4),
            "kept": round(result["kept"], 3),
            "load": round(result["load"], 2),
            "target": "",
        }
        for way, result in middle.items()
    ]
    share, gain = own["seconds"] / other["seconds"], own["trust"] - other["trust"]
    met = share <= TARGET["time"] and gain >= -TARGET["trust"]
    rows.append(
        {
            "layout": "ours beside plain",
            "seconds": f"x {share:.2f}",
            "trust": f"{gain:+.4f}",
            "kept": f"{own['kept'] - other['kept']:+.3f}",
            "load": "",
            "target": f"x {TARGET['time']}, -{TARGET['trust']}: {'met' if met else 'missed'}",
        }
    )
    return rows


def _step(name: str, seconds: float) -> Row:
    return {"step": name, "seconds": round(seconds, 1)}


def main() -> None:
    """Measure and report."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--json", action="store_true", help="print JSON, for machines")
    parser.add_argument("--items", type=int, default=ITEMS, metavar="N", help=f"({ITEMS:,})")
    parser.add_argument("--runs", type=int, default=RUNS, metavar="N", help=f"of each ({RUNS})")
    parser.add_argument("--way", choices=WAYS, help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.way:
        lay_out(options.way, options.folder)
        return
    machine = Machine.here()
    report(machine, measure(options.items, options.runs), as_json=options.json)


if __name__ == "__main__":
    main()
