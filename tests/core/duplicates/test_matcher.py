"""Pairs of pictures that may be near-duplicates."""

from dataclasses import replace

import pytest
from PIL import Image, ImageOps

from core.catalogue import Catalogue, Item, StoredMask
from core.duplicates import registration
from core.duplicates.matcher import Matcher, metadata_amount, read_cutout
from core.pictures import encoding
from tests.core.duplicates.support import filled, png, thing
from tests.served_files import thumbnail_file


def symmetric() -> Image.Image:
    whole = thing(5)
    left = whole.crop((0, 0, 100, 200))
    whole.paste(ImageOps.mirror(left), (100, 0))
    return whole


def cut_out(catalogue: Catalogue, item: Item, box: tuple[int, int, int, int]) -> None:
    """Store a mask of the item's picture that shows only what is in `box`, of 200 pixels."""
    mask = Image.new("L", (200, 200))
    mask.paste(255, box)
    catalogue.masks.add([(item, StoredMask("mask", 0.9, encoding.png(mask)))])


def test_fields_that_are_filled_in_count_before_tags() -> None:
    bare = Item(source_id="1", name="Chair", tags=("a", "b", "c"))
    full = replace(bare, tags=(), category="Seats", creator="Ada")

    assert metadata_amount(bare) == (1, 3)
    assert metadata_amount(full) == (3, 0)
    assert metadata_amount(full) > metadata_amount(bare)


def test_copies_of_one_file_are_represented_by_the_one_with_the_most_metadata() -> None:
    catalogue = filled([png(thing(1)), png(thing(1)), png(thing(2))])
    first, second, other = catalogue.items.find()
    second = replace(second, category="Seats")

    matcher = Matcher(catalogue, [first, second, other])

    assert matcher.singles == [second, other]
    assert matcher.copies == [(second.id, first.id)]
    assert matcher.best(first.id, second.id) == (1.0, False)
    assert matcher.scores == {}, "nothing had to be compared"
    assert matcher.size(first) == (200, 200)


def test_a_pair_is_compared_once_in_either_order(monkeypatch: pytest.MonkeyPatch) -> None:
    catalogue = filled([png(thing(1)), png(ImageOps.mirror(thing(1)))])
    one, other = catalogue.items.ids()
    matcher = Matcher(catalogue, catalogue.items.find())

    assert matcher.score(one, other, True) > 0.9 > matcher.score(one, other, False)

    monkeypatch.setattr(registration, "register", lambda *_: pytest.fail("compared again"))
    assert matcher.best(other, one) == (matcher.score(one, other, True), True)


def test_a_symmetric_object_is_not_mirrored() -> None:
    catalogue = filled([png(symmetric()), png(symmetric().resize((120, 120)))])
    one, other = catalogue.items.ids()
    matcher = Matcher(catalogue, catalogue.items.find())

    score, is_mirrored = matcher.best(one, other)

    assert score > 0.8 and not is_mirrored
    assert matcher.score(one, other, True) == pytest.approx(score, abs=0.1)


def test_what_a_mask_leaves_out_is_compared_as_the_background() -> None:
    box = (50, 50, 150, 150)
    pictures = []
    for ground in ("white", "white", "navy"):
        picture = Image.new("RGB", (200, 200), ground)
        picture.paste(thing(3).crop(box), box)
        pictures.append(picture)
    pictures[1] = pictures[1].resize((220, 220))
    catalogue = filled(map(png, pictures))
    small, large, navy = catalogue.items.find()
    cut_out(catalogue, navy, box)

    matcher = Matcher(catalogue, [small, large, navy])

    assert not matcher.has_other_background(small, large), "neither has a mask"
    assert matcher.has_other_background(small, navy)
    assert not matcher.has_other_background(navy, navy)


def test_a_lost_picture_is_replaced_by_its_thumbnail_and_one_without_both_matches_nothing() -> None:
    catalogue = filled([png(thing(1)), png(thing(2))])
    lost, gone = catalogue.items.find()
    for item in (lost, gone):
        next(catalogue.folder.glob(f"originals/*/{item.digest}.*")).unlink()
    thumbnail_file(catalogue, gone.id).unlink()
    matcher = Matcher(catalogue, [lost, gone])

    found = read_cutout(catalogue, lost)

    assert found is not None and found.original.size == (160, 160)
    assert read_cutout(catalogue, gone) is None
    assert matcher.size(gone) == (0, 0)
    assert matcher.best(lost.id, gone.id) == (0.0, False)


def test_a_thumbnail_is_preferred_unless_the_object_is_cut_out_of_the_picture() -> None:
    catalogue = filled([png(thing(1)), png(thing(2))])
    plain, masked = catalogue.items.find()
    cut_out(catalogue, masked, (50, 50, 150, 150))

    sizes = []
    for item in (plain, masked):
        cut = read_cutout(catalogue, item, prefer_thumbnail=True)
        assert cut is not None
        sizes.append(cut.original.size)

    assert sizes == [(160, 160), (200, 200)]
