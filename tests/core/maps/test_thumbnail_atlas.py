"""The thumbnail atlas: every tile is where the JSON says, even if files are missing or damaged.

The atlas is decoded as a browser decodes it, and compared with the thumbnails themselves.
"""

import base64
import io
import json
from typing import Any

import numpy as np
import pytest
from PIL import Image

from core import jobs, settings
from core.catalogue import Catalogue, Item
from core.jobs import Cancelled, Job, Progress, Stage
from core.maps import thumbnail_atlas
from core.pictures import resizing
from tests.plain_picture import plain_picture
from tests.served_files import file_at, served_folder, thumbnail_file

WHITE = np.array([255.0, 255.0, 255.0])


class RecordedProgress(Progress):
    """Records the progress of a publication."""

    def __init__(self) -> None:
        self.total = 0
        self.done = 0

    def stage(self, stage: Stage, total: int = 0, *, detail: str = "") -> None:
        self.total = total

    def advance(self, steps: int = 1, *, failed: int = 0) -> None:
        self.done += steps


@pytest.fixture
def catalogue() -> Catalogue:
    return Catalogue.create("things")


def add(catalogue: Catalogue, count: int) -> list[Item]:
    """Add items whose pictures each have a different colour."""
    before = catalogue.items.count()
    catalogue.items.add(
        (Item(source_id=str(number), name=f"Thing {number}"), plain_picture(number))
        for number in range(before, before + count)
    )
    return catalogue.items.find()[-count:]


def served(catalogue: Catalogue) -> dict[str, Any]:
    url = catalogue.pictures.served_url("atlas")
    assert url is not None
    return json.loads(file_at(url).read_bytes())


def picture_in(atlas: dict[str, Any]) -> Image.Image:
    head, _, data = atlas["picture"].partition(",")
    assert head == "data:image/webp;base64"
    picture = Image.open(io.BytesIO(base64.b64decode(data, validate=True)))
    assert picture.format == "WEBP"
    return picture.convert("RGB")


def tiles_of(atlas: dict[str, Any]) -> dict[str, np.ndarray]:
    """Return the mean colour of each tile by name, cut out as the map in the page does."""
    picture, side, columns = picture_in(atlas), atlas["side"], atlas["columns"]
    found = {}
    for number, name in enumerate(atlas["tiles"]):
        left, top = number % columns * side, number // columns * side
        assert left + side <= picture.width and top + side <= picture.height
        tile = picture.crop((left, top, left + side, top + side))
        found[name] = np.asarray(tile, np.float64).mean(axis=(0, 1))
    return found


def name_of(item: Item) -> str:
    return f"{item.id}.{item.digest[:8]}"


def mean_of(catalogue: Catalogue, item: Item) -> np.ndarray:
    """Return the mean colour of an item's thumbnail."""
    with Image.open(thumbnail_file(catalogue, item.id)) as picture:
        return np.asarray(picture.convert("RGB"), np.float64).mean(axis=(0, 1))


@pytest.mark.parametrize("count", [1, 2, 5, 12, 16, 37])
def test_tiles_are_where_the_json_says(catalogue: Catalogue, count: int) -> None:
    items = add(catalogue, count)

    thumbnail_atlas.serve(catalogue, items, progress=Progress())

    found = tiles_of(served(catalogue))
    assert list(found) == [name_of(item) for item in items]
    for item in items:
        np.testing.assert_allclose(found[name_of(item)], mean_of(catalogue, item), atol=8)


