"""Archives, ZIP or TAR: of pictures, of a table with its pictures, or of 3D files.

Every member (see `members`) is written below a folder of its own, under a name that was checked,
as an ordinary file, and its bytes are counted as they come. A member that breaks a rule is
refused alone; an archive that would fill the disk, whole.
"""

import codecs
import errno
import fcntl
import os
import re
import shutil
import tempfile
import time
import unicodedata
import weakref
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO

from core.catalogue import Item
from core.errors import LookalikeError
from core.importers import folder, model_files, table
from core.importers.archive_members import BrokenArchive, Member, Meter, members
from core.importers.base import Entry, EntryError, Loaded, SkippedEntry, Source
from core.importers.file_listing import local_path
from core.importers.folder import MAX_BYTES
from core.importers.text import one_line, os_error_reason, readable, storable
from core.jobs import Cancelled
from core.settings import cache_folder

# How the names end that are opened here, for `str.endswith`.
SUFFIXES = (".zip", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz", ".txz")
# Those that are known for archives, and are not opened.
OTHERS = (".7z", ".rar", ".tar.zst", ".tzst", ".gz", ".bz2", ".xz", ".zst", ".sh3f")

# What 3D files refer to, beside pictures.
_PARTS = frozenset([".mtl", ".bin", ".tga"])
_FOLDER = folder.SUFFIXES | table.SUFFIXES | model_files.SUFFIXES | _PARTS

MAX_FILE_BYTES = 500_000_000  # bytes of a 3D file or a table; `MAX_BYTES` is for pictures

_LONGEST_PART, _LONGEST_NAME, _DEEPEST = 255, 1_000, 50
_PEEK_BYTES = 1 << 20  # bytes of a table that are searched for names of pictures
_STALE = 60.0  # seconds from which an unpacked folder that nobody holds is a dead process's


def read(
    path: str | Path,
    *,
    columns: Mapping[str, str] | None = None,
    open_folder: Callable[[str], Source],
    check: Callable[[], None] | None = None,
) -> Source:
    """Open an archive: what `open_folder` makes of it, once it is unpacked.

    Only the listing of a ZIP is read at once, and the beginning of a TAR. The rest is unpacked
    when `entries` is first asked for, into a folder that goes when the last entry does. Where
    everything lies in one folder at the top, that folder is not part of any `source_id`.

    `columns` are refused where there is no table (see `table_in`). `check` is called while it is
    unpacked, and raises what is to end that. Raises `LookalikeError` where
    there is nothing to read; `entries` raises it where the archive would fill the disk, before
    the first entry, or is cut short, after the last that it has.
    """
    file = local_path(path)
    try:
        total = _peek(file)
    except (OSError, ValueError) as error:
        raise _unreadable(file, error) from error
    entries = _entries(file, columns, open_folder, check)
    return Source("archive", storable(str(file)), total, entries)


def matches(location: str) -> bool:
    """Say whether a location is a file with the name of an archive."""
    path = local_path(location)
    return is_archive(path.name) and os.path.exists(path) and not os.path.isdir(path)


def is_archive(name: str) -> bool:
    """Say whether a file's name is that of an archive, be it of a kind that is opened or not."""
    return name.lower().endswith(SUFFIXES + OTHERS)


def table_in(place: str | Path) -> Path | None:
    """Return the table that describes the pictures of a folder, or None.

    It is the one table file of the folder, not of those below it, in which a cell is the path
    of a picture or 3D file, as seen from the folder. Where several are, it cannot be told which
    is meant, and none is.
    """
    tables = [path for path in Path(place).iterdir() if path.suffix.lower() in table.SUFFIXES]
    naming = [path for path in tables if _names_pictures(path)]
    return naming[0] if len(naming) == 1 else None


def _names_pictures(path: Path) -> bool:
    """Say whether a cell near the beginning of a table is the path of a picture or 3D file."""
    try:
        with path.open("rb") as file:
            data = file.read(_PEEK_BYTES)
    except OSError:
        return False
    is_wide = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    text = data.decode("utf-16" if is_wide else "utf-8-sig", "replace")
    # JSON may write any letter as a number.
    text = re.sub(r"\\u([0-9a-fA-F]{4})", lambda code: chr(int(code[1], 16)), text)
    for cell in re.split(r'[,;\t|"\r\n]', text):
        place = PurePosixPath(cell.strip().replace("\\", "/"))
        if (
            place.suffix.lower() in folder.SUFFIXES | model_files.SUFFIXES
            and not place.is_absolute()
            and ".." not in place.parts
            and os.path.isfile(path.parent / place)
        ):
            return True
    return False


@dataclass(frozen=True, slots=True)
class _Unpacked(Entry):
    """An entry of the folder, which is there as long as an entry is."""

    item: Item
    entry: Entry
    held: "_Folder"

    def is_current(self, known: str) -> bool:
        """Ask the entry."""
        return self.entry.is_current(known)

    def load(self, known: str) -> Loaded | None:
        """Ask the entry."""
        return self.entry.load(known)


class _Folder:
    """A temporary folder that goes when nobody holds this object.

    It is locked meanwhile: one that is not is left over from a process that was killed.
    """

    def __init__(self) -> None:
        parent = cache_folder("unpacked")
        for left in parent.iterdir():
            _remove_stale(left)
        self.path = Path(tempfile.mkdtemp(dir=parent))
        lock = os.open(self.path, os.O_RDONLY)
        fcntl.flock(lock, fcntl.LOCK_EX)
        weakref.finalize(self, _remove, self.path, lock)


def _remove(path: Path, lock: int) -> None:
    shutil.rmtree(path, ignore_errors=True)
    os.close(lock)


def _remove_stale(path: Path) -> None:
    """Remove an unpacked folder that nobody holds any more."""
    with suppress(OSError):
        if time.time() - path.stat().st_mtime < _STALE:
            return  # it may be about to be locked
        lock = os.open(path, os.O_RDONLY)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(path, ignore_errors=True)
        finally:
            os.close(lock)


# -- which members are taken --------------------------------------------------


class _Sorter:
    """Tells the members that are wanted from those that are passed over or refused."""

    def __init__(self) -> None:
        self._refused: list[SkippedEntry] = []
        self._number = 0
        self._taken: dict[str, str] = {}
        self._folders: set[str] = set()
        self._tops: set[str] = set()
        self._is_deep = False

    @property
    def top(self) -> str:
        """The folder that everything lies in; empty if there is none such."""
        return next(iter(self._tops)) if len(self._tops) == 1 and self._is_deep else ""

    @property
    def rejected(self) -> list[SkippedEntry]:
        """What was refused, under its path below `top`."""
        top = f"{one_line(storable(self.top))}/" if self.top else ""
        return [
            SkippedEntry(each.source_id.removeprefix(top), each.name, each.reason)
            for each in self._refused
        ]

    def place(self, member: Member) -> tuple[str, ...]:
        """Return the parts of the path of a member that is wanted; empty for one that is not."""
        self._number += 1
        try:
            return self._place(member)
        except EntryError as error:
            path = "/".join(_split(member.name)) or member.name
            again = self._taken.get(_key(path)) == path
            self._refuse(path, error, note=f" (number {self._number:,})" if again else "")
            return ()

    def failed(self, parts: tuple[str, ...], error: EntryError) -> None:
        """Note that a member that was wanted could not be had: another may take its place."""
        path = "/".join(parts)
        del self._taken[_key(path)]
        self._refuse(path, error)

    def _refuse(self, path: str, error: EntryError, *, note: str = "") -> None:
        source_id = one_line(storable(path[:_LONGEST_NAME])) + note
        self._refused.append(SkippedEntry(source_id, readable(source_id), str(error)))

    def _place(self, member: Member) -> tuple[str, ...]:
        """Return what `place` does; raises `EntryError`."""
        parts = _parts(member.name)
        if not parts or any(part.startswith(".") or part == "__MACOSX" for part in parts):
            return ()
        self._tops.add(parts[0])
        self._is_deep |= len(parts) > 1 or member.is_folder
        suffix = PurePosixPath(parts[-1]).suffix.lower()
        if member.is_folder:
            return ()
        # Links and devices have no suffix as a rule; nobody misses a text that is encrypted.
        if member.obstacle and (suffix in _FOLDER or not suffix):
            raise EntryError(member.obstacle)
        if is_archive(parts[-1]):
            raise EntryError("It is an archive within the archive: unpack it first.")
        if suffix not in _FOLDER:
            return ()
        if member.size > _largest(suffix):
            raise EntryError(f"It is larger than {_largest(suffix) / 1e6:g} MB.")
        # On many disks, names that differ only so are one.
        keys = [_key("/".join(parts[: end + 1])) for end in range(len(parts))]
        if keys[-1] in self._folders or not self._taken.keys().isdisjoint(keys):
            raise EntryError(
                "The archive has another file of this name, or of one that differs only in "
                "capitals or in how accents are written. Rename one of them."
            )
        self._taken[keys[-1]] = "/".join(parts)
        self._folders.update(keys[:-1])
        return parts


def _parts(name: str) -> tuple[str, ...]:
    """Return the parts of a member's path; raises `EntryError` for one that is no path below."""
    parts = _split(name)
    if "\0" in name:
        raise EntryError("Its name holds a NUL character.")
    if name.startswith(("/", "\\")) or ".." in parts or re.match("[A-Za-z]:", name):
        raise EntryError("Its path leads out of the archive. Pack it again with a relative path.")
    sizes = [len(os.fsencode(part)) for part in parts]
    if len(parts) > _DEEPEST or sum(sizes) > _LONGEST_NAME or max(sizes, default=0) > _LONGEST_PART:
        raise EntryError("Its name is too long. Give it a shorter one, in fewer folders.")
    return parts


def _split(name: str) -> tuple[str, ...]:
    """Return what a member's name has between slashes."""
    # Some programs of Windows write backslashes, and mean folders by them.
    path = name.replace("\\", "/")
    return tuple(part for part in path.split("/") if part not in ("", "."))


def _key(path: str) -> str:
    """Return what two paths have in common that some disks take for one."""
    return unicodedata.normalize("NFD", unicodedata.normalize("NFD", path).casefold())


def _largest(suffix: str) -> int:
    """Return the most bytes that a file may have."""
    return MAX_BYTES if suffix in folder.SUFFIXES else MAX_FILE_BYTES


# -- looking and unpacking ----------------------------------------------------


def _peek(file: Path) -> int:
    """Return how many entries an archive seems to have, or 0; raises `LookalikeError`."""
    meter = Meter(file)
    sorter = _Sorter()
    meshes = pictures = 0
    try:
        with closing(members(file, meter)) as found:
            for member in found:
                if not member.is_listed:
                    return 0
                if parts := sorter.place(member):
                    meter.add(member.size)
                    suffix = PurePosixPath(parts[-1]).suffix.lower()
                    meshes += suffix in model_files.SUFFIXES
                    pictures += suffix in folder.SUFFIXES
    except BrokenArchive as error:
        raise LookalikeError(
            f"{file.name} {error}. Fetch it again, and import it again."
        ) from error
    if not meshes and not pictures:
        raise _nothing(file.name, sorter.rejected)
    # The pictures beside 3D files are as a rule what these are covered with.
    return (meshes or pictures) + len(sorter.rejected)


def _entries(
    file: Path,
    columns: Mapping[str, str] | None,
    open_folder: Callable[[str], Source],
    check: Callable[[], None] | None,
) -> Iterator[Entry | SkippedEntry]:
    """Unpack an archive, then yield what is in it."""
    held = _Folder()
    sorter = _Sorter()
    broken = _unpack(file, held.path, sorter, check)
    root = held.path / sorter.top
    if any(
        path.suffix.lower() in folder.SUFFIXES | model_files.SUFFIXES for path in root.rglob("*")
    ):
        if columns and table_in(root) is None:
            raise LookalikeError(
                f"Columns can be mapped only for a table, and {file.name} has not one table at "
                "its top that names its pictures."
            )
        yield from sorter.rejected
        try:
            for found in open_folder(str(root)).entries:
                if isinstance(found, Entry):
                    yield _Unpacked(found.item, found, held)
                elif isinstance(found, SkippedEntry):
                    yield found
        except Cancelled:
            raise
        except LookalikeError as error:
            # Nobody knows the folder, or can look into it.
            raise LookalikeError(str(error).replace(str(root), file.name)) from error
    elif not broken:
        raise _nothing(file.name, sorter.rejected)
    if broken:
        raise LookalikeError(
            f"{file.name} {broken}: only what came before that was read. Fetch it again, and "
            "import it again."
        )


def _unpack(file: Path, target: Path, sorter: _Sorter, check: Callable[[], None] | None) -> str:
    """Write what is wanted of an archive below `target`; return how it is broken, if so."""
    try:
        meter = Meter(file, check=check)
        with closing(members(file, meter)) as found:
            for member in found:
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
    """Write a member; raises `EntryError`, and leaves no half of a file."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("xb") as file:
            try:
                _copy(member, file, meter, largest=_largest(path.suffix.lower()))
            except BaseException:
                path.unlink()
                raise
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise LookalikeError(
                f"The disk is full: {meter.name} cannot be unpacked. Free some room, or set "
                "LOOKALIKE_CACHE to a folder on another disk."
            ) from error
        raise EntryError(f"It cannot be written: {os_error_reason(error)}.") from error


def _copy(member: Member, file: IO[bytes], meter: Meter, *, largest: int) -> None:
    """Write the bytes of a member, counting them."""
    size = 0
    for chunk in member.chunks():
        size += len(chunk)
        if size > largest:
            raise EntryError(f"It is larger than {largest / 1e6:g} MB.")
        meter.add(len(chunk))
        file.write(chunk)


def _nothing(name: str, refused: list[SkippedEntry]) -> LookalikeError:
    """Say that nothing can be taken from an archive."""
    if not refused:
        return LookalikeError(f"{name} holds no pictures, and no 3D files.")
    first = refused[0]
    return LookalikeError(
        f'Nothing in {name} can be taken. Of "{first.source_id}", the first: {first.reason}'
    )


def _unreadable(file: Path, error: Exception) -> LookalikeError:
    """Say that the system does not let an archive be read."""
    return LookalikeError(
        f'The archive "{file}" cannot be read ({os_error_reason(error)}). Check its name and its rights.'
    )
