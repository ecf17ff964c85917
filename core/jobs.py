"""Long work: how far it is, one at a time for each catalogue, told to every process.

A job holds a lock (`flock`, which the system releases however the process
ends), replaces a small JSON file as it goes, and stops where it finds a file
that asks it to. A page, a second tab and a terminal all read the same file.
"""

import contextlib
import fcntl
import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import IO, Literal, Self

from core import settings
from core.errors import LookalikeError

State = Literal["running", "done", "failed", "cancelled", "stopped"]
# How often the file is replaced and the terminal's line is rewritten, in seconds.
EVERY = 0.25
FIRST_STAGE = "Starting"
# Seconds of a stage after which its rate says something.
SETTLED = 2.0
# Seconds for which a lock may be held by somebody who only looks.
LOOKING = 0.5

_BUSY = "Other work on this catalogue is under way. Wait for it to end, or cancel it."


class Busy(LookalikeError):
    """Other work on the same catalogue is under way."""


class Cancelled(LookalikeError):
    """The person asked the work to stop."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """How far a job is. Times are seconds since the epoch.

    `arguments` are the command line that began it, with which it can be begun again.
    """

    title: str
    state: State = "running"
    stage: str = FIRST_STAGE
    done: int = 0
    total: int = 0
    failed: int = 0
    stage_began: float
    updated: float
    message: str = ""
    arguments: tuple[str, ...] = ()

    @property
    def share(self) -> float:
        """How much of the present stage is done, 0 to 1."""
        return min(1.0, self.done / self.total) if self.total else 0.0

    @property
    def rate(self) -> float | None:
        """Steps a second in the present stage so far; None while that is a guess."""
        elapsed = self.updated - self.stage_began
        return self.done / elapsed if self.done and elapsed >= SETTLED else None

    @property
    def seconds_left(self) -> float | None:
        """Seconds until the stage ends at the rate so far; None while that is a guess."""
        if self.rate is None or not self.done < self.total:
            return None
        return (self.total - self.done) / self.rate


class Progress:
    """What long work tells as it goes. This one tells nobody: for use as a library."""

    def stage(self, name: str, total: int = 0) -> None:
        """Begin a stage of `total` steps; 0 where that is not known."""

    def advance(self, steps: int = 1, *, failed: int = 0) -> None:
        """Note that steps are done, and how many of them failed."""

    def check(self) -> None:
        """Raise `Cancelled` if the person asked the work to stop."""


class Job(Progress):
    """Work on one catalogue, as a context: `with Job(catalogue.job_file, title=...) as job`."""

    def __init__(
        self,
        file: Path,
        *,
        title: str,
        terminal: IO[str] | None = None,
        arguments: Sequence[str] = (),
    ) -> None:
        """Prepare to write to `file`, and to `terminal` as well if one is given.

        `arguments` are the command line with which the work can be begun again.
        """
        self._file = file
        self._terminal = terminal
        self._lock: IO[str] | None = None
        self._told = 0.0
        now = time.time()
        self._status = Status(title=title, stage_began=now, updated=now, arguments=tuple(arguments))

    def __enter__(self) -> Self:
        """Take the lock; raise `Busy` if another process has it."""
        self._lock = _lock_file(self._file).open("w")
        # A page that looks whether a job runs holds the lock for a moment itself.
        patience = time.monotonic() + LOOKING
        while True:
            try:
                fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except OSError:
                if time.monotonic() > patience:
                    self._lock.close()
                    raise Busy(_BUSY) from None
                time.sleep(0.01)
        _cancel_file(self._file).unlink(missing_ok=True)
        self._tell()
        return self

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        """Tell how it ended, and let go of the lock."""
        if error is None:
            self._end("done", self._status.message)
        elif isinstance(error, Cancelled | KeyboardInterrupt):
            self._end("cancelled", "Cancelled. What was done is kept; start again to go on.")
        elif isinstance(error, LookalikeError):
            self._end("failed", str(error))
        else:
            self._end("failed", f"It ended with an error of its own: {error!r}")
        _cancel_file(self._file).unlink(missing_ok=True)
        assert self._lock is not None
        self._lock.close()

    def stage(self, name: str, total: int = 0) -> None:
        """Begin a stage of `total` steps; 0 where that is not known."""
        now = time.time()
        self._end_line()
        self._status = replace(
            self._status, stage=name, done=0, total=total, stage_began=now, updated=now
        )
        self._tell()

    def advance(self, steps: int = 1, *, failed: int = 0) -> None:
        """Note that steps are done, and how many of them failed."""
        now = time.time()
        self._status = replace(
            self._status,
            done=self._status.done + steps,
            failed=self._status.failed + failed,
            updated=now,
        )
        if now - self._told >= EVERY:
            self._tell()

    def message(self, text: str) -> None:
        """Set the sentence that is shown when the job is done."""
        self._status = replace(self._status, message=text)

    def check(self) -> None:
        """Raise `Cancelled` if the person asked the work to stop."""
        if _cancel_file(self._file).exists():
            raise Cancelled("Cancelled. What was done is kept; start again to go on.")

    def _end(self, state: State, message: str) -> None:
        self._status = replace(self._status, state=state, message=message, updated=time.time())
        self._end_line()
        self._tell(to_terminal=False)

    def _tell(self, *, to_terminal: bool = True) -> None:
        self._told = time.time()
        temporary = self._file.with_suffix(".tmp")
        with contextlib.suppress(FileNotFoundError):  # the catalogue was removed meanwhile
            temporary.write_text(json.dumps(asdict(self._status)))
            os.replace(temporary, self._file)
        if self._terminal is not None and to_terminal and self._terminal.isatty():
            self._terminal.write(f"\r\033[K{describe(self._status)}")
            self._terminal.flush()

    def _end_line(self) -> None:
        """Leave the stage's last words on the terminal, or in a log its only ones."""
        if self._terminal is None or self._status.stage == FIRST_STAGE:
            return
        start = "\r\033[K" if self._terminal.isatty() else ""
        self._terminal.write(f"{start}{describe(self._status)}\n")
        self._terminal.flush()


