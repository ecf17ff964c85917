"""What long work reports, and the exception that cancels it."""

from core.jobs.stage import Stage

CANCELLED_MESSAGE = "Cancelled. Finished work is kept; start again to continue."


class Cancelled(BaseException):
    """The user asked the work to stop.

    Like `KeyboardInterrupt`, neither a `LookalikeError` nor an `Exception`: nothing went wrong,
    and code that recovers from errors must not continue.
    """

    def __init__(self, message: str = CANCELLED_MESSAGE) -> None:
        """Set the sentence that the user reads."""
        super().__init__(message)


class Progress:
    """What long work reports. This class ignores it all: for use as a library."""

    def stage(self, stage: Stage, total: int = 0, *, detail: str = "") -> None:
        """Begin a stage of `total` steps, 0 if unknown; `detail` follows its name."""

    def advance(self, steps: int = 1, *, failed: int = 0) -> None:
        """Report that steps are done, and how many of them failed."""

    def check(self) -> None:
        """Raise `Cancelled` if the user asked the work to stop."""
