"""What the cells of a row say of an item."""

import contextlib
import json
import re
from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit

from core.catalogue import Item
from core.importers.table.reader import (
    Record,
)
from core.importers.text import one_line, readable

_URL = re.compile(r"[a-z][a-z0-9+.-]+://|data:", re.IGNORECASE)


def item_of(cells: Record, picture: str) -> Item:
    """Return the item that a row describes.

    Args:
        cells: the cells of the row by field.
        picture: the path or URL of its picture; empty if there is none.
    """
    text = {field: one_line(cell_text(cell)) for field, cell in cells.items()}
    tags = map(cell_text, _tags(cells.get("tags")))
    source_id = cell_text(cells.get("source_id"))
    path = one_line(_path(picture))
    return Item(
        # An id belongs to its source: it is stored exactly as it is.
        source_id=source_id if source_id.strip() else path,
        name=text.get("name") or _readable(path),
        category=text.get("category", ""),
        tags=tuple(dict.fromkeys(tag for tag in map(one_line, tags) if tag)),
        creator=text.get("creator", ""),
        licence=text.get("licence", ""),
        page_url=_web_url(text.get("page_url", "")),
        embed_url=_web_url(text.get("embed_url", "")),
    )


def cell_text(cell: object) -> str:
    """Return a cell as text that UTF-8 can hold; empty if it is neither text nor a number."""
    text = str(cell) if isinstance(cell, (str, int, float)) else ""
    return text.encode("utf-8", "replace").decode("utf-8")


def is_url(cell: object) -> bool:
    """Say whether a cell holds a URL of any scheme, whether or not it can be downloaded."""
    return isinstance(cell, str) and bool(_URL.match(cell.strip()))


def _path(picture: str) -> str:
    """Return a URL unchanged, and a path with the separators of this system."""
    if not picture or is_url(picture):
        return picture
    return PurePosixPath(picture.replace("\\", "/")).as_posix()


def _readable(path: str) -> str:
    """Return a name made from a picture's path or URL."""
    if is_url(path):
        with contextlib.suppress(ValueError):
            path = unquote(urlsplit(path).path)
    return readable(path) if path.strip("/") else ""


def _tags(cell: object) -> list[object]:
    """Return the tags of a list, of a list written as JSON, or of a text with commas, ; or |."""
    if isinstance(cell, list):
        return cell
    text = cell_text(cell)
    if text.startswith("["):
        with contextlib.suppress(ValueError, RecursionError):
            tags = json.loads(text)
            if isinstance(tags, list):
                return tags
    return list(re.split("[,;|]", text))


def _web_url(text: str) -> str:
    """Return an http or https URL, and an empty string for any other text: it becomes a link."""
    return text if re.fullmatch(r"https?://[^\s/?#]\S*", text, re.IGNORECASE) else ""
