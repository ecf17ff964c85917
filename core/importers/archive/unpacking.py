"""Unpack an archive without trusting it.

Every chosen member is written below a folder as an ordinary file, under a checked name, and its
bytes are counted as they arrive. A member that breaks a rule is skipped; an archive that would fill
the disk is rejected as a whole. An archive in the archive is unpacked into a folder of its name,
within the same limits.
"""

import errno
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import IO

from core.errors import LookalikeError
from core.importers.archive.formats import read_members
from core.importers.archive.members import BrokenArchive, Member, Meter, TooMuch
from core.importers.archive.sorter import (
    UNPACKED_SUFFIXES,
    Sorter,
    check_size,
    is_opened,
    max_bytes_of,
)
from core.importers.base import EntryError
from core.importers.temporary_folder import TemporaryFolder
from core.importers.text import os_error_reason


def unpack(file: Path, target: Path, sorter: Sorter, check: Callable[[], None] | None) -> str:
    """Write the chosen members below `target`; return what is wrong with a broken archive."""
    try:
        meter = Meter(file, check=check)
        _unpack(file, target, sorter, meter, within=())
    except BrokenArchive as error:
        return str(error)
    except OSError as error:
        raise unreadable(file, error) from error
    return ""


def _unpack(
    file: Path, target: Path, sorter: Sorter, meter: Meter, *, within: tuple[str, ...]
) -> None:
    """Write the chosen members below `target`; `within` is the folder of an archive in another."""
    with closing(read_members(file, meter)) as contents:
        for member in contents:
            if parts := sorter.place(member, within=within):
                try:
                    if is_opened(parts[-1]):
                        _unpack_nested(member, parts, target, sorter, meter)
                    else:
                        _write(member, target.joinpath(*parts), meter)
                except EntryError as error:
                    sorter.failed(parts, error)


def _unpack_nested(
    member: Member, parts: tuple[str, ...], target: Path, sorter: Sorter, meter: Meter
) -> None:
    """Write the members of an archive in the archive; raises `EntryError` if it is damaged."""
    temporary = TemporaryFolder("unpacked")
    try:
        # Named as the archive, for messages.
        file = temporary.path / parts[-1]
        _write(member, file, meter)
        try:
            _unpack(file, target, sorter, meter, within=sorter.open(parts))
        except TooMuch:
            raise
        except BrokenArchive as error:
            sorter.spoilt(parts, f"It {error}: only the files before that were read.")
        except LookalikeError as error:
            sorter.spoilt(parts, str(error))
    finally:
        temporary.remove()


def _write(member: Member, path: Path, meter: Meter) -> None:
    """Write a member; raises `EntryError` and leaves no incomplete file."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("xb") as file:
            try:
                _copy(member, file, meter, suffix=path.suffix.lower())
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


def _copy(member: Member, file: IO[bytes], meter: Meter, *, suffix: str) -> None:
    """Write the bytes of a member and count them; of other files not more than are looked at."""
    size, max_bytes = 0, max_bytes_of(suffix)
    for chunk in member.chunks():
        size += len(chunk)
        if suffix in UNPACKED_SUFFIXES:
            check_size(size, max_bytes)
        meter.add(len(chunk))
        file.write(chunk)
        if size > max_bytes and not is_opened(file.name):
            break


def unreadable(file: Path, error: Exception) -> LookalikeError:
    """Return the error that an archive cannot be read."""
    return LookalikeError(
        f'The archive "{file}" cannot be read ({os_error_reason(error)}). Check its name and '
        "permissions."
    )
