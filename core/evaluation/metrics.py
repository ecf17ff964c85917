"""Measures of retrieval quality."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np

from core.similarity import Index

# Neighbours of an item that are looked at for `agreement`: as many as a page shows first.
NEIGHBOURS = 9
# Pictures that go through the network together, which changes no vector.
BATCH = 64


@dataclass(frozen=True, slots=True)
class Quality:
    """How well queries found the one right item of each.

    Attributes:
        queries: how many there were.
        r1: the share of them, 0 to 1, that found it first.
        r10: the share that found it among the first ten.
        mrr: the mean reciprocal rank: of 1 / rank, 0 to 1.
        median_rank: the rank at or before which half of them found it.
    """

    queries: int
    r1: float
    r10: float
    mrr: float
    median_rank: float

    @classmethod
    def of(cls, ranks: Sequence[int]) -> Self:
        """Sum up ranks, 1 for the first; raises `ValueError` if there is none or one below 1."""
        found = np.asarray(ranks)
        if not found.size or found.min() < 1:
            raise ValueError("at least one rank is needed, and none below 1")
        return cls(
            queries=len(found),
            r1=float(np.mean(found <= 1)),
            r10=float(np.mean(found <= 10)),
            mrr=float(np.mean(1 / found)),
            median_rank=float(np.median(found)),
        )


def agreement(
    index: Index,
    labels: Mapping[str, str],
    *,
    neighbours: int = NEIGHBOURS,
    sample: int | None = None,
    seed: int = 0,
) -> float | None:
    """Return which share of an item's nearest neighbours has its label: the mean, 0 to 1.

    An item is not its own neighbour. One without a label is not asked for, and
    shares none.

    Args:
        index: the vectors of one descriptor.
        labels: of each item, by id; "" is none.
        neighbours: how many of each are looked at.
        sample: of how many items at most, drawn by lot with `seed`; all by default.
        seed: any number; the same one draws the same items.

    Returns:
        None where no item has a label, or there is only one item.
    """
    labelled = [row for row, item_id in enumerate(index.ids) if labels.get(item_id)]
    if not labelled or len(index) < 2:
        return None
    chosen = np.random.default_rng(seed).permutation(labelled)[:sample]
    same = []
    for start in range(0, len(chosen), BATCH):
        part = chosen[start : start + BATCH]
        found = index.top_k(index.rows(part), k=neighbours + 1)
        for row, best in zip(part, found, strict=True):
            own = labels[index.ids[row]]
            # Of many copies of an item, the item itself may not be among the first.
            others = best.rows[best.rows != row][:neighbours]
            same += [labels.get(index.ids[other]) == own for other in others]
    return float(np.mean(same))


def chance(sizes: Iterable[int], *, among: int) -> float | None:
    """Return what `agreement` would be if neighbours were drawn by lot, 0 to 1.

    `sizes` are how many items have each label, and `among` is how many items
    there are. None where `agreement` is None.
    """
    counts = np.fromiter(sizes, np.int64)
    pairs = counts.sum() * (among - 1)
    return float((counts * (counts - 1)).sum() / pairs) if pairs > 0 else None
