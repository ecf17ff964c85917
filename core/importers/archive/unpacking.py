"""Unpack an archive without trusting it.

Every chosen member is written below a folder as an ordinary file, under a checked name, and its
bytes are counted as they arrive. A member that breaks a rule is skipped; an archive that would fill
the disk is rejected as a whole.
"""

import errno
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import IO

from core.errors import LookalikeError
from core.importers.archive.formats import read_members
from core.importers.archive.members import BrokenArchive, Member, Meter
from core.importers.archive.sorter import Sorter, check_size, max_bytes_of
from core.importers.base import EntryError
from core.importers.text import os_error_reason


def unpack(file: Path, target: Path, sorter: Sorter, check: Callable[[], None] | None) -> str:
    """Write the chosen members below `target`; return what is wrong with a broken archive."""
    try:
        meter = Meter(file, check=check)
        with closing(read_members(file, meter)) as contents:
            for member in contents:
                if parts := sorter.place(member):
                    try:
                        _write(member, target.joinpath(*parts), meter)
                    except EntryError as error:
                        sorter.failed(parts, error)
    except BrokenArchive as error:
        return str(error)
    except OSError as error:
        raise unreadable(file, error) from error
    return ""


def _write(member: Member, path: Path, meter: Meter) -> None:
    """Write a member; raises `EntryError` and leaves no incomplete file."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("xb") as file:
            try:
                _copy(member, file, meter, max_bytes=max_bytes_of(path.suffix.lower()))
            except BaseException:
                path.unlink()
                raise
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise LookalikeError(
                f"The disk is full: {meter.name} cannot be unpacked. Free some space, or set "
                "LOOKALIKE_CACHE to a folder on another disk."
            ) from error
        raise EntryError(f"It cannot be written: {os_error_reason(error)}.") from error


def _copy(member: Member, file: IO[bytes], meter: Meter, *, max_bytes: int) -> None:
    """Write the bytes of a member and count them."""
    size = 0
    for chunk in member.chunks():
        size += len(chunk)
        check_size(size, max_bytes)
        meter.add(len(chunk))
        file.write(chunk)


def unreadable(file: Path, error: Exception) -> LookalikeError:
    """Return the error that an archive cannot be read."""
    return LookalikeError(
        f'The archive "{file}" cannot be read ({os_error_reason(error)}). Check its name and '
        "permissions."
    )
