"""Import ZIP and TAR archives of pictures, of a table with its pictures, or of 3D files."""

import os
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from core.catalogue import Item
from core.errors import LookalikeError
from core.importers import folder, model_files
from core.importers.archive.formats import read_members
from core.importers.archive.members import BrokenArchive, Meter
from core.importers.archive.sorter import Sorter
from core.importers.archive.unpacking import unpack, unreadable
from core.importers.base import Entry, Loaded, SkippedEntry, Source, TableColumns
from core.importers.file_listing import local_path
from core.importers.temporary_folder import TemporaryFolder
from core.importers.text import storable

# The ends of file names that are opened here, for `str.endswith`.
SUFFIXES = (".zip", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz", ".txz")
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
        raise unreadable(file, error) from error
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


def _peek(file: Path, is_nested: Callable[[str], bool]) -> int:
    """Return how many entries a ZIP lists, and 0 for a TAR; raises `LookalikeError`."""
    meter = Meter(file)
    sorter = Sorter(is_nested)
    meshes = pictures = 0
    try:
        with closing(read_members(file, meter)) as contents:
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
    sorter = Sorter(is_nested)
    broken = unpack(file, unpacked.path, sorter, check)
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


def _no_entries(name: str, skipped: list[SkippedEntry]) -> LookalikeError:
    """Return the error that nothing in an archive can be imported."""
    if not skipped:
        return LookalikeError(f"{name} contains no pictures and no 3D files.")
    first = skipped[0]
    return LookalikeError(
        f'Nothing in {name} can be imported. The first file, "{first.source_id}": {first.reason}'
    )
