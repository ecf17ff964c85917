"""The views of pictures, and which part of the picture they show."""

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from core.descriptors.model_input import interpretations
from core.pictures import WHOLE, resizing
from core.vision import cutout, ink
from core.vision.cutout import Cutout, find_object
from core.vision.preprocessing import (
    crop_object,
    has_no_lines,
    is_blank,
    is_drawing,
    line_drawing,
    shown_part,
    squash,
)
from tests.core.vision.support import (
    BLACK,
    COLOURS,
    RED,
    WHITE,
    Colour,
    blank,
    noise,
    with_rectangle,
)

# ---------------------------------------------------------------- test data


def cut(picture: Image.Image) -> Cutout:
    """Return the object that is found without the network, or the whole picture."""
    return cutout.find_object(picture) or cutout.whole(picture)


def figure(side: int) -> Image.Image:
    """Draw an object without any symmetry."""
    picture = blank(side, side)
    draw = ImageDraw.Draw(picture)
    draw.ellipse((0, 0, side - 1, side - 1), fill=(40, 90, 200))
    draw.rectangle((side * 0.5, side * 0.2, side * 0.8, side * 0.4), fill=(250, 210, 40))
    draw.rectangle((side * 0.2, side * 0.6, side * 0.4, side * 0.8), fill=(30, 30, 30))
    return picture


def placed(thing: Image.Image, left: int, top: int, *, side: int = 256) -> Image.Image:
    picture = blank(side, side)
    picture.paste(thing, (left, top))
    return picture


def house(draw: ImageDraw.ImageDraw, unit: float, pen: int) -> None:
    draw.rectangle((unit * 2, unit * 5, unit * 8, unit * 9), outline=BLACK, width=pen)
    roof = [(unit * 2, unit * 5), (unit * 5, unit), (unit * 8, unit * 5)]
    draw.line(roof, fill=BLACK, width=pen, joint="curve")
    draw.rectangle((unit * 4, unit * 6.5, unit * 5.5, unit * 9), outline=BLACK, width=pen)


def face(draw: ImageDraw.ImageDraw, unit: float, pen: int) -> None:
    draw.ellipse((unit, unit, unit * 9, unit * 9), outline=BLACK, width=pen)
    draw.ellipse((unit * 3, unit * 3, unit * 4, unit * 4), outline=BLACK, width=pen)
    draw.ellipse((unit * 6, unit * 3, unit * 7, unit * 4), outline=BLACK, width=pen)
    draw.arc((unit * 3, unit * 3, unit * 7, unit * 7.5), 20, 160, fill=BLACK, width=pen)


def scribble(draw: ImageDraw.ImageDraw, unit: float, pen: int) -> None:
    wave = [
        (unit * (1 + step / 25), unit * (5 + 3.5 * math.sin(step / 9) * math.cos(step / 31)))
        for step in range(200)
    ]
    draw.line(wave, fill=BLACK, width=pen, joint="curve")


