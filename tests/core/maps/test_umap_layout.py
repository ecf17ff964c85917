"""The layout of the map: reproducible, and for catalogues of any size."""

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
    """Return rows of unit length in four blobs, and the blob of each."""
    rows, own = make_blobs(
        count, 32, centers=4, cluster_std=0.4, center_box=(-1, 1), random_state=seed
    )
    return unit(rows), own


def laid_out(rows: np.ndarray) -> np.ndarray:
    return umap_layout.umap_layout(rows, knn_graph.knn_graph(rows))


# -- neighbours -------------------------------------------------------------------


def test_neighbours_equal_those_of_comparing_all_pairs() -> None:
    rows, _ = blobs(200)
    cosines = rows.astype(np.float64) @ rows.T.astype(np.float64)
    np.fill_diagonal(cosines, -2)

    graph = knn_graph.knn_graph(rows, k=15)

    expected = -np.sort(-cosines, axis=1)[:, :15]
    np.testing.assert_allclose(graph.cosines, expected, atol=1e-6)
    np.testing.assert_allclose(np.take_along_axis(cosines, graph.rows, 1), expected, atol=1e-6)
    assert (graph.rows.dtype, graph.cosines.dtype) == (np.int32, np.float32)
    nearest = knn_graph.kneighbors(rows[:7], rows[7:], k=3)
    expected = -np.sort(-cosines[:7, 7:], axis=1)[:, :3]
    np.testing.assert_allclose(nearest.cosines, expected, atol=1e-6)


@pytest.mark.parametrize("count", [0, 1, 2, 5])
def test_few_rows_have_few_neighbours_and_never_themselves(count: int) -> None:
    graph = knn_graph.knn_graph(unit(np.ones((count, 4))))

    assert graph.rows.shape == graph.cosines.shape == (count, max(0, count - 1))
    assert not (graph.rows == np.arange(count)[:, np.newaxis]).any()


def test_rows_of_an_index_are_scaled_to_unit_length() -> None:
    index = Index(
        ["a", "b", "c", "d"], [np.array([[3, 4], [0, 0], [np.nan, 1], [0, -2]], np.float32)]
    )

    expected = np.array([[0.6, 0.8], [0, 0], [0, 0], [0, -1]])
    np.testing.assert_allclose(index.unit_rows(), expected, atol=1e-7)


# -- layout -----------------------------------------------------------------------


@pytest.mark.parametrize("count", [0, 1, 2, 3, 5, 8, 9, 20])
@pytest.mark.parametrize("alike", [False, True])
def test_few_rows_have_different_coordinates(count: int, alike: bool) -> None:
    chance = np.random.default_rng(0)
    rows = unit(np.ones((count, 16)) if alike else chance.normal(size=(count, 16)))

    coordinates = laid_out(rows)

    assert coordinates.shape == (count, 2)
    assert coordinates.dtype == np.float32
    assert np.isfinite(coordinates).all()
    assert np.abs(coordinates).max(initial=0) <= 1 + 1e-6
    assert len(np.unique(coordinates, axis=0)) == count


@pytest.mark.slow
def test_layout_is_reproducible_and_keeps_similar_rows_together() -> None:
    rows, own = blobs(300)

    coordinates = laid_out(rows)

    np.testing.assert_array_equal(laid_out(rows), coordinates)
    assert np.ptp(coordinates, axis=0).max() == pytest.approx(2)
    nearest = NearestNeighbors(n_neighbors=5).fit(coordinates).kneighbors(return_distance=False)
    assert (own[nearest] == own[:, np.newaxis]).mean() > 0.99
    assert trustworthiness(rows, coordinates, n_neighbors=15, metric="cosine") > 0.9


def test_copies_lie_together() -> None:
    rows, _ = blobs(60)
    rows = np.concatenate([rows, np.repeat(rows[:1], 40, axis=0), np.zeros((3, 32), np.float32)])

    coordinates = laid_out(rows)

    assert np.isfinite(coordinates).all()
    copies = pairwise_distances(coordinates[60:100])
    assert np.median(copies) < 0.5 * np.median(pairwise_distances(coordinates[:60]))


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


# -- coordinates for added items ----------------------------------------------------


