"""Commands that fill catalogues and keep them up to date: demos, imports, updates, watching."""

import argparse
import contextlib
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import asdict
from functools import partial, reduce
from operator import add
from pathlib import Path
from typing import Any

from core import importers
from core.catalogue import Catalogue, ImportRun, PassedOver, SourceRecord, item_id, names
from core.cli import tables
from core.cli.arguments import Subparsers, add_command, seconds
from core.cli.outcomes import outcome_as_dict
from core.cli.resources import network_loader, open_job
from core.counting import counted
from core.errors import LookalikeError
from core.export.former_keys import with_former_keys
from core.importers import Source
from core.jobs import Job
from core.viewpoints import UP_CHOICES
from core.workflows import demos, importing, indexing, turning, watching
from core.workflows.demos import DEMOS
from core.workflows.import_counts import (
    PREVIEW_NOTE,
    StoredPreview,
    list_passed_over,
    summarise,
)


def add_commands(commands: Subparsers) -> None:
    """Declare the commands of this module and their arguments."""
    _add_demo(commands)
    _add_import(commands)
    _add_update(commands)
    _add_watch(commands)


def _add_demo(commands: Subparsers) -> None:
    command = add_command(
        commands,
        "demo",
        demo,
        "download a demo catalogue and index it",
        format_result=lambda result: (
            f"The catalogue “{result['name']}” is ready: {counted(result['items'], 'model')}."
        ),
        on_catalogue=False,
        network=True,
    )
    command.add_argument("which", nargs="?", choices=sorted(DEMOS), default="fluent")
    command.add_argument(
        "--on-grounds",
        action="store_true",
        help="put each model on a synthetic background, as in thumbnails of sites that share 3D "
        "models; makes a catalogue of its own, such as fluent-on-grounds",
    )


def demo(options: argparse.Namespace) -> dict[str, Any]:
    """Download, import and index a demo catalogue, unless it is ready."""
    demo = DEMOS[options.which]
    if options.on_grounds:
        demo = demos.with_grounds(demo)
    if demos.is_ready(demo):
        return {"name": demo.name, "ready": True, "items": Catalogue(demo.name).items.count()}
    catalogue = Catalogue.create(demo.name, title=demo.title)
    with open_job(options, catalogue, demo.title) as job:
        demos.download_and_index(demo, load_network=network_loader(options), progress=job)
        job.message("Ready.")
    return {"name": demo.name, "ready": True, "items": catalogue.items.count()}


def _add_import(commands: Subparsers) -> None:
    command = add_command(
        commands,
        "import",
        import_source,
        "import the models of a source into a catalogue, or update them",
        format_result=tables.format_message,
        on_catalogue=False,
        network=True,
    )
    command.add_argument(
        "source",
        metavar="SOURCE",
        help=importers.list_sources(),
    )
    command.add_argument(
        "--into", required=True, metavar="NAME", help="the catalogue; created if there is none"
    )
    command.add_argument(
        "--kind", choices=importers.kinds(), help="what the source is, if that is not clear"
    )
    command.add_argument("--title", help="title of the catalogue, if it is new")
    command.add_argument(
        "--column",
        action="append",
        default=[],
        metavar="FIELD=COLUMN",
        help="for a table: the column that holds a field, as in picture=File; may be repeated",
    )
    command.add_argument(
        "--encoding",
        metavar="NAME",
        default="",
        help="for a table: the encoding of its text, as in cp1251, if the guess is wrong",
    )
    command.add_argument(
        "--viewpoints",
        "--sides",  # the name in earlier versions
        action="store_true",
        help="for 3D files: also render front, side, back and top, so that each model is found "
        "from any viewpoint",
    )
    command.add_argument(
        "--take",
        choices=importers.TAKES,
        help="what to import of a folder or archive with 3D files and pictures (models); with "
        "both, a picture beside a 3D file of the same name becomes its picture",
    )
    command.add_argument(
        "--up",
        choices=UP_CHOICES,
        default="auto",
        help="for 3D files: which axis points up; by default that of the format, and for STL and "
        "PLY what their shape suggests. It turns no GLB, glTF, 3MF, COLLADA, FBX or USD, which "
        "say it",
    )
    command.add_argument(
        "--index", action="store_true", help="then compute missing vectors and update the map"
    )
    _add_dry_run(command)


