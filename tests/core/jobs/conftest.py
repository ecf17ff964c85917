"""Where a job writes."""

from pathlib import Path

import pytest


@pytest.fixture
def file(tmp_path: Path) -> Path:
    folder = tmp_path / "things"
    folder.mkdir()
    return folder / "job.json"
