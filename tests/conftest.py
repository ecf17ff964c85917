"""What all tests share: data of their own, and small pictures that differ."""

import io
import random
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import hypothesis
import pytest
from PIL import Image, ImageDraw

from core import settings

# How long an example takes depends on what else the machine does.
hypothesis.settings.register_profile("lookalike", deadline=None)
hypothesis.settings.load_profile("lookalike")

MakePicture = Callable[..., bytes]


@pytest.fixture(autouse=True)
def data_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Keep each test's catalogues in its own folder, and take its thumbnails away afterwards."""
    monkeypatch.setenv("LOOKALIKE_DATA", str(tmp_path))
    thumbnails = settings.thumbnails_root()
    assert thumbnails.name.startswith("at-"), "these would be the product's own thumbnails"
    yield
    shutil.rmtree(thumbnails, ignore_errors=True)


@pytest.fixture(scope="session")
def picture() -> MakePicture:
    """Return `picture(number, size=(64, 64))`: a PNG of a shape on white, another for each number.

    The shape is an ellipse, a rectangle or a triangle, of a colour, place and
    size that follow from the number alone.
    """

    def make(number: int, *, size: tuple[int, int] = (64, 64)) -> bytes:
        chance = random.Random(number)
        width, height = size
        left, right = chance.uniform(0.05, 0.3) * width, chance.uniform(0.7, 0.95) * width
        top, bottom = chance.uniform(0.05, 0.3) * height, chance.uniform(0.7, 0.95) * height
        colour = (number % 200, number // 200 % 200, 60)
        image = Image.new("RGB", size, "white")
        draw = ImageDraw.Draw(image)
        match number % 3:
            case 0:
                draw.ellipse((left, top, right, bottom), fill=colour)
            case 1:
                draw.rectangle((left, top, right, bottom), fill=colour)
            case _:
                corners = [(left, bottom), (right, bottom), ((left + right) / 2, top)]
                draw.polygon(corners, fill=colour)
        file = io.BytesIO()
        image.save(file, "PNG")
        return file.getvalue()

    return make
