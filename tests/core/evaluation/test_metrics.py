"""Retrieval quality: every number is the same as counted by brute force in float64."""

import statistics
from collections import Counter
from collections.abc import Sequence
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.evaluation import metrics
from core.evaluation.metrics import Quality
from core.similarity import Index

RANKS = st.lists(st.integers(1, 10**6), min_size=1, max_size=60)


# -- Quality ----------------------------------------------------------------------


def test_quality_of_a_few_ranks() -> None:
    quality = Quality.of([1, 2, 10, 11])

    assert quality == Quality(queries=4, r1=0.25, r10=0.75, mrr=quality.mrr, median_rank=6.0)
    assert quality.mrr == pytest.approx((1 + 1 / 2 + 1 / 10 + 1 / 11) / 4)


@given(ranks=RANKS)
def test_quality_is_that_of_exact_arithmetic(ranks: list[int]) -> None:
    found = Quality.of(ranks)

    assert found.queries == len(ranks)
    assert found.mrr == pytest.approx(float(sum(Fraction(1, rank) for rank in ranks) / len(ranks)))
    assert found.median_rank == statistics.median(ranks)
    assert 0 <= found.r1 <= found.r10 <= 1
    # One of those that are not first adds at most a half, and each adds something.
    assert found.r1 <= found.mrr <= found.r1 + (1 - found.r1) / 2 + 1e-12
    assert found.mrr >= found.r10 / 10 - 1e-12


@given(ranks=RANKS, data=st.data())
def test_a_better_rank_makes_no_measure_worse(ranks: list[int], data: st.DataObject) -> None:
    number = data.draw(st.integers(0, len(ranks) - 1))
    better = list(ranks)
    better[number] = data.draw(st.integers(1, ranks[number]))

    before, after = Quality.of(ranks), Quality.of(data.draw(st.permutations(better)))

    assert after.r1 >= before.r1
    assert after.r10 >= before.r10
    assert after.mrr >= before.mrr - 1e-12
    assert after.median_rank <= before.median_rank


@pytest.mark.parametrize("ranks", [[], [0], [3, -1]])
def test_quality_needs_ranks_from_1(ranks: list[int]) -> None:
    with pytest.raises(ValueError, match="at least one rank"):
        Quality.of(ranks)


# -- agreement --------------------------------------------------------------------


@st.composite
def labelled(draw: st.DrawFn) -> tuple[np.ndarray, list[str]]:
    """Draw distinct rows, and a label for each, or none."""
    count = draw(st.integers(2, 90))
    rows = np.random.default_rng(draw(st.integers(0, 2**32 - 1))).standard_normal((count, 5))
    labels = draw(st.lists(st.sampled_from(["", "a", "b", "c"]), min_size=count, max_size=count))
    return rows.astype(np.float32), labels


def agreement(rows: np.ndarray, labels: Sequence[str], **options: int) -> float | None:
    ids = [str(number) for number in range(len(rows))]
    return metrics.agreement(Index(ids, [rows]), dict(zip(ids, labels, strict=True)), **options)


@given(case=labelled(), neighbours=st.integers(1, 12))
@pytest.mark.slow
def test_agreement_is_that_of_brute_force(
    case: tuple[np.ndarray, list[str]], neighbours: int
) -> None:
    rows, labels = case
    unit = rows / np.linalg.norm(rows.astype(np.float64), axis=1, keepdims=True)
    scores = unit @ unit.T
    np.fill_diagonal(scores, -np.inf)
    nearest = np.argsort(-scores, axis=1)[:, : min(neighbours, len(rows) - 1)]
    same = [
        labels[other] == label
        for label, others in zip(labels, nearest, strict=True)
        if label
        for other in others
    ]

    found = agreement(rows, labels, neighbours=neighbours)

    assert found == (pytest.approx(np.mean(same)) if same else None)


@given(case=labelled())
def test_agreement_among_all_others_is_chance(case: tuple[np.ndarray, list[str]]) -> None:
    rows, labels = case
    sizes = Counter(label for label in labels if label).values()

    found = agreement(rows, labels, neighbours=len(rows) - 1)

    expected = metrics.chance(sizes, among=len(rows))
    assert found == (None if expected is None else pytest.approx(expected))


def test_an_item_is_not_its_own_neighbour_among_duplicates() -> None:
    rows = np.ones((30, 4), np.float32)

    assert agreement(rows, [f"{number}" for number in range(30)]) == 0
    assert agreement(rows, ["same"] * 30) == 1


def test_a_sample_is_reproducible_and_may_hold_all_items() -> None:
    chance = np.random.default_rng(0)
    rows = chance.standard_normal((200, 5)).astype(np.float32)
    labels = [str(label) for label in chance.integers(3, size=200)]

    shares = {agreement(rows, labels, sample=20, seed=seed) for seed in range(5)}

    assert len(shares) > 1
    assert agreement(rows, labels, sample=20) == agreement(rows, labels, sample=20, seed=0)
    assert agreement(rows, labels, sample=1000) == pytest.approx(agreement(rows, labels))


@pytest.mark.parametrize("labels", [[], ["a"], ["", "", ""]], ids=["none", "one", "unlabelled"])
def test_agreement_without_labels_or_neighbours_is_none(labels: list[str]) -> None:
    assert agreement(np.ones((len(labels), 3), np.float32), labels) is None


def test_chance_without_labels_or_neighbours_is_none() -> None:
    assert metrics.chance([], among=5) is None
    assert metrics.chance([1], among=1) is None
