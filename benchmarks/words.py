"""Measure how long a search by words takes, on the demo's words and in a large catalogue.

The large catalogue has the names, tags and categories of the demo's models in turns, with a made-up
word beside each name, so that it has about as many different words as models. The texts are whole
words, beginnings, synonyms, spelling mistakes and nonsense. The time is that of the count and the
first page of models, which Explore reads for each text. Where nothing is found, the nearest words
are counted too. Reading the words after a change is measured on its own. Needs
`python -m core demo`:
python -m benchmarks.words [--json] [--items N] [--runs N]
"""

import argparse
import hashlib
import time
from collections.abc import Iterator
from itertools import cycle, islice

import numpy as np

from benchmarks.support.data_folder import data_folder
from benchmarks.support.machine import Machine, Row, report
from core.catalogue import Catalogue, Filters, Item, Picture
from core.catalogue.synonyms import fold
from devtools.browser import demo

ITEMS, RUNS = 25_000, 20
# As many as a page of Explore shows.
PAGE = 48
TARGET = 20
TEXTS = (
    *("car", "bike", "bicycle", "red heart", "face", "animals"),
    *("c", "s", "ca", "auto", "eleph"),
    *("sofa", "lorry", "cell phone", "colour"),
    *("elefant", "bycicle", "umbrela", "tabel lamp"),
    *("zzzzzz", "xylophonic", "racing zebra sofa"),
)
# Of made-up words.
SYLLABLES = [start + vowel for start in "bdklm" for vowel in "aeiou"]


def filled(name: str, items: list[Item], count: int) -> Catalogue:
    """Return a new catalogue with the words of `items` in turns, and a made-up word for each."""
    catalogue = Catalogue.create(name)
    pairs = _pairs(items, count)
    while batch := list(islice(pairs, 1_000)):
        catalogue.items.add(batch)
    return catalogue


def _pairs(items: list[Item], count: int) -> Iterator[tuple[Item, Picture]]:
    random = np.random.default_rng(0)
    for number, like in zip(range(count), cycle(items), strict=False):
        word = "".join(random.choice(SYLLABLES, 4))
        name = f"{like.name} {word}" if count > len(items) else like.name
        item = Item(source_id=str(number), name=name, category=like.category, tags=like.tags)
        digest = hashlib.sha256(str(number).encode()).hexdigest()
        yield item, Picture(digest=digest, original=b"", extension="png", thumbnail=b"")


def search(catalogue: Catalogue, text: str) -> int:
    """Search as Explore does, and return how many models are found."""
    filters = Filters(text=text)
    if count := catalogue.items.count(filters):
        catalogue.items.find(filters, limit=PAGE)
        catalogue.items.replaced_words(text)
    else:
        catalogue.items.suggestions(filters)
    return count


def timed(catalogue: Catalogue, text: str) -> tuple[float, int]:
    """Return how many milliseconds a search takes, and how many models are found."""
    start = time.perf_counter()
    count = search(catalogue, text)
    return 1000 * (time.perf_counter() - start), count


def measure(catalogue: Catalogue, *, runs: int) -> list[Row]:
    """Return a row for each text, after one for the first search after a change."""
    first, _ = timed(catalogue, "zzzzzz")
    rows: list[Row] = [
        {"text": "zzzzzz, after a change", "models": 0, "median, ms": first, "95 %, ms": first}
    ]
    for text in TEXTS:
        times = [timed(catalogue, text) for _ in range(runs)]
        median, slow = np.percentile([ms for ms, _ in times], [50, 95])
        rows.append({"text": text, "models": times[0][1], "median, ms": median, "95 %, ms": slow})
    return [
        {key: round(value, 1) if isinstance(value, float) else value for key, value in row.items()}
        for row in rows
    ]


def main() -> None:
    """Measure and report."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--json", action="store_true", help="print JSON, for machines")
    parser.add_argument("--items", type=int, default=ITEMS, metavar="N", help=f"({ITEMS:,})")
    parser.add_argument("--runs", type=int, default=RUNS, metavar="N", help=f"of a text ({RUNS})")
    options = parser.parse_args()
    machine, items = Machine.here(), demo().items.find()
    tables = {}
    with data_folder():
        for name, count in (("as-the-demo", len(items)), ("large", options.items)):
            catalogue = filled(name, items, count)
            words = {word for item in catalogue.items.find() for word in fold(item.name).split()}
            title = f"{count:,} models, {len(words):,} words in names, target {TARGET} ms"
            tables[title] = measure(catalogue, runs=options.runs)
    report(machine, tables, as_json=options.json)


if __name__ == "__main__":
    main()
