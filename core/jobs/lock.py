"""The lock that allows one job at a time on each catalogue."""

import fcntl
from pathlib import Path

from core.errors import LookalikeError

# Seconds for which `running`, called by a page, may hold the lock while it checks.
LOCK_PATIENCE = 0.5

BUSY_MESSAGE = "Another job is running on this catalogue. Wait until it ends, or cancel it."


class Busy(LookalikeError):
    """Another job is running on the same catalogue."""


def running(file: Path) -> bool:
    """Return whether a process holds the lock of the status file `file`."""
    try:
        with lock_file(file).open("r") as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False


def check_idle(file: Path) -> None:
    """Raise `Busy` while a process holds the lock of the status file `file`."""
    if running(file):
        raise Busy(BUSY_MESSAGE)


def lock_file(file: Path) -> Path:
    """Return the path of the file that a job locks while it runs."""
    return file.with_suffix(".lock")
