"""The strip of a row: each square is the thumbnail of its model."""

import numpy as np
import pytest
from PIL import Image

from core.catalogue import Catalogue, Item
from core.maps import row_strip
from tests.plain_picture import plain_picture
from tests.served_files import file_at, thumbnail_file


@pytest.fixture
def catalogue() -> Catalogue:
    created = Catalogue.create("things")
    items = [Item(source_id=str(number), name=f"Thing {number}") for number in range(3)]
    created.items.add((item, plain_picture(number)) for number, item in enumerate(items))
    return created


def test_strip_shows_the_thumbnails_from_left_to_right(catalogue: Catalogue) -> None:
    items = catalogue.items.find()

    url = row_strip.serve(catalogue, "row-0", items)

    assert url is not None
    with Image.open(file_at(url)) as strip:
        side = strip.height
        assert strip.width == side * len(items)
        for number, item in enumerate(items):
            with Image.open(thumbnail_file(catalogue, item.id)) as thumbnail:
                expected = np.asarray(thumbnail.convert("RGB"), float)
            square = strip.convert("RGB").crop((number * side, 0, (number + 1) * side, side))
            assert abs(np.asarray(square, float) - expected).mean() < 5


def test_other_models_replace_the_strip_under_another_url(catalogue: Catalogue) -> None:
    items = catalogue.items.find()
    before = row_strip.serve(catalogue, "row-0", items)

    after = row_strip.serve(catalogue, "row-0", items[1:])

    assert before is not None
    assert after is not None
    assert before != after
    assert not catalogue.pictures.is_served(before)


def test_row_without_all_of_its_thumbnails_has_no_strip(catalogue: Catalogue) -> None:
    items = catalogue.items.find()
    thumbnail_file(catalogue, items[1].id).unlink()

    assert row_strip.serve(catalogue, "row-0", items) is None
    assert row_strip.serve(catalogue, "row-0", []) is None
