"""Draws the contact sheet: the results of a search as one picture with captions."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from math import ceil

from PIL import Image, ImageDraw, ImageOps

from core.catalogue import Catalogue, Item
from core.counting import counted
from core.errors import LookalikeError
from core.export.text_drawing import FontStyle
from core.pictures import decoding, encoding, resizing
from core.search import Neighbour, Results

# More results than this are left out.
MAX_RESULTS = 100

# All lengths are in pixels.
_MARGIN = 56
# The side of the query's pictures, and how many of them fit beside the title.
_QUERY = 112
_MAX_QUERY_PICTURES = 4
# The side of a stored thumbnail: up to this size it is as sharp as the original, and faster to
# read.
_THUMBNAIL = 160

_INK = "#1b1f2a"
_GREY = "#6b7080"
_LINE = "#e3e5ec"
_MISSING = "#eceef3"


@dataclass(frozen=True, slots=True)
class _Grid:
    """The layout of the results: pictures of one size, and text of two sizes below each.

    Attributes:
        columns: how many results are in a row.
        side: the side of a picture.
        gap: the space between two pictures.
        name_size: the size of names, ranks and scores.
        small_size: the size of the rest.
    """

    columns: int
    side: int
    gap: int
    name_size: int
    small_size: int

    @classmethod
    def of(cls, count: int) -> "_Grid":
        """Return the grid for `count` results: large pictures for few, else thumbnails.

        Of three numbers of columns, the one with the fullest last row is chosen.
        """
        is_large = count <= 24
        columns = min((6, 5, 4) if is_large else (10, 9, 8), key=lambda number: -count % number)
        return cls(columns, 256, 32, 20, 16) if is_large else cls(columns, _THUMBNAIL, 24, 16, 14)

    @property
    def width(self) -> int:
        """The width of all columns."""
        return self.columns * (self.side + self.gap) - self.gap

    @property
    def step(self) -> int:
        """The distance from the top of a row to the top of the next."""
        return self.side + 3 * self.name_size + 2 * self.small_size + self.gap


def draw(
    results: Results,
    *,
    catalogue: Catalogue,
    title: str,
    query: Sequence[Image.Image] = (),
) -> bytes:
    """Return a PNG with the results in order: picture, rank, score, name, licence and creator.

    Up to 24 results are shown large, more as thumbnails, and only the first `MAX_RESULTS`: the
    sheet is never larger than 2,000 x 3,000 pixels. A missing picture is replaced by a grey
    tile.

    Args:
        results: the results of a search.
        catalogue: the catalogue that was searched.
        title: the title at the top.
        query: the pictures of the query, shown before the title.
    """
    shown = results.neighbours[:MAX_RESULTS]
    grid = _Grid.of(len(shown))
    top = _MARGIN + _QUERY + 44
    height = top + ceil(len(shown) / grid.columns) * grid.step - grid.gap + _MARGIN
    sheet = Image.new("RGB", (grid.width + 2 * _MARGIN, height), "white")
    subtitle = f"{len(shown)} of {results.candidates:,} models · {catalogue.title}"
    _draw_head(sheet, title, subtitle, query)
    for number, neighbour in enumerate(shown):
        row, column = divmod(number, grid.columns)
        left = _MARGIN + column * (grid.side + grid.gap)
        _draw_result(sheet, left, top + row * grid.step, neighbour, catalogue, grid)
    # This halves the time of the default, which is most of the total, for a file a fifth larger.
    return encoding.png(sheet, compress_level=1)


def _draw_head(sheet: Image.Image, title: str, subtitle: str, query: Sequence[Image.Image]) -> None:
    """Draw the pictures of the query with the title and the subtitle beside them."""
    left = _MARGIN
    for picture in query[:_MAX_QUERY_PICTURES]:
        _draw_framed(sheet, left, _MARGIN, _QUERY, picture)
        left += _QUERY + 12
    more = len(query) - _MAX_QUERY_PICTURES
    if more > 0:
        subtitle = f"and {counted(more, 'more example')} · {subtitle}"
    left += 16 if query else 0
    max_width = sheet.width - _MARGIN - left
    FontStyle(38, "Semibold").draw(sheet, left, _MARGIN + 54, title, _INK, max_width=max_width)
    FontStyle(20).draw(sheet, left, _MARGIN + 88, subtitle, _GREY, max_width=max_width)


def _draw_result(
    sheet: Image.Image,
    left: int,
    top: int,
    neighbour: Neighbour,
    catalogue: Catalogue,
    grid: _Grid,
) -> None:
    """Draw a result: its picture, rank and score, name, licence and creator."""
    item, side = neighbour.item, grid.side
    _draw_framed(sheet, left, top, side, _picture(catalogue, item, side))
    figure_style, name_style, small_style = (
        FontStyle(grid.name_size),
        FontStyle(grid.name_size, "Semibold"),
        FontStyle(grid.small_size),
    )
    score = f"{neighbour.score:.2f}"
    rights = " · ".join(filter(None, (item.licence, item.creator)))
    baseline = top + side + round(1.5 * grid.name_size)
    figure_style.draw(sheet, left, baseline, str(neighbour.rank), _GREY, max_width=side)
    right = left + side - figure_style.width(score)
    figure_style.draw(sheet, right, baseline, score, _GREY, max_width=side)
    baseline += round(1.35 * grid.name_size)
    name_style.draw(sheet, left, baseline, item.name, _INK, max_width=side)
    baseline += round(1.5 * grid.small_size)
    small_style.draw(sheet, left, baseline, rights, _GREY, max_width=side)


def _draw_framed(
    sheet: Image.Image, left: int, top: int, side: int, picture: Image.Image | None
) -> None:
    """Draw the picture centred in a square of the given side, or a grey square for None."""
    square = (left, top, left + side - 1, top + side - 1)
    pen = ImageDraw.Draw(sheet)
    if picture is None:
        pen.rectangle(square, _MISSING)
        return
    fitted = ImageOps.contain(resizing.shrink(picture, side=side), (side, side))
    sheet.paste(fitted, (left + (side - fitted.width) // 2, top + (side - fitted.height) // 2))
    pen.rectangle(square, outline=_LINE)


def _picture(catalogue: Catalogue, item: Item, side: int) -> Image.Image | None:
    """Return the thumbnail or the original, whichever suits `side`, or else the other one."""
    thumbnail, original = (
        partial(catalogue.pictures.thumbnail, item.id),
        partial(catalogue.pictures.original, item),
    )
    for read in (thumbnail, original) if side <= _THUMBNAIL else (original, thumbnail):
        with suppress(OSError, LookalikeError):
            return decoding.decode(read())
    return None
