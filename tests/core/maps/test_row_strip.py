"""The strip of a row: each square is the thumbnail of its model."""

import hashlib
import io

import numpy as np
import pytest
from PIL import Image

from core.catalogue import Catalogue, Item, Picture
from core.maps import row_strip
from core.pictures import resizing

COLOURS = ((200, 30, 40), (30, 160, 60), (40, 60, 210))


@pytest.fixture
def catalogue() -> Catalogue:
    return Catalogue.create("things")


def add(catalogue: Catalogue) -> list[Item]:
    added = []
    for number, colour in enumerate(COLOURS):
        file = io.BytesIO()
        image = Image.new("RGB", (64, 64), colour)
        image.save(file, "PNG")
        picture = Picture(
            digest=hashlib.sha256(file.getvalue()).hexdigest(),
            original=file.getvalue(),
            extension="png",
            thumbnail=resizing.thumbnail(image),
        )
        added.append((Item(source_id=str(number), name=f"Thing {number}"), picture))
    catalogue.items.add(added)
    return catalogue.items.find()


def test_strip_shows_the_thumbnails_from_left_to_right(catalogue: Catalogue) -> None:
    items = add(catalogue)

    path = row_strip.publish(catalogue, "row-0", items)

    assert path is not None
    with Image.open(path) as strip:
        side = strip.height
        assert strip.width == side * len(items)
        for number, item in enumerate(items):
            with Image.open(catalogue.pictures.thumbnail(item)) as thumbnail:
                expected = np.asarray(thumbnail.convert("RGB"), float)
            square = strip.convert("RGB").crop((number * side, 0, (number + 1) * side, side))
            assert abs(np.asarray(square, float) - expected).mean() < 5


def test_other_models_replace_the_strip_under_another_url(catalogue: Catalogue) -> None:
    items = add(catalogue)
    before = row_strip.publish(catalogue, "row-0", items)

    after = row_strip.publish(catalogue, "row-0", items[1:])

    assert before is not None
    assert after is not None
    assert before != after
    assert not before.exists()


def test_row_without_all_of_its_thumbnails_has_no_strip(catalogue: Catalogue) -> None:
    items = add(catalogue)
    catalogue.pictures.thumbnail(items[1]).unlink()

    assert row_strip.publish(catalogue, "row-0", items) is None
    assert row_strip.publish(catalogue, "row-0", []) is None
