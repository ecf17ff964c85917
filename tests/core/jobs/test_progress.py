"""Progress that nobody reads."""

from core.jobs import Progress, Stage


def test_the_base_class_of_progress_ignores_everything() -> None:
    progress = Progress()
    progress.stage(Stage.IMPORTING, 2)
    progress.advance(failed=1)
    progress.check()
