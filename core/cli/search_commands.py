"""Commands that search a catalogue, measure its quality, and export from it."""

import argparse
import sys
import tempfile
from dataclasses import asdict, astuple
from functools import cache, partial
from pathlib import Path
from typing import Any

from core import search
from core.catalogue import Catalogue
from core.cli import tables
from core.cli.arguments import Subparsers, add_command, count, query_kind, region
from core.cli.resources import network_loader, open_job
from core.descriptors import COMPACT, NAMES, PUBLISHED
from core.duplicates import finder, report
from core.errors import LookalikeError
from core.evaluation import evaluate, metrics
from core.export import catalogue_files
from core.export.former_keys import with_former_keys
from core.export.results import as_dict
from core.importers import folder
from core.jobs import Job
from core.pictures import decoding
from core.search import ItemExample, PictureExample, Query, Results, region_index
from core.vision import cutout


def add_commands(commands: Subparsers) -> None:
    """Declare the commands of this module and their arguments."""
    _add_neighbours(commands)
    _add_search(commands)
    _add_evaluate(commands)
    _add_duplicates(commands)
    _add_export(commands)


def _add_neighbours(commands: Subparsers) -> None:
    command = add_command(
        commands,
        "neighbours",
        neighbours,
        "list the nearest neighbours of a model",
        format_result=tables.format_neighbours,
    )
    command.add_argument("id", metavar="ID")
    _add_result_options(command)


def _add_result_options(command: argparse.ArgumentParser) -> None:
    command.add_argument("-k", type=count, default=9, metavar="K", help="number of results (9)")
    command.add_argument(
        "--descriptor",
        choices=NAMES,
        default=COMPACT,
        help=f"the descriptor that pictures are compared by ({COMPACT})",
    )


def neighbours(options: argparse.Namespace) -> dict[str, Any]:
    """Return the nearest neighbours of a model."""
    catalogue = Catalogue(options.name)
    item = catalogue.items.get(options.id)
    results = search.run(
        Query(examples=[ItemExample(item.id)]),
        catalogue=catalogue,
        index_in=partial(search.index_of, catalogue, options.descriptor),
        k=options.k,
    )
    return _results_as_dict({"id": item.id, "name": item.name}, results, options)


def _add_search(commands: Subparsers) -> None:
    command = add_command(
        commands,
        "search",
        search_pictures,
        "find models that look like pictures",
        format_result=tables.format_neighbours,
        network=True,
    )
    command.add_argument("picture", metavar="PICTURE", nargs="+")
    command.add_argument(
        "--region",
        type=region,
        metavar="X0,Y0,X1,Y1",
        help="find models that contain this region of the picture, given in shares of its width "
        "and height; compares features of the published descriptor",
    )
    command.add_argument(
        "--negative",
        "--unlike",  # the name in earlier versions
        nargs="+",
        default=[],
        metavar="PICTURE",
        help="pictures that results should not resemble",
    )
    _add_result_options(command)
    command.add_argument(
        "--whole-picture",
        action="store_true",
        help="compare the whole pictures with their backgrounds, and not the objects in them",
    )
    _add_query_kind(command)


def _add_query_kind(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--query-kind",
        "--as",  # the name in earlier versions
        type=query_kind,
        choices=["auto", "photo", "drawing"],
        default="auto",
        help="what the pictures are: photos or renders, drawings, or to be detected (auto)",
    )


def search_pictures(options: argparse.Namespace) -> dict[str, Any]:
    """Return the lookalikes of pictures, or of a region of them."""
    catalogue = Catalogue(options.name)
    examples = [
        PictureExample(
            picture,
            region=options.region if weight > 0 else None,
            weight=weight,
            query_kind=options.query_kind,
            cut=cutout.whole(picture) if options.whole_picture else None,
        )
        for weight, paths in ((1.0, options.picture), (-1.0, options.negative))
        for path in paths
        for picture in [decoding.decode(_read_picture(path))]
    ]
    query = Query(examples=examples)
    # Loaded for the first picture that is embedded: an invalid query ends before.
    network = cache(network_loader(options))
    if query.has_regions:
        results = search.run_regions(
            query,
            catalogue=catalogue,
            regions=search.region_index_of(catalogue),
            embed_region=lambda picture, region: region_index.embed_region(
                network(), picture, region
            ),
            k=options.k,
        )
    else:
        descriptor = search.descriptor_of(catalogue, options.descriptor)
        results = search.run(
            query,
            catalogue=catalogue,
            index_in=partial(search.index_of, catalogue, options.descriptor),
            embed=lambda pictures, **how: descriptor.embed(network(), pictures, **how),
            viewpoints_in=partial(search.viewpoints_of, catalogue, options.descriptor),
            k=options.k,
        )
    described = with_former_keys({"pictures": options.picture, "negative": options.negative})
    if query.has_regions:
        described |= {"descriptor": PUBLISHED, "region": astuple(options.region)}
    return _results_as_dict(described, results, options)


