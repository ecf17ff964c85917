"""The contact sheet: the results of a search as one picture, each with what is said of it."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from math import ceil

from PIL import Image, ImageDraw, ImageOps

from core.catalogue import Catalogue, Item
from core.errors import LookalikeError
from core.export.text_drawing import FontStyle
from core.pictures import decoding, encoding, resizing
from core.search import Neighbour, Results

# The most results that are shown.
MAX_RESULTS = 100

# Lengths are in pixels.
_MARGIN = 56
# The pictures of the query: their side, and how many have room beside a title.
_QUERY = 112
_MAX_QUERY_PICTURES = 4
# The side of a stored thumbnail: up to it, the thumbnail is as sharp and quicker to read.
_THUMBNAIL = 160

_INK = "#1b1f2a"
_GREY = "#6b7080"
_LINE = "#e3e5ec"
_MISSING = "#eceef3"


@dataclass(frozen=True, slots=True)
class _Grid:
    """How results are laid out: pictures of one size, and below each text of two sizes."""

    columns: int
    side: int
    gap: int
    name: int
    small: int

    @classmethod
    def of(cls, count: int) -> "_Grid":
        """Return the grid for `count` results: large pictures for few, else thumbnails as stored.

        Of the numbers of columns that look well, it is the one that leaves the
        last row the fullest.
        """
        few = count <= 24
        columns = min((6, 5, 4) if few else (10, 9, 8), key=lambda number: -count % number)
        return cls(columns, 256, 32, 20, 16) if few else cls(columns, _THUMBNAIL, 24, 16, 14)

    @property
    def width(self) -> int:
        """The width of all columns."""
        return self.columns * (self.side + self.gap) - self.gap

    @property
    def step(self) -> int:
        """From the top of a row to the top of the next."""
        return self.side + 3 * self.name + 2 * self.small + self.gap


def draw(
    results: Results,
    *,
    catalogue: Catalogue,
    title: str,
    query: Sequence[Image.Image] = (),
) -> bytes:
    """Return one PNG with the results in order: picture, rank, name, score, licence and creator.

    The pictures of the `query` come first, beside the `title`. Up to 24 results are
    shown large, more as thumbnails, and the first `MAX_RESULTS` at most: the sheet is never
    larger than 2,000 x 3,000 pixels. Where a picture is missing there is a grey tile.
    """
    shown = results.neighbours[:MAX_RESULTS]
    grid = _Grid.of(len(shown))
    top = _MARGIN + _QUERY + 44
    height = top + ceil(len(shown) / grid.columns) * grid.step - grid.gap + _MARGIN
    sheet = Image.new("RGB", (grid.width + 2 * _MARGIN, height), "white")
    told = f"{len(shown)} of {results.candidates:,} models · {catalogue.title}"
    _head(sheet, title, told, query)
    for number, found in enumerate(shown):
        row, column = divmod(number, grid.columns)
        left = _MARGIN + column * (grid.side + grid.gap)
        _result(sheet, left, top + row * grid.step, found, catalogue, grid)
    # Half the time of the default, which is most of it all, for a file a fifth larger.
    return encoding.png(sheet, compress_level=1)


def _head(sheet: Image.Image, title: str, told: str, query: Sequence[Image.Image]) -> None:
    """Draw the pictures of the query and, beside them, the title and what was looked through."""
    left = _MARGIN
    for picture in query[:_MAX_QUERY_PICTURES]:
        _frame(sheet, left, _MARGIN, _QUERY, picture)
        left += _QUERY + 12
    more = len(query) - _MAX_QUERY_PICTURES
    if more > 0:
        told = f"and {more} more {'example' if more == 1 else 'examples'} · {told}"
    left += 16 if query else 0
    room = sheet.width - _MARGIN - left
    FontStyle(38, "Semibold").draw(sheet, left, _MARGIN + 54, title, _INK, room=room)
    FontStyle(20).draw(sheet, left, _MARGIN + 88, told, _GREY, room=room)


def _result(
    sheet: Image.Image, left: int, top: int, found: Neighbour, catalogue: Catalogue, grid: _Grid
) -> None:
    """Draw a result: its picture, rank and score, name, licence and creator."""
    item, side = found.item, grid.side
    _frame(sheet, left, top, side, _picture(catalogue, item, side))
    figures, names, small = (
        FontStyle(grid.name),
        FontStyle(grid.name, "Semibold"),
        FontStyle(grid.small),
    )
    score = f"{found.score:.2f}"
    rights = " · ".join(filter(None, (item.licence, item.creator)))
    line = top + side + round(1.5 * grid.name)
    figures.draw(sheet, left, line, str(found.rank), _GREY, room=side)
    figures.draw(sheet, left + side - figures.width(score), line, score, _GREY, room=side)
    line += round(1.35 * grid.name)
    names.draw(sheet, left, line, item.name, _INK, room=side)
    line += round(1.5 * grid.small)
    small.draw(sheet, left, line, rights, _GREY, room=side)


def _frame(sheet: Image.Image, left: int, top: int, side: int, picture: Image.Image | None) -> None:
    """Draw the picture in the middle of a square of `side`, or a grey square for None."""
    square = (left, top, left + side - 1, top + side - 1)
    pen = ImageDraw.Draw(sheet)
    if picture is None:
        pen.rectangle(square, _MISSING)
        return
    fitted = ImageOps.contain(resizing.shrink(picture, side=side), (side, side))
    sheet.paste(fitted, (left + (side - fitted.width) // 2, top + (side - fitted.height) // 2))
    pen.rectangle(square, outline=_LINE)


def _picture(catalogue: Catalogue, item: Item, side: int) -> Image.Image | None:
    """Return the stored picture that is sharp at `side` and quick to read, else the other one."""
    thumbnail, original = (
        catalogue.pictures.thumbnail(item).read_bytes,
        partial(catalogue.pictures.original, item),
    )
    for read in (thumbnail, original) if side <= _THUMBNAIL else (original, thumbnail):
        with suppress(OSError, LookalikeError):
            return decoding.decode(read())
    return None