def cross(width: int, colour: Colour) -> Image.Image:
    """Draw a filled cross whose arms are `width` wide."""
    picture = with_rectangle((40, 128 - width // 2, 216, 128 + width // 2), colour=colour)
    picture.paste(colour, (128 - width // 2, 40, 128 + width // 2, 216))
    return picture


Draw = Callable[[ImageDraw.ImageDraw, float, int], None]
DRAWINGS = pytest.mark.parametrize("draw", [house, face, scribble])


def drawing(draw: Draw, *, side: int, pen: int) -> Image.Image:
    picture = blank(side, side)
    draw(ImageDraw.Draw(picture), side / 10, pen)
    return picture


# ---------------------------------------------------------------- squash


@pytest.mark.parametrize("size", [(224, 224), (256, 256), (640, 360), (31, 200), (1, 1), (225, 3)])
def test_squash_samples_the_whole_picture_by_nearest_neighbour(
    size: tuple[int, int],
) -> None:
    """Like `keras.utils.load_img(target_size=(224, 224))` in the recipe of 2016."""
    picture = noise(*size)
    squashed = squash(picture)
    assert (squashed.shape, squashed.dtype) == ((224, 224, 3), np.uint8)
    np.testing.assert_array_equal(squashed, picture.resize((224, 224), Image.Resampling.NEAREST))


@pytest.mark.parametrize("size", [(300, 360), (31, 200), (1, 1), (225, 3)])
def test_each_pixel_of_squash_is_the_one_under_its_centre(size: tuple[int, int]) -> None:
    picture = noise(*size)
    columns, rows = (((np.arange(224) + 0.5) * length / 224).astype(int) for length in size)
    np.testing.assert_array_equal(squash(picture), np.asarray(picture)[rows][:, columns])


def test_squash_returns_a_picture_of_its_size_unchanged() -> None:
    picture = noise(224, 224)
    np.testing.assert_array_equal(squash(picture), np.asarray(picture))


def test_finding_an_object_does_not_change_the_picture() -> None:
    picture = placed(figure(200), 300, 300, side=900)
    before = picture.copy()
    found = find_object(picture)
    assert found is not None
    (
        crop_object(found),
        line_drawing(found),
        is_drawing(cut(picture)),
    )
    assert picture.size == before.size
    assert picture.tobytes() == before.tobytes()


# ---------------------------------------------------------------- crop_object


def test_crop_object_without_a_plain_ground_is_the_squashed_picture() -> None:
    for picture in (noise(300, 200), blank()):
        squashed = squash(picture)
        view = crop_object(cut(picture), squashed=squashed)
        assert view.pixels is squashed
        assert view.part == WHOLE


def test_crop_object_shares_the_squashed_pixels_if_the_object_fills_them() -> None:
    picture = placed(figure(200), 20, 30)
    squashed = squash(picture)
    view = crop_object(cut(picture), squashed=squashed)
    assert view.pixels is squashed
    np.testing.assert_array_equal(crop_object(cut(picture)).pixels, squashed)
    part = view.part
    # The part is a square around the object, with a margin.
    assert part.left < 20 / 256 < 220 / 256 < part.right
    assert part.top < 30 / 256 < 230 / 256 < part.bottom
    assert part.right - part.left == pytest.approx(1.08 * 200 / 256, abs=0.01)
    assert part.bottom - part.top == pytest.approx(1.08 * 200 / 256, abs=0.01)
    assert (part.left + part.right) / 2 == pytest.approx(120 / 256, abs=0.005)
    assert (part.top + part.bottom) / 2 == pytest.approx(130 / 256, abs=0.005)


@pytest.mark.parametrize(
    "picture",
    [
        pytest.param(placed(figure(100), 20, 30), id="small object"),
        pytest.param(with_rectangle((10, 5, 390, 195), size=(400, 200)), id="wide picture"),
        pytest.param(with_rectangle((5, 10, 195, 390), size=(200, 400)), id="tall picture"),
    ],
)
def test_crop_object_crops_an_object_that_is_small_or_squashed(picture: Image.Image) -> None:
    squashed = squash(picture)
    view = crop_object(cut(picture), squashed=squashed)
    assert view.part == WHOLE
    assert (view.pixels.shape, view.pixels.dtype) == ((224, 224, 3), np.uint8)
    assert not np.array_equal(view.pixels, squashed)
    assert_centred(view.pixels)


def assert_centred(pixels: np.ndarray) -> None:
    """Check that the object is centred, and fills one direction up to the margin."""
    found = find_object(Image.fromarray(pixels))
    assert found is not None
    box = found.box
    assert (box.left + box.right) / 2 == pytest.approx(0.5, abs=0.015)
    assert (box.top + box.bottom) / 2 == pytest.approx(0.5, abs=0.015)
    assert max(box.right - box.left, box.bottom - box.top) == pytest.approx(1 / 1.08, abs=0.03)


@settings(max_examples=40)
@given(side=st.integers(60, 150), left=st.integers(1, 100), top=st.integers(1, 100), ground=COLOURS)
def test_a_small_object_is_centred_in_its_own_shape_on_its_own_ground(
    side: int, left: int, top: int, ground: Colour
) -> None:
    assume(max(abs(a - b) for a, b in zip(ground, RED, strict=True)) > 60)
    height = side // 2
    picture = with_rectangle((left, top, left + side, top + height), ground=ground)
    pixels = crop_object(cut(picture)).pixels
    assert_centred(pixels)
    assert tuple(pixels[0, 0]) == tuple(pixels[-1, -1]) == ground
    found = find_object(Image.fromarray(pixels))
    assert found is not None
    across, down = found.box.right - found.box.left, found.box.bottom - found.box.top
    assert across / down == pytest.approx(side / height, rel=0.06)


@settings(max_examples=40)
@given(
    side=st.integers(48, 150),
    left=st.integers(1, 104),
    top=st.integers(1, 104),
    aside=st.booleans(),
)
def test_crop_object_does_not_change_when_a_small_object_moves(
    side: int, left: int, top: int, aside: bool
) -> None:
    thing = figure(side)
    moved = crop_object(cut(placed(thing, left, 1 if aside else top))).pixels
    middle = crop_object(cut(placed(thing, (256 - side) // 2, (256 - side) // 2))).pixels
    difference = np.abs(moved.astype(np.int16) - middle)
    assert difference.mean() < 1


@pytest.mark.parametrize(("width", "height"), [(256, 256), (400, 256)])
def test_the_shown_part_is_in_shares_of_the_picture(width: int, height: int) -> None:
    picture = blank(width, height)
    picture.paste(figure(100), (90, 130))

    part = shown_part(cut(picture))

    left, right = round(part.left * width), round(part.right * width)
    top, bottom = round(part.top * height), round(part.bottom * height)
    expected = np.asarray(picture.crop((left, top, right, bottom)).resize((224, 224)))
    assert np.abs(crop_object(cut(picture)).pixels.astype(np.int16) - expected).mean() < 2
    assert shown_part(cut(picture), as_drawing=True) == part


def test_the_shown_part_of_a_large_object_is_the_part_that_counts() -> None:
    picture = placed(figure(240), 0, 16)
    assert shown_part(cut(picture)) == crop_object(cut(picture)).part
    assert shown_part(cut(picture)).left < 0


def test_without_an_object_the_picture_is_shown_or_a_square_around_it_as_a_drawing() -> None:
    picture = noise(300, 200)

    assert shown_part(cut(picture)) == WHOLE
    square = shown_part(cut(picture), as_drawing=True)
    assert (square.left, square.right) == pytest.approx((-0.04, 1.04))
    assert (square.top, square.bottom) == pytest.approx((0.5 - 0.81, 0.5 + 0.81))


@pytest.mark.parametrize("size", [(1, 1), (1, 300), (300, 1), (2, 2), (5000, 4)])
def test_odd_sizes_have_every_view(size: tuple[int, int]) -> None:
    for picture in (noise(*size), blank(*size)):
        for view in (crop_object(cut(picture)), line_drawing(cut(picture))):
            assert (view.pixels.shape, view.pixels.dtype) == ((224, 224, 3), np.uint8)
        assert not is_drawing(cut(picture))


# ---------------------------------------------------------------- line_drawing


def test_a_line_drawing_is_black_strokes_on_white_where_colours_meet() -> None:
    pixels = line_drawing(cut(placed(figure(200), 28, 28))).pixels
    assert set(np.unique(pixels)) == {0, 255}
    assert (pixels == pixels[..., :1]).all(), "strokes without colour"
    ink = pixels[..., 0] == 0
    assert 0.02 < ink.mean() < 0.25
    assert not ink[:4].any() and not ink[:, -4:].any(), "the margin is white"
    # Around the dark rectangle there are strokes, inside it and inside the ellipse none.
    place = [round(224 * (0.04 + share) / 1.08) for share in (0.2, 0.3, 0.4, 0.6, 0.7, 0.8)]
    assert ink[place[4], place[0] - 3 : place[0] + 4].any()
    assert ink[place[3] - 3 : place[3] + 4, place[1]].any()
    assert not ink[place[4] - 3 : place[4] + 4, place[1] - 3 : place[1] + 4].any()


def test_the_line_drawing_of_an_empty_page_is_empty() -> None:
    assert (line_drawing(cut(blank())).pixels == 255).all()


@DRAWINGS
def test_a_drawing_is_not_drawn_again(draw: Draw) -> None:
    picture = placed(drawing(draw, side=200, pen=3), 120, 30, side=400)
    pixels = line_drawing(cut(picture)).pixels
    np.testing.assert_array_equal(pixels, crop_object(cut(picture)).pixels)
    assert_centred(pixels)


# ---------------------------------------------------------------- is it a drawing?


@DRAWINGS
@pytest.mark.parametrize(
    ("side", "pen"), [(224, 2), (224, 5), (280, 3), (400, 4), (400, 8), (1000, 6), (1000, 20)]
)
def test_strokes_on_white_are_a_drawing(draw: Draw, side: int, pen: int) -> None:
    assert is_drawing(cut(drawing(draw, side=side, pen=pen)))


@DRAWINGS
def test_a_drawing_may_be_small_and_in_a_corner(draw: Draw) -> None:
    assert is_drawing(cut(placed(drawing(draw, side=200, pen=4), 190, 10, side=400)))


@pytest.mark.parametrize(
    "picture",
    [
        pytest.param(blank(), id="blank"),
        pytest.param(blank(ground=BLACK), id="all black"),
        pytest.param(with_rectangle((60, 60, 200, 200), colour=BLACK), id="black square"),
        pytest.param(cross(34, BLACK), id="black cross"),
        pytest.param(cross(6, RED), id="thin red cross"),
        pytest.param(with_rectangle((60, 60, 200, 200)), id="red square"),
        pytest.param(with_rectangle((60, 60, 200, 200), colour=(120, 120, 120)), id="grey square"),
        pytest.param(figure(256), id="coloured shapes"),
        pytest.param(placed(figure(120), 30, 80), id="small coloured shapes"),
        pytest.param(noise(256, 256), id="noise"),
        pytest.param(placed(noise(120, 120), 60, 60), id="noise on white"),
        pytest.param(
            with_rectangle((60, 60, 200, 200), ground=BLACK, colour=WHITE), id="white on black"
        ),
    ],
)
def test_other_pictures_are_no_drawings(picture: Image.Image) -> None:
    assert not is_drawing(cut(picture))


# ---------------------------------------------------------------- has_no_lines


def tiles(side: int, cell: int, *, colours: bool) -> Image.Image:
    """Draw noise of squares, grey or in colours."""
    across = side // cell
    fine = noise(across, across)
    if not colours:
        fine = fine.getchannel("R").convert("RGB")
    return fine.resize((side, side), Image.Resampling.NEAREST)


def specks(side: int) -> Image.Image:
    """Draw black specks on 3 % of a white picture."""
    picture = np.full((side, side, 3), 255, np.uint8)
    picture[np.random.default_rng(1).random((side, side)) < 0.03] = 0
    return Image.fromarray(picture)


def refused(picture: Image.Image) -> bool:
    """Return whether a picture that is to be compared as a drawing has no lines."""
    [(compared, _)] = interpretations(picture, "drawing")
    found = compared if isinstance(compared, Cutout) else cut(compared)
    return has_no_lines(found, line_drawing(found))


@pytest.mark.parametrize(
    "picture",
    [
        *[
            pytest.param(tiles(side, cell, colours=colours), id=f"{side}-{cell}-{colours}")
            for side, cell in [
                (64, 1),
                (256, 1),
                (448, 1),
                (448, 4),
                (700, 2),
                (1024, 1),
                (1024, 8),
            ]
            for colours in (False, True)
        ],
        pytest.param(noise(900, 400), id="wide"),
        pytest.param(noise(300, 1200), id="tall"),
        *[pytest.param(specks(side), id=f"specks-{side}") for side in (64, 128, 256, 448, 1024)],
        pytest.param(blank(ground=(120, 120, 120)), id="grey"),
        pytest.param(blank(600, 90), id="white"),
    ],
)
def test_noise_and_specks_have_no_lines(picture: Image.Image) -> None:
    """The edge of the picture itself, against what is put around it, is none of its lines."""
    assert refused(picture)


@DRAWINGS
@pytest.mark.parametrize("side", [64, 256, 900])
@pytest.mark.parametrize("share", [1.0, 0.3])
def test_drawings_have_lines(draw: Draw, side: int, share: float) -> None:
    """Large or small, on paper and on the sketch pad."""
    picture = drawing(draw, side=round(side * share), pen=max(1, round(side * share / 50)))
    picture = placed(picture, side // 3, side // 3, side=side) if share < 1 else picture

    assert not refused(picture)
    drawn = ink.on_white(picture)
    assert not has_no_lines(drawn, line_drawing(drawn))


def test_a_drawn_square_has_lines() -> None:
    picture = blank()
    ImageDraw.Draw(picture).rectangle((20, 20, 236, 236), outline=BLACK, width=4)

    assert not refused(picture)


def test_a_picture_is_blank_if_it_differs_no_more_than_by_a_cameras_noise() -> None:
    assert is_blank(blank(ground=(90, 10, 200)))
    grain = np.random.default_rng(0).normal(240, 4, (768, 1024, 3))
    assert is_blank(Image.fromarray(grain.astype(np.uint8)))

    for ground, thing in ((255, 250), (0, 5)):
        picture = blank(ground=(ground,) * 3)
        ImageDraw.Draw(picture).ellipse((60, 60, 180, 200), fill=(thing,) * 3)
        assert not is_blank(picture)
    # So much noise that its mean at 64 x 64 pixels hardly varies.
    assert not is_blank(resizing.shrink(noise(16_384, 200)))
