"""Jobs: long work on a catalogue, with a lock, a status file and a way to cancel."""

from core.jobs.cancellation import CANCELLED_MESSAGE, Cancelled, cancel
from core.jobs.job import Job
from core.jobs.launch import launch
from core.jobs.lock import Busy, check_idle, running
from core.jobs.progress import Progress
from core.jobs.stage import Stage, describe
from core.jobs.status import State, Status, format_duration, format_status, read_status

__all__ = [
    "CANCELLED_MESSAGE",
    "Busy",
    "Cancelled",
    "Job",
    "Progress",
    "Stage",
    "State",
    "Status",
    "cancel",
    "check_idle",
    "describe",
    "format_duration",
    "format_status",
    "launch",
    "read_status",
    "running",
]