def test_tile_shows_the_whole_picture_upright(
    catalogue: Catalogue,
) -> None:
    items = add(catalogue, 5)
    quarters = Image.new("RGB", (160, 160), "red")
    quarters.paste("blue", (80, 0, 160, 80))
    quarters.paste("lime", (0, 80, 80, 160))
    quarters.paste("black", (80, 80, 160, 160))
    catalogue.pictures.restore_thumbnail(items[3], resizing.thumbnail(quarters))

    thumbnail_atlas.serve(catalogue, items, progress=Progress())

    atlas = served(catalogue)
    side, columns = atlas["side"], atlas["columns"]
    left, top = 3 % columns * side, 3 // columns * side
    tile = picture_in(atlas).crop((left, top, left + side, top + side))
    small = np.asarray(tile.resize((2, 2), Image.Resampling.BOX), np.float64)
    expected = [[(255, 0, 0), (0, 0, 255)], [(0, 255, 0), (0, 0, 0)]]
    np.testing.assert_allclose(small, expected, atol=40)


@pytest.mark.parametrize("broken", [None, b"", b"RIFF", b"<html>not found</html>", "half"])
def test_missing_or_damaged_thumbnail_is_white_and_others_are_not_affected(
    catalogue: Catalogue, broken: bytes | str | None
) -> None:
    items = add(catalogue, 7)
    lost = thumbnail_file(catalogue, items[3].id)
    if broken is None:
        lost.unlink()
    else:
        whole = lost.read_bytes()
        lost.write_bytes(broken if isinstance(broken, bytes) else whole[: len(whole) // 2])

    thumbnail_atlas.serve(catalogue, items, progress=Progress())

    found = tiles_of(served(catalogue))
    np.testing.assert_allclose(found.pop(name_of(items[3])), WHITE, atol=8)
    assert len(found) == 6
    for item in items[:3] + items[4:]:
        np.testing.assert_allclose(found[name_of(item)], mean_of(catalogue, item), atol=8)


@pytest.mark.parametrize(("count", "side"), [(5_999, 40), (6_000, 20)])
def test_large_catalogue_has_small_tiles(catalogue: Catalogue, count: int, side: int) -> None:
    """Most thumbnails are missing, which keeps the test fast."""
    first, last = add(catalogue, 2)
    missing = [
        Item(source_id=f"missing {number}", name="", digest="0" * 64) for number in range(count)
    ]
    items = [first, *missing[2:], last]

    thumbnail_atlas.serve(catalogue, items, progress=Progress())

    atlas = served(catalogue)
    assert (atlas["side"], len(atlas["tiles"])) == (side, count)
    assert max(picture_in(atlas).size) <= 16_383, "what a WebP can hold"
    found = tiles_of(atlas)
    for item in (first, last):
        # Tiles of 20 pixels share blocks of 16 with their neighbours.
        np.testing.assert_allclose(found[name_of(item)], mean_of(catalogue, item), atol=30)
    np.testing.assert_allclose(found[name_of(missing[5])], WHITE, atol=8)


def test_too_many_models_have_no_atlas(catalogue: Catalogue) -> None:
    items = add(catalogue, 1)
    thumbnail_atlas.serve(catalogue, items * (thumbnail_atlas.MAX_ITEMS + 1), progress=Progress())
    assert catalogue.pictures.served_url("atlas") is None


def test_empty_catalogue_has_no_atlas(catalogue: Catalogue) -> None:
    thumbnail_atlas.serve(catalogue, [], progress=Progress())
    assert catalogue.pictures.served_url("atlas") is None


def test_progress_is_reported(catalogue: Catalogue) -> None:
    progress = RecordedProgress()
    thumbnail_atlas.serve(catalogue, add(catalogue, 9), progress=progress)
    assert (progress.total, progress.done) == (9, 9)


def test_cancelling_keeps_the_previous_atlas(catalogue: Catalogue) -> None:
    items = add(catalogue, 3)
    thumbnail_atlas.serve(catalogue, items[:2], progress=Progress())
    before = served(catalogue)

    with (
        pytest.raises(Cancelled),
        Job(catalogue.job_file, title="Drawing the map") as job,
    ):
        jobs.cancel(catalogue.job_file)
        thumbnail_atlas.serve(catalogue, items, progress=job)

    assert served(catalogue) == before


def test_publication_can_be_cancelled_half_way(catalogue: Catalogue) -> None:
    """This matters because 100,000 models take a minute."""

    class CancelledHalfWay(RecordedProgress):
        def check(self) -> None:
            if self.done > 500:
                raise Cancelled("enough")

    missing = [
        Item(source_id=f"missing {number}", name="", digest="0" * 64) for number in range(2_000)
    ]
    progress = CancelledHalfWay()
    with pytest.raises(Cancelled):
        thumbnail_atlas.serve(catalogue, missing, progress=progress)
    assert 500 < progress.done < 1_000
    assert catalogue.pictures.served_url("atlas") is None


# -- served files ------------------------------------------------------------


def files(catalogue: Catalogue) -> list[str]:
    return sorted(
        path.name for path in served_folder(catalogue).iterdir() if path.suffix != ".webp"
    )


def test_atlas_of_other_pictures_replaces_the_previous_one(catalogue: Catalogue) -> None:
    items = add(catalogue, 4)
    thumbnail_atlas.serve(catalogue, items[:3], progress=Progress())
    first = catalogue.pictures.served_url("atlas")
    thumbnail_atlas.serve(catalogue, items, progress=Progress())
    second = catalogue.pictures.served_url("atlas")

    assert first is not None and second is not None
    assert first != second, "a browser would show the one in its cache"
    assert files(catalogue) == [file_at(second).name]
    assert len(served(catalogue)["tiles"]) == 4


def test_same_atlas_keeps_its_url(catalogue: Catalogue) -> None:
    items = add(catalogue, 3)
    thumbnail_atlas.serve(catalogue, items, progress=Progress())
    first = catalogue.pictures.served_url("atlas")
    thumbnail_atlas.serve(catalogue, items, progress=Progress())
    assert catalogue.pictures.served_url("atlas") == first
    assert first is not None and files(catalogue) == [file_at(first).name]


def test_published_file_can_be_served_and_read(catalogue: Catalogue) -> None:
    url = catalogue.pictures.serve("map", b'{"a":1}')
    assert url == catalogue.pictures.served_url("map")
    assert catalogue.pictures.is_served(url)
    path = file_at(url)
    assert path.read_bytes() == b'{"a":1}'
    assert path.is_relative_to(settings.PROJECT / "static"), "Streamlit serves nothing else"
    assert path.stat().st_mode & 0o444 == 0o444


def test_other_data_has_another_url_and_the_previous_file_is_deleted(catalogue: Catalogue) -> None:
    urls: list[str] = []
    for data in (b"1", b"2", b"3", b"1"):
        urls.append(catalogue.pictures.serve("map", data))
        assert catalogue.pictures.served_url("map") == urls[-1]
        assert file_at(urls[-1]).read_bytes() == data
        assert files(catalogue) == [file_at(urls[-1]).name]
    assert len(set(urls)) == 3
    assert urls[0] == urls[3]


def test_file_published_under_another_name_stays(catalogue: Catalogue) -> None:
    one, other = catalogue.pictures.serve("map", b"1"), catalogue.pictures.serve("atlas", b"1")
    catalogue.pictures.serve("map", b"2")
    assert not catalogue.pictures.is_served(one)
    assert catalogue.pictures.served_url("atlas") == other


def test_nothing_is_published_at_first(catalogue: Catalogue) -> None:
    add(catalogue, 1)
    assert catalogue.pictures.served_url("map") is None
    catalogue.pictures.serve("atlas", b"1")
    assert catalogue.pictures.served_url("map") is None


def test_removing_a_catalogue_deletes_its_published_files(catalogue: Catalogue) -> None:
    path = file_at(catalogue.pictures.serve("map", b"1"))
    Catalogue.remove(catalogue.name)
    assert not path.exists()


def test_serving_keeps_the_thumbnails(catalogue: Catalogue) -> None:
    add(catalogue, 2)
    catalogue.pictures.serve("map", b"1")
    catalogue.pictures.serve("map", b"2")
    assert catalogue.pictures.lost_thumbnails() == []
