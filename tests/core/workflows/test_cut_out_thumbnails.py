"""Cut-out thumbnails: which are written, and that only what changed is written again."""

import base64
import hashlib
import io
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.catalogue import Catalogue, Item, Picture, StoredMask
from core.jobs import Cancelled, Progress
from core.maps import thumbnail_atlas
from core.maps.thumbnail_atlas import ATLAS, CUT_OUT_ATLAS
from core.pictures import encoding, resizing
from core.workflows import cut_out_thumbnails
from tests.served_files import file_at, served_folder, thumbnail_file

GROUND, OBJECT = (20, 90, 160), (220, 30, 20)
BOX = (30, 10, 60, 50)
COUNT = 5


class Cancelling(Progress):
    """Cancels the work after the first step."""

    def __init__(self) -> None:
        self.done = 0

    def advance(self, steps: int = 1, *, failed: int = 0) -> None:
        self.done += steps

    def check(self) -> None:
        if self.done:
            raise Cancelled("Cancelled.")


def picture(shade: int) -> Picture:
    """Return a red rectangle on blue, with a pixel of its own shade in the corner."""
    image = Image.new("RGB", (90, 60), GROUND)
    image.paste(OBJECT, BOX)
    image.putpixel((0, 0), (shade, shade, shade))
    data = encoding.png(image)
    digest = hashlib.sha256(data).hexdigest()
    return Picture(
        digest=digest, original=data, extension="png", thumbnail=resizing.thumbnail(image)
    )


def mask(*, left: int = BOX[0], basis: str = "mask") -> StoredMask:
    """Return the mask of the rectangle, or of a part of it that begins at `left`."""
    opacity = Image.new("L", (90, 60))
    opacity.paste(255, (left, *BOX[1:]))
    return StoredMask(basis, 0.9, encoding.png(opacity))


@pytest.fixture
def items() -> list[Item]:
    """Add two items that are cut out, and one each: unsure, plain, and without a mask."""
    catalogue = Catalogue.create("things")
    catalogue.items.add(
        (Item(source_id=str(number), name=f"Thing {number}"), picture(number))
        for number in range(COUNT)
    )
    stored = catalogue.items.find()
    masks = [mask(), mask(), mask(basis="whole"), StoredMask("plain")]
    catalogue.masks.add(list(zip(stored, masks, strict=False)))
    return stored


@pytest.fixture
def catalogue(items: list[Item]) -> Catalogue:
    return Catalogue("things")


def update(catalogue: Catalogue) -> None:
    cut_out_thumbnails.update(catalogue, progress=Progress())


def folder(catalogue: Catalogue) -> Path:
    return served_folder(catalogue) / "cut-outs"


def written(catalogue: Catalogue) -> dict[str, tuple[str, int]]:
    """Return the name and the time of each cut-out thumbnail, by item id."""
    return {
        path.name.partition(".")[0]: (path.name, path.stat().st_mtime_ns)
        for path in folder(catalogue).iterdir()
    }


def numbers(catalogue: Catalogue, items: list[Item]) -> list[int]:
    """Return which of the items have a cut-out thumbnail of their current picture."""
    current = {item.id: item for item in catalogue.items.find()}
    cut_outs = {cut_out.item_id: cut_out for cut_out in catalogue.pictures.cut_outs()}
    assert all(cut_out.is_of(current[item_id]) for item_id, cut_out in cut_outs.items())
    return [number for number, item in enumerate(items) if item.id in cut_outs]


def tiles(catalogue: Catalogue, name: str) -> dict[str, np.ndarray]:
    """Return the tiles of a served atlas, float (side, side, 3), by item id."""
    url = catalogue.pictures.served_url(name)
    assert url is not None
    atlas = json.loads(file_at(url).read_bytes())
    side, columns = atlas["side"], atlas["columns"]
    data = base64.b64decode(atlas["picture"].partition(",")[2])
    pixels = np.asarray(Image.open(io.BytesIO(data)).convert("RGB"), np.float64)
    found = {}
    for number, tile in enumerate(atlas["tiles"]):
        top, left = number // columns * side, number % columns * side
        found[tile.partition(".")[0]] = pixels[top : top + side, left : left + side]
    return found


