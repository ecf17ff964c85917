"""The status of a job, as its status file holds it and as people read it."""

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from core.jobs.lock import running
from core.jobs.stage import Stage, describe, parse

State = Literal["running", "done", "failed", "cancelled", "stopped"]
# Seconds of a stage before its rate is shown.
MIN_RATE_SECONDS = 2.0
STOPPED_MESSAGE = (
    "The job was ended from outside Lookalike. Finished work is kept; start it again to continue."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """How far a job is. Times are seconds since the epoch.

    Attributes:
        title: of the job, for people.
        state: whether it is running, or how it ended; "stopped" if its process was killed.
        stage: the current stage, or the last one.
        detail: what follows the name of the stage, such as the folder that is watched.
        done: steps of the stage that are done.
        total: steps of the stage; 0 if unknown.
        failed: steps of all stages that failed.
        stage_began: when the stage began.
        updated: when the status last changed.
        message: the sentence that is shown when the job has ended.
        arguments: the command line that started the job, with which it can be started again.
    """

    title: str
    state: State = "running"
    stage: Stage = Stage.STARTING
    detail: str = ""
    done: int = 0
    total: int = 0
    failed: int = 0
    stage_began: float
    updated: float
    message: str = ""
    arguments: tuple[str, ...] = ()

    @property
    def stage_text(self) -> str:
        """What people read for the current stage."""
        return describe(self.stage, self.detail)

    @property
    def share(self) -> float:
        """How much of the current stage is done, 0 to 1; 0 if its total is unknown."""
        return min(1.0, self.done / self.total) if self.total else 0.0

    @property
    def rate(self) -> float | None:
        """Steps per second in the current stage; None while it is too early to tell."""
        elapsed = self.updated - self.stage_began
        return self.done / elapsed if self.done and elapsed >= MIN_RATE_SECONDS else None

    @property
    def seconds_left(self) -> float | None:
        """Seconds until the stage ends at the current rate; None while it is too early to tell."""
        if self.rate is None or not self.done < self.total:
            return None
        return (self.total - self.done) / self.rate


def format_status(status: Status) -> str:
    """Return the status as one line: stage, steps done, rate, time left, failures."""
    parts = [status.stage_text]
    if status.total:
        parts.append(f"{status.done:,} of {status.total:,}")
    elif status.done:
        parts.append(f"{status.done:,}")
    if status.state == "running" and status.rate is not None:
        parts.append(_format_rate(status.rate))
    if status.state == "running" and (left := status.seconds_left) is not None:
        parts.append(f"{format_duration(left)} left")
    if status.failed:
        parts.append(f"{status.failed:,} failed")
    return " · ".join(parts)


def _format_rate(rate: float) -> str:
    """Return steps per second as text, such as "3 a minute"."""
    return f"{rate:,.0f} a second" if rate >= 1 else f"{max(1, round(60 * rate))} a minute"


def format_duration(seconds: float) -> str:
    """Return a number of seconds as text, such as "2 min"."""
    if seconds < 60:
        return f"{max(1, round(seconds))} s"
    if seconds < 3600:
        return f"{round(seconds / 60)} min"
    return f"{seconds / 3600:.1f} h"


def read_status(file: Path) -> Status | None:
    """Return the status in `file`, or None if there is none or it cannot be read.

    The state is "stopped" if the file says that the job is running but no process holds its
    lock: the process was killed. A file of an earlier version, which holds the English label of
    the stage, can be read too.
    """
    try:
        fields = json.loads(file.read_text())
        stage, detail = parse(fields.get("stage", Stage.STARTING))
        fields |= {
            "stage": stage,
            "detail": fields.get("detail", detail),
            "arguments": tuple(fields.get("arguments", ())),
        }
        status = Status(**fields)
    except (OSError, ValueError, TypeError, AttributeError):
        return None
    if status.state == "running" and not running(file):
        return replace(status, state="stopped", message=STOPPED_MESSAGE)
    return status
