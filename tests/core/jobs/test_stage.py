"""The stages of jobs."""

from core import jobs
from core.jobs import Stage


def test_every_stage_has_a_different_label() -> None:
    labels = [jobs.describe(stage) for stage in Stage if stage is not Stage.OTHER]
    assert all(labels)
    assert len(set(labels)) == len(labels)
