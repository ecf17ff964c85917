"""How a job is cancelled: a file asks it to stop, and an exception ends its work."""

from pathlib import Path

from core.jobs.lock import running

CANCELLED_MESSAGE = "Cancelled. Finished work is kept; start again to continue."


class Cancelled(BaseException):
    """The user asked the work to stop.

    Like `KeyboardInterrupt`, neither a `LookalikeError` nor an `Exception`: nothing went wrong,
    and code that recovers from errors must not continue.
    """

    def __init__(self, message: str = CANCELLED_MESSAGE) -> None:
        """Set the sentence that the user reads."""
        super().__init__(message)


def cancel(file: Path) -> None:
    """Ask the job that writes the status file `file` to stop; do nothing if none is running."""
    if running(file):
        cancel_file(file).touch()


def cancel_file(file: Path) -> Path:
    """Return the path of the file whose existence asks the job to stop."""
    return file.with_suffix(".cancel")
