"""List the files below a folder, following links safely."""

import os
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from core.errors import LookalikeError
from core.importers.base import SkippedEntry
from core.importers.text import os_error_reason, readable, storable
from core.natural_order import natural_key


@dataclass(frozen=True, slots=True)
class Listing:
    """The files in a folder and its sub-folders.

    Attributes:
        root: its absolute path.
        files: the paths of the matching files, relative to the root, in natural order.
        skipped: the paths that could not be read, and why.
    """

    root: str
    files: Sequence[str]
    skipped: Sequence[SkippedEntry]

    @property
    def total(self) -> int:
        """The number of files and skipped paths."""
        return len(self.files) + len(self.skipped)


def local_path(location: str | Path) -> Path:
    """Return an absolute path for what a person typed; `~` is their home folder."""
    return Path(os.path.abspath(os.path.expanduser(location)))


def list_files(path: str | Path, suffixes: Collection[str], *, what: str) -> Listing:
    """Return the files of a folder that end in one of `suffixes`.

    `what` is what people call such files. Raises `LookalikeError` if the folder cannot be read or
    has no such files.
    """
    root = str(local_path(path))
    try:
        os.scandir(root).close()
    except NotADirectoryError as error:
        raise LookalikeError(
            f'"{root}" is a file, not a folder. Give the folder with the {what}.'
        ) from error
    except (OSError, ValueError) as error:
        raise LookalikeError(
            f'The folder "{root}" cannot be read ({os_error_reason(error)}). Check its name and '
            "permissions."
        ) from error
    results = list(walk(root, suffixes))
    if not results:
        raise LookalikeError(
            f'The folder "{root}" has no {what}: no files that end in '
            f"{', '.join(sorted(suffixes))}."
        )
    files = sorted((path for path in results if isinstance(path, str)), key=natural_key)
    return Listing(root, files, [entry for entry in results if isinstance(entry, SkippedEntry)])


def walk(root: str, suffixes: Collection[str]) -> Iterator[str | SkippedEntry]:
    """Yield the path of each matching file, relative to `root`, or why a path is skipped.

    Hidden files and folders are left out. A link is followed if its target is inside the folder,
    and each folder is read once, so that links cannot loop.
    """
    inside = Path(os.path.realpath(root))
    seen: set[tuple[int, int]] = set()
    folders, links = [""], list[str]()
    while folders or links:
        # Links come after all real folders, so that a file has its real path if it has one.
        folder = folders.pop() if folders else links.pop(0)
        try:
            status = os.stat(os.path.join(root, folder))
            if (status.st_dev, status.st_ino) in seen:
                continue
            seen.add((status.st_dev, status.st_ino))
            with os.scandir(os.path.join(root, folder)) as listing:
                contents = sorted(listing, key=lambda entry: entry.name)
        except OSError as error:
            yield _skipped(
                folder,
                f"The folder cannot be read: {os_error_reason(error)}. Check its permissions.",
            )
            continue
        for entry in contents:
            if entry.name.startswith("."):
                continue
            path = f"{folder}/{entry.name}" if folder else entry.name
            try:
                linked, is_folder = entry.is_symlink(), entry.is_dir()
                if not is_folder and Path(entry.name).suffix.lower() not in suffixes:
                    continue
                if linked and not Path(os.path.realpath(entry.path)).is_relative_to(inside):
                    yield _skipped(
                        path, "It is a link that leads out of the folder. Copy the file."
                    )
                elif is_folder:
                    (links if linked else folders).append(path)
                elif entry.is_file():
                    yield path
                else:
                    yield _skipped(path, "It is not a file, or a link without a target.")
            except OSError as error:
                yield _skipped(path, f"The file cannot be read: {os_error_reason(error)}.")


def _skipped(path: str, reason: str) -> SkippedEntry:
    """Return that a path of the folder is skipped."""
    source_id = storable(path)
    return SkippedEntry(source_id, readable(source_id), reason)
