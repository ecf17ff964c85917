"""Make a large catalogue without a large download: mixtures of a demo's models.

The vector of each model is a mixture of those of two or three models of the demo that are near
neighbours, with a little noise, in both spaces of `compact`. Its picture, name, category and tags
are those of the first of them. The app can open the catalogue, with its map; only the vectors of
`published` are missing. Needs `python -m core demo`:
python -m benchmarks.support.synthetic [--items N] [--name NAME] [--without-map]
"""

import argparse
import hashlib
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core import search
from core.catalogue import Catalogue, Item, Picture, names
from core.descriptors import COMPACT
from core.jobs import Job
from core.linalg import unit_rows
from core.similarity import knn_graph
from core.vision import Network
from core.workflows import indexing
from devtools.browser import demo

ITEMS = 25_000
NAME = "synthetic"
# A model is mixed with others from among this many nearest neighbours of it.
NEAREST = 8
# The parameters of the Dirichlet distribution of the weights: of the first model and the others.
SHARES = (2.0, 1.0, 1.0)
# The length of the noise vector; the vectors of models have length 1.
NOISE = 0.3
# Items that are added in one transaction.
TRANSACTION = 1_000


@dataclass(frozen=True, eq=False, slots=True)
class Mixtures:
    """Which rows n mixtures are made of: `parents`, intp (n, 3), `weights`, float32 (n, 3)."""

    parents: NDArray[np.intp]
    weights: NDArray[np.float32]

    @classmethod
    def of(cls, rows: NDArray[np.float32], count: int, *, seed: int = 0) -> "Mixtures":
        """Choose `count` mixtures of unit rows, (m, dimensions); a seed gives the same ones."""
        random = np.random.default_rng(seed)
        neighbours = knn_graph.knn_graph(rows, k=NEAREST).rows
        first = random.integers(len(rows), size=count)
        others = [
            neighbours[first, random.integers(neighbours.shape[1], size=count)] for _ in SHARES[1:]
        ]
        weights = random.dirichlet(SHARES, count)
        # Half of them are mixtures of only two.
        weights[random.random(count) < 0.5, -1] = 0
        return cls(np.stack([first, *others], axis=1), weights.astype(np.float32))

    def rows(self, rows: NDArray[np.float32], *, seed: int = 0) -> NDArray[np.float32]:
        """Return the mixtures of `rows`, (n, dimensions), with unit length."""
        random = np.random.default_rng(seed)
        mixed = unit_rows(np.einsum("nk,nkd->nd", self.weights, rows[self.parents]))
        spread = NOISE / np.sqrt(rows.shape[1])
        return unit_rows(mixed + random.normal(0, spread, mixed.shape).astype(np.float32))


def make(*, items: int = ITEMS, name: str = NAME) -> Catalogue:
    """Create a catalogue of mixtures of the demo, without a map; replace one of that name."""
    source = demo()
    fingerprint = search.fingerprint_of(source, COMPACT)
    fit = source.vectors.load_fit(COMPACT)
    assert fit is not None, "the demo is indexed"
    spaces = [
        search.index_of(source, COMPACT, space).unit_rows() for space in ("pictures", "models")
    ]
    parents = {item.id: item for item in source.items.find()}
    in_order = [parents[item_id] for item_id in source.vectors.read(COMPACT, fingerprint).ids]
    mixtures = Mixtures.of(spaces[1], items)
    if name in names():
        Catalogue.remove(name)
    catalogue = Catalogue.create(name, title=f"{items:,} mixtures of {source.title}")
    first = [in_order[parent] for parent in mixtures.parents[:, 0]]
    pairs = list(_pictured(source, first))
    for start in range(0, items, TRANSACTION):
        catalogue.items.add(pairs[start : start + TRANSACTION])
    # The two spaces side by side, as `Compact.stored` returns them.
    matrix = np.hstack([mixtures.rows(rows) for rows in spaces])
    catalogue.vectors.save_fit(COMPACT, fingerprint, fit, catalogue.items.find(), matrix)
    return catalogue


def build_map(catalogue: Catalogue) -> None:
    """Compute the map of such a catalogue."""

    def no_network() -> Network:
        raise AssertionError("no vector is missing")

    with Job(catalogue.job_file, title="Build the map", terminal=sys.stderr) as job:
        indexing.update(
            catalogue, load_network=no_network, names=[COMPACT], progress=job, rebuild_map=True
        )


def _pictured(source: Catalogue, parents: Sequence[Item]) -> Iterator[tuple[Item, Picture]]:
    """Yield an item for each parent, with the parent's thumbnail as its picture."""
    thumbnails = {item.id: source.pictures.thumbnail(item.id) for item in set(parents)}
    for number, parent in enumerate(parents):
        thumbnail = thumbnails[parent.id]
        # Bytes after the end of a picture change its digest and not what it shows.
        original = thumbnail + number.to_bytes(4)
        item = Item(
            source_id=f"{number}",
            name=f"{parent.name} {number}",
            category=parent.category,
            tags=parent.tags,
            creator=parent.creator,
            licence=parent.licence,
        )
        digest = hashlib.sha256(original).hexdigest()
        yield item, Picture(digest=digest, original=original, extension="webp", thumbnail=thumbnail)


def main() -> None:
    """Make the catalogue and print how long it took."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--items", type=int, default=ITEMS, metavar="N", help=f"({ITEMS:,})")
    parser.add_argument("--name", default=NAME, metavar="NAME", help=f"of the catalogue ({NAME})")
    parser.add_argument("--without-map", action="store_true", help="do not compute the map")
    options = parser.parse_args()
    began = time.perf_counter()
    catalogue = make(items=options.items, name=options.name)
    print(f"{options.items:,} models in {time.perf_counter() - began:.0f} s", file=sys.stderr)
    if not options.without_map:
        build_map(catalogue)
    print(
        f"The catalogue “{catalogue.name}” is ready after {time.perf_counter() - began:.0f} s; "
        f"to delete it: python -m core remove {catalogue.name}"
    )


if __name__ == "__main__":
    main()
