"""As what a query's picture is compared, and which view of it."""

import numpy as np
import pytest
from PIL import Image, ImageDraw

from core.descriptors import COMPACT, PUBLISHED, QueryKind, model_input
from core.vision import cutout, drawing_detector, preprocessing
from core.vision.cutout import Cutout
from core.vision.drawing_detector import Likely


def drawing() -> Image.Image:
    picture = Image.new("RGB", (200, 120), "white")
    ImageDraw.Draw(picture).ellipse((70, 30, 130, 90), outline="black", width=4)
    return picture


@pytest.mark.parametrize(
    ("likely", "query_kind", "expected"),
    [
        ("drawing", "auto", ["drawing"]),
        ("either", "auto", ["drawing", "picture"]),
        ("picture", "auto", ["picture"]),
        ("drawing", "photo", ["picture"]),
        ("picture", "drawing", ["drawing"]),
        ("either", "drawing", ["drawing"]),
    ],
)
def test_a_person_knows_better_what_a_picture_is(
    monkeypatch: pytest.MonkeyPatch, likely: Likely, query_kind: QueryKind, expected: list[str]
) -> None:
    monkeypatch.setattr(drawing_detector, "detect", lambda picture: likely)

    found = model_input.interpretations(drawing(), query_kind)

    assert [kind for _, kind in found] == expected
    has_ink = [isinstance(compared, Cutout) for compared, _ in found]
    assert has_ink == [kind == "drawing" and likely != "picture" for kind in expected]


def test_a_drawing_that_is_all_ink_is_compared_as_a_picture(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(drawing_detector, "detect", lambda picture: "drawing")
    blank = Image.new("RGB", (100, 100), "black")

    assert model_input.interpretations(blank, "auto") == [(blank, "picture")]
    assert model_input.interpretations(blank, "drawing") == [(blank, "drawing")]


def test_a_cut_out_is_compared_as_it_is() -> None:
    cut = cutout.whole(drawing())

    assert model_input.interpretations(cut, "auto") == [(cut, "picture")]
    assert model_input.interpretations(cut, "drawing") == [(cut, "drawing")]


def test_each_descriptor_has_a_view_of_its_own() -> None:
    cut = cutout.find_object(drawing())
    assert cut is not None

    published = model_input.model_input(PUBLISHED, cut, query_kind="drawing").pixels
    photo = model_input.model_input(COMPACT, cut, query_kind="photo").pixels
    drawn = model_input.model_input(COMPACT, cut, query_kind="drawing").pixels

    np.testing.assert_array_equal(published, preprocessing.squash(cut.original))
    np.testing.assert_array_equal(photo, preprocessing.crop_object(cut).pixels)
    np.testing.assert_array_equal(drawn, preprocessing.line_drawing(cut).pixels)
    assert not np.array_equal(published, photo)
