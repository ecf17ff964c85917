"""The files below a folder."""

import os
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from core.errors import LookalikeError
from core.importers.base import SkippedEntry
from core.importers.text import natural_key, os_error_reason, readable, storable


@dataclass(frozen=True, slots=True)
class Listing:
    """What a folder holds, with its sub-folders.

    Attributes:
        root: its absolute path.
        files: the paths of the files that are wanted, from the root, in natural order.
        rejected: what could not be looked at.
    """

    root: str
    files: Sequence[str]
    rejected: Sequence[SkippedEntry]

    @property
    def total(self) -> int:
        """How many there are of both."""
        return len(self.files) + len(self.rejected)


def local_path(location: str | Path) -> Path:
    """Return an absolute path for what a person typed; `~` is their home folder."""
    return Path(os.path.abspath(os.path.expanduser(location)))


def list_files(path: str | Path, suffixes: Collection[str], *, what: str) -> Listing:
    """Look for files that end in one of `suffixes`, which people call `what`.

    Raises `LookalikeError` where the folder cannot be read, or holds none.
    """
    root = str(local_path(path))
    try:
        os.scandir(root).close()
    except NotADirectoryError as error:
        raise LookalikeError(
            f'"{root}" is a file, not a folder. Give the folder that holds the {what}.'
        ) from error
    except (OSError, ValueError) as error:
        raise LookalikeError(
            f'The folder "{root}" cannot be read ({os_error_reason(error)}). Check its name and its rights.'
        ) from error
    found = list(walk(root, suffixes))
    if not found:
        raise LookalikeError(
            f'The folder "{root}" holds no {what}: no files that end in '
            f"{', '.join(sorted(suffixes))}."
        )
    files = sorted((one for one in found if isinstance(one, str)), key=natural_key)
    return Listing(root, files, [one for one in found if isinstance(one, SkippedEntry)])


def walk(root: str, suffixes: Collection[str]) -> Iterator[str | SkippedEntry]:
    """Yield the path of each file that ends so, relative to `root`, or why something is left out.

    Hidden files and folders are skipped. A link is followed where it stays
    inside the folder, and each folder is read once, so that links cannot loop.
    """
    inside = Path(os.path.realpath(root))
    seen: set[tuple[int, int]] = set()
    folders, links = [""], list[str]()
    while folders or links:
        # Links wait until all real folders are read, so that a picture has its
        # real path wherever it has one.
        folder = folders.pop() if folders else links.pop(0)
        try:
            status = os.stat(os.path.join(root, folder))
            if (status.st_dev, status.st_ino) in seen:
                continue
            seen.add((status.st_dev, status.st_ino))
            with os.scandir(os.path.join(root, folder)) as listing:
                found = sorted(listing, key=lambda entry: entry.name)
        except OSError as error:
            yield _skipped(folder, f"The folder cannot be read: {os_error_reason(error)}.")
            continue
        for entry in found:
            if entry.name.startswith("."):
                continue
            path = f"{folder}/{entry.name}" if folder else entry.name
            try:
                linked, is_folder = entry.is_symlink(), entry.is_dir()
                if not is_folder and Path(entry.name).suffix.lower() not in suffixes:
                    continue
                if linked and not Path(os.path.realpath(entry.path)).is_relative_to(inside):
                    yield _skipped(path, "It is a link that leads out of the folder.")
                elif is_folder:
                    (links if linked else folders).append(path)
                elif entry.is_file():
                    yield path
                else:
                    yield _skipped(path, "It is not a file, or a link that leads nowhere.")
            except OSError as error:
                yield _skipped(path, f"The file cannot be read: {os_error_reason(error)}.")


def _skipped(path: str, reason: str) -> SkippedEntry:
    """Refuse a path of the folder."""
    source_id = storable(path)
    return SkippedEntry(source_id, readable(source_id), reason)