def _add_evaluate(commands: Subparsers) -> None:
    command = add_command(
        commands,
        "evaluate",
        evaluate_queries,
        "measure how well pictures find the models that they are named after",
        format_result=tables.format_evaluation,
        network=True,
    )
    command.add_argument(
        "queries",
        metavar="QUERIES",
        help="a folder of pictures, each named by the source_id of the one model that it should "
        "find (1f600.png finds 1f600, chairs/red.jpg finds chairs/red.png); upper and lower case "
        "are the same, and the file name alone is enough if only one source_id ends with it",
    )
    command.add_argument("--descriptor", choices=NAMES, help="only this descriptor (both)")
    _add_query_kind(command)


def evaluate_queries(options: argparse.Namespace) -> dict[str, Any]:
    """Return the search quality that a folder of queries measures."""
    catalogue = Catalogue(options.name)
    names = [options.descriptor] if options.descriptor else NAMES
    queries = folder.read(options.queries)
    # A job file outside the catalogue: evaluating changes nothing, and need not wait for its jobs.
    with (
        tempfile.TemporaryDirectory() as temporary,
        Job(Path(temporary, "job.json"), title="Evaluate", terminal=sys.stderr) as job,
    ):
        evaluation = evaluate.run(
            queries,
            catalogue=catalogue,
            names=names,
            load_network=network_loader(options),
            query_kind=options.query_kind,
            progress=job,
        )
    for entry in evaluation.skipped:
        print(f"skipped: {entry.source_id}: {entry.reason}", file=sys.stderr)
    if not evaluation.qualities:
        raise LookalikeError(
            f"None of the pictures in {options.queries} could be used as a query. "
            "Name each by the source_id of the model that it should find."
        )
    qualities = {name: asdict(quality) for name, quality in evaluation.qualities.items()}
    skipped = [{"file": entry.source_id, "reason": entry.reason} for entry in evaluation.skipped]
    result = {**qualities[names[0]], "skipped": skipped}
    if not options.descriptor:
        categories = {item.id: item.category for item in catalogue.items.find()}
        result["descriptors"] = {
            name: quality
            | {
                "same_category": metrics.agreement(
                    search.index_of(catalogue, name), categories, sample=metrics.THOROUGH_SAMPLE
                )
            }
            for name, quality in qualities.items()
        }
    return result


def _add_duplicates(commands: Subparsers) -> None:
    command = add_command(
        commands,
        "duplicates",
        find_duplicates,
        "list near-duplicates: models whose pictures are the same, or nearly so",
        format_result=tables.format_duplicates,
    )
    action = command.add_mutually_exclusive_group()
    action.add_argument("--hide", action="store_true", help="hide all but one model of each group")
    action.add_argument("--restore", action="store_true", help="show all hidden models again")


def find_duplicates(options: argparse.Namespace) -> dict[str, Any]:
    """Find the near-duplicates of a catalogue, and hide or restore them if asked to."""
    catalogue = Catalogue(options.name)
    if options.restore:
        ids = [item.id for items in catalogue.items.hidden().values() for item in items]
        catalogue.items.restore_hidden(ids)
        return {"name": catalogue.name, "restored": len(ids)}
    index = search.index_of(catalogue, COMPACT)
    with open_job(options, catalogue, f"Near-duplicates in {catalogue.title}") as job:
        duplicates = finder.find(catalogue, index=index, progress=job)
        report.save(catalogue, duplicates)
        hidden = report.hide(catalogue, duplicates) if options.hide else 0
        job.message(str(duplicates))
    result = {"name": catalogue.name, **report.as_dict(duplicates)}
    return result | {"hidden": hidden, "message": str(duplicates)}


def _add_export(commands: Subparsers) -> None:
    command = add_command(
        commands,
        "export",
        export_files,
        "write models, pictures, neighbours and map as plain files",
        format_result=lambda result: "\n".join(result["written"] + result["left_out"]),
        is_failure=lambda result: bool(result["left_out"]),
    )
    command.add_argument("--to", metavar="FOLDER", help="where to write them (NAME-export)")


def export_files(options: argparse.Namespace) -> dict[str, Any]:
    """Export a catalogue as plain files; the result fails if models had to be left out."""
    catalogue = Catalogue(options.name)
    folder = Path(options.to or f"{catalogue.name}-export")
    exported = catalogue_files.write(catalogue, folder)
    return {
        "name": catalogue.name,
        "written": [str(path) for path in exported.tables],
        "left_out": list(exported.left_out),
    }


def _results_as_dict(
    query: dict[str, Any], results: Results, options: argparse.Namespace
) -> dict[str, Any]:
    return {
        "query": {"descriptor": options.descriptor} | query,
        "neighbours": [as_dict(neighbour) for neighbour in results.neighbours],
    }


def _read_picture(path: str) -> bytes:
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise LookalikeError(f"The picture {path} cannot be read: {error.strerror}.") from None
