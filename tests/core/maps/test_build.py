"""The map of a catalogue: drawn once, and then only added to."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.datasets import make_blobs
from sklearn.metrics import adjusted_rand_score

from core.catalogue import Item, Map
from core.jobs import Cancelled, Progress, Stage
from core.maps import build
from core.similarity import Index

KINDS = ("Clock", "Chair", "Tree", "Car")
COUNT = 240


@cache
def material(count: int = COUNT, seed: int = 0) -> tuple[tuple[Item, ...], np.ndarray, np.ndarray]:
    """Return items of four kinds, their vectors, and the number of the kind of each."""
    rows, kinds = make_blobs(
        count, 32, centers=4, cluster_std=0.4, center_box=(-1, 1), random_state=seed
    )
    items = tuple(
        Item(source_id=str(number), name=f"{KINDS[kind]} {number}", digest=f"{number:064d}"[::-1])
        for number, kind in enumerate(kinds)
    )
    return items, rows.astype(np.float32), kinds


def index_of(items: list[Item], rows: np.ndarray) -> Index:
    return Index([item.id for item in items], [rows])


def some(numbers: list[int] | range) -> tuple[list[Item], Index]:
    items, rows, _ = material()
    chosen = [items[number] for number in numbers]
    return chosen, index_of(chosen, rows[list(numbers)])


@cache
def drawn(count: int = 200) -> Map:
    """Return the map of the first `count` items."""
    items, index = some(range(count))
    return build.build_map(index, items, fingerprint="v1")


def amended(chart: Map, numbers: list[int] | range) -> Map:
    items, index = some(numbers)
    return build.add_items(chart, index, items)


def row_of(chart: Map, number: int) -> int:
    return chart.ids.index(material()[0][number].id)


def assert_not_moved(before: Map, after: Map, *, but: frozenset[str] = frozenset()) -> None:
    """Check that whatever both maps show lies where it lay, in the cluster it was in."""
    for item_id in set(before.ids) & set(after.ids) - but:
        old, new = before.ids.index(item_id), after.ids.index(item_id)
        for name in ("coordinates", "grid", "labels", "added_later"):
            one, other = getattr(before, name)[old], getattr(after, name)[new]
            np.testing.assert_array_equal(one, other, err_msg=name)


def cells(chart: Map) -> int:
    """Return how many cells of the grid are taken."""
    return len(np.unique(chart.grid.round(5), axis=0))


# -- drawing ------------------------------------------------------------------------


def test_a_map_says_where_all_items_lie_and_what_they_are() -> None:
    items, index = some(range(200))
    chart = drawn()

    assert chart.ids == index.ids
    assert chart.digests == tuple(item.digest[:8] for item in items)
    assert chart.coordinates.shape == chart.grid.shape == (200, 2)
    assert (chart.coordinates.dtype, chart.grid.dtype) == (np.float32, np.float32)
    assert (chart.labels.dtype, chart.added_later.dtype) == (np.int32, np.bool_)
    assert cells(chart) == 200
    assert not chart.added_later.any()
    assert adjusted_rand_score(material()[2][:200], chart.labels) > 0.95
    assert sorted(cluster.name for cluster in chart.clusters) == sorted(KINDS)
    for number, cluster in enumerate(chart.clusters):
        assert chart.labels[chart.ids.index(cluster.landmark)] == number
    assert chart.fingerprint == "v1"
    assert chart.quality is not None and chart.quality.trustworthiness > 0.9


def test_the_same_vectors_give_the_same_map() -> None:
    items, index = some(range(200))

    again = build.build_map(index, items, fingerprint="v1")

    for name in ("coordinates", "grid", "labels"):
        np.testing.assert_array_equal(getattr(again, name), getattr(drawn(), name))
    assert (again.clusters, again.quality) == (drawn().clusters, drawn().quality)


@pytest.mark.parametrize("count", [0, 1, 2, 5, 20])
def test_few_items_have_a_map_too(count: int) -> None:
    items, index = some(range(count))

    chart = build.build_map(index, items, fingerprint="v1")

    assert len(chart.ids) == len(chart.coordinates) == cells(chart) == count
    assert np.isfinite(chart.coordinates).all()
    assert (chart.quality is None) == (count < 20)


def test_drawing_can_be_cancelled_between_its_steps() -> None:
    class Stops(Progress):
        def __init__(self) -> None:
            self.stages: list[Stage] = []

        def stage(self, stage: Stage, total: int = 0, *, detail: str = "") -> None:
            self.stages.append(stage)

        def check(self) -> None:
            if len(self.stages) == 3:
                raise Cancelled("Cancelled.")

    items, index = some(range(20))
    progress = Stops()

    with pytest.raises(Cancelled):
        build.build_map(index, items, fingerprint="v1", progress=progress)

    assert progress.stages == ["Comparing all models", "Computing the layout", "Computing the grid"]


# -- what comes, changes and goes ---------------------------------------------------


def test_new_items_are_placed_amid_their_kind_and_nothing_moves() -> None:
    before = drawn()

    after = amended(before, range(COUNT))

    assert_not_moved(before, after)
    assert after.added_later.tolist() == [False] * 200 + [True] * 40
    assert cells(after) == COUNT
    assert (after.clusters, after.fingerprint, after.quality) == (
        before.clusters,
        before.fingerprint,
        before.quality,
    )
    kinds = material()[2]
    label_of = {kinds[number]: label for number, label in enumerate(before.labels) if label >= 0}
    right = [after.labels[number] == label_of[kinds[number]] for number in range(200, COUNT)]
    assert np.mean(right) > 0.95


def test_a_changed_picture_moves_itself_alone() -> None:
    items, rows, _ = material()
    before = amended(drawn(), range(210))
    changed = [
        replace(item, digest="f" * 64) if number == 7 else item
        for number, item in enumerate(items[:210])
    ]
    other = rows[:210].copy()
    other[7] = rows[150]

    after = build.add_items(before, index_of(changed, other), changed)

    assert_not_moved(before, after, but=frozenset({items[7].id}))
    assert after.added_later[7]
    assert after.digests[7] == "ffffffff"
    np.testing.assert_allclose(after.coordinates[7], before.coordinates[150], atol=0.05)
    assert after.labels[7] == before.labels[150]


def test_what_is_gone_vanishes_and_a_landmark_is_replaced() -> None:
    before = drawn()
    gone = before.ids.index(before.clusters[1].landmark)
    left = [number for number in range(200) if number != gone]

    after = amended(before, left)

    assert_not_moved(before, after)
    assert after.ids == tuple(before.ids[number] for number in left)
    landmark = after.clusters[1].landmark
    assert landmark != before.clusters[1].landmark
    assert after.labels[after.ids.index(landmark)] == 1
    assert after.clusters[0] == before.clusters[0]


@given(order=st.permutations(range(200, 212)), cut=st.integers(0, 12))
@settings(max_examples=25)
def test_the_order_in_which_items_come_changes_no_place(order: list[int], cut: int) -> None:
    at_once = amended(drawn(), range(212))

    halfway = amended(drawn(), [*range(200), *order[:cut]])
    after = amended(halfway, [*range(200), *order])

    assert_not_moved(drawn(), after)
    assert cells(after) == 212
    for number in order:
        one, other = row_of(at_once, number), row_of(after, number)
        np.testing.assert_array_equal(at_once.coordinates[one], after.coordinates[other])
        assert at_once.labels[one] == after.labels[other]


def test_copies_that_come_later_do_not_coincide() -> None:
    items, rows, _ = material()
    copies = [Item(source_id=f"copy {number}", name="", digest="0" * 64) for number in range(5)]
    every = [*items[:200], *copies]
    index = index_of(every, np.concatenate([rows[:200], np.repeat(rows[:1], 5, axis=0)]))

    after = build.add_items(drawn(), index, every)

    together = after.coordinates[[0, *range(200, 205)]]
    assert len(np.unique(together, axis=0)) == 6
    assert np.ptp(together, axis=0).max() < 0.1


@pytest.mark.parametrize("drawn_of", [1, 2, 3, 7])
def test_few_items_can_be_added_to(drawn_of: int) -> None:
    items, index = some(range(drawn_of))
    before = build.build_map(index, items, fingerprint="v1")

    after = amended(before, range(2 * drawn_of))

    assert_not_moved(before, after)
    assert np.isfinite(after.coordinates).all()
    assert cells(after) == len(np.unique(after.coordinates, axis=0)) == 2 * drawn_of


# -- when to draw anew, and what is there already -------------------------------------


def test_a_map_is_outgrown_when_more_came_than_it_was_drawn_of() -> None:
    small = drawn(100)

    assert not build.needs_rebuild(small, some(range(200))[0])
    assert build.needs_rebuild(small, some(range(201))[0])
    assert not build.needs_rebuild(amended(small, range(180)), some(range(200))[0])
    assert build.needs_rebuild(amended(small, range(180)), some(range(201))[0])
    half = [
        replace(item, digest="f" * 64) if number < 51 else item
        for number, item in enumerate(some(range(100))[0])
    ]
    assert build.needs_rebuild(small, half)
    assert not build.needs_rebuild(small, [])


def test_what_is_unplaced_is_new_or_has_changed() -> None:
    items = some(range(203))[0]
    items[5] = replace(items[5], digest="f" * 64)

    assert build.unplaced(drawn(), items).tolist() == [5, 200, 201, 202]
    assert build.unplaced(drawn(), some(range(50, 60))[0]).tolist() == []


# -- names ----------------------------------------------------------------------------


def test_names_stay_while_they_hold_and_change_with_the_words() -> None:
    items = some(range(200))[0]
    before = drawn()
    clocks = [cluster.name for cluster in before.clusters].index("Clock")

    assert build.rename_clusters(before, items).clusters == before.clusters
    more = amended(before, range(COUNT))
    assert build.rename_clusters(more, some(range(COUNT))[0]).clusters == before.clusters

    watches = [replace(item, name=item.name.replace("Clock", "Watch")) for item in items]
    after = build.rename_clusters(before, watches)

    names = [cluster.name for cluster in after.clusters]
    assert names[clocks] == "Watch"
    names[clocks] = "Clock"
    assert names == [cluster.name for cluster in before.clusters]
    assert [cluster.landmark for cluster in after.clusters] == [
        cluster.landmark for cluster in before.clusters
    ]


def test_a_cluster_of_which_nothing_is_left_keeps_its_name() -> None:
    before = drawn()
    left = np.flatnonzero(before.labels != 2).tolist()

    after = build.rename_clusters(amended(before, left), some(left)[0])

    assert after.clusters == before.clusters
    assert not (after.labels == 2).any()
