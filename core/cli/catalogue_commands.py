"""Commands that index, change, show and remove catalogues."""

import argparse
import contextlib
from collections import Counter
from dataclasses import asdict
from typing import Any

from core import jobs
from core.catalogue import CHOICES, Catalogue, CatalogueError, ImportRun, Map, item_id, names
from core.cli import tables
from core.cli.arguments import Subparsers, add_command
from core.cli.outcomes import outcome_as_dict
from core.cli.resources import network_loader, open_job
from core.descriptors import NAMES
from core.errors import LookalikeError
from core.export.former_keys import with_former_keys
from core.workflows import indexing


def add_commands(commands: Subparsers) -> None:
    """Declare the commands of this module and their arguments."""
    _add_index(commands)
    _add_compare(commands)
    _add_clusters(commands)
    add_command(
        commands,
        "list",
        list_catalogues,
        "list the catalogues",
        format_result=tables.format_list,
        on_catalogue=False,
    )
    add_command(
        commands,
        "show",
        show,
        "show what a catalogue contains",
        format_result=tables.format_show,
    )
    add_command(
        commands,
        "remove",
        remove,
        "delete a catalogue with everything in it",
        format_result=lambda result: f"The catalogue “{result['name']}” is deleted.",
    )


def _add_index(commands: Subparsers) -> None:
    command = add_command(
        commands,
        "index",
        index,
        "compute the missing vectors of a catalogue and update its map",
        format_result=tables.format_message,
        network=True,
    )
    command.add_argument("--descriptor", choices=NAMES, help="only this descriptor (both)")
    command.add_argument(
        "--rebuild-map",
        "--new-map",  # the name in earlier versions
        action="store_true",
        help="recompute the layout of the map; every model may move",
    )


def index(options: argparse.Namespace) -> dict[str, Any]:
    """Compute the missing vectors of a catalogue and update its map."""
    catalogue = Catalogue(options.name)
    descriptors = [options.descriptor] if options.descriptor else NAMES
    with open_job(options, catalogue, f"Index {catalogue.title}") as job:
        indexed = indexing.update(
            catalogue,
            load_network=network_loader(options),
            names=descriptors,
            progress=job,
            rebuild_map=options.rebuild_map,
        )
        job.message(str(indexed))
    return {"name": catalogue.name, **asdict(indexed), "message": str(indexed)}


def _add_compare(commands: Subparsers) -> None:
    command = add_command(
        commands,
        "compare",
        compare,
        "choose what is compared of pictures: the object in them, or the whole picture",
        format_result=tables.format_compare,
    )
    command.add_argument(
        "choice",
        nargs="?",
        choices=CHOICES,
        help="what to compare; without it, show what is compared now",
    )
    command.add_argument(
        "--model",
        action="append",
        default=[],
        metavar="SOURCE_ID",
        help="only of this model; may be repeated",
    )


def compare(options: argparse.Namespace) -> dict[str, Any]:
    """Choose what is compared of the pictures of a catalogue, or of some of its models."""
    catalogue = Catalogue(options.name)
    changed = 0
    if options.choice is not None:
        jobs.check_idle(catalogue.job_file)
        ids = [item_id(source_id) for source_id in options.model]
        for one in ids:
            catalogue.items.get(one)
        changed = catalogue.masks.choose(options.choice, item_ids=ids or None)
    return {
        "name": catalogue.name,
        "choice": catalogue.masks.catalogue_choice(),
        "changed": changed,
        "compared": catalogue.masks.count(),
    }


def _add_clusters(commands: Subparsers) -> None:
    command = add_command(
        commands,
        "clusters",
        clusters,
        "show the clusters of a catalogue’s map, or rename one",
        format_result=tables.format_clusters,
    )
    command.add_argument(
        "--rename",
        nargs=2,
        metavar=("OLD", "NEW"),
        help="the name of a cluster and its new one; an empty one restores its automatic name",
    )


def clusters(options: argparse.Namespace) -> dict[str, Any]:
    """Return the clusters of a catalogue's map, the largest first, after renaming one if asked."""
    catalogue = Catalogue(options.name)
    if options.rename:
        old, new = options.rename
        for number, cluster in enumerate(_map_of(catalogue).clusters):
            if cluster.label(number).casefold() == old.casefold():
                catalogue.map.rename_cluster(number, new, landmark=cluster.landmark)
                break
        else:
            raise LookalikeError(
                f"No cluster of “{catalogue.title}” is called “{old}”. See them all: "
                f"python -m core clusters {catalogue.name}"
            )
    current = _map_of(catalogue)
    counts = Counter(current.labels.tolist())
    return {
        "name": catalogue.name,
        "clusters": [
            {
                "name": cluster.label(number),
                "automatic_name": cluster.automatic_name,
                "models": counts[number],
                "landmark": cluster.landmark,
            }
            for number, cluster in sorted(
                enumerate(current.clusters), key=lambda pair: (-counts[pair[0]], pair[0])
            )
            if counts[number]
        ],
    }


def _map_of(catalogue: Catalogue) -> Map:
    current = catalogue.map.load()
    if current is None:
        raise LookalikeError(
            f"The catalogue “{catalogue.title}” has no map yet. Build it: "
            f"python -m core index {catalogue.name}"
        )
    return current


def list_catalogues(options: argparse.Namespace) -> list[dict[str, Any]]:
    """Return the summary of each catalogue, or why it cannot be opened."""
    summaries = []
    for name in names():
        try:
            summaries.append(with_former_keys(asdict(Catalogue(name).summary())))
        except LookalikeError as error:
            summaries.append({"name": name, "error": str(error)})
    return summaries


def show(options: argparse.Namespace) -> dict[str, Any]:
    """Return the summary of a catalogue, its imports and failures, and what shows nothing.

    Of its files those are named that are lost or cut, which `check` would find among others.
    """
    catalogue = Catalogue(options.name)
    return {
        **with_former_keys(asdict(catalogue.summary())),
        "damaged": [asdict(damage) for damage in catalogue.damage(quick=True)],
        "imports": [_run_as_dict(run) for run in catalogue.imports.runs()],
        "nothing_to_see": [
            {"id": item.id, "source_id": item.source_id, "name": item.name}
            for item in catalogue.items.blank()
        ],
        "failed": [with_former_keys(asdict(failure)) for failure in catalogue.imports.failures()],
    }


def remove(options: argparse.Namespace) -> dict[str, Any]:
    """Delete a catalogue, unless a job runs on it."""
    with contextlib.suppress(CatalogueError):  # a catalogue that cannot be opened can be deleted
        jobs.check_idle(Catalogue(options.name).job_file)
    Catalogue.remove(options.name)
    return {"name": options.name, "removed": True}


def _run_as_dict(run: ImportRun) -> dict[str, Any]:
    run_as_dict = {"kind": run.kind, "source": run.source, "finished": run.finished}
    return run_as_dict | outcome_as_dict([run])
