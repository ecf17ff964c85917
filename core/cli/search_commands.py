"""Commands that ask a catalogue something or take results out of it."""

import argparse
import sys
import tempfile
from dataclasses import asdict, astuple
from functools import partial
from pathlib import Path
from typing import Any

from core import search
from core.catalogue import Catalogue
from core.cli.catalogue_commands import network_loader, open_job
from core.descriptors import COMPACT, NAMES, PUBLISHED
from core.duplicates import finder, report
from core.errors import LookalikeError
from core.evaluation import evaluate, metrics
from core.export import catalogue_files
from core.export.results import as_dict as neighbour_told
from core.importers import folder
from core.jobs import Job
from core.pictures import decoding
from core.search import Example, Query, Results, region_index

# Models whose neighbours `evaluate` counts: all of a demo's, and seconds of a large catalogue.
AGREEMENT_SAMPLE = 2_000


def neighbours(options: argparse.Namespace) -> dict[str, Any]:
    catalogue = Catalogue(options.name)
    item = catalogue.items.get(options.id)
    results = search.run(
        Query(examples=[Example(item=item.id)]),
        catalogue=catalogue,
        index=search.index_of(catalogue, options.descriptor),
        k=options.k,
    )
    return _results_as_dict({"id": item.id, "name": item.name}, results, options)


def search_pictures(options: argparse.Namespace) -> dict[str, Any]:
    catalogue = Catalogue(options.name)
    examples = [
        Example(
            picture=decoding.decode(_read_picture(path)),
            region=options.region if weight > 0 else None,
            weight=weight,
            query_kind=options.query_kind,
        )
        for weight, paths in ((1.0, options.picture), (-1.0, options.unlike))
        for path in paths
    ]
    query = Query(examples=examples)
    search.check(query, catalogue)
    if query.for_parts:
        results = search.run_for_parts(
            query,
            catalogue=catalogue,
            parts=search.region_index_of(catalogue),
            look=partial(region_index.embed_region, network_loader(options)()),
            k=options.k,
        )
    else:
        descriptor = search.descriptor_of(catalogue, options.descriptor)
        results = search.run(
            query,
            catalogue=catalogue,
            index=search.index_of(catalogue, options.descriptor, "pictures"),
            embed=partial(descriptor.embed, network_loader(options)()),
            viewpoints=search.viewpoints_of(catalogue, options.descriptor),
            k=options.k,
        )
    told = {"pictures": options.picture, "unlike": options.unlike}
    if query.for_parts:
        told |= {"descriptor": PUBLISHED, "region": astuple(options.region)}
    return _results_as_dict(told, results, options)


def evaluate_queries(options: argparse.Namespace) -> dict[str, Any]:
    catalogue = Catalogue(options.name)
    names = [options.descriptor] if options.descriptor else NAMES
    queries = folder.read(options.queries)
    # The job's file is its own: it changes nothing, and waits for no work on the catalogue.
    with (
        tempfile.TemporaryDirectory() as own,
        Job(Path(own, "job.json"), title="Evaluate", terminal=sys.stderr) as job,
    ):
        found = evaluate.run(
            queries,
            catalogue=catalogue,
            names=names,
            load_network=network_loader(options),
            query_kind=options.query_kind,
            progress=job,
        )
    for one in found.skipped:
        print(f"skipped: {one.source_id}: {one.reason}", file=sys.stderr)
    if not found.qualities:
        raise LookalikeError(
            f"None of the pictures in {options.queries} could be asked for. "
            "Name each by the source_id of the model that it should find."
        )
    qualities = {name: asdict(quality) for name, quality in found.qualities.items()}
    skipped = [{"file": one.source_id, "reason": one.reason} for one in found.skipped]
    result = {**qualities[names[0]], "skipped": skipped}
    if not options.descriptor:
        labels = {item.id: item.category for item in catalogue.items.find()}
        result["descriptors"] = {
            name: quality
            | {
                "same_category": metrics.agreement(
                    search.index_of(catalogue, name), labels, sample=AGREEMENT_SAMPLE
                )
            }
            for name, quality in qualities.items()
        }
    return result


def find_duplicates(options: argparse.Namespace) -> dict[str, Any]:
    catalogue = Catalogue(options.name)
    if options.restore:
        hidden = [item.id for items in catalogue.items.hidden().values() for item in items]
        catalogue.items.restore_hidden(hidden)
        return {"name": catalogue.name, "restored": len(hidden)}
    index = search.index_of(catalogue, COMPACT)
    with open_job(options, catalogue, f"Near-duplicates in {catalogue.title}") as job:
        found = finder.find(catalogue, index=index, progress=job)
        report.save(catalogue, found)
        gone = report.hide(catalogue, found) if options.hide else 0
        job.message(str(found))
    return {"name": catalogue.name, **report.as_dict(found), "hidden": gone, "message": str(found)}


def export_files(options: argparse.Namespace) -> dict[str, Any]:
    catalogue = Catalogue(options.name)
    folder = Path(options.to or f"{catalogue.name}-export")
    written = catalogue_files.write(catalogue, folder)
    return {"name": catalogue.name, "written": [str(path) for path in written]}


def _results_as_dict(
    query: dict[str, Any], results: Results, options: argparse.Namespace
) -> dict[str, Any]:
    return {
        "query": {"descriptor": options.descriptor} | query,
        "neighbours": [neighbour_told(found) for found in results.neighbours],
    }


def _read_picture(path: str) -> bytes:
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise LookalikeError(f"The picture {path} cannot be read: {error.strerror}.") from None
