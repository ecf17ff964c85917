"""What commands work with: a job that others see, and the network."""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from core.catalogue import Catalogue
from core.jobs import Job
from core.vision import Network


def open_job(
    options: argparse.Namespace, catalogue: Catalogue, title: str, *, file: Path | None = None
) -> Job:
    """Return a job on a catalogue that reports on standard error."""
    return Job(
        file or catalogue.job_file, title=title, terminal=sys.stderr, arguments=options.arguments
    )


def network_loader(options: argparse.Namespace) -> Callable[[], Network]:
    """Return a function that loads the network in the precision of `--precision`."""

    def load() -> Network:
        from core.vision import precision

        return precision.load(precision=options.precision)

    return load
