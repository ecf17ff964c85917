"""Exact nearest neighbours: whatever the blocks, the result is that of float64 brute force."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.neighbors import NearestNeighbors

from core.similarity import Index, TopK
from core.similarity import index as index_module

# ---------------------------------------------------------------- material


def index_of(*blocks: np.ndarray) -> Index:
    """Return an index whose ids are the numbers of its rows."""
    return Index([str(row) for row in range(sum(map(len, blocks)))], blocks)


def brute_force(
    rows: np.ndarray, query: np.ndarray, k: int, mask: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return rows and scores by brute force: normalise, multiply, sort."""

    def unit(vectors: np.ndarray) -> np.ndarray:
        lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
        return vectors / np.where(lengths == 0, 1, lengths)

    allowed = np.flatnonzero(mask & np.isfinite(rows).all(axis=1))
    scores = (unit(rows[allowed].astype(np.float64)) * unit(query)).sum(axis=1)
    # What differs in the last bits of float64 is a tie.
    best = np.lexsort((allowed, -scores.round(12)))[:k]
    return allowed[best], scores[best]


def assert_is(found: TopK, rows: np.ndarray, scores: np.ndarray) -> None:
    assert found.rows.tolist() == rows.tolist()
    assert found.scores == pytest.approx(scores, abs=1e-9)


@st.composite
def catalogues(draw: st.DrawFn) -> tuple[list[np.ndarray], np.random.Generator]:
    """Draw the blocks of an index: dense and sparse, with rows that are alike, empty or broken."""
    chance = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    count, dimensions = draw(st.integers(1, 60)), draw(st.integers(1, 40))
    rows = chance.standard_normal((count, dimensions)).astype(np.float32)
    cuts = draw(st.lists(st.integers(0, count), max_size=4).map(sorted))
    for start, end in zip([0, *cuts], [*cuts, count], strict=True):
        if draw(st.booleans()):  # mostly zeros, so that the block is kept as sparse rows
            rows[start:end][chance.random((end - start, dimensions)) < 0.8] = 0
    numbers = st.integers(0, count - 1)
    for row, twin in draw(st.lists(st.tuples(numbers, numbers), max_size=20)):
        rows[row] = rows[twin] * draw(st.sampled_from([1, 1, 2, 0.5]))
    rows[draw(st.lists(numbers, max_size=3))] = 0
    for row, value in draw(
        st.lists(st.tuples(numbers, st.sampled_from([np.nan, np.inf, -np.inf])))
    ):
        rows[row, chance.integers(dimensions)] = value
    return np.split(rows, cuts), chance


# ---------------------------------------------------------------- the answer


@given(catalogue=catalogues(), k=st.integers(1, 70), share=st.sampled_from([0.0, 0.1, 0.5, 1.0]))
def test_top_k_equals_brute_force(
    catalogue: tuple[list[np.ndarray], np.random.Generator], k: int, share: float
) -> None:
    blocks, chance = catalogue
    rows = np.concatenate(blocks)
    # Rows of the index itself come first: most queries are items of the catalogue.
    own = rows[np.isfinite(rows).all(axis=1)][:2].astype(np.float64)
    queries = np.concatenate([own, chance.standard_normal((2, rows.shape[1]))])
    mask = chance.random(len(rows)) < share

    found = index_of(*blocks).top_k(queries, k=k, mask=mask)

    assert len(found) == len(queries)
    for query, answer in zip(queries, found, strict=True):
        assert_is(answer, *brute_force(rows, query, k, mask))


@settings(max_examples=40)
@given(catalogue=catalogues(), k=st.integers(1, 10), at_once=st.integers(1, 200))
def test_several_queries_give_the_same_results_as_one_by_one(
    catalogue: tuple[list[np.ndarray], np.random.Generator], k: int, at_once: int
) -> None:
    blocks, chance = catalogue
    index = index_of(*blocks)
    queries = chance.standard_normal((5, index.dimensions))
    whole = index.top_k(queries, k=k)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(index_module, "MAX_SCORES", at_once)
        patch.setattr(index_module, "MAX_EXACT_ROWS", 1 + at_once % 7)
        in_parts = index.top_k(queries, k=k)

    one_by_one = [index.top_k(query, k=k)[0] for query in queries]
    for a, b, c in zip(whole, in_parts, one_by_one, strict=True):
        assert_is(a, b.rows, b.scores)
        assert_is(a, c.rows, c.scores)


