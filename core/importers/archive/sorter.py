"""Give the members of an archive checked names, and choose those that are unpacked."""

import re
from collections.abc import Callable
from pathlib import PurePosixPath

from core.importers import folder, model_files, table
from core.importers.archive.members import Member, check_count
from core.importers.base import EntryError, SkippedEntry
from core.importers.file_kinds import ARCHIVE, FileKind, kind_of
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
_MODEL_PARTS = frozenset([".mtl", ".bin", ".tga", ".dds"])
# Files with another suffix are told by their bytes: of large ones only the beginning is unpacked.
UNPACKED_SUFFIXES = folder.SUFFIXES | table.SUFFIXES | model_files.SUFFIXES | _MODEL_PARTS
# The ends of the names of archives that can be opened, for `str.endswith`.
SUFFIXES = (".zip", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz", ".txz")
MAX_FILE_BYTES = 500_000_000  # bytes of a 3D file or a table; for a picture it is `MAX_BYTES`


class Sorter:
    """Decides which members are unpacked, left packed or skipped with a reason."""

    def __init__(self, is_nested: Callable[[str], bool], name: str) -> None:
        """Begin; `is_nested` says of a file name whether it is that of a source in itself.

        `name` is that of the archive, for messages.
        """
        self._is_nested = is_nested
        self._name = name
        self._packed: dict[str, FileKind] = {}
        self._opened: set[str] = set()
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

    @property
    def packed(self) -> dict[str, FileKind]:
        """The files that are not unpacked, with what they are, by their paths below `top`."""
        return {path.removeprefix(f"{self.top}/"): kind for path, kind in self._packed.items()}

    @property
    def opened(self) -> set[str]:
        """Those of `packed` that are archives, which were opened."""
        return {path.removeprefix(f"{self.top}/") for path in self._opened}

    def place(self, member: Member, *, within: tuple[str, ...] = ()) -> tuple[str, ...]:
        """Return the parts of the path of a member to unpack; empty for any other.

        `within` are the parts of the folder for the members of an archive in the archive.
        """
        self._number += 1
        check_count(self._number, self._name)
        try:
            return self._place(member, within)
        except EntryError as error:
            path = "/".join((*within, *split(member.name))) or member.name
            is_repeated = self._accepted.get(path_key(path)) == path
            self._skip(path, error, note=f" (number {self._number:,})" if is_repeated else "")
            return ()

    def open(self, parts: tuple[str, ...]) -> tuple[str, ...]:
        """Note that a member is an archive that is opened; return the parts of a folder for it."""
        del self._accepted[path_key("/".join(parts))]
        self._packed["/".join(parts)] = ARCHIVE
        self._opened.add("/".join(parts))
        stem = PurePosixPath(parts[-1]).stem.removesuffix(".tar") or parts[-1]
        folder = (*parts[:-1], stem)
        key = path_key("/".join(folder))
        folder = parts if key in self._accepted or key in self._folders else folder
        self._tops.add(folder[0])
        self._is_deep = True
        return folder

    def spoilt(self, parts: tuple[str, ...], reason: str) -> None:
        """Record that an archive could not be opened, or not to its end."""
        path = "/".join(parts)
        del self._packed[path]
        self._opened.remove(path)
        self._skip(path, EntryError(reason))

    def failed(self, parts: tuple[str, ...], error: EntryError) -> None:
        """Record that a member could not be unpacked, so that another may have its name."""
        path = "/".join(parts)
        del self._accepted[path_key(path)]
        self._skip(path, error)

    def _skip(self, path: str, error: EntryError, *, note: str = "") -> None:
        source_id = one_line(storable(path[: ARCHIVE_LIMITS.path_bytes])) + note
        self._skipped.append(SkippedEntry(source_id, readable(source_id), str(error)))

    def _place(self, member: Member, within: tuple[str, ...]) -> tuple[str, ...]:
        """Return what `place` returns; raises `EntryError` for a member that is skipped."""
        parts = _parts(member.name, within)
        if not parts or is_hidden(parts):
            if not member.is_folder:
                self._leave(parts or (member.name,))
            return ()
        is_archive = not member.is_folder and self._is_nested(parts[-1])
        if not (is_archive and is_opened(parts[-1])):
            self._tops.add(parts[0])
            self._is_deep |= len(parts) > 1 or member.is_folder
        suffix = PurePosixPath(parts[-1]).suffix.lower()
        if member.is_folder:
            return ()
        if member.obstacle:
            # Links and devices usually have no suffix. Other encrypted files are of no interest.
            if suffix in UNPACKED_SUFFIXES or not suffix:
                raise EntryError(member.obstacle)
            self._leave(parts)
            return ()
        if is_archive and (within or not is_opened(parts[-1])):
            raise EntryError("It is an archive within the archive. Unpack it first.")
        if suffix in UNPACKED_SUFFIXES:
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

    def _leave(self, parts: tuple[str, ...]) -> None:
        """Record a file that is not unpacked; a name may occur several times."""
        path, number = "/".join(parts), 2
        while path in self._packed:
            path, number = f"{'/'.join(parts)} ({number})", number + 1
        self._packed[path] = kind_of("/".join(parts))


def _parts(name: str, within: tuple[str, ...]) -> tuple[str, ...]:
    """Return the parts of a member's path; raises `EntryError` if it is not safe."""
    parts = (*within, *own) if (own := split(name)) else ()
    if "\0" in name:
        raise EntryError("Its name contains a NUL character. Rename it.")
    if name.startswith(("/", "\\")) or ".." in own or re.match("[A-Za-z]:", name):
        raise EntryError("Its path leads out of the archive. Pack it again with a relative path.")
    if not ARCHIVE_LIMITS.allow(parts):
        raise EntryError(TOO_LONG)
    return parts


def is_opened(name: str) -> bool:
    """Say whether a file name is that of an archive that can be opened."""
    return name.lower().endswith(SUFFIXES)


def max_bytes_of(suffix: str) -> int:
    """Return the largest number of bytes of a file with this suffix."""
    return MAX_FILE_BYTES if suffix in UNPACKED_SUFFIXES - folder.SUFFIXES else MAX_BYTES


def check_size(size: int, max_bytes: int) -> None:
    """Raise `EntryError` if a file has too many bytes."""
    if size > max_bytes:
        raise EntryError(
            f"It is larger than {max_bytes / 1e6:g} MB. Make it smaller, or leave it out."
        )
