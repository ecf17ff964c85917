"""Pictures and thumbnails are stored, found to be lost, and restored."""

import re
import shutil

import pytest

from core.catalogue import Catalogue, CatalogueError, Item, UnknownItem
from core.settings import PROJECT
from tests.core.catalogue.support import add, numbered, picture_of


def test_an_item_that_was_never_added_has_no_original(catalogue: Catalogue) -> None:
    stranger = Item(source_id="stranger", name="Stranger")
    sentence = rf"“things” has no model with the id “{stranger.id}”"
    for read in (catalogue.pictures.original, catalogue.pictures.extension):
        with pytest.raises(UnknownItem, match=sentence):
            read(stranger)


def test_the_error_for_a_lost_picture_says_what_to_do(catalogue: Catalogue) -> None:
    (item,) = add(catalogue, *numbered(1))
    shutil.rmtree(catalogue.folder / "originals")
    with pytest.raises(CatalogueError, match=r"picture of “Number 0” is missing.*Import"):
        catalogue.pictures.original(item)


def test_the_squashed_view_is_stored_for_downscaled_pictures_only(catalogue: Catalogue) -> None:
    small, large = numbered(2)
    catalogue.items.add(
        [(small, picture_of("small")), (large, picture_of("large", squashed=b"samples"))]
    )
    small, large = catalogue.items.find()
    assert catalogue.pictures.squashed(small) is None
    assert catalogue.pictures.squashed(large) == b"samples"
    assert catalogue.pictures.original(large) == b"large"


def test_lost_thumbnails_are_found_and_restored(catalogue: Catalogue) -> None:
    first, second, third = add(catalogue, *numbered(3))
    assert catalogue.pictures.lost_thumbnails() == []
    catalogue.pictures.thumbnail(second).unlink()
    assert catalogue.pictures.lost_thumbnails() == [second]
    shutil.rmtree(catalogue.pictures.served)
    assert catalogue.pictures.lost_thumbnails() == [first, second, third]
    catalogue.pictures.restore_thumbnail(third, b"anew")
    assert catalogue.pictures.lost_thumbnails() == [first, second]
    assert catalogue.pictures.thumbnail(third).read_bytes() == b"anew"


def test_a_thumbnail_is_stored_below_static_under_a_safe_name(catalogue: Catalogue) -> None:
    (item,) = add(catalogue, Item(source_id="../../../etc/passwd", name="x"))
    path = catalogue.pictures.thumbnail(item)
    assert path.resolve().is_relative_to(PROJECT / "static" / "thumbnails")
    assert re.fullmatch(r"[a-z2-7]{13}\.webp", path.name)
