"""Registration: the placement is found, and agreement is measured in every place."""

import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from core.duplicates import registration
from core.duplicates.registration import CANVAS, Agreement, AlignedPicture, Placement
from tests.conftest import MakePicture

WHITE = (255, 255, 255)


def clock(hour: float, *, ground: str = "white", face: str = "orange") -> Image.Image:
    """Draw a clock, which differs from other clocks only in its hand."""
    picture = Image.new("RGB", (240, 240), ground)
    draw = ImageDraw.Draw(picture)
    draw.ellipse((20, 20, 220, 220), fill=face, outline="black", width=8)
    for mark in range(12):
        angle = np.pi * mark / 6
        x, y = 120 + 80 * np.sin(angle), 120 - 80 * np.cos(angle)
        draw.ellipse((x - 5, y - 5, x + 5, y + 5), fill="navy")
    angle = np.pi * hour / 6
    draw.line((120, 120, 120 + 60 * np.sin(angle), 120 - 60 * np.cos(angle)), "black", 12)
    return picture


def compared(first: Image.Image, second: Image.Image, *, mirrored: bool = False) -> Agreement:
    one, other = AlignedPicture(first), AlignedPicture(second)
    outline = registration.mirrored(other.outline()) if mirrored else other.outline()
    placement, _ = registration.register(one.outline(), outline)
    turned = Placement(placement.scale, placement.right, placement.down, mirrored)
    return registration.compare(one, other, turned)


def disc(*, spill: bool = False) -> Image.Image:
    """Return a mask of the clock, which may hold some of its background too."""
    mask = Image.new("L", (240, 240))
    draw = ImageDraw.Draw(mask)
    draw.ellipse((20, 20, 220, 220), fill=255)
    if spill:
        draw.rectangle((60, 190, 180, 232), fill=255)
    return mask


def on_ground(hour: float, ground: str, mask: Image.Image) -> AlignedPicture:
    """Return a clock on a background, cut out by a mask."""
    picture = clock(hour, ground=ground)
    cut = Image.composite(picture, Image.new("RGB", picture.size, WHITE), mask)
    return AlignedPicture(cut, mask)


def compared_on_grounds(
    first: AlignedPicture, second: AlignedPicture, *, within_masks: bool = True
) -> Agreement:
    placement, _ = registration.register(first.outline(), second.outline())
    return registration.compare(first, second, placement, within_masks=within_masks)


# -- placement -----------------------------------------------------------------


@given(
    scale=st.floats(0.91, 1.09), right=st.floats(-8, 8), down=st.floats(-8, 8), turned=st.booleans()
)
@settings(max_examples=25)
def test_placement_is_recovered_to_fractions_of_a_pixel(
    scale: float, right: float, down: float, turned: bool
) -> None:
    """The oracle: the picture drawn by Pillow with this placement."""
    aligned = AlignedPicture(clock(4))
    pixels, _ = aligned.canvas(Placement(scale, right, down))
    moved = pixels[:, ::-1] if turned else pixels
    edges = registration._coarser(registration._edges(moved), 2)
    outline = registration.mirrored(edges) if turned else edges

    placement, correlation = registration.register(outline, aligned.outline())

    assert placement.scale == pytest.approx(scale, abs=0.005)
    assert (placement.right, placement.down) == pytest.approx((right, down), abs=0.5)
    assert correlation > 0.95


def test_the_sketch_of_a_mirrored_outline_is_that_of_the_mirrored_picture() -> None:
    picture = clock(2)
    turned = picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT)

    one = registration.sketch(registration.mirrored(AlignedPicture(picture).outline()))
    other = registration.sketch(AlignedPicture(turned).outline())

    assert one.shape == (512,)
    assert one @ other / np.linalg.norm(one) / np.linalg.norm(other) > 0.98


# -- agreement ------------------------------------------------------------


def test_picture_agrees_with_itself_everywhere() -> None:
    agreement = compared(clock(1), clock(1))

    assert agreement.least > 0.99
    assert agreement.edges > 0.99
    assert agreement.lost == pytest.approx(0, abs=0.01)
    assert agreement.missing == agreement.beyond == pytest.approx(0, abs=0.01)
    assert agreement.recoloured == 0
    assert agreement.difference < 0.002


def test_single_place_that_differs_decides() -> None:
    """Two clocks that differ only in their hands are not the same."""
    agreement = compared(clock(1), clock(5))

    assert agreement.edges > 0.8
    assert agreement.least < 0.4


def test_consistent_change_of_colours_is_accepted() -> None:
    agreement = compared(clock(1), clock(1, face="royalblue"))

    assert agreement.least > 0.85
    assert agreement.recoloured > 0.5
    assert agreement.difference > 0.1


def face(skin: str, hair: str) -> Image.Image:
    picture = Image.new("RGB", (240, 240), "white")
    draw = ImageDraw.Draw(picture)
    draw.ellipse((40, 30, 200, 190), fill=hair)
    draw.ellipse((60, 60, 180, 230), fill=skin)
    for left in (85, 135):
        draw.ellipse((left, 110, left + 20, 135), fill="white")
        draw.ellipse((left + 5, 118, left + 15, 130), fill="black")
    draw.chord((95, 160, 145, 205), 0, 180, fill="white")
    return picture


