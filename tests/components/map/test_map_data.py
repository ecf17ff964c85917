"""The data of the map: what the browser loads, unpacked as the browser unpacks it."""

import base64
import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from components.map import map_data
from components.map.map_data import MapData
from core import settings
from core.catalogue import (
    Catalogue,
    Cluster,
    CutOutThumbnail,
    Item,
    Map,
    MapQuality,
)
from core.jobs import Progress
from core.maps import thumbnail_atlas
from tests.plain_picture import plain_picture

NAMES = ['A 19" rack', "<b>bold</b> & co.", "it’s; a 'chair'", "🪑🏽‍🦼 椅子", "\u202eback\nnew", ""]


def catalogue_of(items: Sequence[Item]) -> Catalogue:
    """Return a catalogue of items, each with a picture of its own colour."""
    made = Catalogue.create("things", title="Things")
    made.items.add((item, plain_picture(number)) for number, item in enumerate(items))
    return made


def lay_out(
    catalogue: Catalogue,
    *,
    labels: Sequence[int] = (),
    clusters: Sequence[str] = (),
    later: Sequence[int] = (),
    order: Sequence[int] = (),
    seed: int = 0,
) -> Map:
    """Give a catalogue a map with random coordinates and a grid of four columns.

    `clusters` are their names; the first model of each is its landmark.
    """
    found = catalogue.items.find()
    items = [found[number] for number in order] if order else found
    count = len(items)
    own = np.array(labels or [-1] * count, np.int32)
    down, across = np.divmod(np.arange(count), 4)
    drawn = Map(
        ids=tuple(item.id for item in items),
        digests=tuple(item.digest[:8] for item in items),
        coordinates=np.random.default_rng(seed).uniform(-1, 1, (count, 2)).astype(np.float32),
        grid=np.stack([across / 2 - 0.75, down / 2 - 0.75], axis=1).astype(np.float32),
        labels=own,
        added_later=np.isin(np.arange(count), later),
        clusters=tuple(
            Cluster(name, items[int(np.flatnonzero(own == number)[0])].id)
            for number, name in enumerate(clusters)
        ),
        fingerprint="vectors",
        quality=MapQuality(0.9, 0.5, 15, count),
    )
    catalogue.map.save(drawn)
    return drawn


def read(catalogue: Catalogue) -> MapData:
    map_ = map_data.read(catalogue)
    assert map_ is not None
    return map_


def served(url: str) -> Any:
    """Return the JSON that is served at a URL."""
    file = settings.PROJECT / "static" / url.removeprefix("app/static/")
    return json.loads(file.read_text(encoding="utf-8"))


def unpacked(text: str, kind: str) -> np.ndarray:
    return np.frombuffer(base64.b64decode(text, validate=True), kind)


@pytest.fixture
def catalogue() -> Catalogue:
    return catalogue_of(
        [
            Item(source_id=str(number), name=name, category=("Food", "", 'Ünï "q"')[number % 3])
            for number, name in enumerate(NAMES)
        ]
    )


# -- what the browser loads ----------------------------------------------------------


def test_the_browser_unpacks_the_coordinates_of_every_model(catalogue: Catalogue) -> None:
    drawn = lay_out(catalogue, order=[3, 0, 5, 1, 4, 2])

    data = served(read(catalogue).url)

    assert data["ids"] == list(drawn.ids)
    assert set(data["layouts"]) == {"map"}
    found = unpacked(data["layouts"]["map"], "<f4").reshape(-1, 2)
    np.testing.assert_array_equal(found, drawn.coordinates)


def test_names_and_categories_reach_the_browser_unchanged(catalogue: Catalogue) -> None:
    lay_out(catalogue, order=[3, 0, 5, 1, 4, 2])

    data = served(read(catalogue).url)

    said = {item.id: item for item in catalogue.items.find()}
    assert sorted(data["names"]) == sorted(NAMES)
    assert data["names"] == [said[one].name for one in data["ids"]]
    categories = [data["categories"][number] for number in unpacked(data["category"], "<u2")]
    assert categories == [said[one].category for one in data["ids"]]
    assert data["versions"] == [said[one].digest[:8] for one in data["ids"]]


@given(
    places=arrays.arrays(
        np.float32,
        st.tuples(st.integers(0, 9), st.just(2)),
        elements=st.floats(-4, 4, width=32),
    ),
    step=st.sampled_from([1, 2, -1]),
    categories=st.lists(st.text(max_size=5), min_size=1, max_size=3),
)
def test_any_part_of_a_layout_can_be_unpacked(
    places: np.ndarray, step: int, categories: list[str]
) -> None:
    part = np.asfortranarray(places[::step])
    items = [
        Item(source_id=str(number), name=str(number), category=categories[number % len(categories)])
        for number in range(len(part))
    ]

    data = json.loads(json.dumps(map_data.points_as_dict(items, {"map": part})))

    found = unpacked(data["layouts"]["map"], "<f4").reshape(-1, 2)
    np.testing.assert_array_equal(found, places[::step])
    assert [data["categories"][number] for number in unpacked(data["category"], "<u2")] == [
        item.category for item in items
    ]


