"""Watch the sources of a catalogue, and update it whenever they change."""

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
from core.importers import table, watchable_kinds
from core.jobs import Cancelled, Progress, Stage

# Seconds between two checks for changes. Checking 10,000 files takes some 60 ms. Notifications by
# the operating system would not work for folders on other machines.
INTERVAL = 5.0

# The size of each file and when it was written (ns since the epoch), by path.
FolderSnapshot = Mapping[str, tuple[int, int]]


def run(catalogue: Catalogue, *, progress: Progress, every: float = INTERVAL) -> None:
    """Update the catalogue now and whenever its sources have changed, until cancelled.

    An update starts only when two checks in a row find the same files, so that a file that is
    being copied is not imported half-written.

    Args:
        catalogue: the catalogue to keep up to date.
        progress: shows what is going on.
        every: seconds between two checks.

    Raises:
        Cancelled: when the job is cancelled; the function ends in no other way.
        LookalikeError: if no source is a file or folder.
    """
    kinds = watchable_kinds()
    locations = [source.location for source in catalogue.imports.sources() if source.kind in kinds]
    if not locations:
        raise LookalikeError(
            f"“{catalogue.title}” has no folder or file to watch. Import one into it first."
        )
    what = locations[0] if len(locations) == 1 else f"{len(locations)} sources"
    imported: list[FolderSnapshot] | None = None
    previous: list[FolderSnapshot] | None = None
    last_update = ""
    while True:
        current = [take_snapshot(location) for location in locations]
        if current != imported and current == previous:
            progress.stage(Stage.UPDATING, detail=what)
            # In a process of its own, so that the network takes no memory between two changes.
            if (message := _update(catalogue, progress)) is not None:
                imported = current
                last_update = f" · {time.strftime('%H:%M')}: {message}"
        previous = current
        progress.stage(Stage.WATCHING, detail=f"{what}{last_update}")
        _sleep(every, progress)


def take_snapshot(location: str) -> FolderSnapshot:
    """Return the snapshot of a file, or of all files in a folder, without reading them."""
    return {
        path: (status.st_size, status.st_mtime_ns)
        for path in _files(location)
        if (status := _status(path)) is not None
    }


def _files(location: str) -> Iterator[str]:
    """Yield the paths of the files that a source may consist of."""
    if not os.path.isdir(location):
        yield location
        if Path(location).suffix.lower() not in table.SUFFIXES:
            return
        # The pictures of a table are in its folder or below it.
        location = os.path.dirname(location)
    for folder, folders, files in os.walk(location):
        folders[:] = [name for name in folders if not name.startswith(".")]
        yield from (os.path.join(folder, name) for name in files if not name.startswith("."))


def _status(path: str) -> os.stat_result | None:
    """Return the status of a file, or None if it cannot be read or has just been deleted."""
    with contextlib.suppress(OSError):
        return os.stat(path)
    return None


def _update(catalogue: Catalogue, progress: Progress) -> str | None:
    """Update the catalogue; return the job's message, or None if another job is running."""
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
        except (Cancelled, KeyboardInterrupt):
            jobs.cancel(catalogue.job_file)
            raise
    status = jobs.read_status(catalogue.job_file)
    return None if status is None or status.state == "running" else status.message


def _sleep(seconds: float, progress: Progress) -> None:
    """Wait, and raise `Cancelled` within half a second if the job was cancelled."""
    until = time.monotonic() + seconds
    while (left := until - time.monotonic()) > 0:
        progress.check()
        time.sleep(min(left, 0.5))
    progress.check()