def test_edge_may_disappear_where_two_colours_become_one() -> None:
    """Dark hair is barely visible against a dark face."""
    assert compared(face("#ffcf9f", "#302522"), face("#54382e", "#4a3028")).least > 0.75


def test_missing_detail_is_not_taken_for_a_change_of_colour() -> None:
    empty = Image.new("RGB", (240, 240), "white")
    draw = ImageDraw.Draw(empty)
    draw.ellipse((20, 20, 220, 220), fill="red")
    draw.ellipse((45, 45, 195, 195), fill="white")
    smoking = empty.copy()
    ImageDraw.Draw(smoking).rectangle((75, 105, 160, 125), fill="saddlebrown")
    for sign in (empty, smoking):
        ImageDraw.Draw(sign).line((65, 65, 175, 175), "red", 22)

    assert compared(smoking, empty).least < 0.7


def test_light_on_dark_agrees_with_dark_on_light() -> None:
    inverted = Image.eval(clock(7), lambda value: 255 - value)

    assert compared(clock(7), inverted).least > 0.85


def test_mirrored_picture_agrees_only_when_mirrored_back() -> None:
    turned = clock(2).transpose(Image.Transpose.FLIP_LEFT_RIGHT)

    assert compared(clock(2), turned, mirrored=True).least > 0.95
    assert compared(clock(2), turned).least < 0.5


def test_only_the_visible_part_of_a_cropped_picture_is_compared() -> None:
    whole = clock(3).crop((20, 20, 220, 220))

    agreement = compared(whole, whole.crop((8, 8, 192, 192)))

    assert agreement.least > 0.85
    assert agreement.missing == pytest.approx(1 - 184**2 / 200**2, abs=0.03)
    assert agreement.beyond < 0.02
    assert 0.02 < agreement.lost < 0.4


def test_wider_frame_is_reported_and_changes_nothing_else() -> None:
    wide = Image.new("RGB", (480, 480), "white")
    wide.paste(clock(3), (60, 90))

    agreement = compared(clock(3), wide)

    assert agreement.least > 0.95
    assert agreement.beyond == pytest.approx(0.75, abs=0.02)
    assert agreement.missing < 0.02


# -- odd pictures ------------------------------------------------------------------


def test_pictures_of_a_single_colour_are_compared_by_colour() -> None:
    red, red_too, blue = (Image.new("RGB", (70, 50), one) for one in ("red", "#fd0201", "blue"))
    blank = AlignedPicture(red).outline()

    assert not blank.any()
    assert registration.register(blank, blank) == (Placement(), 1)
    assert registration.register(blank, AlignedPicture(clock(1)).outline())[1] == 0
    assert compared(red, red_too).least == 1
    assert compared(red, blue).least == 0
    assert compared(red, clock(1)).least < 0.5


@pytest.mark.parametrize("size", [(1, 1), (8, 8), (300, 40), (2, 300), (3000, 4)])
def test_pictures_of_any_size_can_be_compared(size: tuple[int, int], picture: MakePicture) -> None:
    """A strip thinner than an edge, as in the last two sizes, agrees with nothing."""
    odd = Image.open(io.BytesIO(picture(1))).resize(size)
    pixels, inside = AlignedPicture(odd).canvas(Placement())

    assert pixels.shape == (CANVAS, CANVAS, 3)
    assert inside.shape == (CANVAS, CANVAS)
    expected = 0 if max(size) > 50 * min(size) else 1
    assert compared(odd, odd).least == pytest.approx(expected, abs=0.01)
    assert compared(odd, clock(1)).least < 0.5


def test_pictures_that_do_not_overlap_do_not_agree() -> None:
    one = AlignedPicture(clock(1))

    agreement = registration.compare(one, one, Placement(right=1000))

    assert (agreement.least, agreement.lost) == (0, 1)


# -- within masks ---------------------------------------------------------


def test_what_masks_get_wrong_at_their_borders_does_not_count() -> None:
    one = on_ground(4, "seagreen", disc())
    other = on_ground(4, "navy", disc(spill=True))

    assert compared_on_grounds(one, other, within_masks=False).least < 0.7
    assert compared_on_grounds(one, other).least > 0.9


def test_what_differs_inside_masks_counts() -> None:
    one, other = on_ground(4, "seagreen", disc()), on_ground(9, "navy", disc(spill=True))

    assert compared_on_grounds(one, other).least < 0.5


def test_masks_that_do_not_agree_are_not_used() -> None:
    half = disc()
    half.paste(0, (120, 0, 240, 240))
    one, other = on_ground(4, "seagreen", disc()), on_ground(4, "navy", half)

    within, whole = (
        compared_on_grounds(one, other, within_masks=within_masks) for within_masks in (True, False)
    )

    assert within == whole


def test_featureless_objects_agree_if_their_colours_do() -> None:
    def plain(colour: str, ground: str) -> AlignedPicture:
        picture = Image.new("RGB", (240, 240), ground)
        ImageDraw.Draw(picture).ellipse((20, 20, 220, 220), fill=colour)
        cut = Image.composite(picture, Image.new("RGB", picture.size, WHITE), disc())
        return AlignedPicture(cut, disc())

    one = plain("orange", "seagreen")

    assert compared_on_grounds(one, plain("orange", "navy")).least == 1
    assert compared_on_grounds(one, plain("teal", "navy")).least == 0
