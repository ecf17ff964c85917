"""Jobs report their progress and how they ended, can be cancelled, and run one at a time."""

import fcntl
import io
import json
import re
import shutil
import subprocess
import sys
import threading
from pathlib import Path
from typing import IO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import jobs
from core.errors import LookalikeError
from core.jobs import (
    CANCELLED_MESSAGE,
    Busy,
    Cancelled,
    Job,
    Progress,
    Stage,
    Status,
    format_duration,
    format_status,
)
from core.settings import PROJECT

# ---------------------------------------------------------------- material


@pytest.fixture
def file(tmp_path: Path) -> Path:
    folder = tmp_path / "things"
    folder.mkdir()
    return folder / "job.json"


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


# ---------------------------------------------------------------- how far, and how it ended


def test_there_is_no_status_before_the_first_job(file: Path) -> None:
    assert jobs.read_status(file) is None
    assert not jobs.running(file)
    jobs.cancel(file)
    assert list(file.parent.iterdir()) == []


def test_a_job_reports_each_stage(file: Path) -> None:
    with Job(file, title="Import") as job:
        assert jobs.running(file)
        assert (now(file).title, now(file).state, now(file).share) == ("Import", "running", 0)
        job.stage(Stage.IMPORTING, 40)
        assert (now(file).stage, now(file).done, now(file).total) == (Stage.IMPORTING, 0, 40)
        job.advance(10, failed=1)
        job.advance(20, failed=2)
        job.stage(Stage.FITTING)
        assert (now(file).stage, now(file).done, now(file).total) == (Stage.FITTING, 0, 0)
        job.message("30 added.")
    assert not jobs.running(file)
    ended = now(file)
    assert (ended.state, ended.message, ended.failed) == ("done", "30 added.", 3)


def test_the_last_steps_are_reported_when_the_job_ends(file: Path) -> None:
    """The file is not written at every step, so the last steps must not get lost."""
    with Job(file, title="Import") as job:
        job.stage(Stage.IMPORTING, 1000)
        for _ in range(1000):
            job.advance()
    assert (now(file).done, now(file).share) == (1000, 1)


def test_an_error_for_users_ends_the_job_with_its_message(file: Path) -> None:
    with pytest.raises(LookalikeError), Job(file, title="Import"):
        raise LookalikeError("The folder is empty. Choose another.")
    assert (now(file).state, now(file).message) == (
        "failed",
        "The folder is empty. Choose another.",
    )


def test_any_other_error_is_reported_as_a_failure_and_raised(file: Path) -> None:
    with pytest.raises(ZeroDivisionError), Job(file, title="Import"):
        print(1 / 0)
    assert now(file).state == "failed"
    assert "ZeroDivisionError" in now(file).message
    assert not jobs.running(file)


def test_ctrl_c_cancels(file: Path) -> None:
    with pytest.raises(KeyboardInterrupt), Job(file, title="Import"):
        raise KeyboardInterrupt
    assert now(file).state == "cancelled"


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


def test_removing_the_catalogue_does_not_stop_the_job(file: Path) -> None:
    with Job(file, title="Import") as job:
        job.stage(Stage.IMPORTING, 2)
        shutil.rmtree(file.parent)
        job.stage(Stage.FITTING, 2)
        job.advance()
        job.check()
    assert jobs.read_status(file) is None
    assert not file.parent.exists()


def test_a_status_is_never_read_half_written(file: Path) -> None:
    with Job(file, title="Import " + "x" * 50_000) as job:
        stop = threading.Event()

        def write() -> None:
            for number in range(300):
                job.stage(Stage.WATCHING, number, detail=str(number))
            stop.set()

        thread = threading.Thread(target=write)
        thread.start()
        seen = []
        while not stop.is_set():
            seen.append(now(file))
        thread.join()
    assert seen
    assert all(status.stage_text in ("Starting", f"Watching {status.total}") for status in seen)


# ---------------------------------------------------------------- stages


def test_every_stage_has_a_different_label() -> None:
    labels = [jobs.describe(stage) for stage in Stage if stage is not Stage.OTHER]
    assert all(labels)
    assert len(set(labels)) == len(labels)


def test_a_status_file_holds_the_value_of_the_stage_and_not_its_label(file: Path) -> None:
    with Job(file, title="Watch") as job:
        job.stage(Stage.WATCHING, detail="/pictures")
        written = json.loads(file.read_text())
        assert (written["stage"], written["detail"]) == ("watching", "/pictures")
        assert now(file).stage is Stage.WATCHING
        assert format_status(now(file)) == "Watching /pictures"


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


# ---------------------------------------------------------------- one at a time


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


def test_jobs_of_two_catalogues_are_independent(tmp_path: Path, file: Path) -> None:
    (tmp_path / "others").mkdir()
    other = tmp_path / "others" / "job.json"
    with Job(file, title="First"), Job(other, title="Second"):
        jobs.cancel(file)
        assert (now(file).title, now(other).title) == ("First", "Second")


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


# ---------------------------------------------------------------- cancelling


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


def test_the_base_class_of_progress_ignores_everything() -> None:
    progress = Progress()
    progress.stage(Stage.IMPORTING, 2)
    progress.advance(failed=1)
    progress.check()


# ---------------------------------------------------------------- in words


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


# ---------------------------------------------------------------- the terminal


class Terminal(io.StringIO):
    """What a user of the command line sees."""

    def isatty(self) -> bool:
        return True


def test_a_terminal_shows_one_line_that_is_rewritten(file: Path) -> None:
    terminal = Terminal()
    with Job(file, title="Import", terminal=terminal) as job:
        job.stage(Stage.IMPORTING, 2)
        job.advance(2)
        job.stage(Stage.FITTING, 1)
        job.advance()
    lines = terminal.getvalue().split("\n")
    assert len(lines) == 3 and lines[-1] == ""
    assert [line.split("\r\033[K")[-1] for line in lines[:2]] == [
        "Importing · 2 of 2",
        "Fitting the descriptor · 1 of 1",
    ]


def test_a_log_gets_a_plain_line_for_each_stage(file: Path) -> None:
    log = io.StringIO()
    with Job(file, title="Import", terminal=log) as job:
        job.stage(Stage.IMPORTING, 500)
        for _ in range(500):
            job.advance()
        job.stage(Stage.FITTING, 1)
        job.advance()
    assert log.getvalue() == "Importing · 500 of 500\nFitting the descriptor · 1 of 1\n"


def test_a_log_gets_a_line_now_and_then_during_a_long_stage(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.jobs.job.WRITE_INTERVAL", 0)
    monkeypatch.setattr("core.jobs.job.LOG_INTERVAL", 0)
    log = io.StringIO()
    with Job(file, title="Import", terminal=log) as job:
        job.stage(Stage.IMPORTING, 3)
        job.advance(2)
        assert "Importing · 2 of 3\n" in log.getvalue()
        job.advance()
    assert log.getvalue().endswith("Importing · 3 of 3\n")
    assert "\r" not in log.getvalue()


# ---------------------------------------------------------------- in the background


def test_a_command_is_started_in_a_separate_process_with_a_log(tmp_path: Path) -> None:
    log = tmp_path / "logs" / "list.log"
    process = jobs.launch(["list", "--json"], log=log)
    assert process.wait(60) == 0
    assert json.loads(log.read_text()) is not None
    refused = jobs.launch(["no-such-command"], log=log)
    assert refused.wait(60) == 2
    assert re.search("no-such-command", log.read_text())
