"""The members of a ZIP or TAR archive, one after the other; nothing that it says is believed."""

import bz2
import gzip
import io
import lzma
import os
import re
import shutil
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

from core.errors import LookalikeError
from core.importers.base import EntryError
from core.settings import cache_folder

MAX_MEMBERS = 100_000
MAX_BYTES = 20_000_000_000
RESERVE = 1_000_000_000  # bytes that are left free on the disk
# Pictures are packed already, and text packs to a tenth: a file of nothing but zeros packs to a
# thousandth, and archives are made of them to fill disks.
RATIO, RATIO_FROM = 200, 100_000_000

_MAX_LISTING = 32_000_000  # bytes that ZIP's directory may have
_MAX_HEADER = 32_000  # bytes that TAR may say of one member
_CHUNK = 1 << 20


class BrokenArchive(Exception):
    """An archive cannot be read on: the text says how it is, as in "is cut short"."""


@dataclass(frozen=True, slots=True)
class Member:
    """Something that an archive holds, or says so.

    Attributes:
        name: its path, as the archive writes it.
        size: its bytes, as declared.
        is_listed: whether this is from a listing, and those to come cost no reading either.
        is_folder: whether it is one.
        obstacle: a sentence that says why it cannot be had, if so.
        chunks: its bytes; raises `EntryError` or `BrokenArchive`.
    """

    name: str
    size: int
    is_listed: bool
    is_folder: bool
    obstacle: str
    chunks: Callable[[], Iterator[bytes]]


class Meter:
    """Counts what is unpacked of an archive, and stops it where that is too much."""

    def __init__(self, file: Path, *, check: Callable[[], None] | None = None) -> None:
        """Ask how large it is, and how much room there is for what it holds.

        `check` is called as bytes are counted, and raises what is to end that.
        """
        self._check = check
        self.name = file.name
        self.packed = file.stat().st_size
        self.room = shutil.disk_usage(cache_folder()).free - RESERVE
        self.bytes = 0

    def add(self, size: int) -> None:
        """Count bytes; raises `LookalikeError`."""
        self.bytes += size
        self.bound(self.bytes)
        if self.bytes > MAX_BYTES:
            raise LookalikeError(
                f"{self.name} unpacks to more than {MAX_BYTES / 1e9:g} GB, the most that is "
                "taken at once. Pack it in parts."
            )
        if self.bytes > self.room:
            raise LookalikeError(
                f"There is no room to unpack {self.name}: the disk of the cache has "
                f"{max(0, self.room) / 1e9:.1f} GB to spare. Free some, or set LOOKALIKE_CACHE "
                "to a folder on another disk."
            )

    def bound(self, size: int) -> None:
        """Raise `LookalikeError` if no honest archive unpacks to so many bytes."""
        if self._check is not None:
            self._check()
        if size > max(RATIO_FROM, RATIO * self.packed):
            raise LookalikeError(
                f"{self.name} unpacks to more than {RATIO} times its size, as archives do that "
                "are made to fill a disk, and is not taken. If it is none, unpack it yourself "
                "and give the folder."
            )


def members(file: Path, meter: Meter) -> Generator[Member, None, None]:
    """Yield what an archive holds; raises `LookalikeError` for no archive, `BrokenArchive`."""
    with file.open("rb") as packed:
        head = packed.read(tarfile.BLOCKSIZE)
    if not head:
        raise LookalikeError(f"{file.name} is empty. Fetch it again.")
    for mark, name in _UNSUPPORTED.items():
        if head.startswith(mark):
            raise LookalikeError(
                f"{file.name} is packed as {name}, which is not read. Unpack it and give the "
                "folder, or pack it as ZIP."
            )
    for mark, opened in _COMPRESSIONS.items():
        if head.startswith(mark):
            return _tar_members(file, opened, meter)
    # A TAR may end in a ZIP, but not begin as one.
    if not head.startswith(b"PK") and (_is_tar(head) or not zipfile.is_zipfile(file)):
        return _tar_members(file, open, meter)
    return _zip_members(file)


# How files begin that are TAR archives, compressed, and what unpacks them as they are read.
_COMPRESSIONS: Mapping[bytes, Callable[..., IO[bytes]]] = {
    b"\x1f\x8b": cast(Callable[..., IO[bytes]], gzip.open),
    b"BZh": cast(Callable[..., IO[bytes]], bz2.open),
    b"\xfd7zXZ\0": cast(Callable[..., IO[bytes]], lzma.open),
}
_UNSUPPORTED: Mapping[bytes, str] = {
    b"7z\xbc\xaf\x27\x1c": "7-Zip",
    b"Rar!": "RAR",
    b"\x28\xb5\x2f\xfd": "Zstandard",
}