def test_added_rows_lie_among_their_own_kind() -> None:
    rows, own = blobs(240)
    old, new = np.arange(200), np.arange(200, 240)
    coordinates = laid_out(rows[old])

    found = umap_layout.interpolate(knn_graph.kneighbors(rows[new], rows[old]), coordinates)

    nearest = (
        NearestNeighbors(n_neighbors=5).fit(coordinates).kneighbors(found, return_distance=False)
    )
    assert (own[old][nearest] == own[new][:, np.newaxis]).mean() > 0.95


def test_added_copy_lies_with_its_original() -> None:
    rows, _ = blobs(100)
    coordinates = laid_out(rows)

    found = umap_layout.interpolate(knn_graph.kneighbors(rows[:10], rows), coordinates)

    np.testing.assert_allclose(found, coordinates[:10], atol=1e-3)


def test_neighbours_in_two_corners_do_not_place_anything_between_them() -> None:
    coordinates = np.array([[-1, -1], [-0.99, -1], [-1, -0.99], [1, 1], [0.99, 1]], np.float32)
    graph = KnnGraph(np.arange(5, dtype=np.int32)[np.newaxis], np.full((1, 5), 0.5, np.float32))

    np.testing.assert_allclose(umap_layout.interpolate(graph, coordinates), [[-1, -1]], atol=0.02)


@given(
    st.lists(st.text(max_size=13), unique=True, min_size=1, max_size=30),
    st.integers(min_value=1, max_value=100_000),
)
def test_jitter_is_small_and_depends_only_on_the_id(ids: list[str], count: int) -> None:
    coordinates = np.zeros((len(ids), 2), np.float32)

    shifted = umap_layout.jitter(coordinates, ids, item_count=count)

    assert np.linalg.norm(shifted, axis=1).max() <= umap_layout.JITTER * 2 / count**0.5 + 1e-6
    assert len(np.unique(shifted, axis=0)) == len(ids)
    np.testing.assert_array_equal(
        shifted[::-1], umap_layout.jitter(coordinates, ids[::-1], item_count=count)
    )


# -- quality ------------------------------------------------------------------------


def test_quality_equals_that_of_scikit_learn() -> None:
    rows, _ = blobs(150)
    graph = knn_graph.knn_graph(rows)
    coordinates = np.random.default_rng(0).normal(size=(150, 2)).astype(np.float32)
    coordinates[:, 0] += rows[:, 0]

    quality = measure(rows, graph, coordinates)

    assert quality is not None
    assert (quality.neighbours, quality.sample) == (15, 150)
    right = trustworthiness(rows, coordinates, n_neighbors=15, metric="cosine")
    assert quality.trustworthiness == pytest.approx(right, abs=1e-12)
    exact = np.argsort(pairwise_distances(rows, metric="cosine") + 9 * np.eye(150), axis=1)
    shown = np.argsort(pairwise_distances(coordinates) + 9 * np.eye(150), axis=1)
    kept = [len(set(a[:15]) & set(b[:15])) / 15 for a, b in zip(exact, shown, strict=True)]
    assert quality.neighbours_kept == pytest.approx(np.mean(kept), abs=1e-3)


def test_quality_of_a_large_map_is_measured_on_a_sample(monkeypatch: pytest.MonkeyPatch) -> None:
    rows, _ = blobs(300)
    graph, coordinates = knn_graph.knn_graph(rows), laid_out(rows)
    whole = measure(rows, graph, coordinates)
    monkeypatch.setattr(quality_module, "SAMPLE", 100)

    sampled = measure(rows, graph, coordinates)

    assert whole is not None and sampled is not None
    assert sampled == measure(rows, graph, coordinates)
    assert (whole.sample, sampled.sample) == (300, 100)
    assert sampled.neighbours_kept == pytest.approx(whole.neighbours_kept, abs=0.1)
    assert sampled.trustworthiness == pytest.approx(whole.trustworthiness, abs=0.1)


@pytest.mark.parametrize(("count", "neighbours"), [(0, 0), (1, 0), (19, 0), (20, 9), (40, 15)])
def test_few_items_have_no_quality_or_compare_fewer_neighbours(count: int, neighbours: int) -> None:
    rows, _ = blobs(max(1, count))
    rows = rows[:count]
    quality = measure(rows, knn_graph.knn_graph(rows), rows[:, :2])

    assert (0 if quality is None else quality.neighbours) == neighbours
    if quality is not None:
        assert 0 <= quality.neighbours_kept <= 1
        assert 0 <= quality.trustworthiness <= 1
