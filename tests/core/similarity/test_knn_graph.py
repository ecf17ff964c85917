"""Neighbours equal those of comparing all pairs in float64."""

import numpy as np
import pytest

from core.similarity import knn_graph
from tests.core.maps.support import blobs, unit


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
