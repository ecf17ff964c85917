"""Retrieval quality: every number is the same as counted by brute force in float64."""

import statistics
from collections import Counter
from collections.abc import Callable, Sequence
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from core import search
from core.catalogue import Catalogue, Item
from core.descriptors import Embedded, QueryKind
from core.errors import LookalikeError
from core.evaluation import evaluate, metrics
from core.evaluation.evaluate import EvaluationQuery, Names
from core.evaluation.metrics import Quality
from core.importers import Loaded
from core.search import PictureExample, Query, SearchError
from core.similarity import Index
from core.vision.cutout import Cutout
from core.workflows import importing

MakePicture = Callable[..., bytes]

COUNT = 150
DIMENSIONS = 8

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


# -- ranks ------------------------------------------------------------------------


@pytest.fixture
def shelf(picture: MakePicture) -> Catalogue:
    """Return a catalogue of `COUNT` items; what their pictures show does not matter here."""
    shelf = Catalogue.create("shelf")
    prepared = importing.prepare(Loaded.of(picture(1)))
    items = [Item(source_id=str(number), name=f"Model {number}") for number in range(COUNT)]
    shelf.items.add((item, prepared) for item in items)
    return shelf


class Colours:
    """Embeds a picture as the two vectors whose number is the red of its corner."""

    def __init__(self, vectors: np.ndarray) -> None:
        self.vectors = vectors
        self.batches: list[int] = []

    def __call__(
        self,
        pictures: Sequence[Image.Image | Cutout],
        *,
        query_kinds: Sequence[QueryKind] | None = None,
    ) -> Embedded:
        self.batches.append(len(pictures))
        return Embedded(self.vectors[[np.asarray(picture)[0, 0, 0] for picture in pictures]])


def numbered(number: int) -> Image.Image:
    """Return a picture with its number as the colour of its corner, not of one colour."""
    picture = Image.new("RGB", (32, 32), (number, 0, 0))
    picture.paste((255, 255, 255), (8, 8, 24, 24))
    return picture


def test_ranks_are_those_of_brute_force_and_of_search(shelf: Catalogue) -> None:
    chance = np.random.default_rng(0)
    rows = chance.standard_normal((COUNT, DIMENSIONS)).astype(np.float32)
    rows[40:80] = rows[40]  # ties, which stand in the order of the rows
    ids = [item.id for item in shelf.items.find()]
    index = Index(ids, [rows[:50], rows[50:]])
    embed = Colours(chance.standard_normal((100, 2, DIMENSIONS)).astype(np.float32))
    embed.vectors[:20] = rows[40]
    right = chance.integers(COUNT, size=100)
    right[:20] = range(60, 80)

    found = evaluate.ranks(
        [EvaluationQuery(numbered(number), ids[row]) for number, row in enumerate(right)],
        catalogue=shelf,
        index_in=lambda space: index,
        embed=embed,
    )

    assert sum(embed.batches) == 100
    assert max(embed.batches) <= metrics.BATCH
    assert Counter(len(str(rank)) for rank in found).keys() == {1, 2, 3}
    exact = rows.astype(np.float64)
    exact /= np.linalg.norm(exact, axis=1, keepdims=True)
    for number, (row, rank) in enumerate(zip(right, found, strict=True)):
        variants = embed.vectors[number].astype(np.float64)
        variants /= np.linalg.norm(variants, axis=1, keepdims=True)
        scores = (variants @ exact.T).round(12).max(axis=0)
        earlier = np.arange(COUNT) < row
        assert rank == 1 + np.sum((scores > scores[row]) | ((scores == scores[row]) & earlier))
        answer = search.run(
            Query(examples=[PictureExample(numbered(number))]),
            catalogue=shelf,
            index_in=lambda space: index,
            embed=embed,
            k=10,
        )
        place = [neighbour.item.id for neighbour in answer.neighbours]
        assert (rank <= 10) == (ids[row] in place)
        if rank <= 10:
            assert place[rank - 1] == ids[row]


def test_model_without_a_vector_has_no_rank(shelf: Catalogue) -> None:
    *indexed, left_out = (item.id for item in shelf.items.find())
    rows = np.eye(len(indexed), DIMENSIONS, dtype=np.float32)

    with pytest.raises(SearchError, match="index it first"):
        evaluate.ranks(
            [EvaluationQuery(numbered(0), left_out)],
            catalogue=shelf,
            index_in=lambda space: Index(indexed, [rows]),
            embed=Colours(rows[np.newaxis, :1]),
        )


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


# -- Names ------------------------------------------------------------------------

NAMES = Names(
    Item(source_id=source_id, name="any")
    for source_id in (
        *("1f600", "chairs/red.png", "tables/red.png", "tables/Blüte.webp"),
        *("lamp.png", "lamps/lamp.png", "v1.5 final", "same.png", "same.jpg"),
    )
)


@pytest.mark.parametrize(
    ("file", "source_id"),
    [
        ("1f600.png", "1f600"),
        ("1F600.PNG", "1f600"),
        ("any folder/1f600.webp", "1f600"),
        ("chairs/red.png", "chairs/red.png"),
        ("chairs/red.jpg", "chairs/red.png"),
        ("chairs/red.png.jpg", "chairs/red.png"),
        ("Blu\u0308te.png", "tables/Blüte.webp"),
        ("lamp.jpg", "lamp.png"),
        ("v1.5 final.png", "v1.5 final"),
        ("same.jpg", "same.jpg"),
    ],
)
def test_file_is_named_after_one_model(file: str, source_id: str) -> None:
    assert NAMES.item(file).source_id == source_id


@pytest.mark.parametrize(
    ("file", "sentence"),
    [
        ("1f601.png", "No model has the source_id “1f601”."),
        ("red.png", "Its name matches 2 models, “chairs/red.png” and “tables/red.png” among them."),
        ("same.webp", "“same.jpg” and “same.png”"),
    ],
)
def test_file_named_after_no_model_or_several_is_an_error(file: str, sentence: str) -> None:
    with pytest.raises(LookalikeError, match=sentence):
        NAMES.item(file)
