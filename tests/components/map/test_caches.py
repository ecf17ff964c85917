"""Similarity to a model on the map; what makes a cache new is in `shared/test_caches.py`."""

import numpy as np
import pytest

from components.map import caches
from core.catalogue import Item
from core.similarity import Index
from tests.components.map.test_map_data import catalogue_of, lay_out


def test_models_without_a_vector_are_similar_to_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    catalogue = catalogue_of([Item(source_id=str(number), name="Thing") for number in range(4)])
    lay_out(catalogue)
    map_ = caches.current_map(catalogue)
    assert map_ is not None
    first, second, third, fourth = (item.id for item in map_.items)
    rows = np.array([[3, 0], [1, 1], [-2, 0]], np.float32)
    vectors = Index([fourth, "not on the map", second], [rows])
    monkeypatch.setattr(caches, "index", lambda catalogue, descriptor: vectors)

    found = caches.similarity(catalogue, map_, fourth)

    np.testing.assert_allclose(found, [0, -1, 0, 1], atol=1e-6)
    assert found.dtype == np.float32
    for unknown in (first, third, ""):
        assert not caches.similarity(catalogue, map_, unknown).any()
