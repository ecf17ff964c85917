"""Split the lines of a delimited table into cells, with quotes as programs and people write them.

RFC 4180 says how: a cell with a delimiter, a quote or a line end in it is in quotes, and its quotes
are doubled. Real files also have a quote that is never closed, such as that of 19 inches, quotes
within a cell that begins with one, and backslashes before quotes or delimiters. The standard
library's `csv` takes everything up to the next quote, which may be the rest of the file, for one
cell.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

QUOTE, BACKSLASH = '"', "\\"
# The most characters of a cell, and lines that it may run over: more than any real description has.
MAX_CELL = 131_072
MAX_LINES = 200

Cells = list[str]


@dataclass
class _Lines:
    """Lines that can be looked at before they are taken."""

    source: Iterator[str]
    ahead: list[str] = field(default_factory=list)

    def peek(self, place: int) -> str | None:
        """Return a line that was not taken yet, the next one at 0; None after the last."""
        while len(self.ahead) <= place:
            line = next(self.source, None)
            if line is None:
                return None
            self.ahead.append(line)
        return self.ahead[place]

    def take(self, count: int = 1) -> None:
        """Go on behind the next lines, which were looked at."""
        del self.ahead[:count]


def rows(lines: Iterable[str], delimiter: str, *, width: int = 0) -> Iterator[Cells | str]:
    """Yield the cells of each row, or a sentence that says why a row cannot be read.

    A cell may run over several lines if it is in quotes, unless these lines seem to be rows.

    Args:
        lines: with their line ends.
        delimiter: between two cells, one character.
        width: the number of columns, if it is known: what has more is read in other ways too.
    """
    left = _Lines(iter(lines))
    while (line := left.peek(0)) is not None:
        left.take()
        text = line.rstrip("\r\n")
        if QUOTE not in text and BACKSLASH not in text:
            cells: Cells | None = text.split(delimiter)
        else:
            cells = _cells(text, line, left, delimiter, width)
        if any(len(cell) > MAX_CELL for cell in cells or ()):
            yield f"It has a cell of more than {MAX_CELL:,} characters."
        else:
            yield cells or [""]


def _cells(text: str, line: str, left: _Lines, delimiter: str, width: int) -> Cells:
    """Return the cells of a line with quotes or backslashes, and of those that belong to it."""
    cells = _split(text, delimiter)
    if cells is not None and _fits(cells, width):
        return cells
    if cells is None and (joined := _joined(line, left, delimiter, width)) is not None:
        return joined
    escaped = _split(text, delimiter, with_backslashes=True)
    if escaped is not None and _fits(escaped, width):
        return escaped
    if cells is not None:
        return cells
    literal = _split(text, delimiter, literal=True) or []
    if _fits(literal, width):
        return literal
    return _split(text, delimiter, with_backslashes=True, literal=True) or []


def _fits(cells: Cells, width: int) -> bool:
    """Return whether a row has no more cells than there are columns."""
    return not width or len(cells) <= width


def _joined(line: str, left: _Lines, delimiter: str, width: int) -> Cells | None:
    """Return the cells of a row that runs over several lines; None if the lines say otherwise.

    A line of such a cell may look like a row, as prose with a comma does in a table of two columns.
    Three such lines are rows, and so are two whose quotes are not those of RFC 4180.
    """
    text = line
    are_rows = _is_row(line, delimiter, width)
    for place in range(MAX_LINES - 1):
        following = left.peek(place)
        if following is None or len(text) > MAX_CELL:
            return None
        text += following
        are_rows = are_rows and _is_row(following, delimiter, width)
        if are_rows and place > 0:
            return None
        if _closing(following.rstrip("\r\n"), 0, delimiter, with_backslashes=False) is None:
            continue
        cells = _split(text.rstrip("\r\n"), delimiter)
        if cells is None:
            continue
        is_standard = line.count(QUOTE) % 2 == 1 and text.count(QUOTE) % 2 == 0
        if not _fits(cells, width) or (are_rows and not is_standard):
            return None
        left.take(place + 1)
        return cells
    return None


def _is_row(line: str, delimiter: str, width: int) -> bool:
    """Return whether a line alone has a cell for each column of the table, which are several."""
    return width > 1 and len(_split(line.rstrip("\r\n"), delimiter, literal=True) or ()) == width


def _split(
    text: str, delimiter: str, *, with_backslashes: bool = False, literal: bool = False
) -> Cells | None:
    """Return the cells of a text; None if a cell is in quotes that are not closed.

    Args:
        text: without its line end.
        delimiter: between two cells.
        with_backslashes: a backslash takes the meaning from a quote, a delimiter or itself.
        literal: a quote that is not closed is a part of its cell.
    """
    cells = []
    start = 0
    while True:
        end = None
        if text.startswith(QUOTE, start):
            end = _closing(text, start + 1, delimiter, with_backslashes=with_backslashes)
            if end is None and not literal:
                return None
        if end is not None:
            cell = _without_quotes(text[start + 1 : end])
            stop = end + 1
            while text.startswith(" ", stop):
                stop += 1
        else:
            stop = _next(text, start, delimiter, with_backslashes)
            cell = text[start:stop]
        cells.append(_unescaped(cell, delimiter) if with_backslashes else cell)
        if stop >= len(text):
            return cells
        start = stop + 1


def _without_quotes(cell: str) -> str:
    """Return what is between the quotes of a cell; quotes in it have a second, or a backslash."""
    if BACKSLASH + QUOTE in cell.replace(QUOTE * 2, ""):
        return cell.replace(BACKSLASH + QUOTE, QUOTE).replace(BACKSLASH * 2, BACKSLASH)
    return cell.replace(QUOTE * 2, QUOTE)


def _closing(text: str, start: int, delimiter: str, *, with_backslashes: bool) -> int | None:
    """Return the place of the quote that closes a cell: before a delimiter or the end."""
    place = text.find(QUOTE, start)
    while place != -1:
        if with_backslashes and _is_escaped(text, place):
            place = text.find(QUOTE, place + 1)
            continue
        after = (
            text[place + 1 :].lstrip(" ")[:1]
            if text.startswith(" ", place + 1)
            else (text[place + 1 : place + 2])
        )
        if after in ("", delimiter):
            return place
        place = text.find(QUOTE, place + (2 if after == QUOTE else 1))
    return None


def _next(text: str, start: int, delimiter: str, with_backslashes: bool) -> int:
    """Return the place of the next delimiter, or the end of the text."""
    place = text.find(delimiter, start)
    while with_backslashes and place != -1 and _is_escaped(text, place):
        place = text.find(delimiter, place + 1)
    return len(text) if place == -1 else place


def _is_escaped(text: str, place: int) -> bool:
    """Return whether an odd number of backslashes is before a place."""
    before = text[:place]
    return (len(before) - len(before.rstrip(BACKSLASH))) % 2 == 1


def _unescaped(cell: str, delimiter: str) -> str:
    """Return a cell without the backslashes before quotes, delimiters and backslashes."""
    for character in (QUOTE, delimiter):
        cell = cell.replace(BACKSLASH + character, character)
    return cell.replace(BACKSLASH * 2, BACKSLASH)
