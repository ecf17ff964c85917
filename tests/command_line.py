"""Commands of the command line, as tests run them."""

import io
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

from core import settings
from core.cli.main import main


def run(*arguments: str | Path) -> "subprocess.CompletedProcess[str]":
    """Run a command in this process, which loads the network only once.

    A process of its own takes 0.6 s of the processor, and 3.5 s if it loads the network.
    """
    output, errors = io.StringIO(), io.StringIO()
    with redirect_stdout(output), redirect_stderr(errors):
        try:
            status = main([str(argument) for argument in arguments])
        except SystemExit as end:
            assert isinstance(end.code, int)
            status = end.code
    return subprocess.CompletedProcess(arguments, status, output.getvalue(), errors.getvalue())


def run_process(*arguments: str | Path) -> "subprocess.CompletedProcess[str]":
    """Run a command as a script does."""
    return subprocess.run(
        [sys.executable, "-m", "core", *map(str, arguments)],
        cwd=settings.PROJECT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