def _counted(number: int, name: str) -> None:
    """Raise `LookalikeError` if an archive has too many members."""
    if number > MAX_MEMBERS:
        raise LookalikeError(
            f"{name} holds more than {MAX_MEMBERS:,} files, the most that is taken at once. "
            "Pack it in parts."
        )


# -- ZIP ----------------------------------------------------------------------


class _CheckedReader(io.FileIO):
    """A file of which not much is read at once: `zipfile` reads a listing as long as it says."""

    def read(self, size: int | None = -1, /) -> bytes:
        """Read; raises `LookalikeError`."""
        if size is not None and size > _MAX_LISTING:
            _counted(MAX_MEMBERS + 1, Path(os.fsdecode(self.name)).name)
        return super().read(-1 if size is None else size)


def _zip_members(file: Path) -> Generator[Member, None, None]:
    """Yield what a ZIP archive lists."""
    with _CheckedReader(file) as packed:
        try:
            archive = zipfile.ZipFile(cast(IO[bytes], packed))
        except LookalikeError:
            raise
        except Exception as error:
            # Deliberately all: on hostile bytes zipfile raises whatever it stumbles over.
            raise LookalikeError(
                f"{file.name} is not a ZIP archive, or is damaged or cut short. Fetch it again."
            ) from error
        _counted(len(archive.filelist), file.name)
        for info in archive.filelist:
            name = _zip_name(info)
            yield Member(
                name=name,
                size=info.file_size,
                is_listed=True,
                is_folder=name.endswith("/"),
                obstacle=_zip_obstacle(info),
                chunks=lambda info=info: _zip_chunks(archive, info),  # type: ignore[misc]
            )


def _zip_name(info: zipfile.ZipInfo) -> str:
    """Return a member's name; that of the `ZipInfo` ends at a NUL character."""
    name = info.orig_filename
    if not info.flag_bits & 0x800:
        # Macs write UTF-8 without saying so. Other text is hardly ever valid as such.
        with suppress(UnicodeError):
            return name.encode("cp437").decode("utf-8")
    return name


def _zip_obstacle(info: zipfile.ZipInfo) -> str:
    """Return why a member is not taken, as a sentence; empty if it can be."""
    if obstacle := _obstacle(info.external_attr >> 16):
        return obstacle
    if info.flag_bits & 1:
        return "It is encrypted. Pack it again without a password."
    # bzip2 and LZMA may unpack to any size at once in zipfile, and the rest it does not know.
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        return "It is packed by a method that is not supported. Pack it again as ordinary ZIP."
    return ""


def _obstacle(mode: int) -> str:
    """Return why something of a file mode is not taken; empty for files and what says nothing."""
    if stat.S_ISLNK(mode):
        return "It is a link. Pack the file itself."
    if stat.S_IFMT(mode) not in (0, stat.S_IFREG, stat.S_IFDIR):
        return "It is a device or the like, not a file."
    return ""


