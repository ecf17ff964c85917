"""Jobs to test with, here and in another process."""

import subprocess
import sys
from pathlib import Path

from core import jobs
from core.jobs import Status
from core.settings import PROJECT


def now(file: Path) -> Status:
    """Return the status as another process would read it."""
    status = jobs.read_status(file)
    assert status is not None
    return status


HOLDS_A_JOB = f"""
import sys
sys.path.insert(0, {str(PROJECT)!r})
from pathlib import Path
from core.jobs import Cancelled, Job, Stage
try:
    with Job(Path(sys.argv[1]), title="Elsewhere") as job:
        job.stage(Stage.SEARCHING, 10)
        print("ready", flush=True)
        sys.stdin.readline()
        job.check()
except Cancelled:
    print("cancelled", flush=True)
"""


def job_elsewhere(file: Path) -> subprocess.Popen[str]:
    """Start a job in another process, which continues when it is sent a line."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDS_A_JOB, str(file)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process
