"""Measure what it tells that a result is a strong match.

- unrelated: the share of 200 pictures that have a strong match though they show nothing that is in
  the catalogue: the other things, landscapes, patterns and noise of `benchmarks.photographs`.
- right first, not found: the shares of OpenMoji's drawings and pictures that have one, of those
  whose right model is the first result, and of those for which it is not among the first ten.
- same group: how many of a model's first 18 neighbours are in its group, of strong and of weaker
  matches. Groups are those of `benchmarks.quality`.

*normal* is the same with the cutoff for scores that are normally distributed, which is half.

Needs `python -m core demo`; `furniture` is measured too if it is ready. Needs the packages of
`benchmarks.quality`, and downloads those of `benchmarks.photographs`. Takes some ten minutes;
`--every N` uses every Nth picture:
python -m benchmarks.strong_matches [--every N] [--json]
"""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image

from benchmarks import quality
from benchmarks.photographs import FIRST, Search, searcher, unrelated_pictures
from benchmarks.support import openmoji
from benchmarks.support.machine import Machine, Row, report
from core import search
from core.catalogue import Catalogue
from core.descriptors import NAMES
from core.evaluation.evaluate import EvaluationQuery
from core.search import SearchError
from core.search.results import HEAVY_TAILS, z_cutoff
from core.similarity import ScoreDistribution
from core.vision import Network, precision
from core.workflows.demos import DEMOS, is_ready
from devtools.browser import demo

# How many neighbours of a model count: as many as its page shows.
NEIGHBOURS = 18


@dataclass(frozen=True, slots=True)
class Best:
    """The best result of a query: its z-score in cutoffs, and the rank of the right model.

    The rank is 0 if there is no right model, or if it is not among the first ten.
    """

    height: float
    rank: int


def best_results(pictures: Sequence[tuple[Image.Image, str]], run: Search) -> list[Best]:
    """Search with pictures and the ids of their right models; refused pictures are left out."""
    found = []
    for picture, right in pictures:
        try:
            results = run(picture)
        except SearchError as error:
            print(f"left out: {error}", file=sys.stderr)
            continue
        ids = [neighbour.item.id for neighbour in results.neighbours]
        rank = ids.index(right) + 1 if right in ids else 0
        found.append(Best(results.neighbours[0].z_score / results.z_cutoff, rank))
    return found


def strong_row(what: str, found: Sequence[Best]) -> Row:
    """Return how many of the queries have a strong match, 0 to 1."""
    heights = np.array([one.height for one in found])
    return {
        "queries": what,
        "number": len(found),
        "with a strong match": round(float(np.mean(heights >= 1)), 3),
        "normal": round(float(np.mean(heights >= 1 / HEAVY_TAILS)), 3),
    }


def unrelated(catalogue: Catalogue, descriptor: str, network: Network, *, every: int) -> Row:
    """Search with pictures that show nothing that is in the catalogue."""
    run = searcher(catalogue, descriptor, network)
    pictures = [(picture, "") for kind in unrelated_pictures(every) for picture in kind]
    found = best_results(pictures, run)
    row = strong_row("unrelated", found)
    return {"catalogue": catalogue.name, "descriptor": descriptor, **row}


def related(queries: Sequence[EvaluationQuery], name: str, run: Search) -> list[Row]:
    """Search with drawings or pictures of models, and tell those that find theirs from others."""
    found = best_results([(query.picture, query.item_id) for query in queries], run)
    return [
        strong_row(f"{name}, right first", [one for one in found if one.rank == 1]),
        strong_row(f"{name}, not found", [one for one in found if one.rank == 0]),
    ]


def same_group(catalogue: Catalogue, descriptor: str) -> Row:
    """Return the share of neighbours in a model's group, of strong and of weaker matches."""
    index = search.index_of(catalogue, descriptor)
    group_of = quality.groups(catalogue)
    cutoff = z_cutoff(len(index))
    same: dict[bool, list[bool]] = {True: [], False: []}
    for row, item_id in enumerate(index.ids):
        scores = index.scores(index.rows(np.array([row])))[0]
        distribution = ScoreDistribution.over(scores)
        nearest = np.argsort(-scores, kind="stable")[: NEIGHBOURS + 1]
        for other in nearest[nearest != row][:NEIGHBOURS]:
            is_strong = distribution.z_score(float(scores[other])) >= cutoff
            same[is_strong].append(group_of[index.ids[other]] == group_of[item_id])
    return {
        "catalogue": catalogue.name,
        "descriptor": descriptor,
        "neighbours": sum(map(len, same.values())),
        "strong": round(len(same[True]) / sum(map(len, same.values())), 3),
        "same group, strong": round(float(np.mean(same[True])), 3),
        "same group, weaker": round(float(np.mean(same[False])), 3),
    }


def main() -> None:
    """Measure and report."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--json", action="store_true", help="print JSON, for machines")
    parser.add_argument("--every", type=int, default=1, metavar="N", help="use every Nth picture")
    options = parser.parse_args()
    openmoji.check_installed()
    machine, fluent, network = Machine.here(), demo(), precision.load()
    catalogues = [Catalogue(each.name) for each in DEMOS.values() if is_ready(each)]
    tables: dict[str, list[Row]] = {}
    tables["unrelated pictures"] = [
        unrelated(catalogue, descriptor, network, every=options.every)
        for catalogue in catalogues
        for descriptor in NAMES
    ]
    for descriptor in NAMES:
        run = searcher(fluent, descriptor, network)
        tables[f"fluent, {descriptor}, first {FIRST} results"] = [
            row
            for name, queries in quality.drawings(fluent, every=options.every).items()
            for row in related(queries, name, run)
        ]
    tables[f"same group, {NEIGHBOURS} neighbours"] = [
        same_group(catalogue, descriptor) for catalogue in catalogues for descriptor in NAMES
    ]
    report(machine, tables, as_json=options.json)


if __name__ == "__main__":
    main()
