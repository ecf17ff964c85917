"""Measure how long a query takes on the demo, from a picture to the ranked results.

The network and the vectors are loaded first. Queries run one at a time and use pictures of the
catalogue itself: a picture (decoding it takes 5 ms and is counted), the same on a ground, where the
network has to find the object first, the line drawing made of it, a region of it, and both
descriptors. For comparison, the neighbours of a model need no network.

Run it on a quiet machine, after `python -m core demo`:
python -m benchmarks.queries [--json] [--queries N]
"""

import argparse
import time
from collections.abc import Callable, Mapping, Sequence
from functools import cache, partial

import numpy as np
from PIL import Image

from benchmarks.support.machine import Machine, Row, report
from core import search
from core.catalogue import Catalogue, Item
from core.descriptors import COMPACT, PUBLISHED, item_cutouts
from core.importers import on_grounds
from core.importers.grounds import GROUNDS
from core.pictures import Box, decoding, resizing
from core.search import Example, ItemExample, PictureExample, Query, Results, region_index
from core.vision import precision, preprocessing
from devtools.browser import demo

# The number of results, as many as the page shows.
K = 18
# The region that is searched for: the middle of the picture.
REGION = Box(0.25, 0.25, 0.75, 0.75)

Search = Callable[[Item], Results]


def searches(
    catalogue: Catalogue, *, drawings: Mapping[str, Image.Image], files: Mapping[str, bytes]
) -> dict[str, Search]:
    """Return each kind of search for an item, as the pages run it.

    `drawings` has the line drawing of each item by its id, and `files` the item on a ground.
    """
    trained = precision.load()
    regions = search.region_index_of(catalogue)
    models = cache(partial(search.index_of, catalogue, COMPACT))

    def by_picture(name: str) -> Callable[[Example], Results]:
        index_in = cache(partial(search.index_of, catalogue, name))
        embed = partial(search.descriptor_of(catalogue, name).embed, trained)
        return lambda example: search.run(
            Query(examples=[example]), catalogue=catalogue, index_in=index_in, embed=embed, k=K
        )

    compact, published = by_picture(COMPACT), by_picture(PUBLISHED)

    return {
        "a picture": lambda item: compact(PictureExample(_picture(catalogue, item))),
        "a picture on a ground": lambda item: compact(
            PictureExample(decoding.decode(files[item.id]))
        ),
        "a drawing": lambda item: compact(PictureExample(drawings[item.id])),
        "a picture, 2016 recipe": lambda item: published(PictureExample(_picture(catalogue, item))),
        "a region of a picture": lambda item: search.run_regions(
            Query(examples=[PictureExample(_picture(catalogue, item), region=REGION)]),
            catalogue=catalogue,
            regions=regions,
            embed_region=partial(region_index.embed_region, trained),
            k=K,
        ),
        "a model": lambda item: search.run(
            Query(examples=[ItemExample(item.id)]), catalogue=catalogue, index_in=models, k=K
        ),
    }


def line_drawings(catalogue: Catalogue, items: Sequence[Item]) -> dict[str, Image.Image]:
    """Return a line drawing of each item by its id, except for drawings that are blank."""
    drawings = {
        item.id: Image.fromarray(
            preprocessing.line_drawing(item_cutouts.of_item(catalogue, item)).pixels
        )
        for item in items
    }
    return {
        key: drawing for key, drawing in drawings.items() if not preprocessing.is_blank(drawing)
    }


def files_on_grounds(catalogue: Catalogue, items: Sequence[Item]) -> dict[str, bytes]:
    """Return each item on a ground that is not plain, as a JPEG file by the item's id."""
    grounds = {kind: make for kind, make in GROUNDS.items() if kind != "plain"}
    files = {}
    for item in items:
        made = on_grounds.composite(item, catalogue.pictures.original(item), grounds=grounds)
        if made is not None:
            files[item.id] = made.file
    return files


def _picture(catalogue: Catalogue, item: Item) -> Image.Image:
    return resizing.shrink(decoding.decode(catalogue.pictures.original(item)))


def main() -> None:
    """Measure and report."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--json", action="store_true", help="print JSON, for machines")
    parser.add_argument("--queries", type=int, default=60, metavar="N", help="of each kind (60)")
    options = parser.parse_args()
    machine, catalogue = Machine.here(), demo()
    items = catalogue.items.find()
    sample = items[:: max(1, len(items) // options.queries)][: options.queries]
    drawings = line_drawings(catalogue, sample)
    files = files_on_grounds(catalogue, sample)
    sample = [item for item in sample if item.id in drawings and item.id in files]
    rows: list[Row] = []
    for name, run in searches(catalogue, drawings=drawings, files=files).items():
        for item in sample[:3]:  # warm up
            run(item)
        times = []
        for item in sample:
            start = time.perf_counter()
            run(item)
            times.append(1000 * (time.perf_counter() - start))
        median, slow = np.percentile(times, [50, 95])
        rows.append({"query": name, "median, ms": round(median), "95 %, ms": round(slow)})
    report(machine, {f"{len(items):,} models, {len(sample)} queries": rows}, as_json=options.json)


if __name__ == "__main__":
    main()
