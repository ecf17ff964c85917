"""A job reports how far it is and how it ended, to a file, a terminal and a log."""

import io
import json
import shutil
import threading
import time
from pathlib import Path

import pytest

from core import jobs
from core.errors import LookalikeError
from core.jobs import Job, Stage, format_status
from tests.core.jobs.support import now


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


def test_a_clock_that_is_set_back_does_not_stop_the_progress(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Job(file, title="Import") as job:
        job.stage(Stage.IMPORTING, 4)
        monkeypatch.setattr(time, "time", lambda: 1_000_000.0)
        monkeypatch.setattr("core.jobs.job.WRITE_INTERVAL", 0)
        for done in range(1, 5):
            job.advance()
            assert now(file).done == done
        status = now(file)
        assert status.updated >= status.stage_began > 1_000_000_000


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


def test_a_status_file_holds_the_value_of_the_stage_and_not_its_label(file: Path) -> None:
    with Job(file, title="Watch") as job:
        job.stage(Stage.WATCHING, detail="/pictures")
        written = json.loads(file.read_text())
        assert (written["stage"], written["detail"]) == ("watching", "/pictures")
        assert now(file).stage is Stage.WATCHING
        assert format_status(now(file)) == "Watching /pictures"


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
