"""Measure recall and precision of near-duplicates with copies added to a catalogue.

Random models of the demo `furniture` are copied in four ways, and the copies are added to its 820
models: resized to 60 %, saved as JPEG of quality 60, cropped by 3 % on each side, and mirrored.
They go through the network like any other picture, and near-duplicates are searched for among all
models. The thresholds were chosen with emoji, their skin tones, and every other piece of
furniture; the models that are copied are of the other half, unless `--seen` is given.

- recall: the share of the copies of a kind that are in one group with their model.
- precision: the share of the pairs within groups that are of one model. Two porch columns have
  pictures that look the same to the eye but are not; pairs of one with the other are left out.

Needs `python -m core demo furniture`; works on a copy of it. Takes a minute or two:
python -m benchmarks.duplicates [--json] [--models N] [--seed N] [--seen]
"""

import argparse
import random
import shutil
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import combinations

from PIL import Image, ImageOps

from benchmarks.support.data_folder import data_folder
from benchmarks.support.machine import Machine, Row, report
from core import search
from core.catalogue import Catalogue, Item
from core.descriptors import COMPACT
from core.duplicates import finder
from core.duplicates.records import DuplicateReport
from core.importers import InMemoryEntry, Source
from core.pictures import decoding, encoding
from core.vision.precision import load
from core.workflows import importing, indexing
from core.workflows.demos import DEMOS, is_ready

DEMO = "furniture"
KINDS = ("resized", "re-encoded", "cropped", "mirrored")
TARGET = {"recall": 0.95, "precision": 0.98}
# Different models whose pictures differ only in their shading, as checked by eye.
ALIKE = frozenset({"Kator Legaz#porch-column-01", "Kator Legaz#porch-column-03"})


def make_copies(picture: Image.Image) -> Iterator[tuple[str, bytes]]:
    """Yield the copies of a picture: the kind of each, and its bytes."""
    width, height = picture.size
    small = picture.resize((round(0.6 * width), round(0.6 * height)), Image.Resampling.LANCZOS)
    yield "resized", encoding.png(small)
    yield "re-encoded", encoding.jpeg(picture, quality=60)
    left, top = round(0.03 * width), round(0.03 * height)
    middle = picture.crop((left, top, width - left, height - top))
    yield "cropped", encoding.png(middle)
    yield "mirrored", encoding.png(ImageOps.mirror(picture))


@contextmanager
def copy_of_the_demo() -> Iterator[Catalogue]:
    """Yield a copy of the demo in a temporary data folder."""
    source = Catalogue(DEMO).folder
    with data_folder() as folder:
        shutil.copytree(source, folder / DEMO)
        yield Catalogue(DEMO)


def add_copies(catalogue: Catalogue, models: Sequence[Item]) -> None:
    """Add copies of some models to the catalogue, and index them."""
    entries = (
        InMemoryEntry(Item(source_id=_copy_id(kind, model), name=f"{model.name}, {kind}"), data)
        for model in models
        for kind, data in make_copies(decoding.decode(catalogue.pictures.original(model)))
    )
    count = len(models) * len(KINDS)
    imported = importing.run(Source("benchmark", "copies", count, entries), catalogue).counts
    assert imported.added == count, imported
    print(f"{count:,} copies are added; embedding them …", file=sys.stderr)
    indexing.update(catalogue, load_network=load)


def _copy_id(kind: str, model: Item) -> str:
    return f"copy#{kind}#{model.source_id}"


def model_of(source_id: str) -> str:
    """Return the `source_id` of the model that an item is, or is a copy of."""
    return source_id.split("#", 2)[2] if source_id.startswith("copy#") else source_id


def recalls(found: DuplicateReport, models: Sequence[Item]) -> list[Row]:
    """Return how many copies of each kind are in one group with their model."""
    group_of = {
        item.source_id: number for number, group in enumerate(found.groups) for item in group.items
    }
    hits = {
        kind: sum(
            group_of.get(model.source_id, -1) == group_of.get(_copy_id(kind, model), -2)
            for model in models
        )
        for kind in KINDS
    }
    rows = [_recall(kind, len(models), found) for kind, found in hits.items()]
    return [*rows, _recall("all", len(models) * len(KINDS), sum(hits.values()))]


def _recall(kind: str, added: int, hits: int) -> Row:
    recall = round(hits / added, 3)
    return {
        "copies": kind,
        "added": added,
        "found": hits,
        "recall": recall,
        "target": TARGET["recall"],
    }


def precision(found: DuplicateReport) -> tuple[list[Row], Mapping[tuple[str, str], int]]:
    """Return how many pairs are right, and how many wrong pairs there are of which models."""
    counts: Counter[str] = Counter()
    wrong: Counter[tuple[str, str]] = Counter()
    for group in found.groups:
        models = [model_of(item.source_id) for item in group.items]
        for first, second in combinations(sorted(models), 2):
            if first == second:
                counts["right"] += 1
            elif {first, second} <= ALIKE:
                counts["alike"] += 1
            else:
                wrong[first, second] += 1
    counted = counts["right"] + wrong.total()
    row: Row = {
        "pairs in groups": counted + counts["alike"],
        "left out as alike": counts["alike"],
        "right": counts["right"],
        "wrong": wrong.total(),
        "precision": round(counts["right"] / counted, 3) if counted else 1.0,
        "target": TARGET["precision"],
        "cut": round(found.cut, 3),
    }
    return [row], wrong


def main() -> None:
    """Measure and report."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--json", action="store_true", help="print JSON, for machines")
    parser.add_argument("--models", type=int, default=80, metavar="N", help="models copied (80)")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="of the random choice (0)")
    parser.add_argument(
        "--seen", action="store_true", help="copy models that the thresholds were chosen with"
    )
    options = parser.parse_args()
    if not is_ready(DEMOS[DEMO]):
        sys.exit(f"The demo is not ready. Run `python -m core demo {DEMO}` first.")
    machine = Machine.here()
    with copy_of_the_demo() as catalogue:
        half = catalogue.items.find()[0 if options.seen else 1 :: 2]
        models = random.Random(options.seed).sample(half, min(options.models, len(half)))
        add_copies(catalogue, models)
        print("searching for near-duplicates …", file=sys.stderr)
        found = finder.find(catalogue, index=search.index_of(catalogue, COMPACT))
        pairs, wrong = precision(found)
        names = {item.source_id: item.name for item in catalogue.items.find()}
    mistakes: list[Row] = [
        {"model": names[first], "grouped with": names[second], "pairs": count}
        for (first, second), count in wrong.items()
    ]
    tables = {f"recall, {found.items:,} pictures": recalls(found, models), "precision": pairs}
    report(machine, tables | ({"wrong pairs": mistakes} if mistakes else {}), as_json=options.json)


if __name__ == "__main__":
    main()
