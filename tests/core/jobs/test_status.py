"""What a status file says, also one of an earlier version, and how it is put into words."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import jobs
from core.jobs import Job, Stage, Status, format_duration, format_status
from tests.core.jobs.support import job_elsewhere, now


def test_there_is_no_status_before_the_first_job(file: Path) -> None:
    assert jobs.read_status(file) is None
    assert not jobs.running(file)
    jobs.cancel(file)
    assert list(file.parent.iterdir()) == []


def test_a_killed_job_is_stopped_and_can_be_started_again(file: Path) -> None:
    with job_elsewhere(file) as process:
        assert now(file).state == "running"
        process.kill()
    stopped = now(file)
    assert (stopped.state, stopped.stage) == ("stopped", Stage.SEARCHING)
    assert "start it again" in stopped.message
    with Job(file, title="Again"):
        assert (now(file).state, now(file).title) == ("running", "Again")
    assert now(file).state == "done"


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"null", b"[]", b'"text"', b"{}", b'{"title": "x"}', b"\xff\xfe\0", b'{"odd": 1}'],
)
def test_a_file_that_cannot_be_read_is_no_status(file: Path, content: bytes) -> None:
    file.write_bytes(content)
    assert jobs.read_status(file) is None
    with Job(file, title="Import"):
        assert now(file).state == "running"


@pytest.mark.parametrize("stage", Stage)
def test_every_stage_is_read_back(file: Path, stage: Stage) -> None:
    with Job(file, title="Import") as job:
        job.stage(stage, 3, detail="more")
        assert (now(file).stage, now(file).detail, now(file).total) == (stage, "more", 3)


@pytest.mark.parametrize(
    ("label", "stage", "text"),
    [
        ("Starting", Stage.STARTING, "Starting"),
        ("Importing", Stage.IMPORTING, "Importing"),
        ("Looking at pictures", Stage.EMBEDDING, "Embedding pictures"),
        ("Drawing the map", Stage.COMPUTING_LAYOUT, "Computing the map layout"),
        ("Watching /a b · 12:30: 3 added.", Stage.WATCHING, "Watching /a b · 12:30: 3 added."),
        ("Updating from 2 sources", Stage.UPDATING, "Updating from 2 sources"),
        ("A stage of a later version", Stage.OTHER, "A stage of a later version"),
    ],
)
def test_a_status_file_of_the_first_version_can_be_read(
    file: Path, label: str, stage: Stage, text: str
) -> None:
    """It holds the English label of the stage, and no detail."""
    file.write_text(
        json.dumps(
            {
                "title": "Import",
                "state": "cancelled",
                "stage": label,
                "done": 3,
                "total": 10,
                "failed": 1,
                "stage_began": 1000.0,
                "updated": 1010.0,
                "message": "Cancelled. What was done is kept; start again to go on.",
                "arguments": ["import", "/pictures", "--into", "things"],
            }
        )
    )
    status = now(file)
    assert status.stage is stage
    assert status.arguments == ("import", "/pictures", "--into", "things")
    assert format_status(status) == f"{text} · 3 of 10 · 1 failed"


def status_of(*, elapsed: float, done: int, total: int, failed: int = 0) -> Status:
    return Status(
        title="x",
        stage=Stage.IMPORTING,
        done=done,
        total=total,
        failed=failed,
        stage_began=1000,
        updated=1000 + elapsed,
    )


@pytest.mark.parametrize(
    ("elapsed", "done", "total", "expected"),
    [
        (10, 25, 100, 30),
        (60, 1, 61, 3600),
        (10, 100, 100, None),  # nothing is left to do
        (1.9, 50, 100, None),  # too early to tell
        (10, 0, 100, None),
        (10, 5, 0, None),
    ],
)
def test_the_time_left_follows_from_the_rate_so_far(
    elapsed: float, done: int, total: int, expected: float | None
) -> None:
    assert status_of(elapsed=elapsed, done=done, total=total).seconds_left == expected


@given(st.integers(0, 10**6), st.integers(0, 10**6))
def test_a_share_is_between_0_and_1(done: int, total: int) -> None:
    assert 0 <= status_of(elapsed=1, done=done, total=total).share <= 1


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (status_of(elapsed=1, done=0, total=0), "Importing"),
        (status_of(elapsed=1, done=10, total=1600), "Importing · 10 of 1,600"),
        (
            status_of(elapsed=10, done=100, total=1600, failed=1234),
            "Importing · 100 of 1,600 · 10 a second · 2 min left · 1,234 failed",
        ),
        (status_of(elapsed=60, done=3, total=4), "Importing · 3 of 4 · 3 a minute · 20 s left"),
        (status_of(elapsed=9000, done=1, total=0), "Importing · 1 · 1 a minute"),
    ],
)
def test_a_status_is_formatted_as_one_line(status: Status, expected: str) -> None:
    assert format_status(status) == expected


def test_no_time_left_is_shown_when_the_job_has_ended(file: Path) -> None:
    with Job(file, title="Import") as job:
        job.stage(Stage.IMPORTING, 4)
        job.advance(3)
    ended = json.loads(file.read_text())
    ended["stage_began"] -= 60
    file.write_text(json.dumps(ended))
    assert format_status(now(file)) == "Importing · 3 of 4"


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (0, "1 s"),
        (0.4, "1 s"),
        (41.6, "42 s"),
        (59.4, "59 s"),
        (60, "1 min"),
        (150, "2 min"),
        (3000, "50 min"),
        (3600, "1.0 h"),
        (9000, "2.5 h"),
    ],
)
def test_durations_are_formatted_for_people(seconds: float, expected: str) -> None:
    assert format_duration(seconds) == expected
