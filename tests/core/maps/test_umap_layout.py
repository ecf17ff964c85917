"""Places on the map: the same for the same vectors, for catalogues of any size."""

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.datasets import make_blobs
from sklearn.manifold import trustworthiness
from sklearn.metrics import pairwise_distances
from sklearn.neighbors import NearestNeighbors

from core.maps import quality as quality_module
from core.maps import umap_layout
from core.maps.quality import measure
from core.settings import PROJECT
from core.similarity import Index, KnnGraph, knn_graph


def unit(rows: np.ndarray) -> np.ndarray:
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)


def blobs(count: int, *, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Return rows of length 1 in four blobs, and which blob each is of."""
    rows, own = make_blobs(
        count, 32, centers=4, cluster_std=0.4, center_box=(-1, 1), random_state=seed
    )
    return unit(rows), own


def laid_out(rows: np.ndarray) -> np.ndarray:
    return umap_layout.umap_layout(rows, knn_graph.knn_graph(rows))


# -- neighbours -------------------------------------------------------------------


def test_neighbours_are_those_of_all_pairs() -> None:
    rows, _ = blobs(200)
    cosines = rows.astype(np.float64) @ rows.T.astype(np.float64)
    np.fill_diagonal(cosines, -2)

    near = knn_graph.knn_graph(rows, k=15)

    expected = -np.sort(-cosines, axis=1)[:, :15]
    np.testing.assert_allclose(near.cosines, expected, atol=1e-6)
    np.testing.assert_allclose(np.take_along_axis(cosines, near.rows, 1), expected, atol=1e-6)
    assert (near.rows.dtype, near.cosines.dtype) == (np.int32, np.float32)
    among = knn_graph.kneighbors(rows[:7], rows[7:], k=3)
    expected = -np.sort(-cosines[:7, 7:], axis=1)[:, :3]
    np.testing.assert_allclose(among.cosines, expected, atol=1e-6)


@pytest.mark.parametrize("count", [0, 1, 2, 5])
def test_few_rows_have_few_neighbours_and_never_themselves(count: int) -> None:
    near = knn_graph.knn_graph(unit(np.ones((count, 4))))

    assert near.rows.shape == near.cosines.shape == (count, max(0, count - 1))
    assert not (near.rows == np.arange(count)[:, np.newaxis]).any()


def test_rows_of_an_index_are_brought_to_length_one() -> None:
    index = Index("abcd", [np.array([[3, 4], [0, 0], [np.nan, 1], [0, -2]], np.float32)])

    expected = np.array([[0.6, 0.8], [0, 0], [0, 0], [0, -1]])
    np.testing.assert_allclose(index.unit_rows(), expected, atol=1e-7)


# -- layout -----------------------------------------------------------------------


@pytest.mark.parametrize("count", [0, 1, 2, 3, 5, 8, 9, 20])
@pytest.mark.parametrize("alike", [False, True])
def test_few_rows_have_places_of_their_own(count: int, alike: bool) -> None:
    chance = np.random.default_rng(0)
    rows = unit(np.ones((count, 16)) if alike else chance.normal(size=(count, 16)))

    places = laid_out(rows)

    assert places.shape == (count, 2)
    assert places.dtype == np.float32
    assert np.isfinite(places).all()
    assert np.abs(places).max(initial=0) <= 1 + 1e-6
    assert len(np.unique(places, axis=0)) == count


@pytest.mark.slow
def test_layout_is_the_same_again_and_keeps_what_is_alike_together() -> None:
    rows, own = blobs(300)

    places = laid_out(rows)

    np.testing.assert_array_equal(laid_out(rows), places)
    assert np.ptp(places, axis=0).max() == pytest.approx(2)
    nearest = NearestNeighbors(n_neighbors=5).fit(places).kneighbors(return_distance=False)
    assert (own[nearest] == own[:, np.newaxis]).mean() > 0.99
    assert trustworthiness(rows, places, n_neighbors=15, metric="cosine") > 0.9


def test_copies_lie_together_without_ado() -> None:
    rows, _ = blobs(60)
    rows = np.concatenate([rows, np.repeat(rows[:1], 40, axis=0), np.zeros((3, 32), np.float32)])

    places = laid_out(rows)

    assert np.isfinite(places).all()
    copies = pairwise_distances(places[60:100])
    assert np.median(copies) < 0.5 * np.median(pairwise_distances(places[:60]))


@pytest.mark.slow
def test_tensorflow_is_not_loaded_for_umap() -> None:
    code = (
        "import importlib.util, sys\n"
        "from core.maps import umap_layout\n"
        "with umap_layout.without_tensorflow():\n"
        "    import umap\n"
        "assert 'tensorflow' not in sys.modules\n"
        "assert importlib.util.find_spec('tensorflow')\n"
    )
    subprocess.run([sys.executable, "-c", code], cwd=PROJECT, check=True)


# -- places for what comes later ----------------------------------------------------


def test_later_rows_lie_amid_their_own_kind() -> None:
    rows, own = blobs(240)
    old, new = np.arange(200), np.arange(200, 240)
    places = laid_out(rows[old])

    found = umap_layout.interpolate(knn_graph.kneighbors(rows[new], rows[old]), places)

    nearest = NearestNeighbors(n_neighbors=5).fit(places).kneighbors(found, return_distance=False)
    assert (own[old][nearest] == own[new][:, np.newaxis]).mean() > 0.95


def test_a_later_copy_lies_with_its_twin() -> None:
    rows, _ = blobs(100)
    places = laid_out(rows)

    found = umap_layout.interpolate(knn_graph.kneighbors(rows[:10], rows), places)

    np.testing.assert_allclose(found, places[:10], atol=1e-3)


def test_neighbours_in_two_corners_put_nothing_between_them() -> None:
    places = np.array([[-1, -1], [-0.99, -1], [-1, -0.99], [1, 1], [0.99, 1]], np.float32)
    near = KnnGraph(np.arange(5, dtype=np.int32)[np.newaxis], np.full((1, 5), 0.5, np.float32))

    np.testing.assert_allclose(umap_layout.interpolate(near, places), [[-1, -1]], atol=0.02)


@given(
    st.lists(st.text(max_size=13), unique=True, min_size=1, max_size=30),
    st.integers(min_value=1, max_value=100_000),
)
def test_places_beside_are_near_and_depend_on_the_id_alone(ids: list[str], of: int) -> None:
    places = np.zeros((len(ids), 2), np.float32)

    beside = umap_layout.jitter(places, ids, item_count=of)

    assert np.linalg.norm(beside, axis=1).max() <= umap_layout.JITTER * 2 / of**0.5 + 1e-6
    assert len(np.unique(beside, axis=0)) == len(ids)
    np.testing.assert_array_equal(
        beside[::-1], umap_layout.jitter(places, ids[::-1], item_count=of)
    )


# -- quality ------------------------------------------------------------------------


def test_quality_is_that_of_scikit_learn() -> None:
    rows, _ = blobs(150)
    near = knn_graph.knn_graph(rows)
    places = np.random.default_rng(0).normal(size=(150, 2)).astype(np.float32)
    places[:, 0] += rows[:, 0]

    quality = measure(rows, near, places)

    assert quality is not None
    assert (quality.neighbours, quality.sample) == (15, 150)
    right = trustworthiness(rows, places, n_neighbors=15, metric="cosine")
    assert quality.trustworthiness == pytest.approx(right, abs=1e-12)
    exact = np.argsort(pairwise_distances(rows, metric="cosine") + 9 * np.eye(150), axis=1)
    shown = np.argsort(pairwise_distances(places) + 9 * np.eye(150), axis=1)
    kept = [len(set(a[:15]) & set(b[:15])) / 15 for a, b in zip(exact, shown, strict=True)]
    assert quality.neighbours_kept == pytest.approx(np.mean(kept), abs=1e-3)


def test_quality_of_a_large_map_is_that_of_a_sample(monkeypatch: pytest.MonkeyPatch) -> None:
    rows, _ = blobs(300)
    near, places = knn_graph.knn_graph(rows), laid_out(rows)
    whole = measure(rows, near, places)
    monkeypatch.setattr(quality_module, "SAMPLE", 100)

    sampled = measure(rows, near, places)

    assert whole is not None and sampled is not None
    assert sampled == measure(rows, near, places)
    assert (whole.sample, sampled.sample) == (300, 100)
    assert sampled.neighbours_kept == pytest.approx(whole.neighbours_kept, abs=0.1)
    assert sampled.trustworthiness == pytest.approx(whole.trustworthiness, abs=0.1)


@pytest.mark.parametrize(("count", "neighbours"), [(0, 0), (1, 0), (19, 0), (20, 9), (40, 15)])
def test_few_items_have_no_quality_or_one_of_fewer_neighbours(count: int, neighbours: int) -> None:
    rows, _ = blobs(max(1, count))
    rows = rows[:count]
    quality = measure(rows, knn_graph.knn_graph(rows), rows[:, :2])

    assert (0 if quality is None else quality.neighbours) == neighbours
    if quality is not None:
        assert 0 <= quality.neighbours_kept <= 1
        assert 0 <= quality.trustworthiness <= 1
