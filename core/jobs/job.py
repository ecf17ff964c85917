"""A job: long work on one catalogue that reports its progress and can be cancelled."""

import contextlib
import fcntl
import json
import math
import time
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import IO, Self

from core import disk, files
from core.errors import LookalikeError
from core.jobs.cancellation import CANCELLED_MESSAGE, Cancelled, cancel_file
from core.jobs.lock import BUSY_MESSAGE, LOCK_PATIENCE, Busy, lock_file
from core.jobs.progress import Progress
from core.jobs.stage import Stage
from core.jobs.status import State, Status, format_status

# Seconds between two writes of the status file and of the line on the terminal.
WRITE_INTERVAL = 0.25
# Seconds between two lines in a log, where each is kept.
LOG_INTERVAL = 15


class Job(Progress):
    """Work on one catalogue, as a context: `with Job(catalogue.job_file, title=...) as job`.

    A job holds a lock (`flock`, which the system releases however the process ends), replaces a
    small JSON file as it proceeds, and stops when it finds a file that asks it to. Pages, other
    tabs and terminals all read the same file.
    """

    def __init__(
        self,
        file: Path,
        *,
        title: str,
        terminal: IO[str] | None = None,
        arguments: Sequence[str] = (),
    ) -> None:
        """Prepare a job; entering the context starts it.

        Args:
            file: the status file.
            title: of the job, for people.
            terminal: where to show the progress as well.
            arguments: the command line with which the job can be started again.
        """
        self._file = file
        self._terminal = terminal
        self._lock: IO[str] | None = None
        # The clock may be set while the job runs: only the first time is read from it.
        self._epoch = time.time() - time.monotonic()
        now = self._now()
        self._written = -math.inf
        self._logged = now
        self._status = Status(title=title, stage_began=now, updated=now, arguments=tuple(arguments))

    def __enter__(self) -> Self:
        """Take the lock; raise `Busy` if another process holds it."""
        self._lock = lock_file(self._file).open("w")
        # A page that checks whether a job is running holds the lock for a moment itself.
        deadline = time.monotonic() + LOCK_PATIENCE
        while True:
            try:
                fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except OSError:
                if time.monotonic() > deadline:
                    self._lock.close()
                    raise Busy(BUSY_MESSAGE) from None
                time.sleep(0.01)
        cancel_file(self._file).unlink(missing_ok=True)
        self._write()
        return self

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        """Write how the job ended, and release the lock."""
        if error is None:
            self._end("done", self._status.message)
        elif isinstance(error, Cancelled | KeyboardInterrupt):
            self._end("cancelled", CANCELLED_MESSAGE)
        elif isinstance(error, LookalikeError):
            self._end("failed", str(error))
        elif isinstance(error, OSError):
            self._end("failed", f"{disk.describe(error)} {disk.KEPT}")
        else:
            self._end("failed", f"An unexpected error stopped the job: {error!r}")
        cancel_file(self._file).unlink(missing_ok=True)
        assert self._lock is not None
        self._lock.close()

    def stage(self, stage: Stage, total: int = 0, *, detail: str = "") -> None:
        """Begin a stage of `total` steps, 0 if unknown; `detail` follows its name."""
        now = self._now()
        self._end_line()
        self._logged = now
        self._status = replace(
            self._status,
            stage=stage,
            detail=detail,
            done=0,
            total=total,
            stage_began=now,
            updated=now,
        )
        self._write()

    def advance(self, steps: int = 1, *, failed: int = 0) -> None:
        """Report that steps are done, and how many of them failed."""
        now = self._now()
        self._status = replace(
            self._status,
            done=self._status.done + steps,
            failed=self._status.failed + failed,
            updated=now,
        )
        if now - self._written >= WRITE_INTERVAL:
            self._write()

    def message(self, text: str) -> None:
        """Set the sentence that is shown when the job is done."""
        self._status = replace(self._status, message=text)

    def check(self) -> None:
        """Raise `Cancelled` if the user asked the work to stop."""
        if cancel_file(self._file).exists():
            raise Cancelled

    def _now(self) -> float:
        """Return the seconds since the epoch, which never go back."""
        return self._epoch + time.monotonic()

    def _end(self, state: State, message: str) -> None:
        self._status = replace(self._status, state=state, message=message, updated=self._now())
        self._end_line()
        self._write(to_terminal=False)

    def _write(self, *, to_terminal: bool = True) -> None:
        self._written = self._now()
        data = json.dumps(asdict(self._status)).encode()
        try:
            files.write(self._file, data, sync=False, root=self._file.parent)
        except FileNotFoundError:  # the catalogue was removed meanwhile
            pass
        except OSError:
            # On a full disk there is room where the last status was, and where there is none,
            # the work that nobody sees goes on until it needs room itself.
            with contextlib.suppress(OSError):
                self._file.write_bytes(data)
        if self._terminal is None or not to_terminal:
            return
        if self._terminal.isatty():
            self._terminal.write(f"\r\033[K{format_status(self._status)}")
            self._terminal.flush()
        elif self._written - self._logged >= LOG_INTERVAL:
            self._logged = self._written
            self._end_line()

    def _end_line(self) -> None:
        """End the line of a stage on the terminal, or write one to a log."""
        if self._terminal is None or self._status.stage is Stage.STARTING:
            return
        start = "\r\033[K" if self._terminal.isatty() else ""
        self._terminal.write(f"{start}{format_status(self._status)}\n")
        self._terminal.flush()
