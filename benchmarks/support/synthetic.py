"""A large catalogue without a large download: mixtures of a demo's models.

Each model's vector lies between those of two or three models of the demo that are near each
other, with a little noise, in both spaces of `compact`; its picture, name, category and tags are
those of the first of them. The catalogue is a real one that the app opens, with its map; only
`published` has no vectors. Needs `python -m core demo`:
python -m benchmarks.synthetic [--items N] [--name NAME] [--without-map]
"""

import argparse
import hashlib
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from core import search
from core.catalogue import Catalogue, Item, Picture, names
from core.descriptors import COMPACT
from core.jobs import Job
from core.similarity import knn_graph
from core.vision import Network
from core.workflows import indexing
from devtools.browser import demo

ITEMS = 25_000
NAME = "synthetic"
# A model is mixed of one and of others among its nearest.
NEAREST = 8
# How much of the first and of each other is in it: parameters of a Dirichlet distribution.
SHARES = (2.0, 1.0, 1.0)
# The length of the noise; vectors have length 1.
NOISE = 0.3
# Items that are written in one transaction.
PIECE = 1_000


@dataclass(frozen=True, eq=False, slots=True)
class Mixtures:
    """How n rows are mixed of others: `parents`, intp (n, 3), `weights`, float32 (n, 3)."""

    parents: np.ndarray
    weights: np.ndarray

    @classmethod
    def of(cls, rows: np.ndarray, count: int, *, seed: int = 0) -> "Mixtures":
        """Choose `count` mixtures of unit rows, float32 (m, dimensions), the same for one seed."""
        chance = np.random.default_rng(seed)
        near = knn_graph.knn_graph(rows, k=NEAREST).rows
        first = chance.integers(len(rows), size=count)
        others = [near[first, chance.integers(near.shape[1], size=count)] for _ in SHARES[1:]]
        weights = chance.dirichlet(SHARES, count)
        # Half of them are mixed of two.
        weights[chance.random(count) < 0.5, -1] = 0
        return cls(np.stack([first, *others], axis=1), weights.astype(np.float32))

    def rows(self, rows: np.ndarray, *, seed: int = 0) -> np.ndarray:
        """Return the mixtures of `rows`, of length 1: float32 (n, dimensions)."""
        chance = np.random.default_rng(seed)
        mixed = _unit(np.einsum("nk,nkd->nd", self.weights, rows[self.parents]))
        spread = NOISE / np.sqrt(rows.shape[1])
        return _unit(mixed + chance.normal(0, spread, mixed.shape).astype(np.float32))


def make(*, items: int = ITEMS, name: str = NAME) -> Catalogue:
    """Return a catalogue of mixtures of the demo, without a map, in place of one of that name."""
    source = demo()
    fingerprint = search.fingerprint_of(source, COMPACT)
    fit = source.vectors.load_fit(COMPACT)
    assert fit is not None, "the demo is indexed"
    spaces = [
        knn_graph.unit_rows(search.index_of(source, COMPACT, space))
        for space in ("pictures", "models")
    ]
    parents = {item.id: item for item in source.items.find()}
    own = [parents[item_id] for item_id in source.vectors.read(COMPACT, fingerprint).ids]
    mixtures = Mixtures.of(spaces[1], items)
    if name in names():
        Catalogue.remove(name)
    catalogue = Catalogue.create(name, title=f"{items:,} mixtures of {source.title}")
    first = [own[parent] for parent in mixtures.parents[:, 0]]
    pairs = list(_pictured(source, first))
    for start in range(0, items, PIECE):
        catalogue.items.add(pairs[start : start + PIECE])
    # As descriptors.Compact.stored lays the two spaces out.
    matrix = np.hstack([mixtures.rows(rows) for rows in spaces])
    catalogue.vectors.save_fit(COMPACT, fingerprint, fit, catalogue.items.find(), matrix)
    return catalogue


def draw(catalogue: Catalogue) -> None:
    """Draw the map of such a catalogue."""

    def no_network() -> Network:
        raise AssertionError("all vectors are there")

    with Job(catalogue.job_file, title="Draw the map", terminal=sys.stderr) as job:
        indexing.update(
            catalogue, load_network=no_network, names=[COMPACT], progress=job, rebuild_map=True
        )


def _pictured(source: Catalogue, parents: Sequence[Item]) -> Iterator[tuple[Item, Picture]]:
    """Yield an item after each parent, with the parent's thumbnail for its picture."""
    thumbnails = {item.id: source.pictures.thumbnail(item).read_bytes() for item in set(parents)}
    for number, parent in enumerate(parents):
        thumbnail = thumbnails[parent.id]
        # What follows a picture's end changes its digest and nothing that is seen.
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


def _unit(rows: np.ndarray) -> np.ndarray:
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)


def main() -> None:
    """Make the catalogue and say how long it took."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--items", type=int, default=ITEMS, metavar="N", help=f"({ITEMS:,})")
    parser.add_argument("--name", default=NAME, metavar="NAME", help=f"of the catalogue ({NAME})")
    parser.add_argument("--without-map", action="store_true", help="draw no map")
    options = parser.parse_args()
    began = time.perf_counter()
    catalogue = make(items=options.items, name=options.name)
    print(f"{options.items:,} models in {time.perf_counter() - began:.0f} s", file=sys.stderr)
    if not options.without_map:
        draw(catalogue)
    print(
        f"The catalogue “{catalogue.name}” is ready after {time.perf_counter() - began:.0f} s; "
        f"to delete it: python -m core remove {catalogue.name}"
    )


if __name__ == "__main__":
    main()
