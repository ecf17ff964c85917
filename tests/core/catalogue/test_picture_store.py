"""Pictures and thumbnails are stored, found to be lost, and restored."""

import os
import re
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.catalogue import Catalogue, CatalogueError, Item, Picture, UnknownItem
from core.settings import PROJECT
from tests.core.catalogue.support import add, map_of, numbered, picture_of
from tests.served_files import file_at, served_folder, thumbnail_file


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
    thumbnail_file(catalogue, second.id).unlink()
    assert catalogue.pictures.lost_thumbnails() == [second]
    shutil.rmtree(served_folder(catalogue))
    assert catalogue.pictures.lost_thumbnails() == [first, second, third]
    catalogue.pictures.restore_thumbnail(third, b"anew")
    assert catalogue.pictures.lost_thumbnails() == [first, second]
    assert catalogue.pictures.thumbnail(third.id) == b"anew"


def test_a_thumbnail_is_stored_below_static_under_a_safe_name(catalogue: Catalogue) -> None:
    (item,) = add(catalogue, Item(source_id="../../../etc/passwd", name="x"))
    path = thumbnail_file(catalogue, item.id)
    assert path.resolve().is_relative_to(PROJECT / "static" / "thumbnails")
    assert re.fullmatch(r"[a-z2-7]{13}\.webp", path.name)


def test_a_model_belongs_to_one_of_two_items_with_the_same_picture(catalogue: Catalogue) -> None:
    solid, flat = numbered(2)
    with_model = replace(picture_of("same"), model=b"a model")
    catalogue.items.add([(solid, with_model), (flat, picture_of("same"))])
    solid, flat = catalogue.items.find()
    assert catalogue.pictures.model_url(flat) is None

    shutil.rmtree(served_folder(catalogue))
    catalogue.pictures.restore_thumbnail(solid, b"anew")
    assert catalogue.pictures.model_url(solid) is not None

    # Without its model, as when that has become too large, no earlier one is shown.
    catalogue.items.add([(solid, picture_of("same"))])
    assert catalogue.pictures.model_url(solid) is None


def test_after_a_crash_the_later_of_two_served_files_counts(catalogue: Catalogue) -> None:
    url = catalogue.pictures.serve("atlas", b"1")
    older = file_at(url).with_name(f"atlas-{'0' * 16}.json")
    older.write_bytes(b"0")
    os.utime(older, (1, 1))
    assert catalogue.pictures.served_url("atlas") == url


# ---------------------------------------------------------------- bytes


def bytes_on_disk(catalogue: Catalogue) -> int:
    folder = catalogue.folder / "originals"
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def all_bytes(catalogue: Catalogue) -> int:
    files = (path for path in catalogue.folder.rglob("*") if path.is_file())
    return sum(path.stat().st_size for path in files)


def rich_picture(text: str) -> Picture:
    """Return a picture with everything that can be stored beside it."""
    return replace(
        picture_of(text, squashed=b"pixels of " + text.encode()),
        viewpoints={"front": b"front of " + text.encode(), "top": b"top"},
        model=b"model of " + text.encode(),
    )


def test_the_byte_count_is_that_of_the_files_after_every_change(catalogue: Catalogue) -> None:
    assert catalogue.pictures.byte_count == 0
    first, second, third = numbered(3)
    steps: list[Callable[[], object]] = [
        lambda: catalogue.items.add([(first, picture_of("one")), (second, rich_picture("two"))]),
        # Two items with the same picture share its files, whether added together or later.
        lambda: catalogue.items.add([(third, picture_of("one"))]),
        lambda: catalogue.items.add(
            (item, rich_picture("same")) for item in (replace(first, source_id="a"), first)
        ),
        # The same picture again, and then another model beside it.
        lambda: catalogue.items.add([(second, rich_picture("two"))]),
        lambda: catalogue.items.add(
            [(second, replace(rich_picture("two"), model=b"another, much longer model"))]
        ),
        lambda: catalogue.items.add([(second, picture_of("changed"))]),
        lambda: catalogue.items.update_facts([replace(first, name="Sofa")]),
        lambda: catalogue.items.remove([third.id]),
        lambda: catalogue.sweep(),
        lambda: catalogue.items.add([(third, picture_of("one more"))]),
    ]
    for step in steps:
        step()
        assert catalogue.pictures.byte_count == bytes_on_disk(catalogue) > 0
        assert catalogue.summary().bytes == all_bytes(catalogue)


def test_sweep_counts_what_a_crash_left_uncounted(
    catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = numbered(2)
    catalogue.items.add([(first, picture_of("one"))])
    assert catalogue.pictures.byte_count == bytes_on_disk(catalogue)

    def crash(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(catalogue.pictures, "register", crash)
        with pytest.raises(KeyboardInterrupt):
            catalogue.items.add([(second, picture_of("two"))])
    catalogue.items.add([(second, picture_of("two"))])
    (catalogue.folder / "originals" / "00").mkdir(exist_ok=True)
    (catalogue.folder / "originals" / "00" / ("0" * 64 + ".png")).write_bytes(b"left behind")

    catalogue.sweep()

    assert catalogue.pictures.byte_count == bytes_on_disk(catalogue) == len(b"one" + b"two")


def test_the_bytes_of_a_catalogue_of_an_earlier_version_are_counted_once(
    furniture: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It stores no count."""
    with closing(sqlite3.connect(furniture.folder / "catalogue.db")) as db:
        db.execute("DELETE FROM settings WHERE key = 'picture bytes'")
        db.commit()
    opened = Catalogue("things")
    assert opened.pictures.byte_count == bytes_on_disk(furniture) > 0

    def walk(*_: object) -> None:
        raise AssertionError("the files were looked at again")

    expected = bytes_on_disk(furniture)
    with monkeypatch.context() as patch:
        patch.setattr(os, "scandir", walk)
        assert opened.pictures.byte_count == expected


def test_a_summary_looks_at_no_picture_and_makes_no_map(
    furniture: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    items = furniture.items.find()
    furniture.map.save(map_of([item.id for item in items], np.zeros((7, 2), np.float32), "m"))
    furniture.summary()
    scandir = os.scandir

    def list_no_picture(path: Path) -> object:
        assert "originals" not in Path(path).parts
        return scandir(path)

    def load(*_: object) -> None:
        raise AssertionError("the whole map was loaded")

    with monkeypatch.context() as patch:
        patch.setattr(os, "scandir", list_no_picture)
        patch.setattr(furniture.map, "load", load)
        assert furniture.summary().mapped == 7
