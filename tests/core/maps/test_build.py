"""Building the map of a catalogue, and adding items to it."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.datasets import make_blobs
from sklearn.metrics import adjusted_rand_score

from core.catalogue import Catalogue, Cluster, Item, Map
from core.jobs import Cancelled, Progress, Stage
from core.maps import build
from core.similarity import Index
from tests.core.catalogue.support import add

KINDS = ("Clock", "Chair", "Tree", "Car")
COUNT = 240


@cache
def material(count: int = COUNT, seed: int = 0) -> tuple[tuple[Item, ...], np.ndarray, np.ndarray]:
    """Return items of four kinds, their vectors, and the kind of each as a number."""
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
def built(count: int = 200) -> Map:
    """Return the map of the first `count` items."""
    items, index = some(range(count))
    return build.build_map(index, items, fingerprint="v1")


def extended(current: Map, numbers: list[int] | range) -> Map:
    items, index = some(numbers)
    return build.add_items(current, index, items)


def row_of(current: Map, number: int) -> int:
    return current.ids.index(material()[0][number].id)


def assert_not_moved(before: Map, after: Map, *, but: frozenset[str] = frozenset()) -> None:
    """Check that items on both maps have the same coordinates, cell and cluster."""
    for item_id in set(before.ids) & set(after.ids) - but:
        old, new = before.ids.index(item_id), after.ids.index(item_id)
        for name in ("coordinates", "grid", "labels", "added_later"):
            one, other = getattr(before, name)[old], getattr(after, name)[new]
            np.testing.assert_array_equal(one, other, err_msg=name)


def cells(current: Map) -> int:
    """Return how many different cells of the grid are taken."""
    return len(np.unique(current.grid.round(5), axis=0))


# -- building ------------------------------------------------------------------------


def test_map_has_coordinates_clusters_and_names_of_all_items() -> None:
    items, index = some(range(200))
    current = built()

    assert current.ids == index.ids
    assert current.digests == tuple(item.digest[:8] for item in items)
    assert current.coordinates.shape == current.grid.shape == (200, 2)
    assert (current.coordinates.dtype, current.grid.dtype) == (np.float32, np.float32)
    assert (current.labels.dtype, current.added_later.dtype) == (np.int32, np.bool_)
    assert cells(current) == 200
    assert not current.added_later.any()
    assert adjusted_rand_score(material()[2][:200], current.labels) > 0.95
    assert sorted(cluster.name for cluster in current.clusters) == sorted(KINDS)
    for number, cluster in enumerate(current.clusters):
        assert current.labels[current.ids.index(cluster.landmark)] == number
    assert current.fingerprint == "v1"
    assert current.quality is not None and current.quality.trustworthiness > 0.9


def test_same_vectors_give_the_same_map() -> None:
    items, index = some(range(200))

    again = build.build_map(index, items, fingerprint="v1")

    for name in ("coordinates", "grid", "labels"):
        np.testing.assert_array_equal(getattr(again, name), getattr(built(), name))
    assert (again.clusters, again.quality) == (built().clusters, built().quality)


@pytest.mark.parametrize("count", [0, 1, 2, 5, 20])
def test_map_of_few_items(count: int) -> None:
    items, index = some(range(count))

    current = build.build_map(index, items, fingerprint="v1")

    assert len(current.ids) == len(current.coordinates) == cells(current) == count
    assert np.isfinite(current.coordinates).all()
    assert (current.quality is None) == (count < 20)


def test_building_can_be_cancelled_between_stages() -> None:
    class CancelledInThirdStage(Progress):
        def __init__(self) -> None:
            self.stages: list[Stage] = []

        def stage(self, stage: Stage, total: int = 0, *, detail: str = "") -> None:
            self.stages.append(stage)

        def check(self) -> None:
            if len(self.stages) == 3:
                raise Cancelled("Cancelled.")

    items, index = some(range(20))
    progress = CancelledInThirdStage()

    with pytest.raises(Cancelled):
        build.build_map(index, items, fingerprint="v1", progress=progress)

    assert progress.stages == [
        Stage.FINDING_NEIGHBOURS,
        Stage.COMPUTING_LAYOUT,
        Stage.ARRANGING_GRID,
    ]


# -- new, changed and missing items ---------------------------------------------------


def test_new_items_are_placed_among_their_kind_and_nothing_else_moves() -> None:
    before = built()

    after = extended(before, range(COUNT))

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


def test_changed_picture_moves_only_its_own_item() -> None:
    items, rows, _ = material()
    before = extended(built(), range(210))
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


def test_removed_items_are_dropped_and_a_landmark_is_replaced() -> None:
    before = built()
    removed = before.ids.index(before.clusters[1].landmark)
    left = [number for number in range(200) if number != removed]

    after = extended(before, left)

    assert_not_moved(before, after)
    assert after.ids == tuple(before.ids[number] for number in left)
    landmark = after.clusters[1].landmark
    assert landmark != before.clusters[1].landmark
    assert after.labels[after.ids.index(landmark)] == 1
    assert after.clusters[0] == before.clusters[0]


@given(order=st.permutations(range(200, 212)), cut=st.integers(0, 12))
@settings(max_examples=25)
def test_order_of_adding_does_not_change_coordinates(order: list[int], cut: int) -> None:
    together = extended(built(), range(212))

    halfway = extended(built(), [*range(200), *order[:cut]])
    after = extended(halfway, [*range(200), *order])

    assert_not_moved(built(), after)
    assert cells(after) == 212
    for number in order:
        one, other = row_of(together, number), row_of(after, number)
        np.testing.assert_array_equal(together.coordinates[one], after.coordinates[other])
        assert together.labels[one] == after.labels[other]


def test_added_copies_do_not_coincide() -> None:
    items, rows, _ = material()
    copies = [Item(source_id=f"copy {number}", name="", digest="0" * 64) for number in range(5)]
    every = [*items[:200], *copies]
    index = index_of(every, np.concatenate([rows[:200], np.repeat(rows[:1], 5, axis=0)]))

    after = build.add_items(built(), index, every)

    together = after.coordinates[[0, *range(200, 205)]]
    assert len(np.unique(together, axis=0)) == 6
    assert np.ptp(together, axis=0).max() < 0.1


@pytest.mark.parametrize("original_count", [1, 2, 3, 7])
def test_items_can_be_added_to_a_small_map(original_count: int) -> None:
    items, index = some(range(original_count))
    before = build.build_map(index, items, fingerprint="v1")

    after = extended(before, range(2 * original_count))

    assert_not_moved(before, after)
    assert np.isfinite(after.coordinates).all()
    assert cells(after) == len(np.unique(after.coordinates, axis=0)) == 2 * original_count


# -- when to rebuild, and which items are unplaced -------------------------------------


def test_map_needs_rebuild_when_it_has_more_than_doubled() -> None:
    small = built(100)

    assert not build.needs_rebuild(small, some(range(200))[0])
    assert build.needs_rebuild(small, some(range(201))[0])
    assert not build.needs_rebuild(extended(small, range(180)), some(range(200))[0])
    assert build.needs_rebuild(extended(small, range(180)), some(range(201))[0])
    half = [
        replace(item, digest="f" * 64) if number < 51 else item
        for number, item in enumerate(some(range(100))[0])
    ]
    assert build.needs_rebuild(small, half)
    assert not build.needs_rebuild(small, [])


def test_unplaced_items_are_new_or_have_a_changed_picture() -> None:
    items = some(range(203))[0]
    items[5] = replace(items[5], digest="f" * 64)

    assert build.unplaced(built(), items).tolist() == [5, 200, 201, 202]
    assert build.unplaced(built(), some(range(50, 60))[0]).tolist() == []


# -- names ----------------------------------------------------------------------------


def renamed(current: Map, items: list[Item], numbers: list[int] | range) -> tuple[Cluster, ...]:
    """Return the clusters with the names that they have after these items were updated."""
    return build.rename_clusters(current, some(numbers)[1], items).clusters


def test_cluster_names_change_only_with_the_words_of_their_items() -> None:
    items = some(range(200))[0]
    before = built()
    clocks = [cluster.name for cluster in before.clusters].index("Clock")

    assert renamed(before, items, range(200)) == before.clusters
    more = extended(before, range(COUNT))
    assert renamed(more, some(range(COUNT))[0], range(COUNT)) == before.clusters

    watches = [replace(item, name=item.name.replace("Clock", "Watch")) for item in items]
    after = renamed(before, watches, range(200))

    names = [cluster.name for cluster in after]
    assert names[clocks] == "Watch"
    names[clocks] = "Clock"
    assert names == [cluster.name for cluster in before.clusters]
    assert [cluster.landmark for cluster in after] == [
        cluster.landmark for cluster in before.clusters
    ]


def test_empty_cluster_keeps_its_name() -> None:
    before = built()
    left = np.flatnonzero(before.labels != 2).tolist()
    after = extended(before, left)

    assert renamed(after, some(left)[0], left) == before.clusters
    assert not (after.labels == 2).any()


def test_no_automatic_name_is_like_one_that_somebody_gave() -> None:
    items, index = some(range(200))
    before = built()
    clocks = [cluster.name for cluster in before.clusters].index("Clock")
    edited = [replace(cluster, edited_name="") for cluster in before.clusters]
    edited[clocks - 1] = replace(edited[clocks - 1], edited_name="clocks")

    after = renamed(replace(before, clusters=tuple(edited)), items, range(200))
    rebuilt = build.build_map(index, items, fingerprint="v1", taken=["clocks"])

    assert after[clocks - 1].name == "clocks"
    for found in (after, rebuilt.clusters):
        assert "Clock" not in [cluster.automatic_name for cluster in found]


def test_landmark_is_one_of_those_that_the_name_describes() -> None:
    items, index = some(range(200))
    clusters = built().clusters
    # The most central of all are no longer what the others are.
    landmarks = {cluster.landmark for cluster in clusters}
    strangers = [replace(one, name="Globe") if one.id in landmarks else one for one in items]

    rebuilt = build.build_map(index, strangers, fingerprint="v1")
    after = renamed(built(), strangers, range(200))

    name_of = {item.id: item.name for item in strangers}
    assert [cluster.name for cluster in after] == [cluster.name for cluster in clusters]
    for cluster in (*rebuilt.clusters, *after):
        assert name_of[cluster.landmark].startswith(cluster.name)


def test_name_that_somebody_gave_is_kept_when_models_are_added_and_the_map_is_rebuilt() -> None:
    every, rows, kinds = material()
    catalogue = Catalogue.create("things")
    added = add(catalogue, *every[:200])
    before = build.build_map(index_of(added, rows[:200]), added, fingerprint="v1")
    catalogue.map.save(before)
    clocks = [cluster.name for cluster in before.clusters].index("Clock")
    catalogue.map.rename_cluster(clocks, "Timepieces", landmark=before.clusters[clocks].landmark)

    def clusters_of_timepieces() -> list[set[str]]:
        stored = catalogue.map.load()
        assert stored is not None
        return [
            {added[row].name.split()[0] for row in np.flatnonzero(stored.labels == number)}
            for number, cluster in enumerate(stored.clusters)
            if cluster.name == "Timepieces"
        ]

    added += add(catalogue, *every[200:])
    index = index_of(added, rows)
    current = catalogue.map.load()
    assert current is not None
    catalogue.map.save(build.rename_clusters(build.add_items(current, index, added), index, added))
    assert clusters_of_timepieces() == [{"Clock"}]

    # Most clocks are gone, so that the clusters have other numbers.
    keep = np.flatnonzero((kinds != KINDS.index("Clock")) | (np.arange(COUNT) % 3 == 0))
    added = [added[row] for row in keep]
    rebuilt = build.build_map(
        index_of(added, rows[keep]),
        added,
        fingerprint="v2",
        taken=build.edited_names(current),
    )
    catalogue.map.save(rebuilt)
    assert clusters_of_timepieces() == [{"Clock"}]
    assert rebuilt.clusters[clocks].automatic_name != "Clock"
