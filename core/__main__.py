"""Run the command line: `python -m core COMMAND`."""

import signal
import sys

from core.cli.main import main


def _end(*_: object) -> None:
    """End as Ctrl-C does, so that a job keeps what is finished and says how it ended."""
    raise KeyboardInterrupt


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, _end)
    sys.exit(main())
