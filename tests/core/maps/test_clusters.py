"""Clusters of the map: found where they exist, and only there."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.datasets import make_blobs
from sklearn.metrics import adjusted_rand_score

from core.maps import clusters, umap_layout
from core.similarity import KnnGraph, knn_graph


def in_plane(
    sizes: list[int], *, spread: float = 0.03, seed: int = 0
) -> tuple[np.ndarray, np.ndarray, KnnGraph]:
    """Return points in blobs around a circle, the blob of each, and their neighbours."""
    angles = 2 * np.pi * np.arange(len(sizes)) / len(sizes)
    centres = 0.8 * np.stack([np.cos(angles), np.sin(angles)], axis=1)
    coordinates, own = make_blobs(sizes, 2, centers=centres, cluster_std=spread, random_state=seed)
    # Neighbours on a sphere so large that it is nearly flat.
    lifted = np.hstack([coordinates, np.full((len(coordinates), 1), 20)])
    rows = lifted / np.linalg.norm(lifted, axis=1, keepdims=True)
    return coordinates.astype(np.float32), own, knn_graph.knn_graph(rows.astype(np.float32))


@pytest.mark.parametrize("sizes", [[40, 100, 60, 20], [15, 10], [400, 60], [30, 600, 40]])
def test_separate_blobs_are_found_largest_first(sizes: list[int]) -> None:
    coordinates, own, graph = in_plane(sizes)

    labels = clusters.find(coordinates, graph)

    assert labels.dtype == np.int32
    assert adjusted_rand_score(own, labels) > 0.99
    found = np.bincount(labels[labels >= 0]).tolist()
    assert found == sorted(found, reverse=True)
    np.testing.assert_array_equal(clusters.find(coordinates, graph), labels)


@pytest.mark.slow
def test_blobs_in_many_dimensions_are_found_on_their_map() -> None:
    rows, own = make_blobs(400, 32, centers=5, cluster_std=0.5, center_box=(-1, 1), random_state=0)
    rows = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    graph = knn_graph.knn_graph(rows)

    labels = clusters.find(umap_layout.umap_layout(rows, graph), graph)

    assert adjusted_rand_score(own, labels) > 0.95


@pytest.mark.parametrize("count", [60, 300, 1000])
@pytest.mark.parametrize("dimensions", [2, 64])
@pytest.mark.slow
def test_single_blob_has_no_clusters(count: int, dimensions: int) -> None:
    if dimensions == 2:
        coordinates, _, graph = in_plane([count], spread=0.3)
    else:
        rows = np.random.default_rng(0).normal(size=(count, dimensions))
        rows = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
        graph = knn_graph.knn_graph(rows)
        coordinates = umap_layout.umap_layout(rows, graph)

    assert (clusters.find(coordinates, graph) == clusters.NONE).all()


@pytest.mark.parametrize("count", [0, 1, 2, 5, 15])
def test_few_items_have_no_clusters(count: int) -> None:
    coordinates = np.random.default_rng(0).normal(size=(count, 2)).astype(np.float32)
    rows = np.eye(count, max(1, count), dtype=np.float32)

    assert clusters.find(coordinates, knn_graph.knn_graph(rows)).tolist() == [clusters.NONE] * count


def test_copies_form_clusters() -> None:
    coordinates, own, graph = in_plane([30, 20, 25], spread=0)

    assert adjusted_rand_score(own, clusters.find(coordinates, graph)) > 0.99


def test_large_map_is_clustered_from_a_sample(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clusters, "SAMPLE", 150)
    coordinates, own, graph = in_plane([200, 150, 100])

    assert adjusted_rand_score(own, clusters.find(coordinates, graph)) > 0.99


def test_modularity_equals_its_definition() -> None:
    _, own, graph = in_plane([20, 30])
    labels = np.where(np.arange(50) % 7 == 0, clusters.NONE, own)
    count, k = graph.rows.shape
    edges = np.zeros((count, count))
    np.add.at(edges, (np.repeat(np.arange(count), k), graph.rows.ravel()), 1)
    edges += edges.T
    degrees, total = edges.sum(axis=1), edges.sum()
    alone = np.where(labels == clusters.NONE, 100 + np.arange(count), labels)
    same = alone[:, np.newaxis] == alone
    expected = ((edges - np.outer(degrees, degrees) / total) * same).sum() / total

    assert clusters.modularity(labels, graph) == pytest.approx(expected)


def test_structure_is_one_without_edges_between_clusters() -> None:
    _, own, graph = in_plane([20, 30])
    chance = np.random.default_rng(0).permutation(own)

    assert clusters.structure(own, graph) == pytest.approx(1)
    assert clusters.structure(chance, graph) == pytest.approx(0, abs=0.1)
    assert clusters.structure(np.full(50, clusters.NONE), graph) == 0
    assert clusters.structure(np.zeros(50, np.int32), graph) == 0


def test_fringe_joins_the_cluster_of_its_neighbours() -> None:
    graph = KnnGraph(
        np.array([[1, 2], [0, 2], [0, 1], [0, 4], [3, 3], [4, 4]], np.int32),
        np.ones((6, 2), np.float32),
    )
    labels = np.array([0, 0, 0, clusters.NONE, clusters.NONE, clusters.NONE], np.int32)

    assert clusters.join(labels, graph).tolist() == [0, 0, 0, 0, clusters.NONE, clusters.NONE]


@given(
    st.integers(1, 15).flatmap(
        lambda k: st.lists(
            st.lists(st.integers(-1, 4), min_size=k, max_size=k), min_size=1, max_size=20
        )
    )
)
def test_half_of_the_votes_wins(ballots: list[list[int]]) -> None:
    won = clusters.vote(np.array(ballots, np.int32))

    for ballot, label in zip(ballots, won.tolist(), strict=True):
        if label == clusters.NONE:
            assert all(2 * ballot.count(one) < len(ballot) for one in set(ballot) - {label})
        else:
            assert 2 * ballot.count(label) >= len(ballot)


def test_landmark_is_the_most_central_item() -> None:
    rows = np.array([[1, 0], [0.8, 0.6], [0.6, 0.8], [0, 1], [-1, 0]], np.float32)

    assert clusters.landmark(np.array([0, 1, 3]), rows) == 1
    assert clusters.landmark(np.array([4]), rows) == 4
