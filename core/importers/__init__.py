"""Importers: each reads one kind of source as items and the bytes of their pictures."""

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from core.errors import LookalikeError
from core.importers import fluent, folder, sweethome3d, table
from core.importers.source import Entry, Rejected, Source

__all__ = ["KINDS", "Entry", "Rejected", "Source", "open_source"]

KINDS: Mapping[str, str] = {
    "folder": "a folder of pictures, with its sub-folders",
    "table": "a table that names local pictures: CSV, TSV, pipe-separated or JSON Lines",
    "sweethome3d": "a furniture library of Sweet Home 3D (.sh3f), or a folder of them",
    "fluent": "the demo of 1,599 emoji in 3D, fetched the first time",
    "furniture": "the demo of 820 pieces of furniture, fetched the first time",
}


def open_source(
    location: str, *, kind: str | None = None, columns: Mapping[str, str] | None = None
) -> Source:
    """Open what is at `location` with the importer `kind`, or the one that fits it.

    `columns` maps the columns of a table. The demos `fluent` and `furniture`
    have no location and are only opened by their kind.
    """
    kind = kind or _kind_of(location)
    if columns and kind != "table":
        raise LookalikeError(f"Columns can be mapped only for a table, and this is a {kind}.")
    match kind:
        case "folder":
            return folder.read(location)
        case "table":
            return table.read(location, columns=columns)
        case "sweethome3d":
            return sweethome3d.read(location)
        case "fluent":
            return fluent.read()
        case "furniture":
            source = sweethome3d.read(*sweethome3d.fetch_furniture())
            return replace(source, kind="furniture", location="furniture")
    raise LookalikeError(f'There is no importer "{kind}". {_kinds()}')


def _kind_of(location: str) -> str:
    """Choose an importer by looking at what is there."""
    path = Path(os.path.abspath(os.path.expanduser(location)))
    suffix = path.suffix.lower()
    if not location.strip():
        raise LookalikeError("Name the folder or the file to import.")
    if os.path.isdir(path):
        bare = sweethome3d.libraries_in(path) and not folder.has_pictures(path)
        return "sweethome3d" if bare else "folder"
    if not os.path.exists(path):
        raise LookalikeError(f'There is no folder or file "{path}". Check its name.')
    if suffix == sweethome3d.SUFFIX:
        return "sweethome3d"
    if suffix in table.SUFFIXES:
        return "table"
    if suffix in folder.SUFFIXES:
        raise LookalikeError(
            f"{path.name} is one picture. Give the folder that holds it, or a table that names it."
        )
    raise LookalikeError(f"{path.name} is nothing that can be imported. {_kinds()}")


def _kinds() -> str:
    """List the kinds of source in a sentence."""
    return f"A source is {'; '.join(f'{text} ({kind})' for kind, text in KINDS.items())}."
