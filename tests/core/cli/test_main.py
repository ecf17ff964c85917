"""How the command line ends when nobody reads what it prints."""

import os
import subprocess
import sys

import pytest

from core import settings


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_reader_that_ends_early_causes_no_traceback(unbuffered: str) -> None:
    reader, writer = os.pipe()
    os.close(reader)

    done = subprocess.run(
        [sys.executable, "-m", "core", "list"],
        cwd=settings.PROJECT,
        env={**os.environ, "PYTHONUNBUFFERED": unbuffered},
        stdin=subprocess.DEVNULL,
        stdout=writer,
        stderr=subprocess.PIPE,
        text=True,
    )
    os.close(writer)

    assert done.stderr == ""
    assert done.returncode == 1
