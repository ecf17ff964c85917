"""Find the table that describes the pictures of a folder."""

import codecs
import os
import re
from contextlib import suppress
from pathlib import Path, PurePosixPath

from core.errors import LookalikeError
from core.importers import folder, model_files, table
from core.importers.file_kinds import HIDDEN, MODEL, PICTURE
from core.importers.file_listing import list_others
from core.importers.table.reader import is_spreadsheet, spreadsheet_rows

_PEEK_BYTES = 1 << 20  # bytes of a table that are searched for the names of pictures


def table_in(place: str | Path) -> Path | None:
    """Return the table that describes the pictures of a folder, or None.

    It is the only table directly in the folder with a cell that is the path of a picture or 3D
    file, relative to the folder. If there are several such tables, none is used.
    """
    tables = [path for path in Path(place).iterdir() if path.suffix.lower() in table.SUFFIXES]
    matching = [path for path in tables if _names_pictures(path)]
    return matching[0] if len(matching) == 1 else None


def table_of(place: str | Path) -> Path | None:
    """Return the table that a folder is imported as, or None.

    It is the one that describes the pictures of the folder; or the only table in it and below it,
    if there are no pictures and no 3D files.
    """
    if described := table_in(place):
        return described
    files = list_others(place)
    tables = [
        path
        for path, kind in files.items()
        if kind is not HIDDEN and PurePosixPath(path).suffix.lower() in table.SUFFIXES
    ]
    if len(tables) == 1 and not {PICTURE, MODEL}.intersection(files.values()):
        return Path(place) / tables[0]
    return None


def _names_pictures(path: Path) -> bool:
    """Say whether a cell near the start of a table is the path of a picture or 3D file."""
    try:
        if is_spreadsheet(path):
            with suppress(LookalikeError):
                rows = spreadsheet_rows(path)
                return any(_is_picture(cell, path) for row in rows for cell in row)
            return False
        with path.open("rb") as file:
            data = file.read(_PEEK_BYTES)
    except OSError:
        return False
    is_wide = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    text = data.decode("utf-16" if is_wide else "utf-8-sig", "replace")
    # JSON may escape any letter.
    text = re.sub(r"\\u([0-9a-fA-F]{4})", lambda code: chr(int(code[1], 16)), text)
    return any(_is_picture(cell, path) for cell in re.split(r'[,;\t|"\r\n]', text))


def _is_picture(cell: str, table_path: Path) -> bool:
    """Say whether a cell is the path of a picture or 3D file in the folder of its table."""
    named = PurePosixPath(cell.strip().replace("\\", "/"))
    return (
        named.suffix.lower() in folder.SUFFIXES | model_files.SUFFIXES
        and not named.is_absolute()
        and ".." not in named.parts
        and os.path.isfile(table_path.parent / named)
    )
