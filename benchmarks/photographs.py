"""Measure how well photographs find models, and whether models are found by any picture.

The photographs and the words of their right models are in `benchmarks/support/photographs.json`:
animals, vehicles, food, nature, household, tools, people and buildings, from packages of Debian,
PyPI and npm. Queries run one at a time through `search.run`, as on the pages.

- hit@k: the share of photographs with a right model among the first k results. A right model has
  one of the photograph's words in its name or tags. `chance` is hit@10 if the order were random.
- halves: `compact` may be developed with the development half only. Report the other.
- hubs: 200 pictures that no model is to be found for are searched with: 100 photographs of other
  things and landscapes, and 100 generated patterns, textures and noise. The table names the models
  that are among the first ten most often, and the share of pictures for which they are.

Needs `python -m core demo`; `furniture` is measured too if it is ready. The first run downloads
290 MB, most of it with apt, so it needs Debian 12. Takes some three minutes; `--every N` uses every
Nth photograph and picture, and `--answers` prints what each photograph of the development half
finds:
python -m benchmarks.photographs [--half development|held-out] [--every N] [--answers] [--json]
"""

import argparse
import math
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, partial
from statistics import fmean

from PIL import Image

from benchmarks.support import photographs as support
from benchmarks.support import unrelated
from benchmarks.support.machine import Machine, Row, report
from benchmarks.support.photographs import HALVES, Half, Photograph
from core import search
from core.catalogue import Catalogue, Item
from core.descriptors import COMPACT, PUBLISHED
from core.pictures import decoding
from core.search import PictureExample, Query, Results, SearchError
from core.vision import Network, precision
from core.workflows.demos import DEMOS, is_ready
from devtools.browser import demo

DESCRIPTORS = (PUBLISHED, COMPACT)
# How many results count, and in how many hubs are counted.
FIRST = 10
# How many hubs are named.
NAMED = 3
# How many pictures are generated; with the photographs of other things, 200.
GENERATED = 100

# Searches with a picture.
Search = Callable[[Image.Image], Results]
# Searches with a picture: the first `FIRST` items, the best first.
Ask = Callable[[Image.Image], Sequence[Item]]


@dataclass(frozen=True, slots=True)
class Answer:
    """What a photograph found.

    Attributes:
        photograph: that was searched with.
        found: the first `FIRST` items, the best first.
        rank: of the first right one, from 1; None if there is none among them.
        right: how many models of the catalogue are right.
    """

    photograph: Photograph
    found: Sequence[Item]
    rank: int | None
    right: int


@dataclass(frozen=True, slots=True)
class Hub:
    """A model by its name, and the share of answers that it is in, 0 to 1."""

    name: str
    share: float


def searcher(catalogue: Catalogue, descriptor: str, network: Network) -> Search:
    """Return a function that searches a catalogue by one descriptor, as the pages do."""
    index_in = cache(partial(search.index_of, catalogue, descriptor))
    embed = partial(search.descriptor_of(catalogue, descriptor).embed, network)
    viewpoints_in = cache(partial(search.viewpoints_of, catalogue, descriptor))

    def run(picture: Image.Image) -> Results:
        return search.run(
            Query(examples=[PictureExample(picture)]),
            catalogue=catalogue,
            index_in=index_in,
            embed=embed,
            viewpoints_in=viewpoints_in,
            k=FIRST,
        )

    return run


def asker(catalogue: Catalogue, descriptor: str, network: Network) -> Ask:
    """Return a function that searches a catalogue by one descriptor, and returns only the items."""
    run = searcher(catalogue, descriptor, network)
    return lambda picture: [neighbour.item for neighbour in run(picture).neighbours]


def answers(
    photographs: Sequence[tuple[Photograph, Image.Image]], catalogue: Catalogue, ask: Ask
) -> list[Answer]:
    """Search with the photographs of which the catalogue has models."""
    items = list(catalogue.items.find())
    answered = []
    for photograph, picture in photographs:
        words = photograph.words.get(catalogue.name, ())
        right = {item.id for item in items if support.is_right(item, words)}
        if not right:
            continue
        found = ask(picture)
        ranks = (rank for rank, item in enumerate(found, start=1) if item.id in right)
        answered.append(Answer(photograph, found, next(ranks, None), len(right)))
    return answered


def share_within(answered: Sequence[Answer], k: int) -> float:
    """Return hit@k, 0 to 1: the share of answers with a right model among the first k."""
    return fmean(answer.rank is not None and answer.rank <= k for answer in answered)


def chance(*, right: int, models: int, k: int = FIRST) -> float:
    """Return the probability that one of `right` models is among k of `models` by chance."""
    return 1 - math.comb(models - right, k) / math.comb(models, k)


def hubs(found: Sequence[Sequence[Item]], *, count: int = NAMED) -> list[Hub]:
    """Return the models that are in the most answers, the most frequent first."""
    names = {item.id: item.name for items in found for item in items}
    times = Counter(item_id for items in found for item_id in {item.id for item in items})
    frequent = sorted(times, key=lambda item_id: (-times[item_id], names[item_id]))
    return [Hub(names[item_id], times[item_id] / len(found)) for item_id in frequent[:count]]


