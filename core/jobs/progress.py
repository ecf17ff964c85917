"""What long work reports."""

from core.jobs.stage import Stage


class Progress:
    """What long work reports. This class ignores it all: for use as a library."""

    def stage(self, stage: Stage, total: int = 0, *, detail: str = "") -> None:
        """Begin a stage of `total` steps, 0 if unknown; `detail` follows its name."""

    def advance(self, steps: int = 1, *, failed: int = 0) -> None:
        """Report that steps are done, and how many of them failed."""

    def check(self) -> None:
        """Raise `Cancelled` if the user asked the work to stop."""
