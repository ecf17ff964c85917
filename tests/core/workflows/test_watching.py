"""Watching sources for changes."""

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from core import jobs
from core.catalogue import Catalogue
from core.errors import LookalikeError
from core.importers import (
    open_source,
)
from core.jobs import Cancelled, Progress, Stage
from core.settings import PROJECT
from core.workflows import importing, watching
from tests.conftest import MakePicture
from tests.core.workflows.support import shown


@pytest.fixture
def catalogue() -> Catalogue:
    return Catalogue.create("things", title="Things")


def test_a_snapshot_tells_files_apart_by_size_and_time(tmp_path: Path) -> None:
    folder = tmp_path / "pictures"
    (folder / "sub").mkdir(parents=True)
    (folder / "sub" / "a.png").write_bytes(b"a")
    (folder / ".hidden").write_bytes(b"h")
    first = watching.take_snapshot(str(folder))
    assert list(first) == [str(folder / "sub" / "a.png")]
    assert watching.take_snapshot(str(folder)) == first

    (folder / "sub" / "a.png").write_bytes(b"ab")
    assert watching.take_snapshot(str(folder)) != first
    (folder / "table.csv").write_text("picture\na.png\n")
    assert set(watching.take_snapshot(str(folder / "table.csv"))) >= {
        str(folder / "table.csv"),
        str(folder / "sub" / "a.png"),
    }


def test_a_catalogue_without_folders_or_files_cannot_be_watched(catalogue: Catalogue) -> None:
    with pytest.raises(LookalikeError, match="no folder or file to watch"):
        watching.run(catalogue, progress=Progress())


def test_a_watched_folder_is_updated_once_its_changes_have_settled(
    catalogue: Catalogue, picture: MakePicture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "pictures"
    folder.mkdir()
    (folder / "0.png").write_bytes(picture(0))
    importing.run(open_source(str(folder)), catalogue)
    file_counts: list[int] = []

    def update(catalogue: Catalogue, progress: Progress) -> str:
        file_counts.append(len(list(folder.iterdir())))
        return "updated"

    class CopiedSlowly(Progress):
        """Adds a file between two checks until there are six, and cancels some checks later."""

        def __init__(self) -> None:
            self.stages: list[str] = []
            self.settled = 0

        def stage(self, stage: Stage, total: int = 0, *, detail: str = "") -> None:
            self.stages.append(jobs.describe(stage, detail))
            number = len(list(folder.iterdir()))
            if file_counts == [1] and number < 6:
                (folder / f"{number}.png").write_bytes(picture(number))
            self.settled += len(file_counts) > 1

        def check(self) -> None:
            if self.settled == 5 or len(self.stages) == 50:
                raise Cancelled("Cancelled.")

    monkeypatch.setattr(watching, "_update", update)
    progress = CopiedSlowly()
    with pytest.raises(Cancelled):
        watching.run(catalogue, progress=progress, every=0.01)
    assert file_counts == [1, 6]
    assert progress.stages[-1].startswith(f"Watching {folder}")
    assert "updated" in progress.stages[-1]


@pytest.mark.slow
def test_the_command_line_watches_updates_and_stops(
    catalogue: Catalogue, picture: MakePicture, tmp_path: Path
) -> None:
    folder = tmp_path / "pictures"
    folder.mkdir()
    (folder / "0.png").write_bytes(picture(0))
    importing.run(open_source(str(folder)), catalogue)
    with subprocess.Popen(
        [sys.executable, "-m", "core", "watch", "things", "--every", "0.5"],
        cwd=PROJECT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            wait_for(lambda: jobs.running(catalogue.watch_file), patience=60)
            (folder / "1.png").write_bytes(picture(1))
            # Imported and embedded by the real network, in a process of its own.
            wait_for(lambda: catalogue.summary().mapped == 2, patience=120)
            wait_for(lambda: not jobs.running(catalogue.job_file), patience=60)
        finally:
            jobs.cancel(catalogue.watch_file)
            _, errors = process.communicate(timeout=60)
    assert "Cancelled" in errors
    assert not jobs.running(catalogue.watch_file)
    assert shown(catalogue) == ["0.png", "1.png"]


def wait_for(condition: Callable[[], bool], *, patience: float = 60) -> None:
    until = time.monotonic() + patience
    while not condition():
        assert time.monotonic() < until, "it took too long"
        time.sleep(0.05)
