"""Import ZIP and TAR archives of pictures, of a table with its pictures, or of 3D files."""

import os
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath

from core.catalogue import Item
from core.errors import LookalikeError
from core.importers import folder, model_files
from core.importers.archive.formats import read_members
from core.importers.archive.members import BrokenArchive, Member, Meter
from core.importers.archive.sorter import SUFFIXES, UNPACKED_SUFFIXES, Sorter, is_opened
from core.importers.archive.unpacking import unpack, unreadable
from core.importers.base import (
    Entry,
    EntryError,
    Loaded,
    SkippedEntry,
    Source,
    TableColumns,
)
from core.importers.file_kinds import FIRST_BYTES, FileKind, is_picture, kind_of, passed_over
from core.importers.file_listing import list_others, local_path
from core.importers.folder import has_pictures
from core.importers.model_files import has_models
from core.importers.temporary_folder import TemporaryFolder
from core.importers.text import storable
from core.viewpoints import UpChoice

# The ends of names of other archives, which are not supported.
UNSUPPORTED_SUFFIXES = (".7z", ".rar", ".tar.zst", ".tzst", ".gz", ".bz2", ".xz", ".zst")


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
        is_nested: says of a file name whether it is that of a source in itself. An archive is
            opened, unless it is in such an archive; others are skipped.
        check: called while files are unpacked; raises what should end that.

    Raises:
        LookalikeError: there is nothing to import. `entries` raises it before the first entry if
            the archive would fill the disk, and after the last one if the archive is cut short.
    """
    file = local_path(path)
    try:
        total = _peek(file, is_nested)
    except (OSError, ValueError) as error:
        raise unreadable(file, error) from error
    found = _Found()
    entries = _entries(file, open_folder, Sorter(is_nested, file.name), found, check)
    return Source(
        "archive",
        storable(str(file)),
        total,
        entries,
        columns=found.columns,
        others=found.others,
        parts=found.parts,
    )


def matches(location: str) -> bool:
    """Say whether a location is a file with the name of an archive."""
    path = local_path(location)
    return is_archive(path.name) and os.path.exists(path) and not os.path.isdir(path)


@dataclass(frozen=True, slots=True)
class _Found:
    """What is known of an archive when its entries were read, as in `Source`."""

    columns: list[TableColumns] = field(default_factory=list)
    others: dict[str, FileKind] = field(default_factory=dict)
    parts: set[str] = field(default_factory=set)


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

    def parts(self, version: str) -> Collection[str]:
        """Return the parts of the entry of the folder."""
        return self.entry.parts(version)

    def turned(self, up: UpChoice) -> Entry:
        """Turn the entry of the folder."""
        return replace(self, entry=self.entry.turned(up))

    def quick_picture(self) -> bytes | None:
        """Return the picture of the entry of the folder."""
        return self.entry.quick_picture()


def _peek(file: Path, is_nested: Callable[[str], bool]) -> int:
    """Return how many entries a ZIP lists, or 0 if that is not known; raises `LookalikeError`."""
    meter = Meter(file)
    sorter = Sorter(is_nested, file.name)
    meshes = pictures = archives = 0
    others: dict[str, FileKind] = {}
    try:
        with closing(read_members(file, meter)) as contents:
            for member in contents:
                if not member.is_listed:
                    return 0
                if parts := sorter.place(member):
                    meter.add(member.size)
                    suffix = PurePosixPath(parts[-1]).suffix.lower()
                    if suffix in model_files.SUFFIXES:
                        meshes += 1
                    elif suffix in folder.SUFFIXES or _is_picture(member, suffix):
                        pictures += 1
                    elif is_opened(parts[-1]):
                        archives += 1
                    else:
                        others["/".join(parts)] = kind_of("/".join(parts))
    except BrokenArchive as error:
        raise LookalikeError(f"{file.name} {error}. Download it again and try again.") from error
    if archives:
        return 0
    if not meshes and not pictures:
        raise _no_entries(file.name, sorter.skipped, others)
    # Pictures beside 3D files are usually their textures.
    return (meshes or pictures) + len(sorter.skipped)


def _is_picture(member: Member, suffix: str) -> bool:
    """Return whether a member whose name tells nothing is a picture."""
    if suffix in UNPACKED_SUFFIXES or is_opened(member.name):
        return False
    try:
        return is_picture(next(iter(member.chunks()), b"")[:FIRST_BYTES])
    except EntryError:
        return False


def _entries(
    file: Path,
    open_folder: Callable[[str], Source],
    sorter: Sorter,
    found: _Found,
    check: Callable[[], None] | None,
) -> Iterator[Entry | SkippedEntry]:
    """Unpack an archive, then yield its entries."""
    unpacked = TemporaryFolder("unpacked")
    broken = unpack(file, unpacked.path, sorter, check)
    found.others.update(sorter.packed)
    found.parts.update(sorter.opened)
    root = unpacked.path / sorter.top
    if has_pictures(root) or has_models(root):
        try:
            source = open_folder(str(root))
            found.columns.extend(source.columns)
            yield from sorter.skipped
            for entry in source.entries:
                if isinstance(entry, Entry):
                    yield _Unpacked(entry.item, entry, unpacked)
                elif isinstance(entry, SkippedEntry):
                    yield entry
            found.others.update(source.others)
            found.parts.update(source.parts)
        except LookalikeError as error:
            # The temporary folder means nothing to the reader, so the archive is named instead.
            raise LookalikeError(str(error).replace(str(root), file.name)) from error
    elif not broken:
        raise _no_entries(file.name, sorter.skipped, sorter.packed | list_others(root))
    if broken:
        raise LookalikeError(
            f"{file.name} {broken}: only the files before that were read. Download it again and "
            "try again."
        )


def _no_entries(
    name: str, skipped: list[SkippedEntry], others: Mapping[str, FileKind]
) -> LookalikeError:
    """Return the error that nothing in an archive can be imported."""
    if not skipped:
        listed = (f" It has {each}." for each in passed_over(others) if each.advice)
        return LookalikeError(f"{name} contains no pictures and no 3D files.{''.join(listed)}")
    first = skipped[0]
    return LookalikeError(
        f'Nothing in {name} can be imported. The first file, "{first.source_id}": {first.reason}'
    )
