"""The members of an archive, and the limits on what is unpacked."""

import shutil
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from core.errors import LookalikeError
from core.settings import cache_folder

MAX_MEMBERS = 100_000
MAX_BYTES = 20_000_000_000
RESERVE = 1_000_000_000  # bytes that stay free on the disk
# Pictures are compressed already, and text compresses to a tenth. Zeros compress to a thousandth,
# and archives of them are made to fill disks.
MAX_RATIO, RATIO_FROM = 200, 100_000_000
CHUNK_BYTES = 1 << 20


class TooMuch(LookalikeError):
    """An archive, with those in it, is beyond a limit: nothing of it is imported."""


class BrokenArchive(Exception):
    """The rest of an archive cannot be read: the text says why, as in "is cut short"."""


@dataclass(frozen=True, slots=True)
class Member:
    """A member of an archive, as the archive describes it.

    Attributes:
        name: the path, as the archive writes it.
        size: the declared number of bytes.
        is_listed: whether it comes from a listing, so that no file data is read to find the next.
        is_folder: whether it is a folder.
        obstacle: a sentence that says why it cannot be unpacked; empty if it can.
        chunks: yields the bytes; raises `EntryError` or `BrokenArchive`.
    """

    name: str
    size: int
    is_listed: bool
    is_folder: bool
    obstacle: str
    chunks: Callable[[], Iterator[bytes]]


class Meter:
    """Counts the bytes unpacked from an archive, and raises when there are too many."""

    def __init__(self, file: Path, *, check: Callable[[], None] | None = None) -> None:
        """Get the size of the archive and the free space of the cache.

        `check` is called while bytes are counted; raises what should end that.
        """
        self._check = check
        self.name = file.name
        self.packed = file.stat().st_size
        self.space = shutil.disk_usage(cache_folder()).free - RESERVE
        self.bytes = 0

    def add(self, size: int) -> None:
        """Count bytes; raises `TooMuch` if they are too many."""
        self.bytes += size
        self.check_ratio(self.bytes)
        if self.bytes > MAX_BYTES:
            raise TooMuch(
                f"{self.name} unpacks to more than {MAX_BYTES / 1e9:g} GB, the limit. Split it "
                "into several archives."
            )
        if self.bytes > self.space:
            raise TooMuch(
                f"There is not enough space to unpack {self.name}: the disk of the cache has "
                f"{max(0, self.space) / 1e9:.1f} GB to spare. Free some, or set LOOKALIKE_CACHE "
                "to a folder on another disk."
            )

    def check_ratio(self, size: int) -> None:
        """Raise `TooMuch` if no ordinary archive unpacks to so many bytes."""
        if self._check is not None:
            self._check()
        if size > max(RATIO_FROM, MAX_RATIO * self.packed):
            raise TooMuch(
                f"{self.name} unpacks to more than {MAX_RATIO} times its size, like an archive "
                "that is made to fill a disk. If it is safe, unpack it yourself and import the "
                "folder."
            )


def check_count(number: int, name: str) -> None:
    """Raise `TooMuch` if an archive has too many members."""
    if number > MAX_MEMBERS:
        raise TooMuch(
            f"{name} contains more than {MAX_MEMBERS:,} files, the limit. Split it into several "
            "archives."
        )


def obstacle_of_mode(mode: int) -> str:
    """Return a sentence about a file mode that cannot be unpacked; empty for files and folders."""
    if stat.S_ISLNK(mode):
        return "It is a link. Pack the file itself."
    if stat.S_IFMT(mode) not in (0, stat.S_IFREG, stat.S_IFDIR):
        return "It is a device or a similar special file. Leave it out."
    return ""
