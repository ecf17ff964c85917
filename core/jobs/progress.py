"""What long work reports as it goes."""

from core.errors import LookalikeError


class Cancelled(LookalikeError):
    """The person asked the work to stop."""


class Progress:
    """What long work tells as it goes. This one tells nobody: for use as a library."""

    def stage(self, name: str, total: int = 0) -> None:
        """Begin a stage of `total` steps; 0 where that is not known."""

    def advance(self, steps: int = 1, *, failed: int = 0) -> None:
        """Note that steps are done, and how many of them failed."""

    def check(self) -> None:
        """Raise `Cancelled` if the person asked the work to stop."""
