"""Long work: its lock, its progress, its status, and how it is launched."""

from core.jobs.job import Job
from core.jobs.launch import launch
from core.jobs.lock import Busy, cancel, check_idle, running
from core.jobs.progress import Cancelled, Progress
from core.jobs.status import State, Status, format_duration, format_status, read_status

__all__ = [
    "Busy",
    "Cancelled",
    "Job",
    "Progress",
    "State",
    "Status",
    "cancel",
    "check_idle",
    "format_duration",
    "format_status",
    "launch",
    "read_status",
    "running",
]
