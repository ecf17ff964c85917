"""How far a job is."""

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from core.jobs.lock import running

State = Literal["running", "done", "failed", "cancelled", "stopped"]
FIRST_STAGE = "Starting"
# Seconds of a stage after which its rate says something.
MIN_RATE_SECONDS = 2.0


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
        return self.done / elapsed if self.done and elapsed >= MIN_RATE_SECONDS else None

    @property
    def seconds_left(self) -> float | None:
        """Seconds until the stage ends at the rate so far; None while that is a guess."""
        if self.rate is None or not self.done < self.total:
            return None
        return (self.total - self.done) / self.rate


def format_status(status: Status) -> str:
    """Return the status as one line: stage, how many of how many, rate, time left, failures."""
    words = [status.stage]
    if status.total:
        words.append(f"{status.done:,} of {status.total:,}")
    elif status.done:
        words.append(f"{status.done:,}")
    if status.state == "running" and status.rate is not None:
        words.append(_format_rate(status.rate))
    if status.state == "running" and (left := status.seconds_left) is not None:
        words.append(f"{format_duration(left)} left")
    if status.failed:
        words.append(f"{status.failed:,} could not be taken")
    return " · ".join(words)


def _format_rate(rate: float) -> str:
    """Return steps a second as people say it."""
    return f"{rate:,.0f} a second" if rate >= 1 else f"{max(1, round(60 * rate))} a minute"


def format_duration(seconds: float) -> str:
    """Return a length of time as people say it."""
    if seconds < 60:
        return f"{max(1, round(seconds))} s"
    if seconds < 3600:
        return f"{round(seconds / 60)} min"
    return f"{seconds / 3600:.1f} h"


def read_status(file: Path) -> Status | None:
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
