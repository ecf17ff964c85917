"""The pictures that a table names: files in its folder, or on the web."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from core import web
from core.catalogue import Item
from core.importers.base import (
    Entry,
    EntryError,
    InMemoryEntry,
    Loaded,
    digest,
)
from core.importers.folder import read_picture
from core.importers.table.rows import is_url
from core.importers.text import os_error_reason


@dataclass(frozen=True, slots=True)
class PictureFile(Entry):
    """A picture file in the table's folder or below it. Its version is the file's SHA-256."""

    item: Item
    row: int
    folder: Path
    picture: str

    def is_current(self, known: str) -> bool:
        """Compare digests."""
        with as_entry_error(f"Row {self.row}: "):
            return digest(_picture(self.folder, self.picture)) == known

    def load(self, known: str) -> Loaded | None:
        """Return the picture unless it has the digest `known`."""
        with as_entry_error(f"Row {self.row}: "):
            return InMemoryEntry(self.item, _picture(self.folder, self.picture)).load(known)

    def quick_picture(self) -> bytes | None:
        """Return the picture."""
        with as_entry_error(f"Row {self.row}: "):
            return _picture(self.folder, self.picture)


@dataclass(frozen=True, slots=True)
class PictureUrl(Entry):
    """A picture on the web. Its version is that of `web.Client`."""

    item: Item
    row: int
    url: str
    client: web.Client

    def is_current(self, known: str) -> bool:
        """Ask the server, without downloading the picture if it is current."""
        with as_entry_error(f"Row {self.row}: "):
            return self.client.is_current(self.url, known)

    def load(self, known: str) -> Loaded | None:
        """Return the picture unless it is still the version `known`."""
        with as_entry_error(f"Row {self.row}: "):
            fetched = self.client.picture(self.url, known=known)
        return None if fetched is None else Loaded(picture=fetched.data, version=fetched.version)


def problem_with(picture: str) -> str:
    """Return what is wrong with a picture's path or URL, as far as the text alone shows it."""
    if not picture:
        return "It names no picture."
    try:
        if is_url(picture):
            web.parse(picture)
    except web.WebError as error:
        if re.match("https?:", picture, re.IGNORECASE):
            return str(error)
        return (
            f"{error} Download it into the table's folder, and put the name of the file in its "
            "place."
        )
    return ""


@contextmanager
def as_entry_error(prefix: str = "") -> Iterator[None]:
    """Raise `EntryError` for a picture that cannot be read or downloaded.

    `prefix` is put in front of the reason.
    """
    try:
        yield
    except (EntryError, web.WebError) as error:
        raise EntryError(f"{prefix}{error}") from error


def _picture(folder: Path, picture: str) -> bytes:
    """Return the bytes of a picture below `folder`; raises `EntryError` with a sentence."""
    path = PurePosixPath(picture)
    if "\0" in picture:
        raise EntryError("The name of its picture contains a NUL character. Rename the file.")
    if path.is_absolute() or ".." in path.parts or re.match("[A-Za-z]:/", picture):
        raise EntryError(
            f'The path "{picture}" leads out of the table\'s folder. Copy the file into it.'
        )
    real = Path(os.path.realpath(folder / path))
    if not real.is_relative_to(folder):
        raise EntryError(
            f'The path "{picture}" is a link that leads out of the table\'s folder. Copy the file '
            "into it."
        )
    if not os.path.isfile(real):
        raise EntryError(f'There is no file "{picture}" in the table\'s folder.')
    try:
        return read_picture(real)
    except OSError as error:
        raise EntryError(
            f'The file "{picture}" cannot be read: {os_error_reason(error)}.'
        ) from error