def describe(status: Status) -> str:
    """Return the status as one line: stage, how many of how many, rate, time left, failures."""
    words = [status.stage]
    if status.total:
        words.append(f"{status.done:,} of {status.total:,}")
    elif status.done:
        words.append(f"{status.done:,}")
    if status.state == "running" and status.rate is not None:
        words.append(_pace(status.rate))
    if status.state == "running" and (left := status.seconds_left) is not None:
        words.append(f"{duration(left)} left")
    if status.failed:
        words.append(f"{status.failed:,} could not be taken")
    return " · ".join(words)


def _pace(rate: float) -> str:
    """Return steps a second as people say it."""
    return f"{rate:,.0f} a second" if rate >= 1 else f"{max(1, round(60 * rate))} a minute"


def duration(seconds: float) -> str:
    """Return a length of time as people say it."""
    if seconds < 60:
        return f"{max(1, round(seconds))} s"
    if seconds < 3600:
        return f"{round(seconds / 60)} min"
    return f"{seconds / 3600:.1f} h"


def status(file: Path) -> Status | None:
    """Return how far the job that writes `file` is, or None if there never was one.

    A job that says it is running while nobody holds its lock was killed: it is
    `stopped`.
    """
    try:
        told = json.loads(file.read_text())
        found = Status(**{**told, "arguments": tuple(told.get("arguments", ()))})
    except (OSError, ValueError, TypeError, AttributeError):
        return None
    if found.state == "running" and not running(file):
        return replace(
            found,
            state="stopped",
            message="The work was stopped from outside. What was done is kept; start it again.",
        )
    return found


def running(file: Path) -> bool:
    """Return whether a process holds the lock of `file`."""
    try:
        with _lock_file(file).open("r") as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False


def check_idle(file: Path) -> None:
    """Raise `Busy` while a process holds the lock of `file`."""
    if running(file):
        raise Busy(_BUSY)


def cancel(file: Path) -> None:
    """Ask the job that writes `file` to stop."""
    if running(file):
        _cancel_file(file).touch()


def start(
    arguments: Sequence[str], *, log: Path, secrets: Mapping[str, str] | None = None
) -> subprocess.Popen[bytes]:
    """Run `python -m core ARGUMENTS` in a process of its own that gives way to the pages.

    `secrets` are variables for its environment, where others do not see them.

    A thread would share Python's lock with the server: clicks took 0.56 s in
    place of 0.07 s. A fork after TensorFlow has run hangs.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as output:
        return subprocess.Popen(
            ["nice", "-n", "10", sys.executable, "-m", "core", *arguments],
            cwd=settings.PROJECT,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            env=os.environ | dict(secrets or {}),
        )


def _lock_file(file: Path) -> Path:
    return file.with_suffix(".lock")


def _cancel_file(file: Path) -> Path:
    return file.with_suffix(".cancel")
