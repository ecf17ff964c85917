"""Drawings are told from photographs and renders."""

import numpy as np
import pytest
from PIL import Image, ImageDraw

from core.vision import drawing_detector


def cup(width: int, *, ink: str = "black", paper: str = "white", fill: str = "") -> Image.Image:
    """Return a drawing of a cup with strokes `width` pixels wide."""
    picture = Image.new("RGB", (320, 320), paper)
    draw = ImageDraw.Draw(picture)
    draw.arc((210, 110, 290, 210), -100, 100, fill=ink, width=width)
    draw.polygon([(60, 80), (220, 80), (200, 250), (80, 250)], fill=fill or paper)
    corners = [(60, 80), (220, 80), (200, 250), (80, 250), (60, 80)]
    draw.line(corners, fill=ink, width=width, joint="curve")
    draw.line([(90, 120), (180, 120)], fill=ink, width=width)
    return picture


def on_dim_paper(picture: Image.Image) -> Image.Image:
    """Return a picture in the light of one side, with grain."""
    random = np.random.default_rng(2)
    light = np.linspace(0.85, 0.5, picture.width)[None, :, None]
    levels = np.asarray(picture) * light + random.normal(0, 2, (*picture.size, 3))
    return Image.fromarray(levels.clip(0, 255).astype(np.uint8))


def shaded_ball() -> Image.Image:
    """Return a render: a ball with light and shade on white."""
    y, x = np.mgrid[-1:1:320j, -1:1:320j]
    height = np.sqrt(np.clip(0.64 - x * x - y * y, 0, None))
    light = np.clip(0.3 + 0.7 * (height * 0.8 - x * 0.4 - y * 0.4), 0, 1)
    levels = np.where((x * x + y * y < 0.64)[..., None], light[..., None] * [220, 90, 60], 255)
    return Image.fromarray(levels.astype(np.uint8))


@pytest.mark.parametrize(
    "picture",
    [
        pytest.param(cup(3), id="thin"),
        pytest.param(cup(8), id="thick"),
        pytest.param(cup(5, ink="#1a3fa8"), id="blue ballpoint"),
        pytest.param(cup(5, ink="white", paper="black"), id="white on black"),
        pytest.param(on_dim_paper(cup(5)), id="photographed paper"),
        pytest.param(on_dim_paper(cup(4, ink="#555555")), id="pencil"),
    ],
)
def test_drawings_are_known_for_drawings(picture: Image.Image) -> None:
    assert drawing_detector.detect(picture) == "drawing"


def test_a_render_is_not_taken_for_a_drawing() -> None:
    assert drawing_detector.detect(shaded_ball()) == "picture"


def test_a_photograph_is_not_taken_for_a_drawing() -> None:
    random = np.random.default_rng(3)
    rough = Image.fromarray(random.integers(0, 256, (9, 12, 3), np.uint8))
    fine = random.integers(-20, 20, (300, 400, 3))
    levels = np.asarray(rough.resize((400, 300), Image.Resampling.BICUBIC)) + fine
    photograph = Image.fromarray(levels.clip(0, 255).astype(np.uint8))
    assert drawing_detector.detect(photograph) == "picture"


@pytest.mark.parametrize("size", [(1, 1), (8, 8), (3, 500), (2000, 5)])
def test_any_picture_has_statistics(size: tuple[int, int]) -> None:
    for colour in ("white", "black", "red"):
        assert np.isfinite(drawing_detector.statistics(Image.new("RGB", size, colour))).all()
