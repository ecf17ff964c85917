"""Long work: how far it is, one at a time for each catalogue, told to every process.

A job holds a lock (`flock`, which the system releases however the process
ends), replaces a small JSON file as it goes, and stops where it finds a file
that asks it to. A page, a second tab and a terminal all read the same file.
"""

import contextlib
import fcntl
import json
import os
import time
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import IO, Self

from core.errors import LookalikeError
from core.jobs.lock import BUSY_MESSAGE, LOCK_PATIENCE, Busy, cancel_file, lock_file
from core.jobs.progress import Cancelled, Progress
from core.jobs.status import FIRST_STAGE, State, Status, format_status

# How often the file is replaced and the terminal's line is rewritten, in seconds.
EVERY = 0.25


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
        self._lock = lock_file(self._file).open("w")
        # A page that looks whether a job runs holds the lock for a moment itself.
        patience = time.monotonic() + LOCK_PATIENCE
        while True:
            try:
                fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except OSError:
                if time.monotonic() > patience:
                    self._lock.close()
                    raise Busy(BUSY_MESSAGE) from None
                time.sleep(0.01)
        cancel_file(self._file).unlink(missing_ok=True)
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
        cancel_file(self._file).unlink(missing_ok=True)
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
        if cancel_file(self._file).exists():
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
            self._terminal.write(f"\r\033[K{format_status(self._status)}")
            self._terminal.flush()

    def _end_line(self) -> None:
        """Leave the stage's last words on the terminal, or in a log its only ones."""
        if self._terminal is None or self._status.stage == FIRST_STAGE:
            return
        start = "\r\033[K" if self._terminal.isatty() else ""
        self._terminal.write(f"{start}{format_status(self._status)}\n")
        self._terminal.flush()
