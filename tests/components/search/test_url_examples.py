"""The models of a search, written to its URL and read from it."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.search import url_examples
from core.pictures import Box
from core.search import ItemExample
from core.search.query import MAX_WEIGHT

IDS = st.text(string.ascii_lowercase + "234567", min_size=13, max_size=13)
TENTHS = int(10 * MAX_WEIGHT)
WEIGHTS = st.integers(-TENTHS, TENTHS).filter(bool).map(lambda tenths: tenths / 10)


@st.composite
def boxes(draw: st.DrawFn) -> Box:
    """Draw boxes in whole percents."""
    sides = [
        sorted(draw(st.lists(st.integers(0, 100), min_size=2, max_size=2, unique=True)))
        for _ in range(2)
    ]
    (left, right), (top, bottom) = sides
    return Box(left / 100, top / 100, right / 100, bottom / 100)


MODELS = st.builds(ItemExample, item_id=IDS, weight=WEIGHTS, region=st.none() | boxes())


@given(st.lists(MODELS, min_size=1, max_size=24))
def test_encoded_models_are_decoded(models: list[ItemExample]) -> None:
    assert [url_examples.decode(part) for part in url_examples.encode(models).split("~")] == models


@given(
    st.floats(0, 0.99),
    st.floats(0, 0.99),
    st.floats(0.001, 1, exclude_min=True),
    st.floats(0.001, 1),
)
def test_no_region_is_lost_however_narrow(
    left: float, top: float, width: float, height: float
) -> None:
    box = Box(left, top, min(1, left + width), min(1, top + height))

    found = url_examples.decode(url_examples.encode([ItemExample("a" * 13, region=box)]))

    assert found is not None and found.region is not None
    kept = found.region
    for here, there in zip(
        (kept.left, kept.top, kept.right, kept.bottom),
        (box.left, box.top, box.right, box.bottom),
        strict=True,
    ):
        assert here == pytest.approx(there, abs=0.0101)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a",
        "A" * 13,
        "a" * 14,
        "a" * 13 + ".x",
        "a" * 13 + ".x0",
        "a" * 13 + ".x9",
        "a" * 13 + ".x-5.1",
        "a" * 13 + ".x1e3",
        "a" * 13 + ".r0-0-0-0",
        "a" * 13 + ".r60-0-40-100",
        "a" * 13 + ".r0-0-101-100",
        "a" * 13 + ".r0-0-100",
        "a" * 13 + ".r0-0-100-100.x2",
        "../../../etc",
        "<script>alert()",
    ],
)
def test_invalid_text_is_decoded_as_none(text: str) -> None:
    assert url_examples.decode(text) is None
