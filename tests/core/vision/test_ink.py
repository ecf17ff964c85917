"""Ink is separated from its paper, whatever light falls on it."""

import numpy as np
import pytest
from PIL import Image, ImageDraw

from core.pictures.colour import WHITE
from core.vision import ink

SIDE = 320


def strokes(side: int = SIDE) -> Image.Image:
    """Return a house in black strokes on white, mode L."""
    picture = Image.new("L", (side, side), 255)
    draw = ImageDraw.Draw(picture)
    corners = [(0.3, 0.45), (0.5, 0.25), (0.7, 0.45), (0.7, 0.75), (0.3, 0.75), (0.3, 0.45)]
    draw.line([(side * x, side * y) for x, y in corners], fill=0, width=side // 60)
    return picture


def photographed(*, brightest: float, darkest: float, strength: float = 0.85) -> Image.Image:
    """Return the house on paper that is darker to the right, with some grain."""
    random = np.random.default_rng(1)
    covered = 1 - np.asarray(strokes(), np.float32) / 255
    light = np.linspace(brightest, darkest, SIDE, dtype=np.float32)[None]
    levels = light * (1 - strength * covered) + random.normal(0, 1.5, covered.shape)
    return Image.fromarray(levels.clip(0, 255).astype(np.uint8)).convert("RGB")


@pytest.mark.parametrize(
    ("brightest", "darkest"), [(255, 255), (240, 120), (150, 70)], ids=["white", "uneven", "dim"]
)
def test_a_drawing_is_black_on_white_whatever_the_light(brightest: int, darkest: int) -> None:
    picture = photographed(brightest=brightest, darkest=darkest)

    cut = ink.cut_out(picture)

    assert cut is not None
    assert (cut.basis, cut.background, cut.mask) == ("ink", WHITE, None)
    assert cut.original is picture
    edges = (cut.box.left, cut.box.top, cut.box.right, cut.box.bottom)
    assert edges == pytest.approx((0.3, 0.25, 0.7, 0.75), abs=0.02)
    found = np.asarray(cut.picture.convert("L").resize((SIDE, SIDE)), np.float32)
    drawn = np.asarray(strokes()) < 128
    assert found[drawn].mean() < 60
    assert np.median(found[~drawn]) == 255


def test_a_faint_pencil_becomes_as_dark_as_a_pen() -> None:
    pencil = ink.cut_out(photographed(brightest=230, darkest=180, strength=0.35))
    assert pencil is not None
    assert np.percentile(np.asarray(pencil.picture), 1) < 60


def test_chalk_on_a_board_becomes_ink_on_paper() -> None:
    chalk = Image.fromarray(255 - np.asarray(strokes())).convert("RGB")

    assert ink.separate(chalk).is_dark
    cut = ink.cut_out(chalk)
    assert cut is not None
    assert np.asarray(cut.picture).mean() > 200


def test_a_finger_at_the_border_is_left_out() -> None:
    picture = photographed(brightest=240, darkest=200)
    ImageDraw.Draw(picture).ellipse((-40, 200, 50, 400), fill=(120, 80, 60))

    cut = ink.cut_out(picture)

    assert cut is not None
    assert cut.box.left == pytest.approx(0.3, abs=0.02)


def test_a_drawing_that_runs_off_the_sheet_is_kept() -> None:
    picture = Image.new("RGB", (SIDE, SIDE), "white")
    ImageDraw.Draw(picture).line([(0, 0), (SIDE, SIDE)], fill="black", width=6)
    cut = ink.cut_out(picture)
    assert cut is not None
    assert (cut.box.left, cut.box.bottom) == (0, 1)


@pytest.mark.parametrize("size", [(8, 8), (1, 400), (4096, 60)])
@pytest.mark.parametrize("colour", ["white", "black", "#808080"])
def test_an_empty_sheet_has_no_ink(size: tuple[int, int], colour: str) -> None:
    assert ink.cut_out(Image.new("RGB", size, colour)) is None
