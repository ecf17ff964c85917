"""The best window of every model is that of brute force, and a known object is found."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from core.descriptors import Published
from core.pictures import WHOLE, Box
from core.search import region_index
from core.search.region_index import RegionIndex, RegionMatch
from core.vision import Network, precision

# ---------------------------------------------------------------- test data

CORNERS = {
    "top left": (0, 0),
    "top right": (128, 0),
    "bottom left": (0, 128),
    "bottom right": (128, 128),
}


def pictures_of(count: int, *, seed: int = 0) -> np.ndarray:
    """Return rows like those of `published`: never negative, nine out of ten numbers zero."""
    chance = np.random.default_rng(seed)
    rows = chance.random((count, 25_088), np.float32)
    rows[chance.random(rows.shape) < 0.9] = 0
    return rows


def index_of(*blocks: np.ndarray) -> RegionIndex:
    """Return an index whose ids are the numbers of the rows."""
    return RegionIndex([str(row) for row in range(sum(map(len, blocks)))], blocks)


def best_of(
    parts: RegionIndex, vector: np.ndarray, *, k: int, mask: np.ndarray | None = None
) -> list[RegionMatch]:
    return parts.best(vector, parts.scores(vector), k=k, mask=mask)


def fine_grid(row: np.ndarray) -> np.ndarray:
    """Return the square roots of a row's cells, each repeated 6 x 6: float64 (42, 42, 512)."""
    return np.sqrt(row.astype(np.float64).reshape(7, 7, 512)).repeat(6, 0).repeat(6, 1)


def fields_by_hand(grid: np.ndarray, box: Box) -> np.ndarray:
    """Return the mean of each of 3 x 3 fields of a box that ends at halves of cells: (4608,)."""
    down = np.linspace(box.top * 42, box.bottom * 42, 4).round().astype(int)
    across = np.linspace(box.left * 42, box.right * 42, 4).round().astype(int)
    fields = [
        grid[above:below, left:right].mean(axis=(0, 1))
        for above, below in itertools.pairwise(down)
        for left, right in itertools.pairwise(across)
    ]
    return np.concatenate(fields)


def brute_force(row: np.ndarray, vector: np.ndarray) -> dict[Box, float]:
    """Return the cosine of every window of a row with a vector, in float64."""
    grid, cosines = fine_grid(row), {}
    for left, top in itertools.product(range(6), repeat=2):
        for width, height in itertools.product(range(2, 8), repeat=2):
            right, bottom = left + width, top + height
            if right <= 7 and bottom <= 7 and max(width, height) <= 2 * min(width, height):
                box = Box(left / 7, top / 7, right / 7, bottom / 7)
                fields = fields_by_hand(grid, box)
                lengths = np.linalg.norm(fields) * np.linalg.norm(vector)
                cosines[box] = fields @ vector / lengths
    return cosines


def share_of_overlap(a: Box, b: Box) -> float:
    """Return the intersection of two boxes over their union."""

    def area(box: Box) -> float:
        return max(0.0, box.right - box.left) * max(0.0, box.bottom - box.top)

    both = Box(
        max(a.left, b.left), max(a.top, b.top), min(a.right, b.right), min(a.bottom, b.bottom)
    )
    return area(both) / (area(a) + area(b) - area(both))


def wheel() -> Image.Image:
    """Draw a wheel with spokes, 96 pixels a side."""
    image = Image.new("RGB", (96, 96), "white")
    draw = ImageDraw.Draw(image)
    draw.ellipse((4, 4, 92, 92), outline="black", width=10)
    for start, end in [((48, 8), (48, 88)), ((8, 48), (88, 48)), ((20, 20), (76, 76))]:
        draw.line((*start, *end), fill="firebrick", width=5)
    draw.ellipse((38, 38, 58, 58), fill="gold")
    return image


def scene(corner: tuple[int, int] | None) -> Image.Image:
    """Draw houses and a tree, and a wheel in front of them in a corner, 224 pixels a side."""
    image = Image.new("RGB", (224, 224), "white")
    draw = ImageDraw.Draw(image)
    draw.rectangle((20, 90, 100, 200), fill="steelblue")
    draw.polygon([(20, 90), (100, 90), (60, 30)], fill="sienna")
    draw.rectangle((150, 110, 165, 210), fill="saddlebrown")
    draw.ellipse((115, 20, 205, 130), fill="seagreen")
    if corner is not None:
        image.paste(wheel(), corner)
    return image