def import_source(options: argparse.Namespace) -> dict[str, Any]:
    """Import a source into a catalogue, or preview that."""
    how: dict[str, Any] = {
        "columns": _column_mapping(options.column),
        "encoding": options.encoding,
        "viewpoints": options.viewpoints,
        "take": options.take,
        "up": "" if options.up == "auto" else options.up,
    }
    how = {key: value for key, value in how.items() if value}
    # A large table is slow to open, so it is opened only once, before there is a job.
    check = _JobCheck()
    source = importers.open_source(options.source, kind=options.kind, check=check, **how)
    record = SourceRecord(source.location, source.kind, how)

    def opened(job: Job) -> Source:
        check.job = job
        return source

    if options.dry_run:
        return _preview(options, options.into, [opened])
    catalogue = Catalogue.create(options.into, title=options.title or "")
    with open_job(options, catalogue, f"Import into {catalogue.title}") as job:
        run = _import_from(catalogue, record, job, opened(job))
        result: dict[str, Any] = {"name": catalogue.name, "imported": outcome_as_dict([run])}
        message = f"{summarise([run])} {turning.check_effect(catalogue, record)}".strip()
        if options.index:
            indexed = indexing.update(catalogue, load_network=network_loader(options), progress=job)
            result["indexed"] = asdict(indexed)
            message += f" {indexed}"
        job.message(message)
    return result | {"message": _told(message, run.passed_over)}


def _add_update(commands: Subparsers) -> None:
    command = add_command(
        commands,
        "update",
        update,
        "import all sources of a catalogue again, compute missing vectors and update the map",
        format_result=tables.format_message,
        network=True,
    )
    command.add_argument(
        "--up",
        choices=UP_CHOICES,
        help="choose which axis points up in 3D files, and import only their sources again: only "
        "models that this turns are rendered",
    )
    command.add_argument(
        "--model",
        action="append",
        default=[],
        metavar="SOURCE_ID",
        help="with --up: only of this model; may be repeated",
    )
    _add_dry_run(command)


def _add_dry_run(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--dry-run", action="store_true", help="preview the changes, and change nothing"
    )


def update(options: argparse.Namespace) -> dict[str, Any]:
    """Import all sources of a catalogue again and index it, or preview that."""
    catalogue = Catalogue(options.name)
    if options.model and not options.up:
        raise LookalikeError("--model says which models to turn. Add --up with the axis.")
    if options.up and options.dry_run:
        raise LookalikeError("What --up changes cannot be previewed. Leave out --dry-run.")
    sources = catalogue.imports.sources()
    if not sources:
        raise LookalikeError(
            f"Nothing was imported into “{catalogue.title}” yet. Import a source first: "
            f"python -m core import SOURCE --into {catalogue.name}"
        )
    if options.dry_run:
        openers = [partial(_open_source, source) for source in sources]
        return _preview(options, options.name, openers)
    with open_job(options, catalogue, f"Update {catalogue.title}") as job:
        if options.up:
            ids = [item_id(source_id) for source_id in options.model]
            sources = turning.choose(catalogue, options.up, item_ids=ids or None)
        runs, errors = import_again(catalogue, sources, job)
        indexed = indexing.update(catalogue, load_network=network_loader(options), progress=job)
        message = " ".join([summarise(runs), str(indexed), *errors])
        if errors:
            raise LookalikeError(message)
        job.message(message)
    return {
        "name": catalogue.name,
        "imported": outcome_as_dict(runs),
        "indexed": asdict(indexed),
        "message": _told(message, *(run.passed_over for run in runs)),
    }


