"""Measure how long the layout of a large map takes, compared with plain UMAP on the same vectors.

The vectors are mixtures of the demo's (`benchmarks.support.synthetic`), their first 256 numbers:
those that vary most. Lookalike's layout is `core.maps.umap_layout`, given the exact neighbours,
which are timed separately; plain is `umap.UMAP().fit` of umap-learn. They take turns, each in a
new process; the time includes the import and compiling with numba. The figures are medians.

- trust: scikit-learn's trustworthiness of a sample of 2,000, 15 neighbours, cosine
- kept: the share of an item's 15 exact neighbours that are among its 15 nearest on the map
- load: the load average when the run began; times on busy cores mean little

Target: half of plain UMAP's time or less, and a trustworthiness at most .01 below it.

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
from numpy.typing import NDArray

from benchmarks.support.machine import Machine, Row, report
from benchmarks.support.synthetic import ITEMS, Mixtures
from core import search
from core.descriptors import COMPACT
from core.linalg import unit_rows
from core.maps import clusters, square_grid, umap_layout
from core.maps.quality import measure as map_quality
from core.settings import PROJECT
from core.similarity import KnnGraph, knn_graph

DIMENSIONS = 256
RUNS = 2
# The largest share of plain UMAP's time, and the largest loss of trustworthiness, that are allowed.
TARGET = {"time": 0.5, "trust": 0.01}


def vectors(count: int) -> NDArray[np.float32]:
    """Return rows of unit length, (count, 256)."""
    from devtools.browser import demo

    rows = search.index_of(demo(), COMPACT).unit_rows()
    mixed = Mixtures.of(rows, count).rows(rows)[:, :DIMENSIONS]
    return unit_rows(mixed).astype(np.float32)


def plain(rows: NDArray[np.float32], graph: KnnGraph) -> NDArray[np.float32]:
    """Return the coordinates that umap-learn computes by itself; `graph` is not used."""
    import umap

    return np.asarray(umap.UMAP().fit(rows).embedding_)


LAYOUTS: dict[str, Callable[[NDArray[np.float32], KnnGraph], NDArray[np.float32]]] = {
    "Lookalike": umap_layout.umap_layout,
    "plain UMAP": plain,
}


def run_process(layout: str, folder: Path) -> dict[str, Any]:
    """Compute a layout of the vectors in `folder` in a new process, which stores it there."""
    load = round(os.getloadavg()[0], 2)
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.layout", "--layout", layout, "--folder", str(folder)],
        cwd=PROJECT,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        check=True,
    )
    return {"load": load, **json.loads(done.stdout)}


def compute_layout(layout: str, folder: Path) -> None:
    """Do the work of that process, and print the seconds it took as JSON."""
    rows, numbers, cosines = (
        np.load(folder / f"{name}.npy") for name in ("rows", "numbers", "cosines")
    )
    began = time.perf_counter()
    coordinates = LAYOUTS[layout](rows, KnnGraph(numbers, cosines))
    seconds = time.perf_counter() - began
    np.save(folder / "coordinates.npy", coordinates)
    print(json.dumps({"seconds": seconds}))


def timed(work: Callable[[], Any]) -> tuple[Any, float]:
    """Return what `work` returns, and the seconds it took."""
    began = time.perf_counter()
    result = work()
    return result, time.perf_counter() - began


def measure(count: int, runs: int) -> dict[str, list[Row]]:
    """Measure both layouts, and the other steps of computing a map."""
    print(f"{count:,} vectors …", file=sys.stderr)
    rows = vectors(count)
    graph, seconds = timed(lambda: knn_graph.knn_graph(rows))
    steps: list[Row] = [_step("exact neighbours", seconds)]
    measured: dict[str, list[dict[str, Any]]] = {layout: [] for layout in LAYOUTS}
    ours = np.empty((0, 2), np.float32)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for part, array in (("rows", rows), ("numbers", graph.rows), ("cosines", graph.cosines)):
            np.save(folder / f"{part}.npy", array)
        for run in range(runs):
            for layout, results in measured.items():
                print(f"{layout}, run {run + 1} of {runs} …", file=sys.stderr)
                result = run_process(layout, folder)
                coordinates = np.load(folder / "coordinates.npy")
                quality = map_quality(rows, graph, coordinates)
                assert quality is not None
                results.append(
                    result | {"trust": quality.trustworthiness, "kept": quality.neighbours_kept}
                )
                if layout == "Lookalike":
                    ours = coordinates
    print("grid, clusters, quality …", file=sys.stderr)
    cells, seconds = timed(lambda: square_grid.assign_cells(ours))
    steps.append(_step("grid", seconds))
    labels, seconds = timed(lambda: clusters.find(ours, graph))
    steps.append(_step(f"{labels.max() + 1} clusters", seconds))
    grid_quality, seconds = timed(lambda: map_quality(rows, graph, cells))
    steps.append(_step("quality", seconds))
    assert grid_quality is not None
    kept = grid_quality.neighbours_kept
    return {
        f"layout of {count:,} x {DIMENSIONS}, median of {runs}": _compared(measured),
        f"the other steps; the grid keeps {kept:.3f} of 15 neighbours": steps,
    }


def _compared(measured: dict[str, list[dict[str, Any]]]) -> list[Row]:
    medians = {
        layout: {name: median(result[name] for result in results) for name in results[0]}
        for layout, results in measured.items()
    }
    own, other = medians["Lookalike"], medians["plain UMAP"]
    rows: list[Row] = [
        {
            "layout": layout,
            "seconds": round(result["seconds"], 1),
            "trust": round(result["trust"], 4),
            "kept": round(result["kept"], 3),
            "load": round(result["load"], 2),
            "target": "",
        }
        for layout, result in medians.items()
    ]
    share, gain = own["seconds"] / other["seconds"], own["trust"] - other["trust"]
    met = share <= TARGET["time"] and gain >= -TARGET["trust"]
    rows.append(
        {
            "layout": "Lookalike compared with plain UMAP",
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
    parser.add_argument("--layout", choices=LAYOUTS, help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.layout:
        compute_layout(options.layout, options.folder)
        return
    machine = Machine.here()
    report(machine, measure(options.items, options.runs), as_json=options.json)


if __name__ == "__main__":
    main()
