"""The colours of the map: which model has which, the legend, and how well they differ."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from components.map import colouring, palette
from components.map.colouring import NONE, Colouring
from components.map.map_data import MapData
from components.shared import asset_urls
from core.catalogue import Catalogue, Cluster, CutOutThumbnail, Item
from tests.components.map.test_map_data import catalogue_of, lay_out, read


def map_of(items: list[Item], **more: object) -> MapData:
    """Return a map without files, for as many models as a test needs."""
    count = len(items)
    places = np.random.default_rng(0).uniform(-1, 1, (count, 2)).astype(np.float32)
    map_ = MapData(
        items=tuple(items),
        row_of={item.id: row for row, item in enumerate(items)},
        layouts={"map": places, "grid": places},
        labels=np.full(count, -1, np.int32),
        clusters=(),
        added_later=0,
        fingerprint="vectors",
        quality=None,
        url="",
        atlas="",
    )
    return replace(map_, **more)  # type: ignore[arg-type]


def things(count: int, **facts: Any) -> list[Item]:
    return [Item(source_id=str(number), name=f"Thing {number}", **facts) for number in range(count)]


def assert_drawable(found: Colouring, count: int) -> None:
    """Check that a browser can draw it: one byte per model, and a colour for each but 255."""
    assert (found.groups.dtype, found.groups.shape) == (np.uint8, (count,))
    assert all(group < len(found.colours) for group in found.groups[found.groups != NONE])
    assert len(found.colours) <= NONE


# -- clusters --------------------------------------------------------------------------


@pytest.fixture
def catalogue() -> Catalogue:
    made = catalogue_of(things(12))
    lay_out(made, labels=[2, 1, 0, -1, 1, 2, 0, 0, 0, 1, 0, -1], clusters=["Chairs", "", "Lamps"])
    return made


def test_the_legend_shows_each_cluster_with_colour_size_and_landmark(
    catalogue: Catalogue,
) -> None:
    map_ = read(catalogue)

    found = colouring.by_cluster(map_, catalogue)

    assert_drawable(found, 12)
    assert found.groups.tolist() == [
        NONE if label < 0 else label for label in [2, 1, 0, -1, 1, 2, 0, 0, 0, 1, 0, -1]
    ]
    listed = [(entry.key, entry.name, entry.count) for entry in found.entries]
    assert listed == [
        ("cluster:0", "Chairs", 5),
        ("cluster:1", "Cluster 2", 3),
        ("cluster:2", "Lamps", 2),
    ]
    assert [entry.colour for entry in found.entries] == list(found.colours)
    assert len(set(found.colours)) == 3
    landmarks = [asset_urls.picture(catalogue, map_.items[row]) for row in (2, 1, 0)]
    assert [entry.src for entry in found.entries] == landmarks

    item = map_.items[1]
    cut_outs = {item.id: CutOutThumbnail(item.id, item.digest[:8], "0" * 8)}
    hidden = colouring.by_cluster(map_, catalogue, cut_outs=cut_outs)
    assert ["/cut-outs/" in entry.src for entry in hidden.entries] == [False, True, False]
    assert hidden.entries[0] == found.entries[0]


def test_an_empty_cluster_leaves_the_legend_and_the_others_keep_their_colours(
    catalogue: Catalogue,
) -> None:
    map_ = read(catalogue)
    catalogue.items.remove([map_.items[row].id for row in (1, 4, 9, 2)])

    found = colouring.by_cluster(read(catalogue), catalogue)

    assert_drawable(found, 8)
    listed = {entry.key: (entry.name, entry.count) for entry in found.entries}
    assert listed == {"cluster:0": ("Chairs", 4), "cluster:2": ("Lamps", 2)}
    assert found.entries[0].src == "", "its landmark is gone"
    assert "?v=" in found.entries[1].src
    for entry in found.entries:
        number = int(entry.key.removeprefix("cluster:"))
        assert entry.colour == found.colours[number]
        assert int((found.groups == number).sum()) == entry.count


def test_the_largest_cluster_comes_first_even_if_it_was_not_when_the_map_was_built(
    catalogue: Catalogue,
) -> None:
    map_ = read(catalogue)
    catalogue.items.remove([map_.items[row].id for row in (2, 6, 7, 8)])

    found = colouring.by_cluster(read(catalogue), catalogue)

    assert [entry.count for entry in found.entries] == [3, 2, 1]


def test_clusters_beyond_the_maximum_have_no_group() -> None:
    count = colouring.MAX_GROUPS + 20
    items = things(count)
    map_ = map_of(
        items,
        labels=np.arange(count, dtype=np.int32),
        clusters=tuple(Cluster(f"Group {number}", "gone") for number in range(count)),
    )

    found = colouring.by_cluster(map_, Catalogue.create("things"))

    assert_drawable(found, count)
    assert found.groups.tolist() == [*range(colouring.MAX_GROUPS), *[NONE] * 20]
    assert len(found.entries) == colouring.MAX_GROUPS
    assert {entry.src for entry in found.entries} == {""}, "the landmarks are gone"


def test_a_map_without_clusters_has_no_groups() -> None:
    found = colouring.by_cluster(map_of(things(3)), Catalogue.create("things"))
    assert found.groups.tolist() == [NONE] * 3
    assert (found.colours, found.entries) == ((), ())


# -- facets ----------------------------------------------------------------------------


@given(
    values=st.lists(st.sampled_from(["", "Food", "food", "Ünï", "A: b", *"cdefghijk"]), max_size=60)
)
def test_values_of_a_facet_have_colours_and_counts_the_largest_first(values: list[str]) -> None:
    items = [
        Item(source_id=str(number), name="", category=value) for number, value in enumerate(values)
    ]

    found = colouring.by_facet(map_of(items), "category")

    assert_drawable(found, len(values))
    counted = {value: values.count(value) for value in values if value}
    assert {entry.name: entry.count for entry in found.entries} == counted
    counts = [entry.count for entry in found.entries]
    assert counts == sorted(counts, reverse=True)
    entry_of = {entry.name: entry for entry in found.entries}
    for value, group in zip(values, found.groups.tolist(), strict=True):
        if value:
            assert found.colours[group] == entry_of[value].colour
            assert entry_of[value].key == f"category:{value}"
        else:
            assert group == NONE
    own = [entry.colour for entry in found.entries if entry.colour != palette.OTHER]
    assert len(own) == min(len(counted), len(palette.COLOURS)) == len(set(own))


@pytest.mark.parametrize("facet", ["creator", "licence"])
def test_creators_and_licences_are_facets_as_well(facet: str) -> None:
    items = things(2, **{facet: "Ada"}) + things(1)
    found = colouring.by_facet(map_of(items), facet)
    assert found.groups.tolist() == [0, 0, NONE]
    assert [(entry.key, entry.count) for entry in found.entries] == [(f"{facet}:Ada", 2)]


def test_the_rarest_values_of_a_large_facet_have_no_group() -> None:
    items = [
        Item(source_id=f"{number} {copy}", name="", creator=f"Person {number}")
        for number in range(300)
        for copy in range(2 if 40 <= number < 290 else 1)
    ]

    found = colouring.by_facet(map_of(items), "creator")

    assert_drawable(found, len(items))
    assert len(found.entries) == colouring.MAX_GROUPS
    grouped = {
        item.creator for item, group in zip(items, found.groups, strict=True) if group < NONE
    }
    assert grouped == {f"Person {number}" for number in range(40, 290)}
    # Groups of one size are in natural order.
    listed = [entry.key for entry in found.entries]
    assert listed == [f"creator:Person {number}" for number in range(40, 290)]


# -- similarity --------------------------------------------------------------------------


@given(
    scores=arrays.arrays(
        np.float32, st.integers(0, 50), elements=st.floats(-1, 1, width=32, allow_subnormal=False)
    )
)
def test_a_more_similar_model_never_has_a_lower_shade(scores: np.ndarray) -> None:
    found = colouring.by_similarity(scores)

    assert_drawable(found, len(scores))
    assert found.colours == tuple(palette.ramp())
    assert not found.entries
    order = np.argsort(scores, kind="stable")
    assert (np.diff(found.groups[order].astype(int)) >= 0).all()
    if len(scores) and scores.max() - np.median(scores) > 1e-6:
        assert found.groups[scores.argmax()] == palette.SHADES - 1, "the colours are all used"
        assert not found.groups[scores <= np.median(scores)].any(), "half are in the background"


def test_equally_similar_models_have_one_colour() -> None:
    assert len(set(colouring.by_similarity(np.full(9, 0.25, np.float32)).groups.tolist())) == 1


def test_uniform_colouring_has_one_colour() -> None:
    found = colouring.uniform(4)
    assert_drawable(found, 4)
    assert found.groups.tolist() == [0] * 4
    assert not found.entries


# -- options ---------------------------------------------------------------------------


def test_only_colours_that_show_a_difference_are_offered() -> None:
    same = things(3, category="Food", creator="Ada", licence="MIT")
    assert colouring.options(map_of(same), similarity=False) == {}
    assert list(colouring.options(map_of(same), similarity=True)) == ["similarity"]
    for facet in ("category", "creator", "licence"):
        facts: dict[str, Any] = {facet: ""}
        mixed = map_of([*same, replace(same[0], source_id="4", **facts)])
        assert list(colouring.options(mixed, similarity=False)) == [facet]
    clustered = map_of(same, clusters=(Cluster("", same[0].id),))
    assert colouring.options(clustered, similarity=False) == {"cluster": "Cluster"}
