"""As what a picture is compared: what a person chose, or what it is taken for."""

import pytest
from PIL import Image

from components.shared.query_picture import QueryPicture
from core.descriptors import QueryKind
from core.pictures import Box
from core.vision import cutout
from core.vision.drawing_detector import Likely

PICTURE = Image.new("RGB", (40, 30), "white")


@pytest.mark.parametrize(
    ("likely", "chosen", "whole", "kind"),
    [
        ("picture", "auto", False, "photo"),
        ("drawing", "auto", False, "drawing"),
        ("either", "auto", False, "auto"),
        ("either", "auto", True, "photo"),
        ("drawing", "auto", True, "drawing"),
        ("drawing", "photo", False, "photo"),
        ("picture", "drawing", True, "drawing"),
    ],
)
def test_the_choice_of_a_person_goes_before_what_is_likely(
    likely: Likely, chosen: QueryKind, whole: bool, kind: QueryKind
) -> None:
    query = QueryPicture(PICTURE, from_sketch_pad=False, likely=likely, whole=whole)

    assert query.query_kind(chosen) == kind
    drawn = QueryPicture(PICTURE, from_sketch_pad=True, likely=likely, whole=whole)
    assert drawn.query_kind(chosen) == "drawing"


def test_an_example_has_the_object_unless_more_than_it_is_compared() -> None:
    region = Box(0, 0, 0.5, 1)
    cut = cutout.whole(PICTURE)
    query = QueryPicture(
        PICTURE, from_sketch_pad=False, likely="either", region=region, weight=-2.0
    )

    object_alone, both = query.example("photo", cut=cut), query.example("auto", cut=cut)

    assert (object_alone.cut, object_alone.query_kind) == (cut, "photo")
    assert (both.cut, both.query_kind) == (None, "auto")
    assert (both.region, both.weight, both.from_sketch_pad) == (region, -2.0, False)


def test_the_whole_picture_is_compared_if_a_person_wants_it() -> None:
    query = QueryPicture(PICTURE, from_sketch_pad=False, likely="picture", whole=True)

    found = query.example("auto", cut=None).cut

    assert found is not None
    assert (found.basis, found.picture) == ("whole", PICTURE)