@pytest.fixture(scope="module")
def trained() -> Network:
    return precision.load()


@pytest.fixture(scope="module")
def scenes(trained: Network) -> RegionIndex:
    """Index a scene without a wheel, and one with a wheel in each corner."""
    pictures = [scene(None), *(scene(corner) for corner in CORNERS.values())]
    rows = Published(trained.weights_digest).embed(trained, pictures).vectors[:, 0]
    return RegionIndex(["none", *CORNERS], [rows])


# ---------------------------------------------------------------- every window


def test_scores_and_boxes_are_those_of_brute_force_over_all_windows() -> None:
    rows = pictures_of(3)
    vector = np.random.default_rng(1).random(4608).astype(np.float32)

    found = index_of(rows[:2], rows[2:])
    scores, boxes = found.scores(vector), list(found.where(vector, range(3)))

    for row, score, box in zip(rows, scores, boxes, strict=True):
        cosines = brute_force(row, vector)
        assert len(cosines) == 359
        assert score == pytest.approx(max(cosines.values()), abs=1e-5)
        assert cosines[box] == pytest.approx(max(cosines.values()), abs=1e-5)


@given(
    across=st.sets(st.integers(0, 14), min_size=2, max_size=2),
    down=st.sets(st.integers(0, 14), min_size=2, max_size=2),
)
def test_a_region_averages_exactly_its_share_of_each_cell(across: set[int], down: set[int]) -> None:
    box = Box(min(across) / 14, min(down) / 14, max(across) / 14, max(down) / 14)
    row = pictures_of(1)[0]

    expected = fields_by_hand(fine_grid(row), box)

    vector = region_index.region_vector(row, box)
    assert vector == pytest.approx(expected / np.linalg.norm(expected), abs=1e-5)


def test_a_window_of_a_model_is_found_in_that_model_at_that_window() -> None:
    rows = pictures_of(4)
    box = Box(2 / 7, 1 / 7, 5 / 7, 6 / 7)

    best = best_of(index_of(rows), region_index.region_vector(rows[2], box), k=4)

    assert best[0] == RegionMatch(2, best[0].score, box)
    assert best[0].score == pytest.approx(1, abs=1e-5)
    assert best[1].score < 0.99


def test_the_length_of_vectors_does_not_matter() -> None:
    rows = pictures_of(3)
    vector = region_index.region_vector(rows[1], Box(0, 0, 0.5, 0.5))
    longer = region_index.region_vector(rows[1] * 1e20, Box(0, 0, 0.5, 0.5))

    assert longer == pytest.approx(vector, abs=1e-6)
    scaled = index_of(rows * np.float32(1e-20)).scores(vector)
    assert scaled == pytest.approx(index_of(rows).scores(vector), abs=1e-6)


def test_blocks_of_any_size_give_the_same_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = pictures_of(7)
    vector = region_index.region_vector(rows[6])
    whole = best_of(index_of(rows), vector, k=7)

    monkeypatch.setattr(region_index, "ROWS_AT_ONCE", 2)
    pieces = best_of(index_of(rows[:3], rows[3:]), vector, k=7)

    assert [(found.row, found.box) for found in pieces] == [
        (found.row, found.box) for found in whole
    ]


# ---------------------------------------------------------------- the best rows


def test_ties_come_in_row_order() -> None:
    rows = pictures_of(3)
    rows[0] = rows[2]

    best = best_of(index_of(rows, rows[2:]), region_index.region_vector(rows[2]), k=3)

    assert [found.row for found in best] == [0, 2, 3]
    assert [found.box for found in best] == [WHOLE] * 3


@pytest.mark.parametrize("value", [0, np.nan, np.inf])
def test_a_row_that_is_zero_or_not_finite_matches_nothing(value: float) -> None:
    rows = pictures_of(3)
    rows[1] = value
    found = index_of(rows)
    vector = region_index.region_vector(rows[0])

    assert found.scores(vector)[1] == 0
    assert [each.row for each in best_of(found, vector, k=3)] == [0, 2]