def test_top_k_equals_scikit_learn() -> None:
    chance = np.random.default_rng(0)
    rows = chance.standard_normal((500, 256))
    queries = chance.standard_normal((40, 256))
    theirs = NearestNeighbors(n_neighbors=25, metric="cosine", algorithm="brute")
    distances, neighbours = theirs.fit(rows.astype(np.float32).astype(np.float64)).kneighbors(
        queries
    )

    found = index_of(*np.split(rows, [7, 300])).top_k(queries, k=25)

    for answer, numbers, distance in zip(found, neighbours, distances, strict=True):
        assert_is(answer, numbers, 1 - distance)


def test_equal_rows_are_returned_in_row_order_across_blocks() -> None:
    same = np.zeros((1, 12), np.float32)
    same[0, [2, 5]] = 0.3, 0.7
    other = np.eye(12, dtype=np.float32)[:3]
    full = np.full((4, 12), -0.1, np.float32)
    # The first and the last block are kept dense, the one between as sparse rows.
    index = index_of(
        np.concatenate([full, same, full]), np.concatenate([other, same]), np.repeat(same, 3, 0)
    )

    (answer,) = index.top_k(same, k=3)

    assert answer.rows.tolist() == [4, 12, 13]
    assert answer.scores.tolist() == [1, 1, 1]


def test_a_tie_at_the_last_place_goes_to_the_first_row() -> None:
    rows = np.tile(np.array([[0.6, 0.8]], np.float32), (1000, 1))
    (answer,) = index_of(rows[:400], rows[400:]).top_k(np.array([1.0, 0]), k=5)
    assert answer.rows.tolist() == [0, 1, 2, 3, 4]


def test_differences_below_float32_precision_decide_the_order() -> None:
    """A float32 product cannot distinguish these rows, but the result must."""
    angles = 1 + np.arange(50) * 1e-6
    rows = np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)
    query = np.array([1.0, 0.0])
    (answer,) = index_of(rows).top_k(query, k=10)
    assert_is(answer, *brute_force(rows, query, 10, np.ones(50, bool)))


@pytest.mark.parametrize("length", [1e-40, 1e-30, 1e-10, 1e10, 1e30, 3e38])
def test_the_length_of_rows_does_not_matter(length: float) -> None:
    """From the smallest numbers that float32 holds to rows longer than it can count."""
    chance = np.random.default_rng(1)
    rows = (chance.choice([-1, 0, 1], (30, 8)) * length).astype(np.float32)
    query = np.array([3.0, 1, 4, 1, 5, 0, 0, 0])
    rows[11] = [length] * 5 + [0] * 3
    rows[12] = [0] * 7 + [length]
    for k in (1, 5, 29):
        (answer,) = index_of(rows).top_k(query, k=k)
        assert_is(answer, *brute_force(rows.astype(np.float64), query, k, np.ones(30, bool)))


@settings(max_examples=40)
@given(catalogue=catalogues(), factor=st.floats(1e-6, 1e6))
def test_the_length_of_the_query_does_not_matter(
    catalogue: tuple[list[np.ndarray], np.random.Generator], factor: float
) -> None:
    blocks, chance = catalogue
    index = index_of(*blocks)
    query = chance.standard_normal(index.dimensions)
    (one,), (other,) = index.top_k(query, k=9), index.top_k(query * factor, k=9)
    assert_is(one, other.rows, other.scores)


# ---------------------------------------------------------------- what is not answered


@pytest.mark.filterwarnings("error")
def test_rows_that_are_not_finite_are_never_results_and_raise_no_warning() -> None:
    rows = np.ones((4, 3), np.float32)
    rows[1, 0], rows[2, 1] = np.nan, np.inf
    broken_sparse = np.zeros((2, 3), np.float32)
    broken_sparse[1, 2] = -np.inf
    (answer,) = index_of(rows, broken_sparse).top_k(np.array([1.0, 2, 3]), k=10)
    assert answer.rows.tolist() == [0, 3, 4]


def test_a_row_of_zeros_scores_0() -> None:
    rows = np.array([[-1.0, 0], [0, 0], [1, 0]])
    (answer,) = index_of(rows).top_k(np.array([1.0, 0]), k=3)
    assert answer.rows.tolist() == [2, 1, 0]
    assert answer.scores.tolist() == [1, 0, -1]


def test_a_query_of_zeros_is_similar_to_nothing() -> None:
    rows = np.random.default_rng(0).standard_normal((6, 4))
    (answer,) = index_of(rows).top_k(np.zeros(4), k=4)
    assert answer.rows.tolist() == [0, 1, 2, 3]
    assert answer.scores.tolist() == [0, 0, 0, 0]


