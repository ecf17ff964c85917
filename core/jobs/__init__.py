"""Long work: its lock, its progress, its status, and how it is launched."""

from core.jobs.job import Job
from core.jobs.launch import start
from core.jobs.lock import Busy, cancel, check_idle, running
from core.jobs.progress import Cancelled, Progress
from core.jobs.status import State, Status, describe, duration, status

__all__ = [
    "Busy",
    "Cancelled",
    "Job",
    "Progress",
    "State",
    "Status",
    "cancel",
    "check_idle",
    "describe",
    "duration",
    "running",
    "start",
    "status",
]