def test_a_region_without_features_finds_nothing() -> None:
    rows = pictures_of(2)
    rows[0].reshape(7, 7, 512)[:3] = 0
    nothing = region_index.region_vector(rows[0], Box(0, 0, 1, 3 / 7))

    assert not nothing.any()
    assert best_of(index_of(rows), nothing, k=2) == []


def test_vectors_of_regions_can_be_added_and_subtracted() -> None:
    rows = pictures_of(3)
    wanted, unwanted = region_index.region_vector(rows[0]), region_index.region_vector(rows[2])
    found = index_of(rows)

    together = best_of(found, wanted + 0.9 * unwanted, k=3)
    apart = best_of(found, wanted - 0.9 * unwanted, k=3)

    assert [each.row for each in together] == [0, 2, 1]
    assert [each.row for each in apart] == [0, 1, 2]


def test_only_rows_that_the_mask_allows_are_returned() -> None:
    rows = pictures_of(4)
    vector = region_index.region_vector(rows[2])

    best = best_of(index_of(rows), vector, k=4, mask=np.array([True, False, False, True]))

    assert sorted(found.row for found in best) == [0, 3]


def test_at_most_k_rows_are_returned_the_best_first() -> None:
    rows = pictures_of(6)
    found = index_of(rows)
    vector = region_index.region_vector(rows[4], Box(0, 0, 0.6, 0.6))

    best = best_of(found, vector, k=3)

    assert [each.score for each in best] == sorted(found.scores(vector), reverse=True)[:3]


def test_an_empty_catalogue_has_no_regions() -> None:
    found = RegionIndex([], [])

    assert len(found) == 0
    assert found.scores(region_index.region_vector(pictures_of(1))).shape == (0,)
    assert best_of(found, region_index.region_vector(pictures_of(1)), k=3) == []


def test_the_numbers_of_names_and_rows_must_be_equal() -> None:
    with pytest.raises(ValueError, match="2 ids for 3 rows"):
        RegionIndex(["a", "b"], [pictures_of(3)])


def test_rows_are_found_by_id() -> None:
    found = RegionIndex(["b", "a"], [pictures_of(2)])

    assert found.ids == ("b", "a")
    assert found.row_of == {"b": 0, "a": 1}


# ---------------------------------------------------------------- with the network


@pytest.mark.parametrize("corner", CORNERS)
@pytest.mark.slow
def test_an_object_is_found_in_the_corner_where_it_is(
    trained: Network, scenes: RegionIndex, corner: str
) -> None:
    # In a picture of its own, of another size, beside other things.
    picture = Image.new("RGB", (320, 240), "white")
    ImageDraw.Draw(picture).rectangle((10, 10, 90, 230), fill="orange")
    picture.paste(wheel().resize((130, 100)), (150, 70))
    vector = region_index.embed_region(
        trained, picture, Box(150 / 320, 70 / 240, 280 / 320, 170 / 240)
    )

    [box] = scenes.where(vector, [scenes.row_of[corner]])

    left, top = CORNERS[corner]
    lies = Box(left / 224, top / 224, (left + 96) / 224, (top + 96) / 224)
    assert share_of_overlap(box, lies) > 0.4


@pytest.mark.slow
def test_the_model_without_the_object_comes_last(trained: Network, scenes: RegionIndex) -> None:
    left, top = CORNERS["top left"]
    region = Box(left / 224, top / 224, (left + 96) / 224, (top + 96) / 224)

    best = best_of(scenes, region_index.embed_region(trained, scene((left, top)), region), k=5)

    assert scenes.ids[best[0].row] == "top left"
    assert scenes.ids[best[-1].row] == "none"


@pytest.mark.slow
def test_a_region_beyond_the_edge_ends_there(trained: Network) -> None:
    picture = scene((0, 0))

    beyond = region_index.embed_region(trained, picture, Box(-0.5, -0.5, 0.5, 0.5))

    assert beyond == pytest.approx(
        region_index.embed_region(trained, picture, Box(0, 0, 0.5, 0.5)), abs=1e-6
    )
    assert np.linalg.norm(beyond) == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize("region", [Box(0.5, 0, 0.5, 1), Box(0.9, 0, 0.1, 1), Box(1.2, 0, 1.5, 1)])
@pytest.mark.slow
def test_a_region_without_a_pixel_is_refused(trained: Network, region: Box) -> None:
    with pytest.raises(ValueError, match="contains no pixel"):
        region_index.embed_region(trained, scene(None), region)
