"""A search, written for the browser's tab and read from it."""

import io
import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from components.search import kept_search
from components.shared.query_picture import QueryPicture
from components.shared.session import SearchContents
from core.pictures import Box
from core.search import ItemsExample, PictureExample, colours
from core.vision import cutout

# Of a JPEG of little loss, in levels of 256.
TOLERANCE = 12


def _picture(shade: int) -> Image.Image:
    picture = Image.new("RGB", (40, 32), "white")
    picture.paste((shade, 80, 120), (8, 8, 30, 24))
    return picture


def _png() -> bytes:
    file = io.BytesIO()
    _picture(0).save(file, "PNG")
    return file.getvalue()


PICTURES = st.integers(0, 255).map(_picture)
REGIONS = st.sampled_from([None, Box(0.1, 0.2, 0.5, 1.0), Box(0.0, 0.0, 1.0, 1.0)])
WEIGHTS = st.sampled_from([-2.0, -1.0, 0.5, 1.0, 2.0, 5.0])
QUERIES = st.builds(
    QueryPicture,
    picture=PICTURES,
    from_sketch_pad=st.just(False),
    likely=st.sampled_from(["drawing", "picture", "either"]),
    region=REGIONS,
    whole=st.booleans(),
    weight=WEIGHTS,
)
EXAMPLES = st.builds(
    PictureExample,
    picture=PICTURES,
    region=REGIONS,
    query_kind=st.sampled_from(["auto", "photo", "drawing"]),
    weight=WEIGHTS,
) | st.builds(
    ItemsExample, item_ids=st.lists(st.text(), min_size=1, max_size=9).map(tuple), weight=WEIGHTS
)
SEARCHES = st.builds(
    SearchContents,
    query=st.none() | QUERIES,
    drawing=st.none() | st.just(_png()),
    examples=st.lists(EXAMPLES, max_size=4).map(tuple),
)


def pixels(picture: Image.Image) -> np.ndarray:
    return np.asarray(picture, np.int16)


def same(one: PictureExample | QueryPicture, other: PictureExample | QueryPicture) -> bool:
    differences = np.abs(pixels(one.picture) - pixels(other.picture))
    return bool(differences.max() <= TOLERANCE) and one.region == other.region


@given(st.text(max_size=8), SEARCHES)
def test_an_encoded_search_is_decoded(number: str, search: SearchContents) -> None:
    decoded = kept_search.decode(kept_search.encode(number, search))

    assert decoded is not None
    found_number, found = decoded
    assert found_number == number
    assert found.drawing == search.drawing
    assert (found.query is None) == (search.query is None)
    if search.query is not None and found.query is not None:
        assert same(found.query, search.query)
        assert found.query.whole == search.query.whole
        assert found.query.likely == search.query.likely
    assert len(found.examples) == len(search.examples)
    for one, other in zip(found.examples, search.examples, strict=True):
        assert one.weight == other.weight
        if isinstance(other, ItemsExample):
            assert one == other
        else:
            assert isinstance(one, PictureExample)
            assert same(one, other)
            assert one.query_kind == other.query_kind


def test_a_drawing_that_is_searched_with_stays_the_query() -> None:
    query = QueryPicture(_picture(0), from_sketch_pad=True, likely="drawing")
    decoded = kept_search.decode(kept_search.encode("", SearchContents(query, _png())))
    assert decoded is not None and decoded[1].query is not None
    assert decoded[1].query.from_sketch_pad
    assert decoded[1].drawing == _png()


def test_an_example_that_is_compared_as_a_whole_stays_so() -> None:
    example = PictureExample(_picture(0), cut=cutout.whole(_picture(0)))
    decoded = kept_search.decode(kept_search.encode("", SearchContents(examples=(example,))))
    assert decoded is not None
    [found] = decoded[1].examples
    assert isinstance(found, PictureExample)
    assert found.cut is not None and found.cut.basis == "whole"


def test_a_coloured_drawing_among_the_examples_keeps_its_colours() -> None:
    picture = Image.new("RGB", (448, 448), "white")
    picture.paste((213, 94, 0), (100, 200, 348, 208))
    drawn = QueryPicture(picture, from_sketch_pad=True, likely="drawing").example("auto")
    before = colours.of_drawings([drawn])

    decoded = kept_search.decode(kept_search.encode("", SearchContents(examples=(drawn,))))

    assert decoded is not None and before is not None
    [found] = decoded[1].examples
    assert isinstance(found, PictureExample)
    assert colours.of_drawings([found]) == pytest.approx(before, abs=0.02)
    assert found.cut is not None and found.cut.basis == "ink"


@given(st.text() | st.recursive(st.none() | st.integers(), st.lists).map(json.dumps))
def test_any_other_text_is_no_search(text: str) -> None:
    assert kept_search.decode(text) is None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("drawing", "not base64!"),
        ("drawing", 7),
        ("traced", "AAAA"),
        ("query", {}),
        ("query", {"picture": "AAAA", "region": None, "likely": "picture", "whole": False}),
        ("query", {"picture": "AAAA", "region": None, "likely": "cat", "whole": False}),
        ("examples", 3),
        ("examples", [{"items": [], "weight": 1}]),
        ("examples", [{"items": ["a"], "weight": 0}]),
        ("examples", [{"items": ["a"], "weight": "nan"}]),
    ],
)
def test_a_damaged_search_is_none(name: str, value: Any) -> None:
    stored = json.loads(kept_search.encode("", SearchContents(drawing=_png())))
    assert kept_search.decode(json.dumps({**stored, name: value})) is None
