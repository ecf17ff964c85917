"""Run the programs that download packages: npm, pip, apt and dpkg."""

import subprocess
from collections.abc import Sequence
from pathlib import Path

# Seconds that one command may take.
TIMEOUT = 600.0


class FetchError(Exception):
    """One way to download something failed: the text says why in a few words."""


def run(command: Sequence[str | Path], *, folder: Path) -> None:
    """Run a command in `folder`; raises `FetchError` with the first error that it printed."""
    try:
        subprocess.run(
            command,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=TIMEOUT,
            check=True,
        )
    except OSError as error:
        raise FetchError(error.strerror) from error
    except subprocess.TimeoutExpired as error:
        raise FetchError(f"took longer than {TIMEOUT:.0f} seconds") from error
    except subprocess.CalledProcessError as error:
        lines = (line.strip() for line in error.stderr.splitlines())
        errors = (line for line in lines if line.startswith(("npm error", "ERROR:", "E:")))
        raise FetchError(next(errors, f"ended with status {error.returncode}")) from error
