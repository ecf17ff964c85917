"""Which importer opens which source."""

import os
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path

from core.errors import LookalikeError
from core.importers import archive, fluent, folder, model_files, sweethome3d, table
from core.importers.base import Source
from core.importers.sketchfab import importer
from core.importers.sketchfab.location import is_location

KINDS: Mapping[str, str] = {
    "folder": "a folder of pictures, with its sub-folders",
    "models": "a folder of 3D files: GLB, glTF, OBJ, STL or PLY",
    "table": "a table that names pictures or their addresses: CSV, TSV, pipe-separated or "
    "JSON Lines; or models of Sketchfab",
    "archive": "a ZIP or TAR of any of these",
    "sketchfab": "models of Sketchfab: sketchfab:WORDS, or an address of sketchfab.com",
    "sweethome3d": "a furniture library of Sweet Home 3D (.sh3f), or a folder of them",
    "fluent": "the demo of 1,599 emoji in 3D, fetched the first time",
    "furniture": "the demo of 820 pieces of furniture, fetched the first time",
}


def open_source(
    location: str,
    *,
    kind: str | None = None,
    columns: Mapping[str, str] | None = None,
    viewpoints: bool = False,
    resume: str = "",
    check: Callable[[], None] | None = None,
) -> Source:
    """Open what is at `location` with the importer `kind`, or the one that fits it.

    The demos `fluent` and `furniture` have no location and are only opened by their kind.

    Args:
        location: a folder, a file, or what `sketchfab.parse` reads.
        kind: one of `KINDS`, if it is not to be found out.
        columns: which column of a table holds a field, as `{"picture": "File"}`.
        sides: whether 3D files are rendered from their other sides as well.
        resume: the text of a `Bookmark` at which an earlier import of this source ended.
        check: called while something is waited for; raises what is to end that.

    Raises:
        LookalikeError: there is nothing that can be read.
    """
    kind = kind or _kind_of(location)
    if columns and kind not in ("table", "archive"):
        raise LookalikeError(f"Columns can be mapped only for a table, and this is a {kind}.")
    match kind:
        case "folder":
            return folder.read(location)
        case "models":
            return model_files.read(location, viewpoints=viewpoints)
        case "table" if importer.lists_models(location, columns=columns):
            return importer.read_table(location, columns=columns, check=check)
        case "table":
            return table.read(location, columns=columns, check=check)
        case "archive":
            unpacked = partial(_open_unpacked, columns=columns, viewpoints=viewpoints, check=check)
            return archive.read(location, columns=columns, open_folder=unpacked, check=check)
        case "sketchfab":
            return importer.read(location, resume=resume, check=check)
        case "sweethome3d":
            return sweethome3d.read(location)
        case "fluent":
            return fluent.read()
        case "furniture":
            source = sweethome3d.read(*sweethome3d.fetch_furniture())
            return replace(source, kind="furniture", location="furniture")
    raise LookalikeError(f'There is no importer "{kind}". Choose one of {", ".join(KINDS)}.')


def _open_unpacked(
    place: str,
    *,
    columns: Mapping[str, str] | None,
    viewpoints: bool,
    check: Callable[[], None] | None,
) -> Source:
    """Open the folder that an archive was unpacked to."""
    if (described := archive.table_in(place)) is not None:
        return open_source(str(described), kind="table", columns=columns, check=check)
    if columns:
        raise LookalikeError("Columns can be mapped only for a table, and the archive holds none.")
    return open_source(place, kind=_kind_of_folder(Path(place)), viewpoints=viewpoints)


def _kind_of(location: str) -> str:
    """Choose an importer by looking at what is there."""
    if not location.strip():
        raise LookalikeError("Name the folder or the file to import.")
    if is_location(location):
        return "sketchfab"
    path = Path(os.path.abspath(os.path.expanduser(location)))
    suffix = path.suffix.lower()
    if os.path.isdir(path):
        return _kind_of_folder(path)
    if not os.path.exists(path):
        raise LookalikeError(f'There is no folder or file "{path}". Check its name.')
    if suffix == sweethome3d.SUFFIX:
        return "sweethome3d"
    if suffix in table.SUFFIXES:
        return "table"
    if archive.is_archive(path.name):
        return "archive"
    if suffix in folder.SUFFIXES | model_files.SUFFIXES:
        what = "picture" if suffix in folder.SUFFIXES else "3D file"
        raise LookalikeError(
            f"{path.name} is one {what}. Give the folder that holds it, or a table that names it."
        )
    raise LookalikeError(
        f"{path.name} is nothing that can be imported. Give a folder of pictures or of 3D files, a "
        "table (CSV, TSV or JSON Lines), a ZIP or TAR of these, or a library of Sweet Home 3D "
        "(.sh3f)."
    )


def _kind_of_folder(path: Path) -> str:
    """Say what a folder holds. Pictures beside 3D files are their textures, as a rule."""
    if model_files.has_models(path):
        return "models"
    bare = sweethome3d.libraries_in(path) and not folder.has_pictures(path)
    return "sweethome3d" if bare else "folder"
