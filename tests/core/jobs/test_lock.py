"""One job at a time on each catalogue."""

import fcntl
import threading
from pathlib import Path
from typing import IO

import pytest

from core import jobs
from core.jobs import Busy, Job
from tests.core.jobs.support import job_elsewhere, now


def test_a_second_job_in_the_same_process_is_rejected_and_the_first_continues(file: Path) -> None:
    with Job(file, title="First") as job:
        with pytest.raises(
            Busy, match=r"Another job is running .*\. Wait until it ends, or cancel it\."
        ):
            Job(file, title="Second").__enter__()
        job.check()
        assert now(file).title == "First"
    with Job(file, title="Second"):
        assert now(file).title == "Second"


def test_a_job_in_another_process_excludes_others(file: Path) -> None:
    with job_elsewhere(file) as process:
        with pytest.raises(Busy):
            Job(file, title="Here").__enter__()
        assert (now(file).title, now(file).state) == ("Elsewhere", "running")
        process.communicate("go on\n")
    assert now(file).state == "done"
    with Job(file, title="Here"):
        assert now(file).title == "Here"


def test_checking_for_a_job_does_not_keep_one_from_starting(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A page checks the same lock every second; here one checks at that very moment."""
    looking, tried = threading.Event(), threading.Event()

    def flock(lock: IO[str], operation: int) -> None:
        try:
            real(lock, operation)
        finally:
            if operation & fcntl.LOCK_EX:
                tried.set()
        if operation & fcntl.LOCK_SH:
            looking.set()
            tried.wait(60)

    with Job(file, title="First"):
        pass
    real = fcntl.flock
    monkeypatch.setattr(fcntl, "flock", flock)
    page = threading.Thread(target=jobs.running, args=[file])
    page.start()
    looking.wait(60)
    with Job(file, title="Next"):
        pass
    page.join()
    assert now(file).title == "Next"


def test_a_catalogue_is_idle_before_between_and_after_jobs(file: Path) -> None:
    jobs.check_idle(file)
    with Job(file, title="First"), pytest.raises(Busy, match="Another job is running"):
        jobs.check_idle(file)
    jobs.check_idle(file)