def test_a_changed_map_has_a_new_url_and_the_same_map_the_same(catalogue: Catalogue) -> None:
    lay_out(catalogue)
    first = read(catalogue).url
    assert read(catalogue).url == first

    lay_out(catalogue, seed=1)
    assert read(catalogue).url != first


def test_a_renamed_model_is_renamed_on_the_map(catalogue: Catalogue) -> None:
    lay_out(catalogue)
    first = read(catalogue).url
    catalogue.items.update_facts([replace(catalogue.items.find()[2], name="A stool")])

    map_ = read(catalogue)

    assert map_.url != first
    assert served(map_.url)["names"][2] == map_.items[2].name == "A stool"


def test_all_pictures_are_loaded_together_if_there_is_an_atlas(catalogue: Catalogue) -> None:
    lay_out(catalogue)
    assert read(catalogue).atlas == ""

    thumbnail_atlas.serve(catalogue, catalogue.items.find(), progress=Progress())

    map_ = read(catalogue)
    points, sheet = served(map_.url), served(map_.atlas)
    named = [f"{one}.{v}" for one, v in zip(points["ids"], points["versions"], strict=True)]
    assert sheet["tiles"] == named, "how the browser finds a point's tile"


def test_cut_outs_are_those_of_the_rows_that_have_one(catalogue: Catalogue) -> None:
    lay_out(catalogue, order=[3, 0, 5, 1, 4, 2])
    map_ = read(catalogue)
    assert map_data.read_cut_outs(catalogue, map_, {}).atlas == ""
    cut_outs = {
        map_.items[1].id: CutOutThumbnail(map_.items[1].id, map_.items[1].digest[:8], "fedcba98"),
        map_.items[2].id: CutOutThumbnail(map_.items[2].id, "of another picture", "00000001"),
        map_.items[4].id: CutOutThumbnail(map_.items[4].id, map_.items[4].digest[:8], "000000ab"),
    }
    thumbnail_atlas.serve(catalogue, catalogue.items.find(), progress=Progress(), cut_outs=cut_outs)

    found = map_data.read_cut_outs(catalogue, map_, cut_outs)

    assert found.masks.dtype == np.uint32
    assert found.masks.tolist() == [0, 0xFEDCBA98, 0, 0, 0xAB, 0]
    points, sheet = served(map_.url), served(found.atlas)
    named = {f"{one}.{v}" for one, v in zip(points["ids"], points["versions"], strict=True)}
    assert set(sheet["tiles"]) == named, "how the browser finds a point's tile"


# -- what the page knows -------------------------------------------------------------


def test_every_row_belongs_to_its_model(catalogue: Catalogue) -> None:
    drawn = lay_out(
        catalogue, order=[3, 0, 5, 1, 4, 2], labels=[0, 1, 0, 1, -1, 1], clusters=["", "Two"]
    )

    map_ = read(catalogue)

    assert tuple(item.id for item in map_.items) == drawn.ids
    assert [map_.row_of[item.id] for item in map_.items] == list(range(6))
    assert map_.labels.tolist() == [0, 1, 0, 1, -1, 1]
    assert map_.clusters == drawn.clusters
    assert map_.quality == drawn.quality
    assert map_.fingerprint == "vectors"


def test_removed_models_leave_the_map_and_the_others_stay_in_place(
    catalogue: Catalogue,
) -> None:
    drawn = lay_out(catalogue, labels=[0, 1, 0, 1, 0, 1], clusters=["A", "B"], later=[1, 4])
    place_of = dict(zip(drawn.ids, drawn.coordinates.tolist(), strict=True))
    gone = [drawn.ids[0], drawn.ids[4]]
    catalogue.items.remove(gone)

    map_ = read(catalogue)

    data = served(map_.url)
    assert data["ids"] == [one for one in drawn.ids if one not in gone]
    found = unpacked(data["layouts"]["map"], "<f4").reshape(-1, 2).tolist()
    assert found == [place_of[one] for one in data["ids"]]
    assert map_.rows([gone[0], drawn.ids[5], "nowhere", drawn.ids[1]]) == [3, 0]
    assert map_.labels.tolist() == [1, 0, 1, 1]
    assert map_.added_later == 1


def test_a_cluster_without_a_name_is_called_by_its_number(catalogue: Catalogue) -> None:
    lay_out(catalogue, labels=[0, 0, 1, 1, 2, 2], clusters=["Chairs", "", "Lamps"])
    map_ = read(catalogue)
    assert [map_.name_of(number) for number in range(3)] == ["Chairs", "Cluster 2", "Lamps"]


def test_a_map_of_one_model_can_be_shown() -> None:
    alone = catalogue_of([Item(source_id="1", name="Alone")])
    lay_out(alone)
    map_ = read(alone)
    assert served(map_.url)["names"] == ["Alone"]


# -- without a map -------------------------------------------------------------


def test_there_is_no_data_before_there_is_a_map(catalogue: Catalogue) -> None:
    assert map_data.read(catalogue) is None


def test_there_is_no_data_if_all_models_of_the_map_are_removed(catalogue: Catalogue) -> None:
    drawn = lay_out(catalogue)
    catalogue.items.remove(drawn.ids)
    assert map_data.read(catalogue) is None
