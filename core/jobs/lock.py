"""One job at a time for each catalogue."""

import fcntl
from pathlib import Path

from core.errors import LookalikeError

# Seconds for which a lock may be held by somebody who only looks.
LOCK_PATIENCE = 0.5

BUSY_MESSAGE = "Other work on this catalogue is under way. Wait for it to end, or cancel it."


class Busy(LookalikeError):
    """Other work on the same catalogue is under way."""


def running(file: Path) -> bool:
    """Return whether a process holds the lock of `file`."""
    try:
        with lock_file(file).open("r") as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False


def check_idle(file: Path) -> None:
    """Raise `Busy` while a process holds the lock of `file`."""
    if running(file):
        raise Busy(BUSY_MESSAGE)


def cancel(file: Path) -> None:
    """Ask the job that writes `file` to stop."""
    if running(file):
        cancel_file(file).touch()


def lock_file(file: Path) -> Path:
    return file.with_suffix(".lock")


def cancel_file(file: Path) -> Path:
    return file.with_suffix(".cancel")