def test_a_mask_that_allows_nothing_gives_an_empty_result_for_each_query() -> None:
    index = index_of(np.ones((3, 2)))
    answers = index.top_k(np.ones((2, 2)), k=2, mask=np.zeros(3, bool))
    assert [len(answer.rows) for answer in answers] == [0, 0]
    assert [len(answer.scores) for answer in answers] == [0, 0]


@pytest.mark.parametrize("blocks", [[], [np.empty((0, 8), np.float32)]])
def test_an_empty_index_gives_an_empty_result(blocks: list[np.ndarray]) -> None:
    index = Index([], blocks)
    (answer,) = index.top_k(np.ones(8), k=3)
    assert len(index) == len(answer.rows) == len(answer.scores) == 0


def test_no_queries_give_no_results() -> None:
    assert index_of(np.ones((3, 2))).top_k(np.empty((0, 2)), k=1) == []


# ---------------------------------------------------------------- what is refused


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_a_query_that_is_not_finite_is_rejected(value: float) -> None:
    with pytest.raises(ValueError, match="NaN or infinity"):
        index_of(np.ones((3, 2))).top_k(np.array([1.0, value]), k=1)


@pytest.mark.parametrize("k", [0, -1])
def test_a_k_below_one_is_rejected(k: int) -> None:
    with pytest.raises(ValueError, match="at least 1"):
        index_of(np.ones((3, 2))).top_k(np.ones(2), k=k)


def test_a_query_of_other_dimensions_is_rejected() -> None:
    with pytest.raises(ValueError, match="3 numbers, rows 2"):
        index_of(np.ones((3, 2))).top_k(np.ones(3), k=1)


@pytest.mark.parametrize(("rows", "mask"), [(3, 2), (3, 4), (3, 1), (1, 3)])
def test_a_mask_of_another_length_is_rejected(rows: int, mask: int) -> None:
    """NumPy would broadcast a length of one."""
    with pytest.raises(ValueError):
        index_of(np.ones((rows, 2))).top_k(np.ones(2), k=1, mask=np.ones(mask, bool))


@pytest.mark.parametrize("count", [2, 4])
def test_there_must_be_as_many_ids_as_rows(count: int) -> None:
    with pytest.raises(ValueError, match=f"{count} ids for 3 rows"):
        Index(["id"] * count, [np.ones((1, 2), np.float32), np.ones((2, 2), np.float32)])


# ---------------------------------------------------------------- looking rows up


@settings(max_examples=40)
@given(catalogue=catalogues(), numbers=st.lists(st.integers(0, 10_000), max_size=12))
def test_rows_are_returned_as_they_were_given(
    catalogue: tuple[list[np.ndarray], np.random.Generator], numbers: list[int]
) -> None:
    blocks, _ = catalogue
    rows = np.concatenate(blocks)
    numbers = [number % len(rows) for number in numbers]
    np.testing.assert_array_equal(index_of(*blocks).rows(numbers), rows[numbers])


def test_row_of_gives_the_row_of_an_id() -> None:
    rows = np.eye(3, dtype=np.float32)
    index = Index(["b", "a", "c"], [rows[:1], rows[1:]])
    assert index.row_of == {"b": 0, "a": 1, "c": 2}
    (answer,) = index.top_k(index.rows([index.row_of["c"]]), k=1)
    assert index.ids[answer.rows[0]] == "c"


# -- ranks and spreads --------------------------------------------------------------


@given(seed=st.integers(0, 1000), row=st.integers(0, 59))
def test_the_rank_of_a_row_is_its_place_in_top_k(seed: int, row: int) -> None:
    chance = np.random.default_rng(seed)
    rows = chance.standard_normal((60, 4)).astype(np.float32)
    rows[20:40] = rows[20]  # ties
    query = chance.standard_normal(4) if seed % 2 else rows[20].astype(np.float64)
    index = index_of(rows[:33], rows[33:])

    (answer,) = index.top_k(query, k=60)

    assert index.rank_of(row, query) == 1 + answer.rows.tolist().index(row)
    assert index.rank_of(row, np.stack([query, query / 2])) == index.rank_of(row, query)


