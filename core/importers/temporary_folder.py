"""Folders for files that are needed only until they are imported or shown."""

import fcntl
import os
import shutil
import tempfile
import time
import weakref
from contextlib import suppress
from pathlib import Path

from core.settings import cache_folder

_STALE_SECONDS = 60.0  # age from which an unlocked folder belongs to a process that died


class TemporaryFolder:
    """A temporary folder that is deleted when this object is garbage collected.

    It is locked until then: an unlocked folder was left behind by a process that was killed.

    Attributes:
        path: of the folder, below the cache folder.
    """

    def __init__(self, kind: str) -> None:
        """Create a folder; those of the same `kind` that were left behind are deleted.

        Raises `LookalikeError` if the cache folder cannot be created.
        """
        parent = cache_folder(kind)
        for leftover in parent.iterdir():
            _remove_stale(leftover)
        self.path = Path(tempfile.mkdtemp(dir=parent))
        lock = os.open(self.path, os.O_RDONLY)
        fcntl.flock(lock, fcntl.LOCK_EX)
        self._finalizer = weakref.finalize(self, _remove, self.path, lock)

    def remove(self) -> None:
        """Delete the folder now."""
        self._finalizer()


def _remove(path: Path, lock: int) -> None:
    shutil.rmtree(path, ignore_errors=True)
    os.close(lock)


def _remove_stale(path: Path) -> None:
    """Remove a folder if no process has locked it."""
    with suppress(OSError):
        if time.time() - path.stat().st_mtime < _STALE_SECONDS:
            return  # it may not be locked yet
        lock = os.open(path, os.O_RDONLY)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(path, ignore_errors=True)
        finally:
            os.close(lock)
