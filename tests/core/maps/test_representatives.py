"""The few models that show what is in a catalogue."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.catalogue import Cluster, Map
from core.maps.representatives import farthest, representatives


def map_of(labels: list[int], places: Sequence[tuple[float, float]], landmarks: list[int]) -> Map:
    """Return a map whose items are called "0", "1" and so on."""
    coordinates = np.array(places, np.float32).reshape(-1, 2)
    ids = tuple(str(number) for number in range(len(labels)))
    return Map(
        ids=ids,
        digests=ids,
        coordinates=coordinates,
        grid=coordinates,
        labels=np.array(labels, np.int32),
        added_later=np.zeros(len(labels), bool),
        clusters=tuple(Cluster(f"cluster {row}", str(row)) for row in landmarks),
        fingerprint="",
        quality=None,
    )


def test_they_are_landmarks_far_apart_that_of_the_largest_cluster_first() -> None:
    labels = [0, 1, 1, 1, 2, 2, 3, -1]
    places = [(0.0, 0), (1, 0), (1, 0), (1, 0), (1.1, 0), (1.1, 0), (0.4, 0), (9, 9)]
    map_ = map_of(labels, places, landmarks=[0, 2, 5, 6])

    assert representatives(map_, count=1) == ["2"]
    assert representatives(map_, count=3) == ["2", "0", "6"]
    assert representatives(map_, count=4) == ["2", "0", "6", "5"]


def test_where_there_are_too_few_clusters_they_are_any_models() -> None:
    map_ = map_of([0, 0, -1, -1], [(0, 0), (0, 0.1), (1, 0), (0, 0.5)], landmarks=[1])

    assert representatives(map_, count=3) == ["1", "2", "3"]
    assert sorted(representatives(map_, count=9)) == ["0", "1", "2", "3"]


def test_a_cluster_whose_landmark_is_gone_has_none() -> None:
    map_ = map_of([0, 0], [(0, 0), (1, 0)], landmarks=[7])

    assert representatives(map_, count=2) == ["0", "1"]
    assert representatives(map_of([], [], landmarks=[]), count=4) == []


@given(
    points=st.lists(st.tuples(st.integers(-9, 9), st.integers(-9, 9)), max_size=20),
    count=st.integers(0, 9),
)
def test_each_is_the_farthest_from_those_before_it(
    points: list[tuple[int, int]], count: int
) -> None:
    rows = np.array(points, np.float32).reshape(-1, 2)

    chosen = farthest(rows, count=count)

    assert len(set(chosen)) == len(chosen) == min(count, len(points))
    for number in range(1, len(chosen)):
        before = rows[list(chosen[:number])].astype(np.float64)
        gaps = np.linalg.norm(rows[:, np.newaxis].astype(np.float64) - before, axis=2).min(axis=1)
        assert gaps[chosen[number]] == pytest.approx(gaps.max())
