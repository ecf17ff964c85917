"""Queries of one or several examples, and their results.

The oracle is Rocchio's formula in float64 over vectors of the test's own; the catalogue, its
pictures and its files are real.
"""

from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from core import search
from core.catalogue import Catalogue, Filters, UnknownItem
from core.descriptors import Embedded, Space
from core.linalg import unit_rows
from core.pictures import Box
from core.search import (
    Example,
    ItemExample,
    ItemsExample,
    NotIndexedError,
    PictureExample,
    Query,
    Results,
)
from core.search.engine import COUNTERWEIGHT
from core.search.query import MAX_WEIGHT
from core.search.region_index import RegionIndex, region_vector
from core.similarity import Index
from tests.core.search.support import COUNT, VECTORS, WIDTH, ask, by_brightness, ids_of, item_of


def names(results: Results) -> list[str]:
    return [one.item.name for one in results.neighbours]


# -- positive and negative examples -------------------------------------------------


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
@given(
    weights=st.dictionaries(
        st.integers(0, COUNT - 1),
        st.floats(0.1, MAX_WEIGHT) | st.floats(-MAX_WEIGHT, -0.1),
        min_size=1,
        max_size=8,
    ).filter(lambda weights: max(weights.values()) > 0)
)
def test_results_are_those_of_rocchio(
    catalogue: Catalogue, index: Index, weights: dict[int, float]
) -> None:
    examples = [
        ItemExample(item_of(catalogue, number), weight=weight) for number, weight in weights.items()
    ]

    results = ask(catalogue, index, *examples)

    rows = VECTORS.astype(np.float64)
    like = {number: weight for number, weight in weights.items() if weight > 0}
    unlike = {number: -weight for number, weight in weights.items() if weight < 0}
    wanted = sum(weight * rows[number] for number, weight in like.items()) / sum(like.values())
    if unlike:
        mean = sum(weight * rows[n] for n, weight in unlike.items()) / sum(unlike.values())
        wanted = wanted - COUNTERWEIGHT * mean
    scores = rows @ wanted / np.linalg.norm(wanted) / np.linalg.norm(rows, axis=1)
    best = [n for n in np.argsort(-scores, kind="stable") if n not in weights]
    assert names(results) == [f"Thing {number}" for number in best]
    np.testing.assert_allclose([one.score for one in results.neighbours], scores[best], atol=1e-6)
    assert results.candidates == COUNT - len(weights)


def test_a_negative_example_lowers_the_scores_of_similar_models(
    catalogue: Catalogue, index: Index
) -> None:
    wanted = ItemExample(item_of(catalogue, 0))
    without = ask(catalogue, index, wanted)
    best = without.neighbours[0].item

    unlike = ask(catalogue, index, wanted, ItemExample(best.id, weight=-1))

    assert best.name not in names(unlike)
    assert unlike.neighbours[0].score < without.neighbours[0].score


@pytest.mark.parametrize(
    "photographs, others, with_model, space",
    [
        (0, 0, True, "models"),
        (1, 0, False, "models"),
        (2, 0, True, "models"),
        (0, 1, False, "pictures"),
        (1, 1, True, "pictures"),
    ],
    ids=["model", "photograph", "photographs and model", "picture", "all"],
)
def test_models_and_photographs_are_compared_as_models(
    catalogue: Catalogue, photographs: int, others: int, with_model: bool, space: Space
) -> None:
    """Each space has vectors of its own; the score tells which ones were compared."""
    chance = np.random.default_rng(5)
    stored: dict[Space, np.ndarray] = {
        name: unit_rows(chance.standard_normal((COUNT, WIDTH))).astype(np.float32)
        for name in ("models", "pictures")
    }
    seen: dict[Space, np.ndarray] = {
        name: unit_rows(chance.standard_normal((photographs + others, WIDTH))).astype(np.float32)
        for name in ("models", "pictures")
    }
    count = photographs + others
    noise = Image.effect_noise((32, 32), 80).convert("RGB")
    examples: list[Example] = [PictureExample(noise) for _ in range(count)]
    if with_model:
        examples.append(ItemExample(item_of(catalogue, 0)))

    results = search.run(
        Query(examples=examples),
        catalogue=catalogue,
        index_in=lambda name: Index(catalogue.items.ids(), [stored[name]]),
        embed=lambda pictures, *, query_kinds=None: Embedded(
            seen["pictures"][:, np.newaxis],
            {row: seen["models"][row : row + 1] for row in range(photographs)},
        ),
        k=1,
    )

    assert results.space == space
    vectors = [*seen[space], stored[space][0]] if with_model else [*seen[space]]
    [query] = unit_rows(np.mean(vectors, axis=0, keepdims=True, dtype=np.float64))
    scores = stored[space].astype(np.float64) @ query
    if with_model:
        scores[0] = -2
    assert results.neighbours[0].score == pytest.approx(scores.max(), abs=1e-6)