def test_the_picture_of_an_applied_mask_is_cut_out_where_it_is_on_the_thumbnail(
    catalogue: Catalogue, items: list[Item]
) -> None:
    update(catalogue)

    assert numbers(catalogue, items) == [0, 1]
    for cut_out in catalogue.pictures.cut_outs():
        item = catalogue.items.get(cut_out.item_id)
        with Image.open(io.BytesIO(catalogue.pictures.cut_out(cut_out))) as opened:
            assert (opened.format, opened.size) == ("WEBP", (160, 160))
            pixels = np.asarray(opened.convert("RGB"), np.float64)
        with Image.open(thumbnail_file(catalogue, item.id)) as opened:
            whole = np.asarray(opened.convert("RGB"), np.float64)
        # 90 x 60 pixels are scaled by 160 / 90 and centred.
        np.testing.assert_allclose(pixels[80, 80], OBJECT, atol=12)
        np.testing.assert_allclose(pixels[80, 20], (255, 255, 255), atol=6)
        np.testing.assert_allclose(whole[80, 80], OBJECT, atol=12)
        np.testing.assert_allclose(whole[80, 20], GROUND, atol=12)


def test_a_catalogue_without_applied_masks_gets_nothing(
    catalogue: Catalogue, items: list[Item]
) -> None:
    catalogue.masks.choose("whole")
    revision, files = catalogue.revision, set(served_folder(catalogue).rglob("*"))

    update(catalogue)

    assert catalogue.revision == revision
    assert set(served_folder(catalogue).rglob("*")) == files
    assert catalogue.pictures.cut_outs() == set()


def test_nothing_is_written_again_without_a_change(catalogue: Catalogue) -> None:
    update(catalogue)
    before, revision = written(catalogue), catalogue.revision
    atlas = catalogue.pictures.served_url(CUT_OUT_ATLAS)
    assert atlas is not None
    time = file_at(atlas).stat().st_mtime_ns

    update(catalogue)

    assert (written(catalogue), catalogue.revision) == (before, revision)
    assert file_at(atlas).stat().st_mtime_ns == time


def test_a_changed_picture_is_cut_out_again_and_no_other(
    catalogue: Catalogue, items: list[Item]
) -> None:
    update(catalogue)
    before, revision = written(catalogue), catalogue.pictures.revision

    catalogue.items.add([(items[0], picture(77))])
    old = {cut_out.item_id: cut_out for cut_out in catalogue.pictures.cut_outs()}
    assert not old[items[0].id].is_of(catalogue.items.get(items[0].id)), "it is not shown"
    catalogue.masks.add([(catalogue.items.get(items[0].id), mask())])
    update(catalogue)

    after = written(catalogue)
    assert numbers(catalogue, items) == [0, 1]
    assert after[items[0].id][0] != before[items[0].id][0]
    assert after[items[1].id] == before[items[1].id]
    assert catalogue.pictures.revision > revision


def test_another_mask_of_the_same_picture_has_another_name(
    catalogue: Catalogue, items: list[Item]
) -> None:
    update(catalogue)
    before = written(catalogue)

    catalogue.masks.add([(items[1], mask(left=45))])
    update(catalogue)

    after = written(catalogue)
    assert after[items[0].id] == before[items[0].id]
    assert after[items[1].id][0] != before[items[1].id][0]
    assert len(list(folder(catalogue).iterdir())) == 2, "the old one is gone"


def test_a_choice_adds_and_deletes_what_it_concerns(
    catalogue: Catalogue, items: list[Item]
) -> None:
    update(catalogue)
    before = written(catalogue)

    catalogue.masks.choose("whole", item_ids=[items[0].id])
    catalogue.masks.choose("object", item_ids=[items[2].id, items[3].id])
    update(catalogue)

    assert numbers(catalogue, items) == [1, 2], "a plain background needs no mask"
    assert written(catalogue)[items[1].id] == before[items[1].id]

    catalogue.masks.choose("auto", item_ids=[items[0].id, items[2].id])
    update(catalogue)
    assert {name for name, _ in written(catalogue).values()} == {
        name for name, _ in before.values()
    }


