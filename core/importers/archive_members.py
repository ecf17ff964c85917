"""Read the members of a ZIP or TAR archive, without trusting anything that the archive says."""

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
RESERVE = 1_000_000_000  # bytes that stay free on the disk
# Pictures are compressed already, and text compresses to a tenth. Zeros compress to a thousandth,
# and archives of them are made to fill disks.
MAX_RATIO, RATIO_FROM = 200, 100_000_000

_MAX_LISTING = 32_000_000  # bytes of the directory of a ZIP
_MAX_HEADER = 32_000  # bytes of all headers of one TAR member
_CHUNK_BYTES = 1 << 20


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
        """Count bytes; raises `LookalikeError` if they are too many."""
        self.bytes += size
        self.check_ratio(self.bytes)
        if self.bytes > MAX_BYTES:
            raise LookalikeError(
                f"{self.name} unpacks to more than {MAX_BYTES / 1e9:g} GB, the limit. Split it "
                "into several archives."
            )
        if self.bytes > self.space:
            raise LookalikeError(
                f"There is not enough space to unpack {self.name}: the disk of the cache has "
                f"{max(0, self.space) / 1e9:.1f} GB to spare. Free some, or set LOOKALIKE_CACHE "
                "to a folder on another disk."
            )

    def check_ratio(self, size: int) -> None:
        """Raise `LookalikeError` if no ordinary archive unpacks to so many bytes."""
        if self._check is not None:
            self._check()
        if size > max(RATIO_FROM, MAX_RATIO * self.packed):
            raise LookalikeError(
                f"{self.name} unpacks to more than {MAX_RATIO} times its size, like an archive "
                "that is made to fill a disk. If it is safe, unpack it yourself and import the "
                "folder."
            )


def members(file: Path, meter: Meter) -> Generator[Member, None, None]:
    """Yield the members of an archive.

    Raises `LookalikeError` for a file that is not an archive, and `BrokenArchive`.
    """
    with file.open("rb") as packed:
        head = packed.read(tarfile.BLOCKSIZE)
    if not head:
        raise LookalikeError(f"{file.name} is empty. Download it again.")
    for mark, name in _UNSUPPORTED.items():
        if head.startswith(mark):
            raise LookalikeError(
                f"{file.name} is packed as {name}, which is not supported. Unpack it and import "
                "the folder, or pack it as ZIP."
            )
    for mark, open_file in _COMPRESSIONS.items():
        if head.startswith(mark):
            return _tar_members(file, open_file, meter)
    # A TAR may end with a ZIP, but not begin like one.
    if not head.startswith(b"PK") and (_is_tar(head) or not zipfile.is_zipfile(file)):
        return _tar_members(file, open, meter)
    return _zip_members(file)


# The first bytes of compressed TAR archives, and the functions that decompress them.
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


def _check_count(number: int, name: str) -> None:
    """Raise `LookalikeError` if an archive has too many members."""
    if number > MAX_MEMBERS:
        raise LookalikeError(
            f"{name} contains more than {MAX_MEMBERS:,} files, the limit. Split it into several "
            "archives."
        )


# -- ZIP ----------------------------------------------------------------------


class _CheckedReader(io.FileIO):
    """A file with bounded reads: `zipfile` reads a listing of any size that a ZIP declares."""

    def read(self, size: int | None = -1, /) -> bytes:
        """Return bytes; raises `LookalikeError` for a listing that is too long."""
        if size is not None and size > _MAX_LISTING:
            _check_count(MAX_MEMBERS + 1, Path(os.fsdecode(self.name)).name)
        return super().read(-1 if size is None else size)


def _zip_members(file: Path) -> Generator[Member, None, None]:
    """Yield the members that a ZIP archive lists."""
    with _CheckedReader(file) as packed:
        try:
            archive = zipfile.ZipFile(cast(IO[bytes], packed))
        except LookalikeError:
            raise
        except Exception as error:
            # All exceptions: on hostile bytes zipfile raises many different ones.
            raise LookalikeError(
                f"{file.name} is not a ZIP archive, or is damaged or cut short. Download it again."
            ) from error
        _check_count(len(archive.filelist), file.name)
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
    """Return the complete name of a member; `ZipInfo.filename` ends at a NUL character."""
    name = info.orig_filename
    if not info.flag_bits & 0x800:
        # Macs write UTF-8 without the flag for it. Other encodings are hardly ever valid UTF-8.
        with suppress(UnicodeError):
            return name.encode("cp437").decode("utf-8")
    return name


def _zip_obstacle(info: zipfile.ZipInfo) -> str:
    """Return a sentence that says why a member cannot be unpacked; empty if it can."""
    if obstacle := _obstacle(info.external_attr >> 16):
        return obstacle
    if info.flag_bits & 1:
        return "It is encrypted. Pack it again without a password."
    # In zipfile, bzip2 and LZMA may unpack to any size in one step; it does not know the rest.
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        return (
            "It is compressed with a method that is not supported. Pack it again as an ordinary "
            "ZIP."
        )
    return ""