def _add_watch(commands: Subparsers) -> None:
    command = add_command(
        commands,
        "watch",
        watch,
        "update a catalogue whenever its folders or files change, until it is cancelled",
        format_result=lambda result: f"“{result['name']}” is no longer watched.",
    )
    command.add_argument(
        "--every",
        type=seconds,
        default=watching.INTERVAL,
        metavar="SECONDS",
        help=f"time between two checks for changes ({watching.INTERVAL:g})",
    )


def watch(options: argparse.Namespace) -> dict[str, Any]:
    """Update a catalogue whenever its sources change."""
    catalogue = Catalogue(options.name)
    with open_job(options, catalogue, f"Watch {catalogue.title}", file=catalogue.watch_file) as job:
        watching.run(catalogue, progress=job, every=options.every)
    return {"name": catalogue.name}


def import_again(
    catalogue: Catalogue, sources: Sequence[SourceRecord], job: Job
) -> tuple[list[ImportRun], list[str]]:
    """Import sources again; return the runs, and why the other sources could not be read.

    A source that cannot be reached must not keep the others from being updated.
    """
    runs, errors = [], []
    for source in sources:
        try:
            runs.append(_import_from(catalogue, source, job))
        except LookalikeError as error:
            errors.append(str(error))
    return runs, errors


class _JobCheck:
    """Checks whether a job is cancelled, as soon as there is one."""

    job: Job | None = None

    def __call__(self) -> None:
        if self.job is not None:
            self.job.check()


def _import_from(
    catalogue: Catalogue, record: SourceRecord, job: Job, source: Source | None = None
) -> ImportRun:
    """Import a source, continuing an earlier import of it that did not finish.

    `source` is the opened source, if it was opened already.
    """
    resume_points = {source.location: source.resume_point for source in catalogue.imports.sources()}
    resume = resume_points.get(record.location, "")
    if source is None or resume:
        source = _open_source(record, job, resume=resume)
    return importing.run(source, catalogue, progress=job, options=record.options)


def _open_source(record: SourceRecord, job: Job, *, resume: str = "") -> Source:
    return importers.open_source(
        record.location, kind=record.kind, resume=resume, check=job.check, **record.options
    )


def _preview(
    options: argparse.Namespace, name: str, openers: Sequence[Callable[[Job], Source]]
) -> dict[str, Any]:
    """Return what importing the sources would do, and store it for the Catalogues page.

    Each of `openers` returns an opened source, given the job that its checks belong to.
    """
    catalogue = Catalogue(name) if name in names() else None
    known = catalogue.items.known_items() if catalogue else {}
    failed = {failure.source_id for failure in catalogue.imports.failures()} if catalogue else set()
    with contextlib.ExitStack() as stack:
        # A catalogue that does not exist must not be created by a preview.
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        file = catalogue.job_file if catalogue else folder / "job.json"
        job = stack.enter_context(Job(file, title="Preview changes", terminal=sys.stderr))
        previews = [
            importing.preview(open_source(job), known, failed=failed, progress=job)
            for open_source in openers
        ]
        preview = reduce(add, previews)
        if catalogue:
            arguments = tuple(each for each in options.arguments if each != "--dry-run")
            catalogue.save_note(PREVIEW_NOTE, StoredPreview(preview, arguments).to_json())
    described = preview.as_dict()
    for part in ("counts", "names"):
        described[part] = with_former_keys(described[part])
    return with_former_keys(
        {"name": name, "preview": described, "message": _told(str(preview), preview.passed_over)}
    )


def _told(message: str, *passed_over: Sequence[PassedOver]) -> str:
    """Return a message with what is passed over, which would be too long for a page."""
    return f"{message} {list_passed_over(*passed_over)}".strip()


def _column_mapping(pairs: Sequence[str]) -> dict[str, str]:
    """Return the columns of `--column` by field."""
    columns = {}
    for pair in pairs:
        field, equals, column = pair.partition("=")
        if not equals:
            raise LookalikeError(f"--column takes FIELD=COLUMN, as in picture=File; not “{pair}”.")
        columns[field] = column
    return columns