def _zip_chunks(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Iterator[bytes]:
    """Yield the bytes of a member, at most as many as declared; raises `EntryError`."""
    size = 0
    try:
        with archive.open(info) as file:
            while chunk := file.read(_CHUNK):
                size += len(chunk)
                yield chunk
        if size != info.file_size:
            raise EOFError
    except Exception as error:  # as above
        raise EntryError("It is damaged. Fetch the archive again.") from error


# -- TAR ----------------------------------------------------------------------


class _Stream:
    """The bytes of a TAR archive, unpacked as they are read, and only ever forwards.

    `tarfile` reads the headers through `read`, which `allow` bounds: they may claim to be of any
    size, number and place. What it passes over is counted as well.
    """

    def __init__(self, file: IO[bytes], *, is_packed: bool, meter: Meter) -> None:
        self._file = file
        self._is_packed = is_packed
        self._meter = meter
        self._at = 0
        self._allowed = 0
        self._last = b""

    @property
    def has_ended(self) -> bool:
        """Whether what was read last marks the end of an archive."""
        return self._last == bytes(tarfile.BLOCKSIZE)

    def allow(self) -> None:
        """Let the headers of the next member be read."""
        self._allowed = _MAX_HEADER

    def tell(self) -> int:
        """Return how many bytes lie behind."""
        return self._at

    def read(self, size: int) -> bytes:
        """Return bytes of a header; raises `BrokenArchive`."""
        self._allowed -= size
        if size < 0 or self._allowed < 0:
            raise BrokenArchive("is damaged")
        self._last = self.take(size)
        # Python 3.11.9 and older take hours to find no number in these (CVE-2024-6232).
        if size > tarfile.BLOCKSIZE and re.search(rb"\d{50}", self._last):
            raise BrokenArchive("is damaged")
        return self._last

    def seek(self, place: int) -> None:
        """Go forward to a place, or to the end; raises `BrokenArchive`."""
        if place < self._at:
            raise BrokenArchive("is damaged")
        if not self._is_packed:
            self._at = self._file.seek(place)
        while self._at < place and self.take(min(_CHUNK, place - self._at)):
            pass

    def take(self, size: int) -> bytes:
        """Return the next bytes, fewer only at the end; raises `BrokenArchive`, `LookalikeError`."""
        try:
            data = self._file.read(size)
        except EOFError as error:
            raise BrokenArchive("is cut short") from error
        except (OSError, ValueError, zlib.error, lzma.LZMAError) as error:
            raise BrokenArchive("is damaged") from error
        self._at += len(data)
        if self._is_packed:
            self._meter.bound(self._at)
        return data

    def drain(self) -> None:
        """Read on to the end, which a compressed archive proves itself by; raises `BrokenArchive`."""
        while self._is_packed and self.take(_CHUNK):
            pass


def _is_tar(head: bytes) -> bool:
    """Say whether a file's first bytes are a header of TAR."""
    try:
        tarfile.TarInfo.frombuf(head, "utf-8", "surrogateescape")
    except (tarfile.TarError, ValueError):
        return False
    return True


def _tar_members(
    file: Path, opened: Callable[..., IO[bytes]], meter: Meter
) -> Generator[Member, None, None]:
    """Yield what a TAR archive holds, each to be read before the next."""
    with opened(file, "rb") as packed:
        stream = _Stream(packed, is_packed=opened is not open, meter=meter)
        stream.allow()
        try:
            archive = tarfile.TarFile(
                fileobj=cast(IO[bytes], stream), encoding="utf-8", errors="surrogateescape"
            )
        except (BrokenArchive, LookalikeError):
            raise
        except Exception as error:  # as below
            raise LookalikeError(
                f"{file.name} is not a ZIP or TAR archive. Give one, or a folder."
            ) from error
        number = 0
        while info := _tar_next(archive, stream):
            number += 1
            _counted(number, file.name)
            yield Member(
                name=info.name,
                size=info.size,
                is_listed=False,
                is_folder=info.isdir(),
                obstacle=_tar_obstacle(info),
                chunks=lambda info=info: _tar_chunks(stream, info),  # type: ignore[misc]
            )
        if not stream.has_ended:
            raise BrokenArchive("is cut short")
        stream.drain()


def _tar_next(archive: tarfile.TarFile, stream: _Stream) -> tarfile.TarInfo | None:
    """Return what comes next in a TAR archive; raises `BrokenArchive`, `LookalikeError`."""
    stream.allow()
    try:
        info = archive.next()
    except (BrokenArchive, LookalikeError):
        raise
    except Exception as error:
        # Deliberately all: on hostile bytes tarfile raises whatever it stumbles over.
        cut = isinstance(error, tarfile.ReadError) and "end of data" in str(error)
        raise BrokenArchive("is cut short" if cut else "is damaged") from error
    archive.members.clear()  # type: ignore[attr-defined]  # it would keep them all
    return info


def _tar_obstacle(info: tarfile.TarInfo) -> str:
    """Return why a member is not taken, as a sentence; empty if it can be."""
    if info.islnk() or info.issym():
        return _obstacle(stat.S_IFLNK)
    if info.issparse():
        return "It is a sparse file. Pack it again with --format=pax, without --sparse."
    return "" if info.isreg() or info.isdir() else _obstacle(stat.S_IFBLK)


def _tar_chunks(stream: _Stream, info: tarfile.TarInfo) -> Iterator[bytes]:
    """Yield the bytes of a member; raises `BrokenArchive`."""
    stream.seek(info.offset_data)
    left = info.size
    while left > 0:
        chunk = stream.take(min(_CHUNK, left))
        if not chunk:
            raise BrokenArchive("is cut short")
        left -= len(chunk)
        yield chunk
