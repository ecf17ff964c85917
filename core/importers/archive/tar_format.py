"""Read the members of a TAR archive, without trusting anything that the archive says."""

import lzma
import re
import stat
import tarfile
import zlib
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import IO, cast

from core.errors import LookalikeError
from core.importers.archive.members import (
    CHUNK_BYTES,
    BrokenArchive,
    Member,
    Meter,
    check_count,
    obstacle_of_mode,
)

_MAX_HEADER = 32_000  # bytes of all headers of one TAR member


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
        while self._at < position and self.read_bytes(min(CHUNK_BYTES, position - self._at)):
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
        while self._is_packed and self.read_bytes(CHUNK_BYTES):
            pass


def is_tar(head: bytes) -> bool:
    """Say whether the first bytes of a file are a TAR header."""
    try:
        tarfile.TarInfo.frombuf(head, "utf-8", "surrogateescape")
    except (tarfile.TarError, ValueError):
        return False
    return True


def tar_members(
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
            check_count(number, file.name)
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
        return obstacle_of_mode(stat.S_IFLNK)
    if info.issparse():
        return "It is a sparse file. Pack it again with --format=pax, without --sparse."
    return "" if info.isreg() or info.isdir() else obstacle_of_mode(stat.S_IFBLK)


def _tar_chunks(stream: _Stream, info: tarfile.TarInfo) -> Iterator[bytes]:
    """Yield the bytes of a member; raises `BrokenArchive`."""
    stream.seek(info.offset_data)
    left = info.size
    while left > 0:
        chunk = stream.read_bytes(min(CHUNK_BYTES, left))
        if not chunk:
            raise BrokenArchive("is cut short")
        left -= len(chunk)
        yield chunk
