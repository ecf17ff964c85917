"""How many copies planted in a catalogue are found, and how much else is taken for copies.

Of some models of the demo `furniture`, drawn by lot, four copies each are put beside the 820:
resized to 60 %, saved as JPEG of quality 60, cropped by 3 % on each side, and mirrored. They go
through the network like any other picture, and near-duplicates are looked for among all. What
decides was chosen with emoji, their skin tones, and every other piece of furniture; the models
that are copied are drawn from the rest, unless with `--seen`.

- recall: of the planted copies of a kind, how many are in one group with their model.
- precision: of all pairs in one group, how many are of one model. Two porch columns, whose
  pictures look the same to the eye but are not, are told apart from pairs that are wrong: pairs
  of the one with the other are left out.

Needs `python -m core demo furniture`; works on a copy of it. Takes a minute or two:
python -m benchmarks.duplicates [--json] [--models N] [--seed N] [--seen]
"""

import argparse
import io
import os
import random
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import combinations
from pathlib import Path

from PIL import Image, ImageOps

from benchmarks.support.machine import Machine, Row, report
from core import search, settings
from core.catalogue import Catalogue, Item
from core.descriptors import COMPACT
from core.duplicates import finder
from core.duplicates.groups import DuplicateReport
from core.importers import InMemoryEntry, Source
from core.pictures import decoding
from core.vision.precision import load
from core.workflows import importing, indexing
from core.workflows.demos import DEMOS, is_ready

DEMO = "furniture"
KINDS = ("resized", "re-encoded", "cropped", "mirrored")
TARGET = {"recall": 0.95, "precision": 0.98}
# Different models whose pictures are the same drawing but for its shading: looked at by eye.
ALIKE = frozenset({"Kator Legaz#porch-column-01", "Kator Legaz#porch-column-03"})


def copies(picture: Image.Image) -> Iterator[tuple[str, bytes]]:
    """Yield each kind of copy with its bytes."""
    width, height = picture.size
    small = picture.resize((round(0.6 * width), round(0.6 * height)), Image.Resampling.LANCZOS)
    yield "resized", _saved(small, "PNG")
    yield "re-encoded", _saved(picture, "JPEG")
    across, down = round(0.03 * width), round(0.03 * height)
    rest = picture.crop((across, down, width - across, height - down))
    yield "cropped", _saved(rest, "PNG")
    yield "mirrored", _saved(ImageOps.mirror(picture), "PNG")


def _saved(picture: Image.Image, form: str) -> bytes:
    file = io.BytesIO()
    picture.save(file, form, quality=60)
    return file.getvalue()


@contextmanager
def copy_of_the_demo() -> Iterator[Catalogue]:
    """Give a copy of the demo in a data folder of its own, until the context ends."""
    source = Catalogue(DEMO).folder
    kept = os.environ.get("LOOKALIKE_DATA")
    with tempfile.TemporaryDirectory() as own:
        shutil.copytree(source, Path(own, DEMO))
        os.environ["LOOKALIKE_DATA"] = own
        try:
            yield Catalogue(DEMO)
        finally:
            shutil.rmtree(settings.thumbnails_root(), ignore_errors=True)
            del os.environ["LOOKALIKE_DATA"]
            if kept is not None:
                os.environ["LOOKALIKE_DATA"] = kept


def plant(catalogue: Catalogue, models: Sequence[Item]) -> None:
    """Add the copies of some models, and bring the vectors up to date."""
    entries = (
        InMemoryEntry(Item(source_id=_planted(kind, model), name=f"{model.name}, {kind}"), data)
        for model in models
        for kind, data in copies(decoding.decode(catalogue.pictures.original(model)))
    )
    count = len(models) * len(KINDS)
    imported = importing.run(Source("benchmark", "planted", count, entries), catalogue)
    assert imported.added == count, imported
    print(f"{count:,} copies are planted; embedding them …", file=sys.stderr)
    indexing.update(catalogue, load_network=load)


def _planted(kind: str, model: Item) -> str:
    return f"planted#{kind}#{model.source_id}"


def model_of(source_id: str) -> str:
    """Return the model that an item is, or is a copy of."""
    return source_id.split("#", 2)[2] if source_id.startswith("planted#") else source_id


def recalls(found: DuplicateReport, models: Sequence[Item]) -> list[Row]:
    """Return of each kind how many copies are in one group with their model."""
    group_of = {
        item.source_id: number for number, group in enumerate(found.groups) for item in group.items
    }
    rows: list[Row] = []
    for kind in KINDS:
        hits = sum(
            group_of.get(model.source_id, -1) == group_of.get(_planted(kind, model), -2)
            for model in models
        )
        row = {"copies": kind, "planted": len(models), "found": hits}
        rows.append(row | {"recall": round(hits / len(models), 3), "target": TARGET["recall"]})
    planted, hits = (sum(int(row[key]) for row in rows) for key in ("planted", "found"))
    all_kinds = {"copies": "all", "planted": planted, "found": hits}
    rows.append(all_kinds | {"recall": round(hits / planted, 3), "target": TARGET["recall"]})
    return rows


def precision(found: DuplicateReport) -> tuple[list[Row], Mapping[tuple[str, str], int]]:
    """Return how many pairs are right, and the models of wrong ones with how many pairs each."""
    counts: Counter[str] = Counter()
    wrong: Counter[tuple[str, str]] = Counter()
    for group in found.groups:
        of = [model_of(item.source_id) for item in group.items]
        for one, other in combinations(sorted(of), 2):
            if one == other:
                counts["right"] += 1
            elif {one, other} <= ALIKE:
                counts["alike"] += 1
            else:
                wrong[one, other] += 1
    judged = counts["right"] + wrong.total()
    row: Row = {
        "pairs in groups": judged + counts["alike"],
        "left out as alike": counts["alike"],
        "right": counts["right"],
        "wrong": wrong.total(),
        "precision": round(counts["right"] / judged, 3) if judged else 1.0,
        "target": TARGET["precision"],
        "cut": round(found.cut, 3),
    }
    return [row], wrong


def main() -> None:
    """Measure and report."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--json", action="store_true", help="print JSON, for machines")
    parser.add_argument("--models", type=int, default=80, metavar="N", help="models copied (80)")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="of the lot (0)")
    parser.add_argument(
        "--seen", action="store_true", help="copy models that thresholds were chosen with"
    )
    options = parser.parse_args()
    if not is_ready(DEMOS[DEMO]):
        sys.exit(f"The demo is not ready. Run `python -m core demo {DEMO}` first.")
    machine = Machine.here()
    with copy_of_the_demo() as catalogue:
        half = catalogue.items.find()[0 if options.seen else 1 :: 2]
        models = random.Random(options.seed).sample(half, min(options.models, len(half)))
        plant(catalogue, models)
        print("looking for near-duplicates …", file=sys.stderr)
        found = finder.find(catalogue, index=search.index_of(catalogue, COMPACT))
        pairs, wrong = precision(found)
        names = {item.source_id: item.name for item in catalogue.items.find()}
    mistaken: list[Row] = [
        {"model": names[one], "taken for": names[other], "pairs": count}
        for (one, other), count in wrong.items()
    ]
    tables = {f"recall, {found.items:,} pictures": recalls(found, models), "precision": pairs}
    report(machine, tables | ({"wrong pairs": mistaken} if mistaken else {}), as_json=options.json)


if __name__ == "__main__":
    main()
