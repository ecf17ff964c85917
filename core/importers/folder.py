"""A folder of pictures, searched with its sub-folders, which become the categories."""

import errno
import os
import re
import stat
import unicodedata
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path, PurePosixPath

from core.catalogue import Item
from core.errors import LookalikeError
from core.importers.source import Entry, Held, Loaded, Refused, Rejected, Source, digest
from core.pictures.decoding import LIMITS

SUFFIXES = frozenset(
    [".jpg", ".jpeg", ".png", ".webp", ".avif", ".gif", ".bmp", ".tif", ".tiff"],
)
LARGEST = LIMITS.file_bytes

# Control characters, halves of surrogate pairs, and the characters that turn
# the direction of all the text that follows them.
_UNFIT = re.compile(
    r"[\s\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]+",
)


@dataclass(frozen=True, slots=True)
class _PictureFile(Entry):
    """A picture in a file. Its version is the SHA-256 of the file."""

    item: Item
    path: str

    def is_current(self, known: str) -> bool:
        return digest(self._read()) == known

    def load(self, known: str) -> Loaded | None:
        return Held(self.item, self._read()).load(known)

    def _read(self) -> bytes:
        try:
            return read_picture(self.path)
        except OSError as error:
            raise Refused(f"The file cannot be read: {why(error)}.") from error


def read(path: str | Path) -> Source:
    """Open a folder: every picture below it is an item, in natural order."""
    listing = list_files(path, SUFFIXES, what="pictures")
    root = listing.root
    entries = (_PictureFile(_item(path), os.path.join(root, path)) for path in listing.files)
    return Source("folder", storable(root), listing.total, chain(listing.rejected, entries))


@dataclass(frozen=True, slots=True)
class Listing:
    """What a folder holds, with its sub-folders.

    Attributes:
        root: its absolute path.
        files: the paths of the files that are wanted, from the root, in natural order.
        rejected: what could not be looked at.
    """

    root: str
    files: Sequence[str]
    rejected: Sequence[Rejected]

    @property
    def total(self) -> int:
        """How many there are of both."""
        return len(self.files) + len(self.rejected)


def list_files(path: str | Path, suffixes: Collection[str], *, what: str) -> Listing:
    """Look for files that end in one of `suffixes`, which people call `what`.

    Raises `LookalikeError` where the folder cannot be read, or holds none.
    """
    root = os.path.abspath(os.path.expanduser(path))
    try:
        os.scandir(root).close()
    except NotADirectoryError as error:
        raise LookalikeError(
            f'"{root}" is a file, not a folder. Give the folder that holds the {what}.'
        ) from error
    except (OSError, ValueError) as error:
        raise LookalikeError(
            f'The folder "{root}" cannot be read ({why(error)}). Check its name and its rights.'
        ) from error
    found = list(walk(root, suffixes))
    if not found:
        raise LookalikeError(
            f'The folder "{root}" holds no {what}: no files that end in '
            f"{', '.join(sorted(suffixes))}."
        )
    files = sorted((one for one in found if isinstance(one, str)), key=natural)
    return Listing(root, files, [one for one in found if isinstance(one, Rejected)])


def has_pictures(path: Path) -> bool:
    """Say whether a folder, or one below it, holds a picture."""
    return any(isinstance(found, str) for found in walk(str(path), SUFFIXES))


def read_picture(path: str | Path) -> bytes:
    """Return the bytes of a picture file of at most `LARGEST`; raises `OSError` otherwise."""
    with open(path, "rb") as file:
        status = os.fstat(file.fileno())
        if not stat.S_ISREG(status.st_mode):
            raise OSError(errno.EINVAL, "it is not a file")
        if status.st_size > LARGEST:
            raise OSError(errno.EFBIG, f"it is larger than {LARGEST / 1e6:g} MB")
        return file.read()


def one_line(text: str) -> str:
    """Return `text` fit to be shown and stored, as long as it was.

    Runs of whitespace and control characters become one space, and accents
    are composed: file names of a Mac have them apart.
    """
    return unicodedata.normalize("NFC", _UNFIT.sub(" ", text).strip())


def readable(path: str) -> str:
    """Return a name made from a picture's path: `chairs/Red_arm-chair.png` is `Red arm chair`."""
    stem = PurePosixPath(path).stem
    return one_line(re.sub("[_-]", " ", stem)) or stem


def storable(path: str) -> str:
    r"""Return a path that UTF-8 can hold: a byte that is no text becomes `\xe9`.

    Two names that differ still differ, which a replacement character would not keep.
    """
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def natural(path: str) -> tuple[object, ...]:
    """Return a key that sorts paths as a reader would: `chair 2` before `chair 10`."""
    parts = [re.split("([0-9]+)", part.casefold()) for part in path.split("/")]
    return [[int(p) if i % 2 else p for i, p in enumerate(part)] for part in parts], path


def why(error: Exception) -> str:
    """Return the reason that the system gives, in its own words."""
    return (isinstance(error, OSError) and error.strerror) or str(error)


def walk(root: str, suffixes: Collection[str]) -> Iterator[str | Rejected]:
    """Yield the path of each file that ends so, relative to `root`, or why something is left out.

    Hidden files and folders are skipped. A link is followed where it stays
    inside the folder, and each folder is read once, so that links cannot loop.
    """
    inside = Path(os.path.realpath(root))
    seen: set[tuple[int, int]] = set()
    folders, links = [""], list[str]()
    while folders or links:
        # Links wait until all real folders are read, so that a picture has its
        # real path wherever it has one.
        folder = folders.pop() if folders else links.pop(0)
        try:
            status = os.stat(os.path.join(root, folder))
            if (status.st_dev, status.st_ino) in seen:
                continue
            seen.add((status.st_dev, status.st_ino))
            with os.scandir(os.path.join(root, folder)) as listing:
                found = sorted(listing, key=lambda entry: entry.name)
        except OSError as error:
            yield _rejected(folder, f"The folder cannot be read: {why(error)}.")
            continue
        for entry in found:
            if entry.name.startswith("."):
                continue
            path = f"{folder}/{entry.name}" if folder else entry.name
            try:
                linked, is_folder = entry.is_symlink(), entry.is_dir()
                if not is_folder and Path(entry.name).suffix.lower() not in suffixes:
                    continue
                if linked and not Path(os.path.realpath(entry.path)).is_relative_to(inside):
                    yield _rejected(path, "It is a link that leads out of the folder.")
                elif is_folder:
                    (links if linked else folders).append(path)
                elif entry.is_file():
                    yield path
                else:
                    yield _rejected(path, "It is not a file, or a link that leads nowhere.")
            except OSError as error:
                yield _rejected(path, f"The file cannot be read: {why(error)}.")


def _item(path: str) -> Item:
    """Return the item that a picture's path, relative to the folder, tells of."""
    source_id = storable(path)
    category = "/".join(source_id.split("/")[:-1])
    return Item(source_id=source_id, name=readable(source_id), category=category)


def _rejected(path: str, reason: str) -> Rejected:
    """Refuse a path of the folder."""
    source_id = storable(path)
    return Rejected(source_id, readable(source_id), reason)
