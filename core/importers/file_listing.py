"""List the files below a folder, following links safely."""

import os
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from core.errors import LookalikeError
from core.importers.base import SkippedEntry
from core.importers.file_kinds import FIRST_BYTES, HIDDEN, FileKind, kind_of, passed_over
from core.importers.relative_paths import is_hidden
from core.importers.text import os_error_reason, readable, storable
from core.natural_order import natural_key

# Says of the first bytes of a file whether it is wanted, whatever its name.
IsWanted = Callable[[bytes], bool]


@dataclass(frozen=True, slots=True)
class Listing:
    """The files in a folder and its sub-folders.

    Attributes:
        root: its absolute path.
        files: the paths of the matching files, relative to the root, in natural order.
        skipped: the paths that could not be read, and why.
        others: all other files by their paths, with what they are.
    """

    root: str
    files: Sequence[str]
    skipped: Sequence[SkippedEntry]
    others: Mapping[str, FileKind]

    @property
    def total(self) -> int:
        """The number of files and skipped paths."""
        return len(self.files) + len(self.skipped)


def local_path(location: str | Path) -> Path:
    """Return an absolute path for what a person typed; `~` is their home folder."""
    return Path(os.path.abspath(os.path.expanduser(location)))


def list_files(
    path: str | Path, suffixes: Collection[str], *, what: str, is_wanted: IsWanted
) -> Listing:
    """Return the files of a folder and its sub-folders.

    Args:
        path: the folder.
        suffixes: of the files that are wanted.
        what: what people call such files.
        is_wanted: says whether a file with another suffix is wanted all the same.

    Raises:
        LookalikeError: the folder cannot be read or has no such files.
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
    files: list[str] = []
    skipped: list[SkippedEntry] = []
    others: dict[str, FileKind] = {}
    for result in walk(root, suffixes):
        if isinstance(result, SkippedEntry):
            skipped.append(result)
        elif kind := _unwanted(root, result, suffixes, is_wanted):
            others[result] = kind
        else:
            files.append(result)
    if not files and not skipped:
        raise LookalikeError(
            " ".join(
                [
                    f'The folder "{root}" has no {what}: no files that end in '
                    f"{', '.join(sorted(suffixes))}.",
                    *(f"It has {each}." for each in passed_over(others) if each.advice),
                ]
            )
        )
    return Listing(root, sorted(files, key=natural_key), skipped, others)


def list_others(root: str | Path) -> dict[str, FileKind]:
    """Return all files of a folder and its sub-folders by path, with what they are."""
    return {
        path: kind_of(path, first_bytes(os.path.join(root, path)))
        for path in walk(str(root), ())
        if isinstance(path, str)
    }


def has_files(root: str | Path, suffixes: Collection[str], is_wanted: IsWanted) -> bool:
    """Say whether `list_files` would find files in a folder."""
    return any(
        isinstance(result, str) and not _unwanted(str(root), result, suffixes, is_wanted)
        for result in walk(str(root), suffixes)
    )


def walk(root: str, suffixes: Collection[str]) -> Iterator[str | SkippedEntry]:
    """Yield the path of each file, relative to `root`, or why a path is skipped.

    A link is followed if its target is inside the folder, and each folder is read once, so that
    links cannot loop. What cannot be read is skipped only if it has one of `suffixes`.
    """
    inside = Path(os.path.realpath(root))
    seen: set[tuple[int, int]] = set()
    folders, links, hidden = [""], list[str](), list[str]()
    while folders or links or hidden:
        # Links come after all real folders, so that a file has its real path if it has one, and
        # hidden folders last: a link to one shows what is in it.
        folder = folders.pop() if folders else (links or hidden).pop(0)
        try:
            status = os.stat(os.path.join(root, folder))
            if (status.st_dev, status.st_ino) in seen:
                continue
            seen.add((status.st_dev, status.st_ino))
            with os.scandir(os.path.join(root, folder)) as listing:
                contents = sorted(listing, key=lambda entry: entry.name)
        except OSError as error:
            if not _is_hidden(folder):
                yield _skipped(
                    folder,
                    f"The folder cannot be read: {os_error_reason(error)}. Check its permissions.",
                )
            continue
        for entry in contents:
            path = f"{folder}/{entry.name}" if folder else entry.name
            try:
                linked, is_folder = entry.is_symlink(), entry.is_dir()
                is_outside = linked and not Path(os.path.realpath(entry.path)).is_relative_to(
                    inside
                )
                if is_folder and not is_outside:
                    (hidden if _is_hidden(path) else links if linked else folders).append(path)
                elif _is_hidden(path) or not (is_folder or _has_suffix(path, suffixes)):
                    yield path
                elif is_outside:
                    yield _skipped(
                        path, "It is a link that leads out of the folder. Copy the file."
                    )
                elif entry.is_file():
                    yield path
                else:
                    yield _skipped(path, "It is not a file, or a link without a target.")
            except OSError as error:
                yield _skipped(path, f"The file cannot be read: {os_error_reason(error)}.")


def first_bytes(path: str, count: int = FIRST_BYTES) -> bytes:
    """Return the beginning of a file; empty for a link and for what cannot be read."""
    try:
        with open(path, "rb", opener=_without_waiting) as file:
            return file.read(count) or b""
    except OSError:
        return b""


def _has_suffix(path: str, suffixes: Collection[str]) -> bool:
    """Return whether a path ends in one of some suffixes, in any case."""
    return PurePosixPath(path).suffix.lower() in suffixes


def _is_hidden(path: str) -> bool:
    """Return whether a file or one of its folders is hidden."""
    return is_hidden(path.split("/"))


def _unwanted(
    root: str, path: str, suffixes: Collection[str], is_wanted: IsWanted
) -> FileKind | None:
    """Return what a file is that is not wanted; None for one that is."""
    if _is_hidden(path):
        return HIDDEN
    if _has_suffix(path, suffixes):
        return None
    first = first_bytes(os.path.join(root, path))
    return None if is_wanted(first) else kind_of(path, first)


def _without_waiting(name: str, flags: int) -> int:
    """Open a file: a pipe does not make it wait, and a link, which may lead away, is an error."""
    return os.open(name, flags | os.O_NONBLOCK | os.O_NOFOLLOW)


def _skipped(path: str, reason: str) -> SkippedEntry:
    """Return that a path of the folder is skipped."""
    source_id = storable(path)
    return SkippedEntry(source_id, readable(source_id), reason)
