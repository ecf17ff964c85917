"""Picks: a few models of a map, and of each of its largest clusters."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.catalogue import Cluster, Map
from core.maps import clusters, picks
from core.similarity import Index


def map_of(labels: list[int], names: list[str]) -> Map:
    """Return a map of items called "0", "1" and so on, with these clusters."""
    count = len(labels)
    ids = tuple(map(str, range(count)))
    return Map(
        ids=ids,
        digests=("",) * count,
        coordinates=np.zeros((count, 2), np.float32),
        grid=np.zeros((count, 2), np.float32),
        labels=np.array(labels, np.int32),
        added_later=np.zeros(count, bool),
        clusters=tuple(Cluster(name, "") for name in names),
        fingerprint="v1",
        quality=None,
    )


def index_of(rows: np.ndarray, *, without: int | None = None) -> Index:
    """Return an index of rows, called "0", "1" and so on, without one of them."""
    chosen = [number for number in range(len(rows)) if number != without]
    return Index([str(number) for number in chosen], [rows[chosen].astype(np.float32)])


@st.composite
def maps(draw: st.DrawFn) -> tuple[Map, np.ndarray]:
    """Return a map with up to five clusters, some without a name, and vectors with copies."""
    labels = draw(st.lists(st.integers(clusters.NONE, 4), max_size=60))
    names = draw(st.lists(st.sampled_from(["", "a", "b"]), min_size=5, max_size=5))
    seed = draw(st.integers(0, 9))
    distinct = np.random.default_rng(seed).normal(size=(7, 6))
    rows = distinct[np.random.default_rng(seed).integers(7, size=len(labels))]
    return map_of(labels, names), rows


@given(drawn=maps(), max_clusters=st.integers(1, 6), max_picks=st.integers(1, 12))
def test_picks_are_different_models_of_their_cluster_and_the_landmark_is_the_first(
    drawn: tuple[Map, np.ndarray], max_clusters: int, max_picks: int
) -> None:
    map_, rows = drawn
    index = index_of(rows)

    found = picks.of_clusters(map_, index, max_clusters=max_clusters, max_picks=max_picks)

    assert len({one.number for one in found}) == len(found) <= max_clusters
    for one in found:
        members = np.flatnonzero(map_.labels == one.number)
        chosen = [int(item_id) for item_id in one.ids]
        assert one.count == len(members)
        assert one.name == map_.clusters[one.number].name != ""
        assert len(set(chosen)) == len(chosen) == min(max_picks, len(members))
        assert set(chosen) <= set(members.tolist())
        assert chosen[0] == clusters.landmark(members, index.unit_rows())
    assert found == picks.of_clusters(map_, index, max_clusters=max_clusters, max_picks=max_picks)


def test_largest_clusters_are_chosen_and_each_is_least_like_those_before() -> None:
    directions = np.array([[1.0, 0.0, 0.0], [0.9, 0.4, 0.0], [0.0, 0.0, 1.0], [-1.0, 0.0, 0.0]])
    labels = [0] * 9 + [1] * 8 + [2] * 7 + [3] * 6

    found = picks.of_clusters(
        map_of(labels, ["a", "b", "c", "d"]),
        index_of(directions[labels]),
        max_clusters=3,
        max_picks=2,
    )

    assert [one.name for one in found] == ["a", "c", "b"]


def test_picks_of_a_cluster_are_far_apart_but_not_at_its_fringe() -> None:
    angles = np.radians([0, -1, 1, -2, 2, -30, 30, 80, 88])
    rows = np.stack([np.cos(angles), np.sin(angles)], axis=1)

    [found] = picks.of_clusters(
        map_of([0] * len(rows), ["a"]), index_of(rows), max_clusters=1, max_picks=3
    )

    assert len(found.ids) == 3
    assert not {"5", "7", "8"} & set(found.ids)


@pytest.mark.parametrize("count", [0, 3])
def test_clusters_of_which_little_is_left_have_no_picks(count: int) -> None:
    labels = [0] * count + [clusters.NONE] * 5

    found = picks.of_clusters(
        map_of(labels, ["a"]), index_of(np.eye(len(labels))), max_clusters=3, max_picks=4
    )

    assert found == ()


def test_models_without_a_usable_vector_are_not_picked() -> None:
    rows = np.eye(6)
    rows[2] = np.nan

    [found] = picks.of_clusters(
        map_of([0] * 6, ["a"]), index_of(rows, without=4), max_clusters=1, max_picks=9
    )

    assert sorted(found.ids) == ["0", "1", "3", "5"]
    assert found.count == 6


def laid_out(labels: list[int], places: Sequence[tuple[float, float]], landmarks: list[int]) -> Map:
    """Return a map with these coordinates, and with these items as the landmarks of clusters."""
    return replace(
        map_of(labels, []),
        coordinates=np.array(places, np.float32).reshape(-1, 2),
        clusters=tuple(Cluster("", str(row)) for row in landmarks),
    )


def test_picks_of_a_map_are_landmarks_far_apart_that_of_the_largest_cluster_first() -> None:
    labels = [0, 1, 1, 1, 2, 2, 3, clusters.NONE]
    places = [(0.0, 0), (1, 0), (1, 0), (1, 0), (1.1, 0), (1.1, 0), (0.4, 0), (9, 9)]
    map_ = laid_out(labels, places, landmarks=[0, 2, 5, 6])

    assert picks.of_map(map_, count=1) == ["2"]
    assert picks.of_map(map_, count=3) == ["2", "0", "6"]
    assert picks.of_map(map_, count=4) == ["2", "0", "6", "5"]


def test_where_there_are_too_few_clusters_picks_of_a_map_are_any_models() -> None:
    labels = [0, 0, clusters.NONE, clusters.NONE]
    map_ = laid_out(labels, [(0, 0), (0, 0.1), (1, 0), (0, 0.5)], landmarks=[1])

    assert picks.of_map(map_, count=3) == ["1", "2", "3"]
    assert sorted(picks.of_map(map_, count=9)) == ["0", "1", "2", "3"]


def test_a_cluster_whose_landmark_is_gone_gives_no_pick_of_a_map() -> None:
    map_ = laid_out([0, 0], [(0, 0), (1, 0)], landmarks=[7])

    assert picks.of_map(map_, count=2) == ["0", "1"]
    assert picks.of_map(laid_out([], [], landmarks=[]), count=4) == []
