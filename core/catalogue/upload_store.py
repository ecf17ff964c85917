"""The files that people uploaded into a catalogue, kept so that their models can be read again.

Each upload has a folder of its own, named by its number, which is the source that is imported: a
later upload adds a source and leaves those before alone.
"""

import os
import shutil
import time
import uuid
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from core import files
from core.catalogue.errors import CatalogueError

# What the names of folders that are still being written begin with.
_UNFINISHED = ".new-"
# Seconds after which such a folder was left behind by a process that died.
_STALE_SECONDS = 3600.0


class UploadStore:
    """The uploads of one catalogue."""

    def __init__(self, folder: Path) -> None:
        """Use `folder`, which is created with the first upload."""
        self._folder = folder

    @property
    def byte_count(self) -> int:
        """The bytes of all uploads."""
        return files.size(self._folder.rglob("*"))

    def add(self, uploaded: Mapping[str, bytes]) -> Path:
        """Store the files of an upload, all or none, and return their folder.

        Args:
            uploaded: the contents of each file by its path in the folder, with slashes. A path
                must be relative and lead nowhere else.

        Raises:
            CatalogueError: a file cannot be written; nothing is stored.
            ValueError: a path leads out of the folder; nothing is stored.
        """
        unfinished = self._folder / f"{_UNFINISHED}{uuid.uuid4().hex}"
        try:
            write_all(unfinished, uploaded)
            return self._finish(unfinished)
        except OSError as error:
            raise CatalogueError(
                f"The upload cannot be stored ({error.strerror}). Free some space on the disk of "
                "the data folder, or check its permissions."
            ) from error
        finally:
            shutil.rmtree(unfinished, ignore_errors=True)

    def remove(self, folder: Path) -> None:
        """Delete an upload, given what `add` returned."""
        shutil.rmtree(self._folder / folder.name)

    def title(self, location: str) -> str | None:
        """Return what people call a source that was uploaded, or None for any other source."""
        path = Path(location)
        if not path.is_relative_to(self._folder) or path == self._folder:
            return None
        number, *parts = path.relative_to(self._folder).parts
        return " · ".join([f"Upload {number.lstrip('0') or number}", *parts])

    def sweep(self) -> None:
        """Delete what a process that died while it stored an upload has left behind."""
        for path in self._folder.glob(f"{_UNFINISHED}*"):
            if time.time() - path.stat().st_mtime > _STALE_SECONDS:
                shutil.rmtree(path, ignore_errors=True)

    def _finish(self, unfinished: Path) -> Path:
        """Give a folder that is complete the next number."""
        numbers = [int(path.name) for path in self._folder.iterdir() if path.name.isdecimal()]
        number = max(numbers, default=0) + 1
        while True:
            # Sorted by name, which is how sources are updated, the latest upload comes last.
            folder = self._folder / f"{number:04}"
            try:
                os.rename(unfinished, folder)
            except OSError:
                if not folder.exists():
                    raise
                # Another tab was faster.
                number += 1
            else:
                return folder


def write_all(folder: Path, uploaded: Mapping[str, bytes]) -> None:
    """Write files below a new folder, given by their relative paths with slashes.

    Raises:
        ValueError: a path leads out of the folder.
        OSError: a file cannot be written, or two have the same path.
    """
    for path in uploaded:
        parts = PurePosixPath(path).parts
        if not parts or parts[0] == "/" or ".." in parts or "\0" in path:
            raise ValueError(f"{path!r} leads out of the folder")
    folder.mkdir(parents=True)
    for path, data in uploaded.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("xb") as file:
            file.write(data)
