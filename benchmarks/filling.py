"""Measure how much of its canvas the map of each demo fills, and which neighbours that costs.

UMAP's layout is computed again and shown in a canvas as wide and high as the map in a window of
1440 x 900. Filled is the share of the cells of a grid of 32 x 32 over the canvas that hold a
model. It is measured with the layout as it is, with `core.maps.gaps` for several widths of the
gaps, and for two grids of the layout: a square one and one in the shape of the canvas.

Run it after `python -m core demo` and `python -m core demo furniture`:
python -m benchmarks.filling [--json]
"""

import argparse
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from benchmarks.support.machine import Machine, Row, report
from core import search
from core.catalogue import Catalogue
from core.descriptors import COMPACT
from core.maps import gaps, grid, quality, square_grid, umap_layout
from core.similarity import knn_graph

DEMOS = ("fluent", "furniture")
# The canvas below the bar, and the space that is left around the points for names and landmarks.
CANVAS, MARGIN = (1440, 844), 48
CELLS = 32
# Widths of the gaps that are compared; the last is so wide that nothing changes but the shape.
WIDTHS = (1.0, 2.0, 4.0, np.inf)


def share_filled(coordinates: NDArray[np.float32]) -> float:
    """Return the share of the canvas's cells that hold a point of the map, float32 (n, 2)."""
    low, high = coordinates.min(axis=0), coordinates.max(axis=0)
    scale = ((np.array(CANVAS) - 2 * MARGIN) / (high - low)).min()
    places = np.array(CANVAS) / 2 + scale * (coordinates - (low + high) / 2)
    cells = np.floor(places * CELLS / np.array(CANVAS)).astype(int)
    return len(np.unique(cells, axis=0)) / CELLS**2


def rows(name: str) -> list[Row]:
    """Return the table's rows for a demo."""
    vectors = search.index_of(Catalogue(name), COMPACT, "models").unit_rows()
    graph = knn_graph.knn_graph(vectors)
    layout = umap_layout.umap_layout(vectors, graph)
    found: list[Row] = []

    def add(what: str, coordinates: NDArray[np.float32]) -> None:
        measured = quality.measure(vectors, graph, coordinates)
        assert measured is not None
        found.append(
            {
                "what": f"{name}: {what}",
                "filled": round(share_filled(coordinates), 3),
                "trustworthiness": round(measured.trustworthiness, 3),
                "neighbours kept": round(measured.neighbours_kept, 3),
            }
        )

    add("UMAP's layout", layout)
    for width in WIDTHS:
        chosen = " (chosen)" if width == gaps.MAX_GAP else ""
        add(f"gaps of at most {width}{chosen}", gaps.close(layout, max_gap=width))
    coordinates = gaps.close(layout)
    add("square grid", square_grid.assign_cells(coordinates))
    width, height = np.array(CANVAS) - 2 * MARGIN
    add("grid in the canvas's shape", grid.as_grid(coordinates, width / height).coordinates)
    return found


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and report."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--json", action="store_true", help="print JSON, for machines")
    options = parser.parse_args(arguments)
    machine = Machine.here()
    table = [row for name in DEMOS for row in rows(name)]
    report(machine, {"Filling the canvas": table}, as_json=options.json)


if __name__ == "__main__":
    main()
