"""The layouts of the map in several shapes: what they are called, served and grouped by."""

from dataclasses import replace

import numpy as np
import pytest

from components.map import arrangements
from components.map.arrangements import MAX_BLOCKS, NONE, OTHER
from core.catalogue import Catalogue, Item
from tests.components.map.test_colouring import map_of, things
from tests.components.map.test_map_data import catalogue_of, lay_out, read, served, unpacked


def in_categories(*categories: str) -> list[Item]:
    """Return an item for each category."""
    return [
        replace(item, category=category)
        for item, category in zip(things(len(categories)), categories, strict=True)
    ]


@pytest.fixture
def catalogue() -> Catalogue:
    return catalogue_of(in_categories(*["Food", "Food", "", "Tools", "Food", "Tools"]))


@pytest.mark.parametrize("layout", ["grid", "category"])
def test_the_browser_gets_what_python_selects_from(catalogue: Catalogue, layout: str) -> None:
    lay_out(catalogue)
    map_ = read(catalogue)

    found = served(arrangements.serve(catalogue, map_, layout))

    assert [one["shape"] for one in found] == list(arrangements.SHAPES)
    for one in found:
        steps = unpacked(one["positions"], "<u2").reshape(-1, 2)
        # As `scene.js` does.
        points = (steps / 65535 * 2 - 1).astype(np.float32)
        np.testing.assert_array_equal(points, arrangements.named(map_, one["name"]))
        assert one["cell"] > 0
        assert [block["name"] for block in one["blocks"]] == (
            ["Food", "Tools", NONE] if layout == "category" else []
        )


def test_the_map_itself_needs_no_arrangement(catalogue: Catalogue) -> None:
    lay_out(catalogue)
    map_ = read(catalogue)
    assert arrangements.serve(catalogue, map_, "map") == ""
    assert list(arrangements.coordinates(map_, "map")) == ["map"]


def test_arrangements_are_served_again_after_their_file_was_deleted(catalogue: Catalogue) -> None:
    lay_out(catalogue)
    map_ = read(catalogue)
    url = arrangements.serve(catalogue, map_, "grid")
    catalogue.pictures.delete_served("grid")

    assert arrangements.serve(catalogue, map_, "grid") == url

    assert len(served(url)) == len(arrangements.SHAPES)


def test_only_what_there_is_has_a_name(catalogue: Catalogue) -> None:
    lay_out(catalogue)
    map_ = read(catalogue)
    for name in ("map", "grid", "grid-145", "category-45"):
        assert arrangements.named(map_, name) is not None
    for name in ("category", "grid-146", "grid-", "map-145", "grid-145-1", "", "cluster"):
        assert arrangements.named(map_, name) is None


def test_layout_by_category_is_offered_where_models_differ() -> None:
    assert "category" in arrangements.offered(map_of(in_categories("Food", "")))
    each_its_own = tuple(f"C{number}" for number in range(500))
    for categories in (("", ""), ("Food", "Food"), each_its_own):
        map_ = map_of(in_categories(*categories))
        assert list(arrangements.offered(map_)) == ["map", "grid"]
        assert arrangements.named(map_, "category-145") is None


def test_largest_category_comes_first_and_models_without_one_last() -> None:
    map_ = map_of(in_categories("B", "A", "", "A", "", "", ""))
    found = arrangements.groups(map_)
    assert [name for name, _ in found] == ["A", "B", NONE]
    assert [rows.tolist() for _, rows in found] == [[1, 3], [0], [2, 4, 5, 6]]
    assert arrangements.folded(map_) == 0


@pytest.mark.parametrize(
    ("count", "own"), [(MAX_BLOCKS, MAX_BLOCKS), (MAX_BLOCKS + 1, MAX_BLOCKS - 1), (3000, 1)]
)
def test_too_many_categories_are_folded_into_one_block(count: int, own: int) -> None:
    categories = ["", *(f"C{number}" for number in range(count)), *["C7"] * 9, ""]
    map_ = map_of(in_categories(*categories))

    found = arrangements.groups(map_)

    names = [name for name, _ in found]
    assert names[0] == "C7"
    assert names[-1] == NONE
    assert arrangements.folded(map_) == count - own
    assert len(names) == own + (own < count) + 1
    assert (names[-2] == OTHER) == (own < count)
    together = np.sort(np.concatenate([rows for _, rows in found]))
    np.testing.assert_array_equal(together, np.arange(len(categories)))
