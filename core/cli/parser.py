"""The commands, their options and what `--help` says."""

import argparse
from collections.abc import Callable
from typing import Any

from core.cli import catalogue_commands, search_commands, tables
from core.descriptors import COMPACT, NAMES
from core.importers import registry
from core.pictures import Box
from core.workflows import watching
from core.workflows.demos import DEMOS


def region(text: str) -> Box:
    try:
        left, top, right, bottom = (float(part) for part in text.split(","))
    except ValueError:
        raise argparse.ArgumentTypeError(
            "a region is four shares of the picture, as in 0.1,0.1,0.6,0.8"
        ) from None
    return Box(left, top, right, bottom)


def count(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 10_000:
        raise argparse.ArgumentTypeError("a whole number from 1 to 10000 is needed")
    return int(text)


def build_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m core", description="Visual similarity in catalogues of 3D models."
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(
        name: str,
        run: Callable[[argparse.Namespace], Any],
        tell: Callable[[Any], str],
        text: str,
        *,
        network: bool = False,
    ) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=text, description=text)
        added.set_defaults(run=run, tell=tell)
        added.add_argument("--json", action="store_true", help="print JSON, for machines")
        if network:
            added.add_argument(
                "--precision",
                choices=["auto", "float32", "mixed_bfloat16"],
                default="auto",
                help="arithmetic of the network; auto takes the faster after a short trial",
            )
        return added

    demo = command(
        "demo",
        catalogue_commands.demo,
        lambda found: f"{found['items']:,} models are ready in the catalogue “{found['name']}”.",
        "fetch a demo catalogue and make it ready",
        network=True,
    )
    demo.add_argument("which", nargs="?", choices=sorted(DEMOS), default="fluent")

    take = command(
        "import",
        catalogue_commands.import_source,
        lambda found: str(found["message"]),
        "add the models of a source to a catalogue, or update them",
        network=True,
    )
    take.add_argument("source", help="a folder of pictures, a table, or .sh3f libraries")
    take.add_argument("--into", required=True, metavar="NAME", help="the catalogue, made if new")
    take.add_argument("--kind", choices=registry.KINDS, help="what the source is, if not clear")
    take.add_argument("--title", help="what people call the catalogue, if it is new")
    take.add_argument(
        "--column",
        action="append",
        default=[],
        metavar="FIELD=COLUMN",
        help="of a table: which column holds a field, as in picture=File; may be repeated",
    )
    take.add_argument(
        "--viewpoints",
        "--sides",
        action="store_true",
        help="of 3D files: also render front, side, back and top, so that each model is found "
        "from any side",
    )
    take.add_argument("--index", action="store_true", help="bring vectors and map up to date too")

    update = command(
        "update",
        catalogue_commands.update,
        lambda found: str(found["message"]),
        "import all sources of a catalogue again, and bring vectors and map up to date",
        network=True,
    )
    update.add_argument("name", metavar="NAME")
    for importing_something in (take, update):
        importing_something.add_argument(
            "--dry-run", action="store_true", help="only tell what would be done"
        )

    watch = command(
        "watch",
        catalogue_commands.watch,
        lambda found: f"“{found['name']}” is watched no more.",
        "update a catalogue whenever its folders or files change, until it is stopped",
    )
    watch.add_argument("name", metavar="NAME")
    watch.add_argument(
        "--every",
        type=float,
        default=watching.INTERVAL,
        metavar="SECONDS",
        help=f"between two looks at the folders ({watching.INTERVAL:g})",
    )

    index = command(
        "index",
        catalogue_commands.index,
        lambda found: str(found["message"]),
        "bring a catalogue's vectors and map up to date",
        network=True,
    )
    index.add_argument("name", metavar="NAME")
    index.add_argument("--descriptor", choices=NAMES, help="only this one")
    index.add_argument(
        "--new-map", action="store_true", help="lay the map out anew: everything may move"
    )

    command("list", catalogue_commands.list_catalogues, tables.format_list, "list the catalogues")
    show = command(
        "show", catalogue_commands.show, tables.format_show, "show what a catalogue holds"
    )
    show.add_argument("name", metavar="NAME")
    remove = command(
        "remove",
        catalogue_commands.remove,
        lambda found: f"The catalogue “{found['name']}” is removed.",
        "delete a catalogue with all that belongs to it",
    )
    remove.add_argument("name", metavar="NAME")

    near = command(
        "neighbours",
        search_commands.neighbours,
        tables.format_neighbours,
        "list a model's visual neighbours",
    )
    near.add_argument("name", metavar="NAME")
    near.add_argument("id", metavar="ID")

    find = command(
        "search",
        search_commands.search_pictures,
        tables.format_neighbours,
        "list the lookalikes of pictures",
        network=True,
    )
    find.add_argument("name", metavar="NAME")
    find.add_argument("picture", metavar="PICTURE", nargs="+")
    find.add_argument(
        "--region",
        type=region,
        metavar="X0,Y0,X1,Y1",
        help="find models that hold this part, in shares; its features are those of published",
    )
    find.add_argument("--unlike", nargs="+", default=[], metavar="PICTURE", help="not like these")
    for answering in (near, find):
        answering.add_argument("-k", type=count, default=9, metavar="K", help="how many (9)")
        answering.add_argument("--descriptor", choices=NAMES, default=COMPACT, help=f"({COMPACT})")

    judge = command(
        "evaluate",
        search_commands.evaluate_queries,
        tables.format_evaluation,
        "measure how well pictures find the models that they are named after",
        network=True,
    )
    judge.add_argument("name", metavar="NAME")
    judge.add_argument(
        "queries",
        metavar="QUERIES",
        help="a folder of pictures, each named by the source_id of the one model that it should "
        "find (1f600.png finds 1f600, chairs/red.jpg finds chairs/red.png); upper and lower case "
        "are the same, and a file's name alone will do where only one source_id ends so",
    )
    judge.add_argument("--descriptor", choices=NAMES, help="only this one (both)")
    for asking in (find, judge):
        asking.add_argument(
            "--as",
            dest="query_kind",
            choices=["auto", "photo", "drawing"],
            default="auto",
            help="what the pictures are: photos or renders, line drawings, or found out",
        )

    same = command(
        "duplicates",
        search_commands.find_duplicates,
        tables.format_duplicates,
        "list models whose pictures are the same, or nearly so",
    )
    same.add_argument("name", metavar="NAME")
    then = same.add_mutually_exclusive_group()
    then.add_argument("--hide", action="store_true", help="hide all but one of each group")
    then.add_argument("--restore", action="store_true", help="show all hidden models again")

    out = command(
        "export",
        search_commands.export_files,
        lambda found: "\n".join(found["written"]),
        "write items, pictures, neighbours and map as plain files",
    )
    out.add_argument("name", metavar="NAME")
    out.add_argument("--to", metavar="FOLDER", help="(NAME-export)")
    return parser
