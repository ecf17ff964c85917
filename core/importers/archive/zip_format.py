"""Read the members of a ZIP archive, without trusting anything that the archive says."""

import io
import os
import zipfile
from collections.abc import Generator, Iterator, Sequence
from pathlib import Path
from typing import IO, cast

from core.errors import LookalikeError
from core.importers.archive.members import (
    CHUNK_BYTES,
    MAX_MEMBERS,
    Member,
    check_count,
    obstacle_of_mode,
)
from core.importers.base import EntryError
from core.importers.text import guess_code_page

# The code page of names, and the flag of those that are in UTF-8 instead.
DOS, UTF_8_FLAG = "cp437", 0x800
_MAX_LISTING = 32_000_000  # bytes of the directory of a ZIP


class _CheckedReader(io.FileIO):
    """A file with bounded reads: `zipfile` reads a listing of any size that a ZIP declares."""

    def read(self, size: int | None = -1, /) -> bytes:
        """Return bytes; raises `LookalikeError` for a listing that is too long."""
        if size is not None and size > _MAX_LISTING:
            check_count(MAX_MEMBERS + 1, Path(os.fsdecode(self.name)).name)
        return super().read(-1 if size is None else size)


def zip_members(file: Path) -> Generator[Member, None, None]:
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
        check_count(len(archive.filelist), file.name)
        for info, name in zip(archive.filelist, _zip_names(archive.filelist), strict=True):
            yield Member(
                name=name,
                size=info.file_size,
                is_listed=True,
                is_folder=name.endswith("/"),
                obstacle=_zip_obstacle(info),
                chunks=lambda info=info: _zip_chunks(archive, info),  # type: ignore[misc]
            )


def _zip_names(infos: Sequence[zipfile.ZipInfo]) -> list[str]:
    """Return the complete names of the members; `ZipInfo.filename` ends at a NUL character.

    Names without the flag for UTF-8 should be in the code page of DOS, as which `zipfile` reads
    them. Macs write UTF-8 all the same, and Windows the code page of its country, which is guessed
    from all names together.
    """
    names = [info.orig_filename for info in infos]
    unknown = {
        place: names[place].encode(DOS, "replace")
        for place, info in enumerate(infos)
        if not info.flag_bits & UTF_8_FLAG and not names[place].isascii()
    }
    if unknown:
        together = b"\n".join(unknown.values())
        is_utf_8 = _decodes(together, "utf-8")
        encoding = "utf-8" if is_utf_8 else guess_code_page(together, usual=DOS)
        if _decodes(together, encoding):
            names = [
                unknown[place].decode(encoding) if place in unknown else name
                for place, name in enumerate(names)
            ]
    return names


def _decodes(data: bytes, encoding: str) -> bool:
    """Return whether bytes are valid in an encoding."""
    try:
        data.decode(encoding)
    except UnicodeError:
        return False
    return True


def _zip_obstacle(info: zipfile.ZipInfo) -> str:
    """Return a sentence that says why a member cannot be unpacked; empty if it can."""
    if obstacle := obstacle_of_mode(info.external_attr >> 16):
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


def _zip_chunks(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Iterator[bytes]:
    """Yield the bytes of a member, at most as many as declared; raises `EntryError`."""
    size = 0
    try:
        with archive.open(info) as file:
            while chunk := file.read(CHUNK_BYTES):
                size += len(chunk)
                yield chunk
        if size != info.file_size:
            raise EOFError
    except Exception as error:  # as above
        raise EntryError("It is damaged. Download the archive again.") from error
