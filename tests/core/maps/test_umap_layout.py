"""The layout of the map: reproducible, and for catalogues of any size."""

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.manifold import trustworthiness
from sklearn.metrics import pairwise_distances
from sklearn.neighbors import NearestNeighbors

from core.maps import umap_layout
from core.settings import PROJECT
from core.similarity import KnnGraph, knn_graph
from tests.core.maps.support import blobs, laid_out, unit

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
