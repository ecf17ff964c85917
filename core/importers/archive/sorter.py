"""Choose the members of an archive that are unpacked, under checked names."""

import re
from collections.abc import Callable
from pathlib import PurePosixPath

from core.importers import folder, model_files, table
from core.importers.archive.members import Member
from core.importers.base import EntryError, SkippedEntry
from core.importers.folder import MAX_BYTES
from core.importers.relative_paths import (
    ARCHIVE_LIMITS,
    TOO_LONG,
    is_hidden,
    path_keys,
    split,
)
from core.importers.text import one_line, path_key, readable, storable

# Files that 3D files refer to, besides pictures.
_MODEL_PARTS = frozenset([".mtl", ".bin", ".tga"])
UNPACKED_SUFFIXES = folder.SUFFIXES | table.SUFFIXES | model_files.SUFFIXES | _MODEL_PARTS
MAX_FILE_BYTES = 500_000_000  # bytes of a 3D file or a table; for a picture it is `MAX_BYTES`


class Sorter:
    """Decides which members are unpacked, ignored or skipped with a reason."""

    def __init__(self, is_nested: Callable[[str], bool]) -> None:
        """Begin; `is_nested` says of a file name whether it is that of a source in itself."""
        self._is_nested = is_nested
        self._skipped: list[SkippedEntry] = []
        self._number = 0
        self._accepted: dict[str, str] = {}
        self._folders: set[str] = set()
        self._tops: set[str] = set()
        self._is_deep = False

    @property
    def top(self) -> str:
        """The single folder at the top that contains everything; empty if there is none."""
        return next(iter(self._tops)) if len(self._tops) == 1 and self._is_deep else ""

    @property
    def skipped(self) -> list[SkippedEntry]:
        """The skipped members, with their paths below `top`."""
        top = f"{one_line(storable(self.top))}/" if self.top else ""
        return [
            SkippedEntry(each.source_id.removeprefix(top), each.name, each.reason)
            for each in self._skipped
        ]

    def place(self, member: Member) -> tuple[str, ...]:
        """Return the parts of the path of a member to unpack; empty for any other."""
        self._number += 1
        try:
            return self._place(member)
        except EntryError as error:
            path = "/".join(split(member.name)) or member.name
            is_repeated = self._accepted.get(path_key(path)) == path
            self._skip(path, error, note=f" (number {self._number:,})" if is_repeated else "")
            return ()

    def failed(self, parts: tuple[str, ...], error: EntryError) -> None:
        """Record that a member could not be unpacked, so that another may have its name."""
        path = "/".join(parts)
        del self._accepted[path_key(path)]
        self._skip(path, error)

    def _skip(self, path: str, error: EntryError, *, note: str = "") -> None:
        source_id = one_line(storable(path[: ARCHIVE_LIMITS.path_bytes])) + note
        self._skipped.append(SkippedEntry(source_id, readable(source_id), str(error)))

    def _place(self, member: Member) -> tuple[str, ...]:
        """Return what `place` returns; raises `EntryError` for a member that is skipped."""
        parts = _parts(member.name)
        if not parts or is_hidden(parts):
            return ()
        self._tops.add(parts[0])
        self._is_deep |= len(parts) > 1 or member.is_folder
        suffix = PurePosixPath(parts[-1]).suffix.lower()
        if member.is_folder:
            return ()
        # Links and devices usually have no suffix. Other encrypted files are of no interest.
        if member.obstacle and (suffix in UNPACKED_SUFFIXES or not suffix):
            raise EntryError(member.obstacle)
        if self._is_nested(parts[-1]):
            raise EntryError("It is an archive within the archive. Unpack it first.")
        if suffix not in UNPACKED_SUFFIXES:
            return ()
        check_size(member.size, max_bytes_of(suffix))
        # Many file systems do not distinguish such names.
        keys = path_keys(parts)
        if keys[-1] in self._folders or not self._accepted.keys().isdisjoint(keys):
            raise EntryError(
                "The archive has another file of this name, or of a name that differs only in "
                "capitals or in how accents are written. Rename one of them."
            )
        self._accepted[keys[-1]] = "/".join(parts)
        self._folders.update(keys[:-1])
        return parts


def _parts(name: str) -> tuple[str, ...]:
    """Return the parts of a member's path; raises `EntryError` if it is not safe."""
    parts = split(name)
    if "\0" in name:
        raise EntryError("Its name contains a NUL character. Rename it.")
    if name.startswith(("/", "\\")) or ".." in parts or re.match("[A-Za-z]:", name):
        raise EntryError("Its path leads out of the archive. Pack it again with a relative path.")
    if not ARCHIVE_LIMITS.allow(parts):
        raise EntryError(TOO_LONG)
    return parts


def max_bytes_of(suffix: str) -> int:
    """Return the largest number of bytes of a file with this suffix."""
    return MAX_BYTES if suffix in folder.SUFFIXES else MAX_FILE_BYTES


def check_size(size: int, max_bytes: int) -> None:
    """Raise `EntryError` if a file has too many bytes."""
    if size > max_bytes:
        raise EntryError(
            f"It is larger than {max_bytes / 1e6:g} MB. Make it smaller, or leave it out."
        )
