"""The contact sheet: results in order, whatever their names and pictures."""

import hashlib
import io
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from PIL import Image

from core.catalogue import Catalogue, Item, Picture
from core.export import contact_sheet
from core.pictures import resizing
from core.search import Neighbour, Results
from tests.served_files import thumbnail_file

Colour = tuple[int, int, int]

COLOURS: list[Colour] = [(200, 30, 40), (30, 160, 60), (40, 60, 200), (220, 180, 30)]


def stored(catalogue: Catalogue, colour: Colour, **said: Any) -> Item:
    """Return an item of the catalogue whose picture has a single colour."""
    image = Image.new("RGB", (256, 256), colour)
    file = io.BytesIO()
    image.save(file, "PNG")
    digest = hashlib.sha256(file.getvalue()).hexdigest()
    picture = Picture(
        digest=digest,
        original=file.getvalue(),
        extension="png",
        thumbnail=resizing.thumbnail(image),
    )
    item = replace(Item(source_id=f"item {catalogue.items.count()}", name="A model"), **said)
    catalogue.items.add([(item, picture)])
    return catalogue.items.get(item.id)


def results_of(items: Sequence[Item]) -> Results:
    """Return the items as results with falling scores."""
    neighbours = (
        Neighbour(item, rank, score=0.987654321 - rank / 100, z_score=4.0)
        for rank, item in enumerate(items, start=1)
    )
    return Results(tuple(neighbours), candidates=1600, z_cutoff=3.0)


def sheet(catalogue: Catalogue, items: Sequence[Item], **options: object) -> Image.Image:
    options = {"title": "Lookalikes"} | options
    data = contact_sheet.draw(results_of(items), catalogue=catalogue, **options)  # type: ignore[arg-type]
    image = Image.open(io.BytesIO(data))
    image.load()
    assert (image.format, image.mode) == ("PNG", "RGB")
    return image


def is_like(pixel: object, colour: Colour) -> bool:
    """Return whether a pixel has the colour, within the errors of WebP."""
    assert isinstance(pixel, tuple)
    return all(abs(one - other) <= 12 for one, other in zip(pixel, colour, strict=True))


def places(image: Image.Image, colour: Colour) -> tuple[int, int, int, int]:
    """Return the box around all pixels of about the colour: left, top, right, bottom."""
    bands = image.split()
    near = Image.new("L", image.size, 255)
    for band, level in zip(bands, colour, strict=True):
        close = band.point([255 * (abs(value - level) <= 12) for value in range(256)])
        near.paste(0, mask=close.point([255 - value for value in range(256)]))
    box = near.getbbox()
    assert box is not None, f"nothing of the colour {colour}"
    return box


@pytest.fixture
def catalogue() -> Catalogue:
    return Catalogue.create("things", title="Some things")


def test_sheet_shows_the_query_and_then_the_results_in_order(catalogue: Catalogue) -> None:
    items = [stored(catalogue, colour) for colour in COLOURS]
    asked: Colour = (150, 0, 150)
    image = sheet(catalogue, items, query=[Image.new("RGB", (300, 200), asked)])
    boxes = [places(image, colour) for colour in COLOURS]
    assert boxes == sorted(boxes), "from left to right"
    assert len({(top, bottom) for _, top, _, bottom in boxes}) == 1, "in one row"
    widths = {right - left for left, _, right, _ in boxes}
    assert len(widths) == 1 and widths.pop() >= 250, "at the size of the stored picture"
    question = places(image, asked)
    assert question[0] == boxes[0][0] and question[3] < boxes[0][1]
    assert round((question[2] - question[0]) / (question[3] - question[1]), 1) == 1.5


@pytest.mark.parametrize("count", [0, 1, 2, 9, 18, 24, 25, 72, 100])
def test_sheet_fits_all_results_and_stays_within_its_limits(
    catalogue: Catalogue, count: int
) -> None:
    first = stored(catalogue, COLOURS[0], name="First")
    last = stored(catalogue, COLOURS[1], name="Last")
    items = [first] * max(0, count - 1) + [last] * min(1, count)
    image = sheet(catalogue, items)
    assert image.width <= 2000 and image.height <= 3000
    if count:
        left, top, right, bottom = places(image, COLOURS[1])
        assert right - left >= 150 and bottom - top >= 150
        assert right <= image.width - 40 and bottom <= image.height - 80, "its text fits"


def test_only_the_first_hundred_results_are_shown(catalogue: Catalogue) -> None:
    item, beyond = stored(catalogue, COLOURS[0]), stored(catalogue, COLOURS[1])
    image = sheet(catalogue, [item] * contact_sheet.MAX_RESULTS + [beyond] * 50)
    assert image.height <= 3000
    with pytest.raises(AssertionError, match="nothing of the colour"):
        places(image, COLOURS[1])