def _obstacle(mode: int) -> str:
    """Return a sentence about a file mode that cannot be unpacked; empty for files and folders."""
    if stat.S_ISLNK(mode):
        return "It is a link. Pack the file itself."
    if stat.S_IFMT(mode) not in (0, stat.S_IFREG, stat.S_IFDIR):
        return "It is a device or a similar special file. Leave it out."
    return ""


def _zip_chunks(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Iterator[bytes]:
    """Yield the bytes of a member, at most as many as declared; raises `EntryError`."""
    size = 0
    try:
        with archive.open(info) as file:
            while chunk := file.read(_CHUNK_BYTES):
                size += len(chunk)
                yield chunk
        if size != info.file_size:
            raise EOFError
    except Exception as error:  # as above
        raise EntryError("It is damaged. Download the archive again.") from error


# -- TAR ----------------------------------------------------------------------


class _Stream:
    """The bytes of a TAR archive, decompressed as they are read, and only forwards.

    `tarfile` reads the headers through `read`, within the limit that `allow` sets: headers may
    claim any size, number and position. Bytes that are skipped are counted as well.
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
        """Whether the last read was the end marker of an archive."""
        return self._last == bytes(tarfile.BLOCKSIZE)

    def allow(self) -> None:
        """Allow the headers of the next member to be read."""
        self._allowed = _MAX_HEADER

    def tell(self) -> int:
        """Return the position in the decompressed archive."""
        return self._at

    def read(self, size: int) -> bytes:
        """Return bytes of a header; raises `BrokenArchive`."""
        self._allowed -= size
        if size < 0 or self._allowed < 0:
            raise BrokenArchive("is damaged")
        self._last = self.read_bytes(size)
        # Python 3.11.9 and older take hours to parse such headers (CVE-2024-6232).
        if size > tarfile.BLOCKSIZE and re.search(rb"\d{50}", self._last):
            raise BrokenArchive("is damaged")
        return self._last

    def seek(self, position: int) -> None:
        """Move forwards to a position, at most to the end; raises `BrokenArchive`."""
        if position < self._at:
            raise BrokenArchive("is damaged")
        if not self._is_packed:
            self._at = self._file.seek(position)
        while self._at < position and self.read_bytes(min(_CHUNK_BYTES, position - self._at)):
            pass

    def read_bytes(self, size: int) -> bytes:
        """Return the next bytes, fewer only at the end.

        Raises `BrokenArchive`, and `LookalikeError` if too much was decompressed.
        """
        try:
            data = self._file.read(size)
        except EOFError as error:
            raise BrokenArchive("is cut short") from error
        except (OSError, ValueError, zlib.error, lzma.LZMAError) as error:
            raise BrokenArchive("is damaged") from error
        self._at += len(data)
        if self._is_packed:
            self._meter.check_ratio(self._at)
        return data

    def drain(self) -> None:
        """Read to the end, where a compressed file has its checksum; raises `BrokenArchive`."""
        while self._is_packed and self.read_bytes(_CHUNK_BYTES):
            pass


def _is_tar(head: bytes) -> bool:
    """Say whether the first bytes of a file are a TAR header."""
    try:
        tarfile.TarInfo.frombuf(head, "utf-8", "surrogateescape")
    except (tarfile.TarError, ValueError):
        return False
    return True


def _tar_members(
    file: Path, open_file: Callable[..., IO[bytes]], meter: Meter
) -> Generator[Member, None, None]:
    """Yield the members of a TAR archive; each must be read before the next."""
    with open_file(file, "rb") as packed:
        stream = _Stream(packed, is_packed=open_file is not open, meter=meter)
        stream.allow()
        try:
            archive = tarfile.TarFile(
                fileobj=cast(IO[bytes], stream), encoding="utf-8", errors="surrogateescape"
            )
        except (BrokenArchive, LookalikeError):
            raise
        except Exception as error:  # as below
            raise LookalikeError(
                f"{file.name} is not a ZIP or TAR archive. Give such an archive or a folder."
            ) from error
        number = 0
        while info := _tar_next(archive, stream):
            number += 1
            _check_count(number, file.name)
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
    """Return the next member of a TAR archive; raises `BrokenArchive` or `LookalikeError`."""
    stream.allow()
    try:
        info = archive.next()
    except (BrokenArchive, LookalikeError):
        raise
    except Exception as error:
        # All exceptions: on hostile bytes tarfile raises many different ones.
        is_cut = isinstance(error, tarfile.ReadError) and "end of data" in str(error)
        raise BrokenArchive("is cut short" if is_cut else "is damaged") from error
    archive.members.clear()  # type: ignore[attr-defined]  # or it would store them all
    return info


def _tar_obstacle(info: tarfile.TarInfo) -> str:
    """Return a sentence that says why a member cannot be unpacked; empty if it can."""
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
        chunk = stream.read_bytes(min(_CHUNK_BYTES, left))
        if not chunk:
            raise BrokenArchive("is cut short")
        left -= len(chunk)
        yield chunk
