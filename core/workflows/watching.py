"""Keeps a catalogue as its sources are: looks at them now and then, and updates what changed."""

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from core import jobs, settings
from core.catalogue import Catalogue
from core.errors import LookalikeError
from core.importers import table
from core.jobs import Cancelled, Progress

# Seconds between two looks. A look at 10,000 files takes some 60 ms; asking the system to tell of
# changes instead does not work for folders on other machines.
INTERVAL = 5.0
# Kinds of source that lie on this machine.
KINDS = frozenset(["folder", "table", "archive", "models", "sweethome3d"])

# What a file is known by without reading it: its size, and when it was written.
FolderSnapshot = Mapping[str, tuple[int, int]]


def run(catalogue: Catalogue, *, progress: Progress, every: float = INTERVAL) -> None:
    """Update the catalogue now and whenever its sources have changed, until told to stop.

    A change is taken once nothing has changed for as long as two looks are apart: what is being
    copied is not taken half. Ends with `Cancelled`; raises `LookalikeError` if there is nothing
    to watch.
    """
    locations = [one.location for one in catalogue.imports.sources() if one.kind in KINDS]
    if not locations:
        raise LookalikeError(
            f"“{catalogue.title}” has no folder or file to watch. Import one first: "
            f"python -m core import FOLDER --into {catalogue.name}"
        )
    what = locations[0] if len(locations) == 1 else f"{len(locations)} sources"
    taken: list[FolderSnapshot] | None = None
    before: list[FolderSnapshot] | None = None
    said = ""
    while True:
        now = [take_snapshot(location) for location in locations]
        if now != taken and now == before:
            progress.stage(f"Updating from {what}")
            # In a process of its own: the network's memory is free again between two changes.
            if (told := _update(catalogue, progress)) is not None:
                taken, said = now, f" · {time.strftime('%H:%M')}: {told}"
        before = now
        progress.stage(f"Watching {what}{said}")
        _sleep(every, progress)


def take_snapshot(location: str) -> FolderSnapshot:
    """Return what can be told of a file, or of the files in a folder, without reading them."""
    return {
        path: (status.st_size, status.st_mtime_ns)
        for path in _file_stats(location)
        if (status := _write_status(path)) is not None
    }


def _file_stats(location: str) -> Iterator[str]:
    if not os.path.isdir(location):
        yield location
        if Path(location).suffix.lower() not in table.SUFFIXES:
            return
        # A table's pictures lie in its folder, or below it.
        location = os.path.dirname(location)
    for folder, folders, files in os.walk(location):
        folders[:] = [name for name in folders if not name.startswith(".")]
        yield from (os.path.join(folder, name) for name in files if not name.startswith("."))


def _write_status(path: str) -> os.stat_result | None:
    with contextlib.suppress(OSError):
        return os.stat(path)
    return None


def _update(catalogue: Catalogue, progress: Progress) -> str | None:
    """Update the catalogue; return what came of it, or None where other work is under way."""
    if jobs.running(catalogue.job_file):
        return None
    with subprocess.Popen(
        [sys.executable, "-m", "core", "update", catalogue.name],
        cwd=settings.PROJECT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        try:
            while process.poll() is None:
                _sleep(0.5, progress)
        except Cancelled:
            jobs.cancel(catalogue.job_file)
            raise
    status = jobs.read_status(catalogue.job_file)
    return None if status is None or status.state == "running" else status.message


def _sleep(seconds: float, progress: Progress) -> None:
    """Wait, looking now and then whether to stop."""
    until = time.monotonic() + seconds
    while (left := until - time.monotonic()) > 0:
        progress.check()
        time.sleep(min(left, 0.5))
    progress.check()
