"""Commands that make, fill, update and remove catalogues."""

import argparse
import contextlib
import json
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import asdict
from functools import reduce
from operator import add
from pathlib import Path
from typing import Any

from core import importers, jobs
from core.catalogue import Catalogue, CatalogueError, SourceRecord, names
from core.descriptors import NAMES
from core.errors import LookalikeError
from core.importers import Source
from core.jobs import Cancelled, Job
from core.vision import Network
from core.workflows import demos, importing, indexing, watching
from core.workflows.demos import DEMOS
from core.workflows.import_counts import ImportCounts


def demo(options: argparse.Namespace) -> dict[str, Any]:
    demo = DEMOS[options.which]
    if demos.is_ready(demo):
        return {"name": demo.name, "ready": True, "items": Catalogue(demo.name).items.count()}
    catalogue = Catalogue.create(demo.name, title=demo.title)
    with open_job(options, catalogue, demo.title) as job:
        demos.make_ready(demo, load_network=network_loader(options), progress=job)
        job.message("Ready.")
    return {"name": demo.name, "ready": True, "items": catalogue.items.count()}


def import_source(options: argparse.Namespace) -> dict[str, Any]:
    how = {"columns": _column_mapping(options.column), "viewpoints": options.viewpoints}
    how = {key: value for key, value in how.items() if value}
    source = importers.open_source(options.source, kind=options.kind, **how)
    if options.dry_run:
        return _preview(options, [SourceRecord(source.location, source.kind, how)])
    catalogue = Catalogue.create(options.into, title=options.title or "")
    with open_job(options, catalogue, f"Import into {catalogue.title}") as job:
        imported = _import_from(catalogue, SourceRecord(source.location, source.kind, how), job)
        result: dict[str, Any] = {"name": catalogue.name, "imported": asdict(imported)}
        message = str(imported)
        if options.index:
            indexed = indexing.update(catalogue, load_network=network_loader(options), progress=job)
            result["indexed"] = asdict(indexed)
            message += f" {indexed}"
        job.message(message)
    return result | {"message": message}


def update(options: argparse.Namespace) -> dict[str, Any]:
    catalogue = Catalogue(options.name)
    origins = catalogue.imports.sources()
    if not origins:
        raise LookalikeError(
            f"Nothing was imported into “{catalogue.title}” yet. Import a source first: "
            f"python -m core import SOURCE --into {catalogue.name}"
        )
    if options.dry_run:
        return _preview(options, origins)
    imported = ImportCounts()
    trouble = []
    with open_job(options, catalogue, f"Update {catalogue.title}") as job:
        for origin in origins:
            # One source out of reach is no reason to leave the others as they are.
            try:
                imported += _import_from(catalogue, origin, job)
            except Cancelled:
                raise
            except LookalikeError as error:
                trouble.append(str(error))
        indexed = indexing.update(catalogue, load_network=network_loader(options), progress=job)
        message = " ".join([str(imported), str(indexed), *trouble])
        if trouble:
            raise LookalikeError(message)
        job.message(message)
    return {
        "name": catalogue.name,
        "imported": asdict(imported),
        "indexed": asdict(indexed),
        "message": message,
    }


def watch(options: argparse.Namespace) -> dict[str, Any]:
    catalogue = Catalogue(options.name)
    with open_job(options, catalogue, f"Watch {catalogue.title}", file=catalogue.watch_file) as job:
        watching.run(catalogue, progress=job, every=options.every)
    return {"name": catalogue.name}


def _import_from(catalogue: Catalogue, origin: SourceRecord, job: Job) -> ImportCounts:
    """Import a source, going on where an earlier import of it did not end."""
    bookmarks = {one.location: one.resume_point for one in catalogue.imports.sources()}
    source = _open_source(origin, job, resume=bookmarks.get(origin.location, ""))
    return importing.run(source, catalogue, progress=job, options=origin.options)


def _open_source(origin: SourceRecord, job: Job, *, resume: str = "") -> Source:
    return importers.open_source(
        origin.location, kind=origin.kind, resume=resume, check=job.check, **origin.options
    )


def _preview(options: argparse.Namespace, origins: Sequence[SourceRecord]) -> dict[str, Any]:
    """Tell what importing the sources would do, and leave that for the page as well."""
    name = options.into if "into" in options else options.name
    catalogue = Catalogue(name) if name in names() else None
    known = catalogue.items.known_items() if catalogue else {}
    failed = {one.source_id for one in catalogue.imports.failures()} if catalogue else set()
    with contextlib.ExitStack() as stack:
        # Nothing is made for a catalogue that is not there.
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        file = catalogue.job_file if catalogue else folder / "job.json"
        job = stack.enter_context(Job(file, title="Compare", terminal=sys.stderr))
        plans = [
            importing.preview(_open_source(one, job), known, failed=failed, progress=job)
            for one in origins
        ]
        plan = reduce(add, plans)
        told = {"name": name, "plan": asdict(plan), "message": str(plan)}
        if catalogue:
            arguments = [one for one in options.arguments if one != "--dry-run"]
            catalogue.save_note("plan", json.dumps(told | {"arguments": arguments}))
    return told


def open_job(
    options: argparse.Namespace, catalogue: Catalogue, title: str, *, file: Path | None = None
) -> Job:
    return Job(
        file or catalogue.job_file, title=title, terminal=sys.stderr, arguments=options.arguments
    )


def index(options: argparse.Namespace) -> dict[str, Any]:
    catalogue = Catalogue(options.name)
    chosen = [options.descriptor] if options.descriptor else NAMES
    with open_job(options, catalogue, f"Index {catalogue.title}") as job:
        indexed = indexing.update(
            catalogue,
            load_network=network_loader(options),
            names=chosen,
            progress=job,
            new_map=options.new_map,
        )
        job.message(str(indexed))
    return {"name": catalogue.name, **asdict(indexed), "message": str(indexed)}


def list_catalogues(options: argparse.Namespace) -> list[dict[str, Any]]:
    found = []
    for name in names():
        try:
            found.append(asdict(Catalogue(name).summary()))
        except LookalikeError as error:
            found.append({"name": name, "error": str(error)})
    return found


def show(options: argparse.Namespace) -> dict[str, Any]:
    catalogue = Catalogue(options.name)
    return {
        **asdict(catalogue.summary()),
        "imports": [asdict(run) for run in catalogue.imports.runs()],
        "failed": [asdict(failure) for failure in catalogue.imports.failures()],
    }


def remove(options: argparse.Namespace) -> dict[str, Any]:
    with contextlib.suppress(CatalogueError):  # one that cannot be opened can be removed
        jobs.check_idle(Catalogue(options.name).job_file)
    Catalogue.remove(options.name)
    return {"name": options.name, "removed": True}


def network_loader(options: argparse.Namespace) -> Callable[[], Network]:
    def load() -> Network:
        from core.vision import precision

        return precision.load(precision=options.precision)

    return load


def _column_mapping(pairs: Sequence[str]) -> dict[str, str]:
    columns = {}
    for pair in pairs:
        field, equals, column = pair.partition("=")
        if not equals:
            raise LookalikeError(f"--column takes FIELD=COLUMN, as in picture=File; not “{pair}”.")
        columns[field] = column
    return columns
