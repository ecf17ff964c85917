"""Coloured drawings: found by their lines, and then in the order of their colours."""

import hashlib
from collections.abc import Sequence

import numpy as np
import pytest
from PIL import Image, ImageDraw

from core import search
from core.catalogue import Catalogue, Item, Picture
from core.descriptors import Embedded, QueryKind
from core.pictures import decoding, encoding, resizing
from core.search import PictureExample, Query, Results, colours
from core.similarity import Index
from core.vision import ink
from core.vision.cutout import Cutout
from tests.served_files import thumbnail_file

COLOURS = {
    "red": (220, 60, 30),
    "green": (20, 150, 110),
    "blue": (20, 110, 180),
    "grey": (120,) * 3,
}


def drawing(colour: str) -> PictureExample:
    """Return a circle that is drawn on the sketch pad in a colour."""
    picture = Image.new("RGB", (448, 448), "white")
    ImageDraw.Draw(picture).ellipse((80, 80, 360, 360), outline=colour, width=6)
    return PictureExample(
        picture, query_kind="drawing", cut=ink.on_white(picture), from_sketch_pad=True
    )


@pytest.fixture
def catalogue() -> Catalogue:
    """Make a catalogue of squares that differ in nothing but their colours."""
    made = Catalogue.create("squares", title="Squares")
    made.items.add((Item(source_id=name, name=name), square(name)) for name in COLOURS)
    return made


def square(name: str) -> Picture:
    picture = Image.new("RGB", (200, 200), "white")
    picture.paste(COLOURS[name], (40, 40, 160, 160))
    data = encoding.png(picture)
    return Picture(
        digest=hashlib.sha256(data).hexdigest(),
        original=data,
        extension="png",
        thumbnail=resizing.thumbnail(decoding.decode(data)),
    )


def ask(
    catalogue: Catalogue, example: PictureExample, *, colour_weight: float = colours.WEIGHT
) -> Results:
    index = Index(catalogue.items.ids(), [np.ones((len(COLOURS), 4), np.float32)])

    def embed(
        pictures: Sequence[Image.Image | Cutout], *, query_kinds: Sequence[QueryKind] | None = None
    ) -> Embedded:
        return Embedded(np.full((1, 1, 4), 0.5, np.float32))

    return search.run(
        Query(examples=[example]),
        catalogue=catalogue,
        index_in=lambda space: index,
        embed=embed,
        colour_weight=colour_weight,
    )


@pytest.mark.parametrize(
    ("colour", "name"), [("#d55e00", "red"), ("#009e73", "green"), ("#0072b2", "blue")]
)
def test_of_equal_lines_the_colour_of_the_drawing_comes_first(
    catalogue: Catalogue, colour: str, name: str
) -> None:
    results = ask(catalogue, drawing(colour))

    assert results.by_colours
    assert results.neighbours[0].item.name == name
    assert len(results.neighbours) == len(COLOURS)
    assert {one.score for one in results.neighbours} == {1.0}, "a score is that of the lines"


def test_a_black_drawing_is_compared_as_it_is(catalogue: Catalogue) -> None:
    black = drawing("#000000")

    results = ask(catalogue, black)

    assert black.cut is not None and black.cut.picture is black.picture
    assert colours.of_drawings([black]) is None
    assert not results.by_colours
    assert results == ask(catalogue, black, colour_weight=0.0)


def test_the_paper_of_a_photographed_drawing_is_no_colour_of_it() -> None:
    photo = Image.new("RGB", (300, 300), "#e8c080")
    ImageDraw.Draw(photo).ellipse((60, 60, 240, 240), outline="#202020", width=5)

    given = PictureExample(photo, query_kind="drawing", cut=ink.cut_out(photo))

    assert colours.of_drawings([given]) is None


@pytest.mark.parametrize("colour", ["#d55e00", "#e69f00", "#f0e442", "#009e73", "#cc79a7"])
def test_lines_in_every_colour_are_as_dark_as_black_ones(colour: str) -> None:
    black, coloured = (drawing(each).cut for each in ("#000000", colour))

    assert black is not None and coloured is not None
    assert coloured.box == black.box
    assert np.array_equal(np.asarray(coloured.picture), np.asarray(black.picture))


def test_what_is_coloured_in_is_no_line_but_has_an_outline_if_it_is_all() -> None:
    outline = Image.new("RGB", (448, 448), "white")
    ImageDraw.Draw(outline).rectangle((80, 80, 360, 360), outline="black", width=6)
    coloured_in, alone = outline.copy(), Image.new("RGB", (448, 448), "white")
    for picture in (coloured_in, alone):
        ImageDraw.Draw(picture).rectangle((100, 100, 340, 340), fill="#0072b2")

    assert np.array_equal(np.asarray(ink.on_white(coloured_in).picture), np.asarray(outline))
    dark = np.asarray(ink.on_white(alone).picture)[..., 0] < 128
    assert dark[220, 100] and not dark[220, 220]


def test_a_lost_thumbnail_is_of_no_colour(catalogue: Catalogue) -> None:
    item = next(item for item in catalogue.items.find() if item.name == "red")
    thumbnail_file(catalogue, item.id).unlink()

    wanted = colours.of_drawings([drawing("#d55e00")])

    assert wanted is not None
    assert colours.similarity(catalogue, item, wanted) == 0