# -- regions -----------------------------------------------------------------------


def test_a_region_finds_the_models_that_contain_it_and_where(catalogue: Catalogue) -> None:
    """The oracle: a model that contains the same cells as the region is as similar as its own."""
    rows = np.random.default_rng(5).random((COUNT, 25_088), np.float32) ** 8
    cells = rows.reshape(COUNT, 7, 7, 512)
    part = cells[4, 2:5, 3:6].copy()
    cells[11, 1:4, 0:3] = part
    regions = RegionIndex(catalogue.items.ids(), [rows])
    noise = Image.effect_noise((64, 64), 100).convert("RGB")
    half, seen = Box(3 / 7, 2 / 7, 6 / 7, 5 / 7), []

    def embed_region(picture: Image.Image, region: Box) -> NDArray[np.float32]:
        seen.append((picture.size, region))
        return region_vector(rows[4], region)

    results = search.run_regions(
        Query(examples=[PictureExample(noise, region=half)]),
        catalogue=catalogue,
        regions=regions,
        embed_region=embed_region,
        k=5,
    )

    assert seen == [((64, 64), half)]
    first, second, third = results.neighbours[:3]
    assert {first.item.name, second.item.name} == {"Thing 4", "Thing 11"}
    boxes = {one.item.name: one.region for one in (first, second)}
    assert boxes["Thing 4"] == half
    assert boxes["Thing 11"] == Box(0, 1 / 7, 3 / 7, 4 / 7)
    assert second.score > third.score
    assert second.z_score > max(results.z_cutoff, third.z_score)
    assert results.candidates == COUNT


def test_a_region_of_a_model_does_not_find_that_model(catalogue: Catalogue) -> None:
    rows = np.random.default_rng(6).random((COUNT, 25_088), np.float32)

    results = search.run_regions(
        Query(
            examples=[ItemExample(item_of(catalogue, 3), region=Box(0, 0, 0.5, 0.9))],
            filters=Filters(category="odd"),
        ),
        catalogue=catalogue,
        regions=RegionIndex(catalogue.items.ids(), [rows]),
        embed_region=lambda _, region: region_vector(rows[3], region),
        k=COUNT,
    )

    assert "Thing 3" not in names(results)
    assert len(results.neighbours) == results.candidates == COUNT // 2 - 1


def test_a_query_needs_the_function_for_its_regions(catalogue: Catalogue, index: Index) -> None:
    model = item_of(catalogue, 0)
    with pytest.raises(ValueError, match="answered by `run_regions`"):
        ask(catalogue, index, ItemExample(model, Box(0, 0, 0.5, 0.9)))
    with pytest.raises(ValueError, match="answered by `run`"):
        search.run_regions(
            Query(examples=[ItemExample(model)]),
            catalogue=catalogue,
            regions=RegionIndex([], []),
            embed_region=lambda picture, region: pytest.fail("embedded a region"),
        )


# -- filters -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        (Filters(category="odd"), 20),
        (Filters(creator="Ada"), 9),
        (Filters(creator="Ada", category="odd"), 5),
        (Filters(tag="first"), 2),
        (Filters(text="thing 3"), 11),
        (Filters(creator="Nobody"), 0),
    ],
)
def test_filters_narrow_the_search_itself(
    catalogue: Catalogue, index: Index, filters: Filters, expected: int
) -> None:
    everywhere = ask(catalogue, index, ItemExample(item_of(catalogue, 0)))
    allowed = {item.name for item in catalogue.items.find(filters)}

    results = ask(catalogue, index, ItemExample(item_of(catalogue, 0)), filters=filters)

    assert names(results) == [name for name in names(everywhere) if name in allowed]
    assert results.candidates == len(results.neighbours) == expected
    assert results.z_cutoff == everywhere.z_cutoff


# -- mirrored pictures ---------------------------------------------------------------


@given(seed=st.integers(0, 200), k=st.integers(1, COUNT))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
def test_the_better_variant_of_a_picture_counts(
    catalogue: Catalogue, index: Index, seed: int, k: int
) -> None:
    variants = np.random.default_rng(seed).standard_normal((2, WIDTH))
    variants /= np.linalg.norm(variants, axis=1, keepdims=True)
    embedded = variants.astype(np.float32)
    variants = embedded.astype(np.float64)
    picture = Image.effect_noise((32, 32), 80).convert("RGB")
    examples: list[Example] = [
        PictureExample(picture),
        ItemExample(item_of(catalogue, 3), weight=2),
    ]

    for asked, vectors in ((examples[:1], variants), (examples, variants / 3 + 2 / 3 * VECTORS[3])):
        results = search.run(
            Query(examples=asked),
            catalogue=catalogue,
            index_in=lambda space: index,
            embed=lambda pictures, *, query_kinds=None: Embedded(embedded[np.newaxis]),
            k=k,
        )

        scores = vectors / np.linalg.norm(vectors, axis=1, keepdims=True) @ VECTORS.T
        if len(asked) > 1:
            scores[:, 3] = -2  # not among its own lookalikes
        order = np.argsort(-scores.max(axis=0), kind="stable")[:k]
        ids = [one.item.id for one in results.neighbours]
        assert ids == [index.ids[row] for row in order][: len(ids)]
        assert len(ids) == min(k, COUNT - len(asked) + 1)
        mirrored = [one.mirrored for one in results.neighbours]
        assert mirrored == (scores[1] > scores[0])[order][: len(ids)].tolist()


