"""A job is cancelled, from here or from another process."""

from pathlib import Path

import pytest

from core import jobs
from core.jobs import CANCELLED_MESSAGE, Cancelled, Job
from tests.core.jobs.support import job_elsewhere, now


def test_jobs_of_two_catalogues_are_independent(tmp_path: Path, file: Path) -> None:
    (tmp_path / "others").mkdir()
    other = tmp_path / "others" / "job.json"
    with Job(file, title="First"), Job(other, title="Second"):
        jobs.cancel(file)
        assert (now(file).title, now(other).title) == ("First", "Second")


def test_a_cancelled_job_stops_at_its_next_check(file: Path) -> None:
    job = Job(file, title="Import")
    with pytest.raises(Cancelled, match="Finished work is kept"), job:
        job.check()
        jobs.cancel(file)
        assert now(file).state == "running"
        job.check()
    assert now(file).state == "cancelled"
    assert now(file).message == CANCELLED_MESSAGE


def test_code_that_recovers_from_errors_does_not_catch_a_cancellation(file: Path) -> None:
    job = Job(file, title="Import")
    with pytest.raises(Cancelled), job:
        jobs.cancel(file)
        try:
            job.check()
        except Exception:
            pytest.fail("the work continued")
    assert now(file).state == "cancelled"


def test_a_job_in_another_process_can_be_cancelled(file: Path) -> None:
    with job_elsewhere(file) as process:
        jobs.cancel(file)
        said, _ = process.communicate("go on\n")
    assert said == "cancelled\n"
    assert now(file).state == "cancelled"


def test_a_request_to_cancel_does_not_affect_the_next_job(file: Path) -> None:
    with Job(file, title="Nobody checks"):
        jobs.cancel(file)
    jobs.cancel(file)
    with job_elsewhere(file) as process:
        jobs.cancel(file)
        process.kill()
    with Job(file, title="Next") as job:
        job.check()
    assert now(file).state == "done"