def test_same_results_give_the_same_bytes(catalogue: Catalogue) -> None:
    results = results_of([stored(catalogue, colour, name="木 🪑 Ω") for colour in COLOURS])
    sheets = {contact_sheet.draw(results, catalogue=catalogue, title="T") for _ in range(2)}
    assert len(sheets) == 1


def test_caption_has_rank_score_name_licence_and_creator(catalogue: Catalogue) -> None:
    plain = stored(catalogue, COLOURS[0], name="Chair")
    below = (0, places(sheet(catalogue, [plain]), COLOURS[0])[3] + 2)

    def text(item: Item, *, rank: int = 1, score: float = 0.5) -> bytes:
        data = contact_sheet.draw(
            Results((Neighbour(item, rank, score, z_score=4.0),), candidates=9, z_cutoff=3.0),
            catalogue=catalogue,
            title="",
        )
        image = Image.open(io.BytesIO(data))
        return image.crop((*below, *image.size)).tobytes()

    def other(**said: Any) -> Item:
        return replace(Item(source_id=plain.source_id, name="Chair"), **said)

    told = {
        text(other()),
        text(other(name="Stool")),
        text(other(licence="MIT")),
        text(other(creator="Zoë")),
        text(other(), rank=2),
        text(other(), score=0.51),
    }
    assert len(told) == 6
    assert text(other(), score=0.501) == text(other()), "two decimals"
    assert text(other(name=" Chair\n")) == text(other())


@pytest.mark.parametrize(
    "name",
    [
        "",
        " \n\t",
        "Wide " * 200,
        "W" * 5000,
        "木の椅子" * 30,
        "كرسي خشبي - 3 أرجل " * 20,
        "Ωμέγα Стул כיסא เก้าอี้ हिन्दी 의자",
        "🪑👩‍🚀🏳️‍🌈" * 20,
        "\x00\x07\ufeff\u202e\u0301",
        "\U0010ffff\ue000\uffff",
    ],
)
def test_no_name_breaks_the_sheet_or_overflows(catalogue: Catalogue, name: str) -> None:
    first = stored(catalogue, COLOURS[0])
    second = stored(catalogue, COLOURS[1])
    items = [first, Item(source_id=first.source_id, name=name, creator=name), second, first]
    image = sheet(catalogue, items, title=name)
    left, _, right, bottom = places(image, COLOURS[1])
    plain = sheet(catalogue, [items[0], items[0], second, first], title="")
    assert places(plain, COLOURS[1]) == places(image, COLOURS[1])
    below = (left - 4, bottom + 2, right, image.height)
    assert image.crop(below).tobytes() == plain.crop(below).tobytes()
    margin = (image.width - 40, 0, image.width, image.height)
    assert image.crop(margin).getextrema() == ((255, 255),) * 3


@pytest.mark.parametrize("count", [2, 30])
def test_missing_picture_is_a_grey_tile(catalogue: Catalogue, count: int) -> None:
    gone, there = stored(catalogue, COLOURS[0], name="Gone"), stored(catalogue, COLOURS[1])
    items = [gone, *[there] * (count - 1)]
    box = places(sheet(catalogue, items), COLOURS[0])

    def pixel() -> object:
        image = sheet(catalogue, items)
        places(image, COLOURS[1])
        return image.getpixel(((box[0] + box[2]) // 2, (box[1] + box[3]) // 2))

    thumbnail = thumbnail_file(catalogue, gone.id)
    kept = thumbnail.read_bytes()
    thumbnail.unlink()
    assert is_like(pixel(), COLOURS[0]), "the original is used"
    thumbnail.write_bytes(kept)
    for path in (catalogue.folder / "originals").glob(f"*/{gone.digest}.*"):
        path.write_bytes(b"damaged")
    assert is_like(pixel(), COLOURS[0]), "the thumbnail is used"
    thumbnail.write_bytes(b"")
    assert is_like(pixel(), (236, 238, 243))
    items[0] = Item(source_id="never taken", name="Of another catalogue")
    assert is_like(pixel(), (236, 238, 243))


def test_pictures_of_any_shape_stay_within_their_tiles(catalogue: Catalogue) -> None:
    item = stored(catalogue, COLOURS[0])
    shapes = [(1, 1), (4000, 1), (1, 4000), (3000, 2000)]
    query = [Image.new("RGB", size, COLOURS[1]) for size in shapes]
    left, top, right, bottom = places(sheet(catalogue, [item], query=query), COLOURS[1])
    result = places(sheet(catalogue, [item]), COLOURS[0])
    assert left >= result[0] and bottom < result[1] and right - left < 4 * 140 and top > 0


def test_fifty_examples_take_as_much_space_as_four(catalogue: Catalogue) -> None:
    item = stored(catalogue, COLOURS[0])
    example = Image.new("RGB", (64, 64), COLOURS[1])
    few, many = (sheet(catalogue, [item], query=[example] * count) for count in (4, 50))
    assert few.size == many.size
    assert places(few, COLOURS[1]) == places(many, COLOURS[1])