# -- z-scores --------------------------------------------------------------------------


def test_z_scores_are_robust_deviations_of_the_querys_own_scores(
    catalogue: Catalogue, index: Index
) -> None:
    results = ask(catalogue, index, ItemExample(item_of(catalogue, 0)))

    scores = (VECTORS @ VECTORS[0]).astype(np.float64)
    deviation = 1.4826 * np.median(np.abs(scores - np.median(scores)))
    for one in results.neighbours:
        assert one.z_score == pytest.approx((one.score - np.median(scores)) / deviation, abs=1e-4)
    assert results.z_cutoff == pytest.approx(2 * NormalDist().inv_cdf(1 - 1 / COUNT))


def test_z_scores_are_zero_if_all_scores_are_equal(catalogue: Catalogue) -> None:
    same = Index(catalogue.items.ids(), [np.ones((COUNT, 3), np.float32)])

    results = ask(catalogue, same, ItemExample(item_of(catalogue, 0)))

    assert {one.z_score for one in results.neighbours} == {0.0}


# -- errors ----------------------------------------------------------------------------


def test_an_unknown_model_is_an_error(catalogue: Catalogue, index: Index) -> None:
    with pytest.raises(UnknownItem, match="no model with the id “nowhere”"):
        ask(catalogue, index, ItemExample("nowhere"))


# -- sets of models ------------------------------------------------------------------


def unit(rows: np.ndarray) -> np.ndarray:
    rows = rows.astype(np.float64)
    return rows / np.linalg.norm(rows, axis=-1, keepdims=True)


# Rows of any length: a member of a set counts as much as any other.
LENGTHS = np.random.default_rng(8).uniform(0.1, 10, (COUNT, 1)).astype(np.float32)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
@given(
    sets=st.lists(
        st.tuples(
            st.lists(st.integers(0, COUNT - 1), min_size=1, max_size=7, unique=True),
            st.floats(0.1, MAX_WEIGHT) | st.floats(-MAX_WEIGHT, -0.1),
        ),
        min_size=1,
        max_size=5,
    ).filter(lambda sets: max(weight for _, weight in sets) > 0)
)
def test_a_set_is_searched_by_its_centroid_and_does_not_find_its_members(
    catalogue: Catalogue, sets: list[tuple[list[int], float]]
) -> None:
    index = Index(catalogue.items.ids(), np.split(VECTORS * LENGTHS, [13]))

    results = ask(
        catalogue,
        index,
        *(ItemsExample(ids_of(catalogue, numbers), weight=weight) for numbers, weight in sets),
    )

    rows = unit(VECTORS * LENGTHS)
    like = [(weight, rows[numbers].mean(axis=0)) for numbers, weight in sets if weight > 0]
    unlike = [(-weight, rows[numbers].mean(axis=0)) for numbers, weight in sets if weight < 0]
    wanted = sum(weight * mean for weight, mean in like) / sum(weight for weight, _ in like)
    if unlike:
        mean = sum(weight * mean for weight, mean in unlike) / sum(weight for weight, _ in unlike)
        wanted = wanted - COUNTERWEIGHT * mean
    scores = rows @ wanted / np.linalg.norm(wanted)
    own = {number for numbers, _ in sets for number in numbers}
    best = [number for number in np.argsort(-scores, kind="stable") if number not in own]
    assert names(results) == [f"Thing {number}" for number in best]
    np.testing.assert_allclose([one.score for one in results.neighbours], scores[best], atol=1e-6)
    assert results.candidates == COUNT - len(own)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=20)