def test_a_hidden_item_has_none_until_it_is_restored(
    catalogue: Catalogue, items: list[Item]
) -> None:
    update(catalogue)
    catalogue.items.hide([items[0].id], kept=items[4].id)
    update(catalogue)
    assert numbers(catalogue, items) == [1]
    assert items[0].id not in tiles(catalogue, CUT_OUT_ATLAS)

    catalogue.items.restore_hidden([items[0].id])
    update(catalogue)
    assert numbers(catalogue, items) == [0, 1]
    assert items[0].id in tiles(catalogue, CUT_OUT_ATLAS)


def test_all_goes_when_no_mask_is_applied_any_more(catalogue: Catalogue) -> None:
    thumbnail_atlas.serve(catalogue, catalogue.items.find(), progress=Progress())

    def files() -> set[Path]:
        found = [*served_folder(catalogue).rglob("*"), *catalogue.folder.rglob("*.npz")]
        return {path for path in found if path.is_file()}

    before = files()
    update(catalogue)

    catalogue.masks.choose("whole")
    update(catalogue)

    assert files() == before


def test_the_atlas_shows_cut_outs_and_else_thumbnails(
    catalogue: Catalogue, items: list[Item]
) -> None:
    thumbnail_atlas.serve(catalogue, items, progress=Progress())
    update(catalogue)

    plain, cut_out = tiles(catalogue, ATLAS), tiles(catalogue, CUT_OUT_ATLAS)

    assert list(plain) == list(cut_out) == [item.id for item in items]
    for number, item in enumerate(items):
        expected = (255, 255, 255) if number in (0, 1) else GROUND
        np.testing.assert_allclose(plain[item.id][14:18, 3:6].mean((0, 1)), GROUND, atol=25)
        np.testing.assert_allclose(cut_out[item.id][14:18, 3:6].mean((0, 1)), expected, atol=25)


def test_a_picture_that_is_lost_has_none_and_keeps_no_other_from_it(
    catalogue: Catalogue, items: list[Item]
) -> None:
    [file] = catalogue.folder.glob(f"originals/*/{items[0].digest}.png")
    file.unlink()
    update(catalogue)
    assert numbers(catalogue, items) == [1]


def test_cut_outs_that_were_lost_are_written_again(catalogue: Catalogue, items: list[Item]) -> None:
    update(catalogue)
    shutil.rmtree(served_folder(catalogue))
    update(catalogue)
    assert numbers(catalogue, items) == [0, 1]
    assert catalogue.pictures.served_url(CUT_OUT_ATLAS) is not None


def test_a_cancelled_update_is_continued(catalogue: Catalogue, items: list[Item]) -> None:
    with pytest.raises(Cancelled):
        cut_out_thumbnails.update(catalogue, progress=Cancelling())
    before = written(catalogue)
    assert len(before) == 1

    update(catalogue)

    assert numbers(catalogue, items) == [0, 1]
    assert before.items() <= written(catalogue).items()


def test_files_of_other_names_are_no_cut_outs(catalogue: Catalogue, items: list[Item]) -> None:
    update(catalogue)
    for name in ("a.b.c.webp", f"{items[0].id}.webp", f"{items[0].id}.0.1.png"):
        (folder(catalogue) / name).write_bytes(b"stray")
    assert numbers(catalogue, items) == [0, 1]


def test_bytes_are_counted_and_all_is_removed_with_the_catalogue(catalogue: Catalogue) -> None:
    update(catalogue)
    files = (path for path in catalogue.folder.rglob("*") if path.is_file())
    assert catalogue.summary().bytes == sum(path.stat().st_size for path in files)

    served = served_folder(catalogue)
    assert (served / "cut-outs").is_dir()
    Catalogue.remove("things")
    assert not served.exists()
