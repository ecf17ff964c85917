"""Where the pictures of a catalogue are kept: files by name, in local folders or elsewhere."""

import contextlib
import errno
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from core import files, settings

# What the names of files begin with that browsers read.
SERVED = "served/"


class FileStore(Protocol):
    """The interface of file stores, of which `LocalFileStore` is one.

    Another could be a bucket of an object store. A name is a path with slashes, such as
    "originals/3f/3f0a.png". A file whose name begins with "served/" has a URL.
    """

    def read(self, name: str) -> bytes:
        """Return what a file holds; raises `FileNotFoundError` if there is none."""

    def write(self, name: str, data: bytes, *, sync: bool = True) -> None:
        """Write a file, completely or not at all, and replace the one of that name.

        With `sync` it survives a power cut from now on. Raises `OSError` if it cannot be written.
        """

    def copy(self, name: str, copy: str) -> None:
        """Make a file available under another name too; raises as `read` and `write` do."""

    def delete(self, name: str) -> None:
        """Delete a file, if there is one."""

    def written(self, name: str) -> int | None:
        """Return when a file was written, in nanoseconds, or None if there is none."""

    def find(self, prefix: str) -> set[str]:
        """Return the names that begin with `prefix`, a folder and perhaps the beginning of a name.

        Folders in it are searched too.
        """

    def size(self, prefix: str) -> int:
        """Return how many bytes the files have that `find` returns for `prefix`."""

    def url(self, name: str) -> str:
        """Return the URL of a file, which need not exist, as pages link to it."""


class LocalFileStore:
    """A `FileStore` in two local folders."""

    def __init__(self, folder: Path, *, served: Path) -> None:
        """Use `folder`, which must exist, and one below `static/` for the files pages serve."""
        self._folder = folder
        self._served = served
        self._url = settings.static_url(served)

    def read(self, name: str) -> bytes:
        """Return what a file holds; raises `FileNotFoundError` if there is none."""
        return self._path(name).read_bytes()

    def write(self, name: str, data: bytes, *, sync: bool = True) -> None:
        """Write a file, completely or not at all, and replace the one of that name.

        With `sync` it survives a power cut from now on. Raises `OSError` if it cannot be written.
        """
        # Of a catalogue that was removed meanwhile no folder is made again.
        if not self._folder.is_dir():
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(self._folder))
        files.write(self._path(name), data, sync=sync)

    def copy(self, name: str, copy: str) -> None:
        """Make a file available under another name too, by a hard link where that is possible.

        Raises as `read` and `write` do.
        """
        source, target = self._path(name), self._path(copy)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.unlink(missing_ok=True)
        try:
            os.link(source, target)
        except FileNotFoundError:
            raise
        except OSError:  # on another disk
            shutil.copyfile(source, target)

    def delete(self, name: str) -> None:
        """Delete a file, if there is one."""
        self._path(name).unlink(missing_ok=True)

    def written(self, name: str) -> int | None:
        """Return when a file was written, in nanoseconds, or None if there is none."""
        try:
            return self._path(name).stat().st_mtime_ns
        except FileNotFoundError:
            return None

    def find(self, prefix: str) -> set[str]:
        """Return the names that begin with `prefix`, a folder and perhaps the beginning of a name.

        Folders in it are searched too.
        """
        return {name for name, _ in self._walk(prefix)}

    def size(self, prefix: str) -> int:
        """Return how many bytes the files have that `find` returns for `prefix`."""
        total = 0
        for _, file in self._walk(prefix):
            with contextlib.suppress(FileNotFoundError):
                total += file.stat().st_size
        return total

    def url(self, name: str) -> str:
        """Return the URL of a file, which need not exist, as pages link to it."""
        return f"{self._url}/{name.removeprefix(SERVED)}"

    def _path(self, name: str) -> Path:
        if name.startswith(SERVED):
            return self._served / name.removeprefix(SERVED)
        return self._folder / name

    def _walk(self, prefix: str) -> Iterator[tuple[str, os.DirEntry[str]]]:
        folder, slash, beginning = prefix.rpartition("/")
        try:
            entries = list(os.scandir(self._path(folder + slash)))
        except FileNotFoundError:
            return
        for entry in entries:
            name = folder + slash + entry.name
            if not entry.name.startswith(beginning):
                continue
            if entry.is_dir():
                yield from self._walk(f"{name}/")
            else:
                yield name, entry