@given(
    numbers=st.lists(st.integers(0, COUNT - 1), min_size=1, max_size=5, unique=True),
    more=st.integers(0, COUNT - 1),
    weight=st.floats(0.1, MAX_WEIGHT),
)
def test_a_set_combined_with_a_model_and_a_picture_counts_as_one_example(
    catalogue: Catalogue, index: Index, numbers: list[int], more: int, weight: float
) -> None:
    noise = Image.effect_noise((32, 32), 80).convert("RGB")
    many = ItemsExample(ids_of(catalogue, numbers), weight=weight)
    seen = by_brightness([noise]).vectors[0, 0].astype(np.float64)

    results = ask(
        catalogue, index, many, ItemExample(item_of(catalogue, more)), PictureExample(noise)
    )

    wanted = weight * unit(VECTORS)[numbers].mean(axis=0) + VECTORS[more] + seen
    scores = unit(VECTORS) @ wanted / np.linalg.norm(wanted)
    best = [n for n in np.argsort(-scores, kind="stable") if n not in {*numbers, more}]
    assert names(results) == [f"Thing {number}" for number in best]


def test_a_set_of_one_model_finds_the_same_as_that_model(
    catalogue: Catalogue, index: Index
) -> None:
    alone = ask(catalogue, index, ItemExample(item_of(catalogue, 7)))
    in_a_set = ask(catalogue, index, ItemsExample(ids_of(catalogue, [7])))

    assert names(in_a_set) == names(alone)
    assert "Thing 7" not in names(in_a_set)


def test_models_without_vectors_are_left_out_of_a_set(catalogue: Catalogue) -> None:
    indexed = Index(catalogue.items.ids()[:30], [VECTORS[:30]])
    known = ids_of(catalogue, [2, 9])

    some = ask(catalogue, indexed, ItemsExample((*ids_of(catalogue, [35]), *known, "nowhere")))

    assert some == ask(catalogue, indexed, ItemsExample(known))
    assert len(some.neighbours) == some.candidates == 28


def test_a_set_without_any_vectors_is_an_error(catalogue: Catalogue) -> None:
    indexed = Index(catalogue.items.ids()[:30], [VECTORS[:30]])

    with pytest.raises(NotIndexedError, match="None of these models has been indexed yet"):
        ask(catalogue, indexed, ItemsExample(ids_of(catalogue, [33, 35])))


def test_a_model_without_a_vector_is_reported_as_not_indexed(catalogue: Catalogue) -> None:
    indexed = Index(catalogue.items.ids()[:30], [VECTORS[:30]])

    with pytest.raises(NotIndexedError) as caught:
        ask(catalogue, indexed, ItemExample(item_of(catalogue, 33)))

    assert str(caught.value) == "“Thing 33” has not been indexed yet."
    assert (caught.value.catalogue_name, caught.value.title) == ("things", "Things")
    assert caught.value.reason == "never indexed"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
@given(
    numbers=st.lists(st.integers(0, COUNT - 1), min_size=1, max_size=COUNT, unique=True),
    indexed=st.integers(0, COUNT),
)
def test_a_set_is_ranked_by_typicality_with_models_without_vectors_last(
    catalogue: Catalogue, numbers: list[int], indexed: int
) -> None:
    rows = VECTORS * LENGTHS
    index = Index(catalogue.items.ids()[:indexed], [rows[:indexed]] if indexed else [])
    items = catalogue.items.find()

    results = search.rank_by_typicality(
        [items[number] for number in numbers], catalogue=catalogue, index=index
    )

    known = [number for number in numbers if number < indexed]
    expected = {number: 0.0 for number in numbers}
    if known:
        centre = unit(rows[known]).mean(axis=0)
        cosines = unit(rows[known]) @ centre / np.linalg.norm(centre)
        expected |= dict(zip(known, cosines.tolist(), strict=True))
    told = [int(one.item.source_id) for one in results.neighbours]
    assert sorted(told) == sorted(numbers)
    assert told[len(known) :] == [number for number in numbers if number >= indexed]
    scores = [one.score for one in results.neighbours]
    assert scores[: len(known)] == sorted(scores[: len(known)], reverse=True)
    assert scores == pytest.approx([expected[number] for number in told], abs=1e-6)
    assert [one.rank for one in results.neighbours] == list(range(1, len(numbers) + 1))
    assert {one.z_score for one in results.neighbours} == {0.0}
    assert results.candidates == len(numbers)


def test_models_without_vectors_come_after_negative_scores(catalogue: Catalogue) -> None:
    """A cosine below 0 was measured; the 0 of a model without a vector was not."""
    rows = np.array([[1, 0], [1, 0.1], [-1, 0.5]], np.float32)
    index = Index(catalogue.items.ids()[:3], [rows])

    results = search.rank_by_typicality(
        [catalogue.items.find()[number] for number in (3, 2, 1, 0)],
        catalogue=catalogue,
        index=index,
    )

    assert [one.item.source_id for one in results.neighbours] == ["1", "0", "2", "3"]
    assert results.neighbours[2].score < results.neighbours[3].score == 0


def test_an_empty_set_has_no_results(catalogue: Catalogue, index: Index) -> None:
    assert search.rank_by_typicality([], catalogue=catalogue, index=index).neighbours == ()
