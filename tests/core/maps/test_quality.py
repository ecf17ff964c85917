"""The quality of a map is that of scikit-learn."""

import numpy as np
import pytest
from sklearn.manifold import trustworthiness
from sklearn.metrics import pairwise_distances

from core.maps import quality as quality_module
from core.maps.quality import measure
from core.similarity import knn_graph
from tests.core.maps.support import blobs, laid_out


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
