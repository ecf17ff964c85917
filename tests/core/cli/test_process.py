"""The command line as a process: how it ends when it is asked to."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

from core import jobs, settings
from core.catalogue import Catalogue, SourceRecord
from tests.conftest import MakePicture


@pytest.mark.slow
def test_a_process_that_is_asked_to_end_says_how_its_job_ended(
    tmp_path: Path, picture: MakePicture
) -> None:
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    (pictures / "0.png").write_bytes(picture(0))
    catalogue = Catalogue.create("things")
    catalogue.imports.record_source(SourceRecord(str(pictures), "folder", {}))
    # Watching, it ends only when it is asked to.
    watch = subprocess.Popen(
        [sys.executable, "-m", "core", "watch", "things"],
        cwd=settings.PROJECT,
        stderr=subprocess.PIPE,
        text=True,
    )
    while watch.poll() is None and not jobs.running(catalogue.watch_file):
        time.sleep(0.05)

    watch.terminate()

    _, errors = watch.communicate(timeout=60)
    assert watch.returncode == 1
    assert "Traceback" not in errors
    assert "Cancelled. Finished work is kept" in errors
    status = jobs.read_status(catalogue.watch_file)
    assert status is not None and status.state == "cancelled"
