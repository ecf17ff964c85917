"""Import a folder of pictures; its sub-folders become the categories."""

import errno
import os
import stat
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from core.catalogue import Item
from core.importers.base import Entry, EntryError, InMemoryEntry, Loaded, Source, digest
from core.importers.file_kinds import is_picture
from core.importers.file_listing import has_files, list_files, local_path
from core.importers.text import os_error_reason, readable, storable
from core.pictures.decoding import LIMITS

SUFFIXES = frozenset(
    [
        *(".jpg", ".jpeg", ".png", ".webp", ".avif", ".heic", ".heif"),
        *(".gif", ".bmp", ".tif", ".tiff", ".jxl"),
    ],
)
MAX_BYTES = LIMITS.file_bytes


@dataclass(frozen=True, slots=True)
class _PictureFile(Entry):
    """A picture file. Its version is the SHA-256 of the file."""

    item: Item
    path: str

    def is_current(self, known: str) -> bool:
        return digest(self._read()) == known

    def load(self, known: str) -> Loaded | None:
        return InMemoryEntry(self.item, self._read()).load(known)

    def quick_picture(self) -> bytes | None:
        return self._read()

    def _read(self) -> bytes:
        return read_entry(self.path)


def read(path: str | Path) -> Source:
    """Open a folder: every picture in it or below it is an item, in natural order.

    Raises `LookalikeError` if there are no pictures.
    """
    listing = list_files(path, SUFFIXES, what="pictures", is_wanted=is_picture)
    entries = (entry(listing.root, path) for path in listing.files)
    return Source(
        "folder",
        storable(listing.root),
        listing.total,
        chain(listing.skipped, entries),
        others=listing.others,
    )


def matches(location: str) -> bool:
    """Say whether a location is a folder."""
    return os.path.isdir(local_path(location))


def has_pictures(path: Path) -> bool:
    """Say whether there is a picture in a folder or below it."""
    return has_files(path, SUFFIXES, is_picture)


def entry(root: str, path: str) -> Entry:
    """Return the entry of a picture file, given its path relative to the folder that is read."""
    return _PictureFile(_item(path), os.path.join(root, path))


def read_entry(path: str) -> bytes:
    """Return the bytes of a picture file; raises `EntryError`."""
    try:
        return read_picture(path)
    except OSError as error:
        raise EntryError(f"The file cannot be read: {os_error_reason(error)}.") from error


def read_picture(path: str | Path) -> bytes:
    """Return the bytes of a picture file of at most `MAX_BYTES`; raises `OSError` otherwise."""
    with open(path, "rb") as file:
        status = os.fstat(file.fileno())
        if not stat.S_ISREG(status.st_mode):
            raise OSError(errno.EINVAL, "it is not a file")
        if status.st_size > MAX_BYTES:
            raise OSError(errno.EFBIG, f"it is larger than {MAX_BYTES / 1e6:g} MB")
        return file.read()


def _item(path: str) -> Item:
    """Return the item of a picture, given its path relative to the folder."""
    source_id = storable(path)
    category = "/".join(source_id.split("/")[:-1])
    return Item(source_id=source_id, name=readable(source_id), category=category)