@given(seed=st.integers(0, 1000), row=st.integers(0, 59))
def test_with_several_queries_a_row_counts_with_its_highest_cosine(seed: int, row: int) -> None:
    chance = np.random.default_rng(seed)
    rows, queries = chance.standard_normal((60, 4)), chance.standard_normal((3, 4))
    index = index_of(rows.astype(np.float32))

    unit = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    scores = (queries / np.linalg.norm(queries, axis=1, keepdims=True) @ unit.T).max(axis=0)
    assert index.rank_of(row, queries) == 1 + int((scores > scores[row]).sum())
    assert index.score_distribution(queries).centre == pytest.approx(np.median(scores), abs=1e-5)


@given(seed=st.integers(0, 1000))
def test_the_score_distribution_has_the_median_and_the_robust_deviation(seed: int) -> None:
    chance = np.random.default_rng(seed)
    rows = chance.standard_normal((50, 6)).astype(np.float32)
    query = chance.standard_normal(6)

    distribution = index_of(rows).score_distribution(query)

    scores = rows @ query / np.linalg.norm(rows, axis=1) / np.linalg.norm(query)
    assert distribution.centre == pytest.approx(np.median(scores), abs=1e-5)
    deviation = 1.4826 * np.median(np.abs(scores - np.median(scores)))
    assert distribution.deviation == pytest.approx(deviation, abs=1e-5)
    high = distribution.centre + 2 * distribution.deviation
    assert distribution.z_score(high) == pytest.approx(2, abs=1e-4)


def test_z_scores_are_zero_if_all_scores_are_equal() -> None:
    assert index_of(np.ones((3, 2))).score_distribution(np.zeros(2)).z_score(0.5) == 0
    assert index_of(np.ones((3, 2))).score_distribution(np.ones(2)).z_score(1.0) == 0
    with pytest.raises(ValueError, match="NaN"):
        index_of(np.ones((3, 2))).score_distribution(np.array([np.nan, 1]))


# -- the scores of all rows ---------------------------------------------------------


@pytest.mark.filterwarnings("error")
@given(catalogue=catalogues(), count=st.integers(1, 4))
def test_scores_of_all_rows_equal_brute_force(
    catalogue: tuple[list[np.ndarray], np.random.Generator], count: int
) -> None:
    blocks, chance = catalogue
    rows = np.concatenate(blocks)
    queries = chance.standard_normal((count, rows.shape[1]))
    queries[0] = 0 if count > 2 else queries[0]

    scores = index_of(*blocks).scores(queries)

    assert (scores.dtype, scores.shape) == (np.float32, (count, len(rows)))
    for query, answer in zip(queries, scores, strict=True):
        found, expected = brute_force(rows, query, len(rows), np.ones(len(rows), bool))
        if not query.any():
            expected = np.zeros(len(found))
        np.testing.assert_allclose(answer[found], expected, rtol=0, atol=1e-6)
        assert not answer[np.setdiff1d(np.arange(len(rows)), found)].any(), "rows that are broken"


def test_one_query_gets_the_same_scores_as_among_several() -> None:
    chance = np.random.default_rng(0)
    index, query = index_of(chance.standard_normal((6, 4))), chance.standard_normal(4)
    np.testing.assert_array_equal(index.scores(query), index.scores(query[np.newaxis] * 7))


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("rows", [0, 3])
def test_scores_of_a_query_that_is_not_finite_are_rejected(rows: int, value: float) -> None:
    with pytest.raises(ValueError, match="NaN or infinity"):
        index_of(np.ones((rows, 2))).scores(np.array([[1.0, 0], [1.0, value]]))


def test_scores_of_a_query_of_other_dimensions_are_rejected() -> None:
    with pytest.raises(ValueError):
        index_of(np.ones((3, 2)), np.eye(2)[:1]).scores(np.ones(3))


@pytest.mark.parametrize("blocks", [[], [np.empty((0, 8), np.float32)]])
def test_an_empty_index_has_no_scores_for_any_query(blocks: list[np.ndarray]) -> None:
    index = Index([], blocks)
    for queries, count in ((np.ones(8), 1), (np.ones((3, 8)), 3)):
        scores = index.scores(queries)
        assert (scores.dtype, scores.shape) == (np.float32, (count, 0))


def test_rows_of_an_index_are_scaled_to_unit_length() -> None:
    index = Index(
        ["a", "b", "c", "d"], [np.array([[3, 4], [0, 0], [np.nan, 1], [0, -2]], np.float32)]
    )

    expected = np.array([[0.6, 0.8], [0, 0], [0, 0], [0, -1]])
    np.testing.assert_allclose(index.unit_rows(), expected, atol=1e-7)
