"""Picks: a few models of a map, and of each of its largest clusters."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.catalogue import Cluster, Item, Map, item_id
from core.maps import clusters, picks
from core.similarity import Index

# The ids of items whose source ids are "0", "1" and so on.
IDS = tuple(item_id(str(number)) for number in range(60))


def map_of(labels: list[int], names: list[str]) -> Map:
    """Return a map of the first items, with these clusters."""
    count = len(labels)
    return Map(
        ids=IDS[:count],
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
    """Return an index of these rows of the first items, without one of them."""
    chosen = [number for number in range(len(rows)) if number != without]
    return Index([IDS[number] for number in chosen], [rows[chosen].astype(np.float32)])


def laid_out(
    labels: list[int],
    places: Sequence[tuple[float, float]] | np.ndarray,
    landmarks: list[int],
    *,
    name: str = "",
) -> Map:
    """Return a map with these coordinates, and with these items as the landmarks of clusters."""
    return replace(
        map_of(labels, []),
        coordinates=np.array(places, np.float32).reshape(-1, 2),
        clusters=tuple(Cluster(name, IDS[row]) for row in landmarks),
    )


def numbers(ids: Sequence[str]) -> list[int]:
    """Return the numbers of items."""
    return [IDS.index(item_id) for item_id in ids]


def without_words(ids: Sequence[str]) -> list[Item]:
    """Return the items with these ids, which have no words."""
    return [Item(source_id=str(number), name="") for number in numbers(ids)]


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
def test_picks_are_different_models_of_their_cluster(
    drawn: tuple[Map, np.ndarray], max_clusters: int, max_picks: int
) -> None:
    map_, rows = drawn
    index = index_of(rows)

    found = picks.of_clusters(
        map_, index, without_words, max_clusters=max_clusters, max_picks=max_picks
    )

    assert len({one.number for one in found}) == len(found) <= max_clusters
    for one in found:
        members = np.flatnonzero(map_.labels == one.number)
        chosen = numbers(one.ids)
        assert one.count == len(members)
        assert one.name == map_.clusters[one.number].name != ""
        assert len(set(chosen)) == len(chosen) == min(max_picks, len(members))
        assert set(chosen) <= set(members.tolist())
    assert found == picks.of_clusters(
        map_, index, without_words, max_clusters=max_clusters, max_picks=max_picks
    )


def test_largest_clusters_are_chosen_and_each_is_least_like_those_before() -> None:
    directions = np.array([[1.0, 0.0, 0.0], [0.9, 0.4, 0.0], [0.0, 0.0, 1.0], [-1.0, 0.0, 0.0]])
    labels = [0] * 9 + [1] * 8 + [2] * 7 + [3] * 6

    found = picks.of_clusters(
        map_of(labels, ["a", "b", "c", "d"]),
        index_of(directions[labels]),
        without_words,
        max_clusters=3,
        max_picks=2,
    )

    assert [one.name for one in found] == ["a", "c", "b"]


# Five models in one direction, and four that are less and less like them.
ANGLES = np.radians([0, -1, 1, -2, 2, -30, 30, 80, 88])
FAN = np.stack([np.cos(ANGLES), np.sin(ANGLES)], axis=1)


def picks_of_fan(items: Sequence[Item], landmark: int, max_picks: int) -> list[int]:
    """Return the numbers of the picks of a cluster called “Faces”, whose models are a fan."""
    [found] = picks.of_clusters(
        laid_out([0] * len(FAN), FAN, landmarks=[landmark], name="Faces"),
        index_of(FAN),
        lambda ids: [items[number] for number in numbers(ids)],
        max_clusters=1,
        max_picks=max_picks,
    )
    return numbers(found.ids)


def test_picks_of_a_cluster_are_its_landmark_and_others_far_apart_but_not_at_its_fringe() -> None:
    found = picks_of_fan(without_words(IDS), 2, 3)

    assert found[0] == 2
    assert len(found) == 3
    assert not {5, 7, 8} & set(found)


def test_picks_of_a_cluster_have_a_word_of_its_name_as_far_as_there_are_so_many() -> None:
    faces = {0, 3, 4, 6, 7}
    items = [
        Item(source_id=str(number), name="A face" if number in faces else "Biohazard sign")
        for number in range(len(FAN))
    ]

    assert picks_of_fan(items, 0, 4)[0] == 0
    assert set(picks_of_fan(items, 0, 5)) == faces
    assert faces < set(picks_of_fan(items, 0, 6))


@pytest.mark.parametrize("count", [0, 3])
def test_clusters_of_which_little_is_left_have_no_picks(count: int) -> None:
    labels = [0] * count + [clusters.NONE] * 5

    found = picks.of_clusters(
        map_of(labels, ["a"]),
        index_of(np.eye(len(labels))),
        without_words,
        max_clusters=3,
        max_picks=4,
    )

    assert found == ()


def test_models_without_a_usable_vector_are_not_picked() -> None:
    rows = np.eye(6)
    rows[2] = np.nan

    [found] = picks.of_clusters(
        map_of([0] * 6, ["a"]),
        index_of(rows, without=4),
        without_words,
        max_clusters=1,
        max_picks=9,
    )

    assert sorted(numbers(found.ids)) == [0, 1, 3, 5]
    assert found.count == 6


def test_picks_of_a_map_are_landmarks_far_apart_that_of_the_largest_cluster_first() -> None:
    labels = [0, 1, 1, 1, 2, 2, 3, clusters.NONE]
    places = [(0.0, 0), (1, 0), (1, 0), (1, 0), (1.1, 0), (1.1, 0), (0.4, 0), (9, 9)]
    map_ = laid_out(labels, places, landmarks=[0, 2, 5, 6])

    assert numbers(picks.of_map(map_, count=1)) == [2]
    assert numbers(picks.of_map(map_, count=3)) == [2, 0, 6]
    assert numbers(picks.of_map(map_, count=4)) == [2, 0, 6, 5]


def test_where_there_are_too_few_clusters_picks_of_a_map_are_any_models() -> None:
    labels = [0, 0, clusters.NONE, clusters.NONE]
    map_ = laid_out(labels, [(0, 0), (0, 0.1), (1, 0), (0, 0.5)], landmarks=[1])

    assert numbers(picks.of_map(map_, count=3)) == [1, 2, 3]
    assert sorted(numbers(picks.of_map(map_, count=9))) == [0, 1, 2, 3]


def test_a_cluster_whose_landmark_is_gone_gives_no_pick_of_a_map() -> None:
    map_ = laid_out([0, 0], [(0, 0), (1, 0)], landmarks=[7])

    assert numbers(picks.of_map(map_, count=2)) == [0, 1]
    assert numbers(picks.of_map(laid_out([], [], landmarks=[]), count=4)) == []
