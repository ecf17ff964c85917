"""Measures of retrieval quality."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np

from core.similarity import Index

# Neighbours of an item that count for `agreement`: as many as a page shows by default.
NEIGHBOURS = 9
# How many items `agreement` is measured on: where a page waits for it, and in an evaluation, for
# which all items of a demo count. With `published`, 300 of the 1,599 emoji take 0.5 s on two cores
# of a busy host and give .629; all take 2.8 s and give .626.
QUICK_SAMPLE = 300
THOROUGH_SAMPLE = 2_000
# Queries (pictures, or rows of an index) answered together; no result depends on it.
QUERIES_PER_BATCH = 64


@dataclass(frozen=True, slots=True)
class Quality:
    """How well queries found their right items.

    Attributes:
        queries: the number of queries.
        r1: R@1, the share of queries, 0 to 1, whose right item is the first result.
        r10: R@10, the share whose right item is among the first ten results.
        mrr: the mean reciprocal rank, 0 to 1: the mean of 1 / rank.
        median_rank: the median of the right items' ranks.
    """

    queries: int
    r1: float
    r10: float
    mrr: float
    median_rank: float

    @classmethod
    def of(cls, ranks: Sequence[int]) -> Self:
        """Return the quality of ranks, 1 for the first.

        Raises `ValueError` if there are no ranks, or one is below 1.
        """
        numbers = np.asarray(ranks)
        if not numbers.size or numbers.min() < 1:
            raise ValueError("at least one rank is needed, and none below 1")
        return cls(
            queries=len(numbers),
            r1=float(np.mean(numbers <= 1)),
            r10=float(np.mean(numbers <= 10)),
            mrr=float(np.mean(1 / numbers)),
            median_rank=float(np.median(numbers)),
        )


def agreement(
    index: Index,
    labels: Mapping[str, str],
    *,
    neighbours: int = NEIGHBOURS,
    sample: int | None = None,
    seed: int = 0,
) -> float | None:
    """Return the mean share of an item's nearest neighbours that have the same label, 0 to 1.

    An item is not its own neighbour. Items without a label are not evaluated, and count as
    neighbours with another label.

    Args:
        index: the vectors of one descriptor.
        labels: the label of each item by its id; "" for none.
        neighbours: how many neighbours of each item count.
        sample: evaluate at most this many random items; all by default.
        seed: the seed of the random sample.

    Returns:
        None if no item has a label, or if there is only one item.
    """
    labelled = [row for row, item_id in enumerate(index.ids) if labels.get(item_id)]
    if not labelled or len(index) < 2:
        return None
    chosen = np.random.default_rng(seed).permutation(labelled)[:sample]
    same = []
    for start in range(0, len(chosen), QUERIES_PER_BATCH):
        batch = chosen[start : start + QUERIES_PER_BATCH]
        rankings = index.top_k(index.rows(batch), k=neighbours + 1)
        for row, best in zip(batch, rankings, strict=True):
            own = labels[index.ids[row]]
            # With many duplicates of an item, the item itself may not be among the first.
            others = best.rows[best.rows != row][:neighbours]
            same += [labels.get(index.ids[other]) == own for other in others]
    return float(np.mean(same))


def chance(sizes: Iterable[int], *, among: int) -> float | None:
    """Return the expected `agreement` if neighbours were chosen at random, 0 to 1.

    `sizes` are the numbers of items with each label, and `among` is the number of all items.
    None if `agreement` is None.
    """
    counts = np.fromiter(sizes, np.int64)
    pairs = counts.sum() * (among - 1)
    return float((counts * (counts - 1)).sum() / pairs) if pairs > 0 else None
