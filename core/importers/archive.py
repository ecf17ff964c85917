"""Import ZIP and TAR archives of pictures, of a table with its pictures, or of 3D files.

Every member (see `members`) is written below a temporary folder as an ordinary file, under a
checked name, and its bytes are counted as they arrive. A member that breaks a rule is skipped; an
archive that would fill the disk is rejected as a whole.
"""

import codecs
import errno
import os
import re
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO

from core.catalogue import Item
from core.errors import LookalikeError
from core.importers import folder, model_files, table
from core.importers.archive_members import BrokenArchive, Member, Meter, members
from core.importers.base import Entry, EntryError, Loaded, SkippedEntry, Source, TableColumns
from core.importers.file_listing import local_path
from core.importers.folder import MAX_BYTES
from core.importers.relative_paths import (
    ARCHIVE_LIMITS,
    TOO_LONG,
    is_hidden,
    path_keys,
    split,
)
from core.importers.temporary_folder import TemporaryFolder
from core.importers.text import one_line, os_error_reason, path_key, readable, storable

# The ends of file names that are opened here, for `str.endswith`.
SUFFIXES = (".zip", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz", ".txz")
# The ends of names of other archives, which are not supported.
UNSUPPORTED_SUFFIXES = (".7z", ".rar", ".tar.zst", ".tzst", ".gz", ".bz2", ".xz", ".zst")

# Files that 3D files refer to, besides pictures.
_MODEL_PARTS = frozenset([".mtl", ".bin", ".tga"])
UNPACKED_SUFFIXES = folder.SUFFIXES | table.SUFFIXES | model_files.SUFFIXES | _MODEL_PARTS

MAX_FILE_BYTES = 500_000_000  # bytes of a 3D file or a table; for a picture it is `MAX_BYTES`

_PEEK_BYTES = 1 << 20  # bytes of a table that are searched for the names of pictures


def is_archive(name: str) -> bool:
    """Say whether a file name is that of an archive, supported or not."""
    return name.lower().endswith(SUFFIXES + UNSUPPORTED_SUFFIXES)


def read(
    path: str | Path,
    *,
    open_folder: Callable[[str], Source],
    is_nested: Callable[[str], bool] = is_archive,
    check: Callable[[], None] | None = None,
) -> Source:
    """Open an archive as the source that `open_folder` returns for its unpacked files.

    Only the listing of a ZIP or the beginning of a TAR is read now. The rest is unpacked when
    `entries` is first read, into a folder that is deleted with the last entry. If everything is in
    one folder at the top, that folder is not part of any `source_id`.

    Args:
        path: the archive.
        open_folder: opens the unpacked folder.
        is_nested: says of a file name whether it is that of a source in itself, which is skipped.
        check: called while files are unpacked; raises what should end that.

    Raises:
        LookalikeError: there is nothing to import. `entries` raises it before the first entry if
            the archive would fill the disk, and after the last one if the archive is cut short.
    """
    file = local_path(path)
    try:
        total = _peek(file, is_nested)
    except (OSError, ValueError) as error:
        raise _unreadable(file, error) from error
    recognised: list[TableColumns] = []

    def open_unpacked(place: str) -> Source:
        source = open_folder(place)
        recognised.extend(source.columns)
        return source

    entries = _entries(file, open_unpacked, is_nested, check)
    return Source("archive", storable(str(file)), total, entries, columns=recognised)


def matches(location: str) -> bool:
    """Say whether a location is a file with the name of an archive."""
    path = local_path(location)
    return is_archive(path.name) and os.path.exists(path) and not os.path.isdir(path)


def table_in(place: str | Path) -> Path | None:
    """Return the table that describes the pictures of a folder, or None.

    It is the only table directly in the folder with a cell that is the path of a picture or 3D
    file, relative to the folder. If there are several such tables, none is used.
    """
    tables = [path for path in Path(place).iterdir() if path.suffix.lower() in table.SUFFIXES]
    matching = [path for path in tables if _names_pictures(path)]
    return matching[0] if len(matching) == 1 else None


def _names_pictures(path: Path) -> bool:
    """Say whether a cell near the start of a table is the path of a picture or 3D file."""
    try:
        with path.open("rb") as file:
            data = file.read(_PEEK_BYTES)
    except OSError:
        return False
    is_wide = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    text = data.decode("utf-16" if is_wide else "utf-8-sig", "replace")
    # JSON may escape any letter.
    text = re.sub(r"\\u([0-9a-fA-F]{4})", lambda code: chr(int(code[1], 16)), text)
    for cell in re.split(r'[,;\t|"\r\n]', text):
        named = PurePosixPath(cell.strip().replace("\\", "/"))
        if (
            named.suffix.lower() in folder.SUFFIXES | model_files.SUFFIXES
            and not named.is_absolute()
            and ".." not in named.parts
            and os.path.isfile(path.parent / named)
        ):
            return True
    return False


@dataclass(frozen=True, slots=True)
class _Unpacked(Entry):
    """An entry of the unpacked folder, which exists as long as one of its entries does."""

    item: Item
    entry: Entry
    unpacked: TemporaryFolder

    def is_current(self, known: str) -> bool:
        """Ask the entry of the folder."""
        return self.entry.is_current(known)

    def load(self, known: str) -> Loaded | None:
        """Load the entry of the folder."""
        return self.entry.load(known)

    def quick_picture(self) -> bytes | None:
        """Return the picture of the entry of the folder."""
        return self.entry.quick_picture()


# -- choosing members ---------------------------------------------------------


class _Sorter:
    """Decides which members are unpacked, ignored or skipped with a reason."""

    def __init__(self, is_nested: Callable[[str], bool]) -> None:
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
        _check_size(member.size, _max_bytes(suffix))
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


def _max_bytes(suffix: str) -> int:
    """Return the largest number of bytes of a file with this suffix."""
    return MAX_BYTES if suffix in folder.SUFFIXES else MAX_FILE_BYTES


def _check_size(size: int, max_bytes: int) -> None:
    """Raise `EntryError` if a file has too many bytes."""
    if size > max_bytes:
        raise EntryError(
            f"It is larger than {max_bytes / 1e6:g} MB. Make it smaller, or leave it out."
        )


# -- unpacking ----------------------------------------------------------------


def _peek(file: Path, is_nested: Callable[[str], bool]) -> int:
    """Return how many entries a ZIP lists, and 0 for a TAR; raises `LookalikeError`."""
    meter = Meter(file)
    sorter = _Sorter(is_nested)
    meshes = pictures = 0
    try:
        with closing(members(file, meter)) as contents:
            for member in contents:
                if not member.is_listed:
                    return 0
                if parts := sorter.place(member):
                    meter.add(member.size)
                    suffix = PurePosixPath(parts[-1]).suffix.lower()
                    meshes += suffix in model_files.SUFFIXES
                    pictures += suffix in folder.SUFFIXES
    except BrokenArchive as error:
        raise LookalikeError(f"{file.name} {error}. Download it again and try again.") from error
    if not meshes and not pictures:
        raise _no_entries(file.name, sorter.skipped)
    # Pictures beside 3D files are usually their textures.
    return (meshes or pictures) + len(sorter.skipped)


def _entries(
    file: Path,
    open_folder: Callable[[str], Source],
    is_nested: Callable[[str], bool],
    check: Callable[[], None] | None,
) -> Iterator[Entry | SkippedEntry]:
    """Unpack an archive, then yield its entries."""
    unpacked = TemporaryFolder("unpacked")
    sorter = _Sorter(is_nested)
    broken = _unpack(file, unpacked.path, sorter, check)
    root = unpacked.path / sorter.top
    if any(
        path.suffix.lower() in folder.SUFFIXES | model_files.SUFFIXES for path in root.rglob("*")
    ):
        try:
            source = open_folder(str(root))
            yield from sorter.skipped
            for entry in source.entries:
                if isinstance(entry, Entry):
                    yield _Unpacked(entry.item, entry, unpacked)
                elif isinstance(entry, SkippedEntry):
                    yield entry
        except LookalikeError as error:
            # The temporary folder means nothing to the reader, so the archive is named instead.
            raise LookalikeError(str(error).replace(str(root), file.name)) from error
    elif not broken:
        raise _no_entries(file.name, sorter.skipped)
    if broken:
        raise LookalikeError(
            f"{file.name} {broken}: only the files before that were read. Download it again and "
            "try again."
        )


def _unpack(file: Path, target: Path, sorter: _Sorter, check: Callable[[], None] | None) -> str:
    """Write the chosen members below `target`; return what is wrong with a broken archive."""
    try:
        meter = Meter(file, check=check)
        with closing(members(file, meter)) as contents:
            for member in contents:
                if parts := sorter.place(member):
                    try:
                        _write(member, target.joinpath(*parts), meter)
                    except EntryError as error:
                        sorter.failed(parts, error)
    except BrokenArchive as error:
        return str(error)
    except OSError as error:
        raise _unreadable(file, error) from error
    return ""


def _write(member: Member, path: Path, meter: Meter) -> None:
    """Write a member; raises `EntryError` and leaves no incomplete file."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("xb") as file:
            try:
                _copy(member, file, meter, max_bytes=_max_bytes(path.suffix.lower()))
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
        _check_size(size, max_bytes)
        meter.add(len(chunk))
        file.write(chunk)


def _no_entries(name: str, skipped: list[SkippedEntry]) -> LookalikeError:
    """Return the error that nothing in an archive can be imported."""
    if not skipped:
        return LookalikeError(f"{name} contains no pictures and no 3D files.")
    first = skipped[0]
    return LookalikeError(
        f'Nothing in {name} can be imported. The first file, "{first.source_id}": {first.reason}'
    )


def _unreadable(file: Path, error: Exception) -> LookalikeError:
    """Return the error that an archive cannot be read."""
    return LookalikeError(
        f'The archive "{file}" cannot be read ({os_error_reason(error)}). Check its name and '
        "permissions."
    )
