"""The command that checks the files of a catalogue, and repairs them."""

import argparse
from typing import Any

from core.catalogue import Catalogue
from core.cli import tables
from core.cli.arguments import Subparsers, add_command
from core.cli.import_commands import import_again
from core.cli.resources import network_loader, open_job
from core.workflows import checking, indexing


def add_commands(commands: Subparsers) -> None:
    """Declare the command of this module and its arguments."""
    command = add_command(
        commands,
        "check",
        check,
        "compare every file of a catalogue with what was written; exit status 1 if one differs",
        format_result=tables.format_check,
        is_failure=lambda result: bool(result["findings"]),
        network=True,
    )
    command.add_argument(
        "--repair",
        action="store_true",
        help="import damaged pictures again, and make vectors, map and thumbnails again",
    )


def check(options: argparse.Namespace) -> dict[str, Any]:
    """Check a catalogue, repair it if asked, and return what is still wrong."""
    catalogue = Catalogue(options.name)
    errors: list[str] = []
    if catalogue.is_read_only and not options.repair:
        return _result(catalogue, checking.check(catalogue), errors)
    with open_job(options, catalogue, f"Check {catalogue.title}") as job:
        report = checking.check(catalogue, progress=job)
        if options.repair and report.findings:
            if checking.to_import_again(catalogue):
                _, errors = import_again(catalogue, catalogue.imports.sources(), job)
            indexing.update(catalogue, load_network=network_loader(options), progress=job)
            report = checking.compared(report, checking.check(catalogue, progress=job))
        job.message(str(report))
    return _result(catalogue, report, errors)


def _result(
    catalogue: Catalogue, report: checking.CheckReport, errors: list[str]
) -> dict[str, Any]:
    return {"name": catalogue.name, **report.as_dict(), "errors": errors, "message": str(report)}