def search_with_unrelated(pictures: Sequence[Image.Image], ask: Ask) -> list[Sequence[Item]]:
    """Search with pictures; those that a search refuses, such as blank ones, are left out."""
    found = []
    for picture in pictures:
        try:
            found.append(ask(picture))
        except SearchError as error:
            print(f"left out: {error}", file=sys.stderr)
    return found


def quality_row(descriptor: str, answered: Sequence[Answer], *, models: int) -> Row:
    """Return the row of a descriptor in the table of a catalogue and half."""
    return {
        "descriptor": descriptor,
        "photographs": len(answered),
        "hit@1": round(share_within(answered, 1), 3),
        f"hit@{FIRST}": round(share_within(answered, FIRST), 3),
        "chance": round(fmean(chance(right=answer.right, models=models) for answer in answered), 3),
    }


def hub_rows(descriptor: str, kinds: Sequence[tuple[str, Sequence[Sequence[Item]]]]) -> list[Row]:
    """Return the rows of a descriptor in the table of hubs: one for each kind of picture."""
    rows: list[Row] = []
    for kind, found in kinds:
        named = hubs(found)
        rows.append(
            {
                "descriptor": descriptor,
                "pictures": kind,
                "queries": len(found),
                "most frequent": round(named[0].share, 3),
                "models": ", ".join(f"{hub.name} ({hub.share:.3f})" for hub in named),
            }
        )
    return rows


def answer_row(descriptor: str, answer: Answer) -> Row:
    """Return the row of a photograph in the table of answers."""
    return {
        "descriptor": descriptor,
        "photograph": answer.photograph.shows,
        "group": answer.photograph.group,
        "right": answer.right,
        "rank": "–" if answer.rank is None else str(answer.rank),
        "first answers": ", ".join(item.name for item in answer.found[:NAMED]),
    }


def measure(
    catalogues: Sequence[Catalogue], chosen: Sequence[Half], *, every: int, with_answers: bool
) -> dict[str, list[Row]]:
    """Measure all catalogues, and return the tables by title."""
    photographs = {half: _photographs(half, every) for half in chosen}
    others, generated = unrelated_pictures(every)
    network = precision.load()
    tables: dict[str, list[Row]] = {}
    for catalogue in catalogues:
        models = len(list(catalogue.items.find()))
        for descriptor in DESCRIPTORS:
            print(f"{catalogue.name}: {descriptor} …", file=sys.stderr)
            ask = asker(catalogue, descriptor, network)
            for half, pictures in photographs.items():
                answered = answers(pictures, catalogue, ask)
                if answered:
                    rows = tables.setdefault(f"{catalogue.name}, {half} half", [])
                    rows.append(quality_row(descriptor, answered, models=models))
                # Nobody should look at those of the other half.
                if answered and with_answers and half == "development":
                    rows = tables.setdefault(f"{catalogue.name}, {half} half, answers", [])
                    rows.extend(answer_row(descriptor, answer) for answer in answered)
            found = search_with_unrelated(others, ask)
            made = search_with_unrelated(generated, ask)
            kinds = [("all", [*found, *made]), ("photographs", found), ("generated", made)]
            tables.setdefault(f"{catalogue.name}, hubs", []).extend(hub_rows(descriptor, kinds))
    return tables


def unrelated_pictures(every: int) -> tuple[list[Image.Image], list[Image.Image]]:
    """Return every Nth photograph of other things, and every Nth generated picture."""
    return (
        [decoding.decode(data) for data in support.load(support.unrelated()[::every])],
        [unrelated.picture(number) for number in range(0, GENERATED, every)],
    )


def _photographs(half: Half, every: int) -> list[tuple[Photograph, Image.Image]]:
    """Return every Nth photograph of a half with its picture, decoded as the product does."""
    chosen = support.photographs(half)[::every]
    files = support.load([(photograph.package, photograph.path) for photograph in chosen])
    return [
        (photograph, decoding.decode(data)) for photograph, data in zip(chosen, files, strict=True)
    ]


def main() -> None:
    """Measure and report."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--json", action="store_true", help="print JSON, for machines")
    parser.add_argument(
        "--half",
        type=lambda name: name.replace("-", " "),
        choices=HALVES,
        metavar="|".join(half.replace(" ", "-") for half in HALVES),
        help="use only one half of the photographs",
    )
    parser.add_argument(
        "--every", type=int, default=1, metavar="N", help="use every Nth photograph and picture"
    )
    parser.add_argument(
        "--answers",
        action="store_true",
        help="print what each photograph of the development half finds",
    )
    options = parser.parse_args()
    machine, catalogues = Machine.here(), [demo()]
    if is_ready(DEMOS["furniture"]):
        catalogues.append(Catalogue("furniture"))
    chosen = HALVES if options.half is None else (options.half,)
    tables = measure(catalogues, chosen, every=max(1, options.every), with_answers=options.answers)
    report(machine, tables, as_json=options.json)


if __name__ == "__main__":
    main()
