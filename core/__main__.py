"""The command line: `python -m core COMMAND`.

Results go to standard output, for people or with `--json` for machines;
progress goes to standard error. Exit status: 0 done, 1 failed, 2 bad usage.
"""

import argparse
import contextlib
import json
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import asdict, astuple
from functools import partial, reduce
from operator import add
from pathlib import Path
from typing import Any

from core import demos, export, importers, importing, indexing, jobs, search, takeaway, watching
from core.catalogue import Catalogue, CatalogueError, Origin, names
from core.demos import DEMOS
from core.descriptors import COMPACT, NAMES, PUBLISHED
from core.duplicates import finder, report
from core.errors import LookalikeError
from core.evaluation import evaluate, metrics
from core.importers import Source, folder, registry
from core.jobs import Cancelled, Job
from core.pictures import Box, decoding
from core.search import Example, Query, Results, region_index
from core.vision import Network

# Models whose neighbours `evaluate` counts: all of a demo's, and seconds of a large catalogue.
AGREEMENT_SAMPLE = 2_000


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status."""
    options = _parser().parse_args(arguments)
    options.arguments = list(sys.argv[1:] if arguments is None else arguments)
    try:
        result = options.run(options)
    except LookalikeError as error:
        print(f"{error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Stopped. What was done is kept; run the command again to go on.", file=sys.stderr)
        return 1
    except BrokenPipeError:
        sys.stderr.close()
        return 1
    if options.json:
        print(json.dumps(result, ensure_ascii=False, indent=2))
    else:
        print(options.tell(result))
    return 0


def _demo(options: argparse.Namespace) -> dict[str, Any]:
    demo = DEMOS[options.which]
    if demos.is_ready(demo):
        return {"name": demo.name, "ready": True, "items": Catalogue(demo.name).count()}
    catalogue = Catalogue.create(demo.name, title=demo.title)
    with _job(options, catalogue, demo.title) as job:
        demos.make_ready(demo, load_network=_network(options), progress=job)
        job.message("Ready.")
    return {"name": demo.name, "ready": True, "items": catalogue.count()}


def _import(options: argparse.Namespace) -> dict[str, Any]:
    how = {"columns": _columns(options.column), "sides": options.sides}
    how = {key: value for key, value in how.items() if value}
    source = importers.open_source(options.source, kind=options.kind, **how)
    if options.dry_run:
        return _planned(options, [Origin(source.location, source.kind, how)])
    catalogue = Catalogue.create(options.into, title=options.title or "")
    with _job(options, catalogue, f"Import into {catalogue.title}") as job:
        imported = _take(catalogue, Origin(source.location, source.kind, how), job)
        result: dict[str, Any] = {"name": catalogue.name, "imported": asdict(imported)}
        message = str(imported)
        if options.index:
            indexed = indexing.update(catalogue, load_network=_network(options), progress=job)
            result["indexed"] = asdict(indexed)
            message += f" {indexed}"
        job.message(message)
    return result | {"message": message}


def _update(options: argparse.Namespace) -> dict[str, Any]:
    catalogue = Catalogue(options.name)
    origins = catalogue.sources()
    if not origins:
        raise LookalikeError(
            f"Nothing was imported into “{catalogue.title}” yet. Import a source first: "
            f"python -m core import SOURCE --into {catalogue.name}"
        )
    if options.dry_run:
        return _planned(options, origins)
    imported = importing.Imported()
    trouble = []
    with _job(options, catalogue, f"Update {catalogue.title}") as job:
        for origin in origins:
            # One source out of reach is no reason to leave the others as they are.
            try:
                imported += _take(catalogue, origin, job)
            except Cancelled:
                raise
            except LookalikeError as error:
                trouble.append(str(error))
        indexed = indexing.update(catalogue, load_network=_network(options), progress=job)
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


def _watch(options: argparse.Namespace) -> dict[str, Any]:
    catalogue = Catalogue(options.name)
    with _job(options, catalogue, f"Watch {catalogue.title}", file=catalogue.watch_file) as job:
        watching.run(catalogue, progress=job, every=options.every)
    return {"name": catalogue.name}


def _take(catalogue: Catalogue, origin: Origin, job: Job) -> importing.Imported:
    """Import a source, going on where an earlier import of it did not end."""
    bookmarks = {one.location: one.bookmark for one in catalogue.sources()}
    source = _opened(origin, job, resume=bookmarks.get(origin.location, ""))
    return importing.run(source, catalogue, progress=job, options=origin.options)


def _opened(origin: Origin, job: Job, *, resume: str = "") -> Source:
    return importers.open_source(
        origin.location, kind=origin.kind, resume=resume, check=job.check, **origin.options
    )


def _planned(options: argparse.Namespace, origins: Sequence[Origin]) -> dict[str, Any]:
    """Tell what importing the sources would do, and leave that for the page as well."""
    name = options.into if "into" in options else options.name
    catalogue = Catalogue(name) if name in names() else None
    known = catalogue.known() if catalogue else {}
    failed = {one.source_id for one in catalogue.failures()} if catalogue else set()
    with contextlib.ExitStack() as stack:
        # Nothing is made for a catalogue that is not there.
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        file = catalogue.job_file if catalogue else folder / "job.json"
        job = stack.enter_context(Job(file, title="Compare", terminal=sys.stderr))
        plans = [
            importing.plan(_opened(one, job), known, failed=failed, progress=job) for one in origins
        ]
        plan = reduce(add, plans)
        told = {"name": name, "plan": asdict(plan), "message": str(plan)}
        if catalogue:
            arguments = [one for one in options.arguments if one != "--dry-run"]
            catalogue.remember("plan", json.dumps(told | {"arguments": arguments}))
    return told


def _job(
    options: argparse.Namespace, catalogue: Catalogue, title: str, *, file: Path | None = None
) -> Job:
    return Job(
        file or catalogue.job_file, title=title, terminal=sys.stderr, arguments=options.arguments
    )


def _index(options: argparse.Namespace) -> dict[str, Any]:
    catalogue = Catalogue(options.name)
    chosen = [options.descriptor] if options.descriptor else NAMES
    with _job(options, catalogue, f"Index {catalogue.title}") as job:
        indexed = indexing.update(
            catalogue,
            load_network=_network(options),
            names=chosen,
            progress=job,
            new_map=options.new_map,
        )
        job.message(str(indexed))
    return {"name": catalogue.name, **asdict(indexed), "message": str(indexed)}


def _list(options: argparse.Namespace) -> list[dict[str, Any]]:
    found = []
    for name in names():
        try:
            found.append(asdict(Catalogue(name).summary()))
        except LookalikeError as error:
            found.append({"name": name, "error": str(error)})
    return found


def _show(options: argparse.Namespace) -> dict[str, Any]:
    catalogue = Catalogue(options.name)
    return {
        **asdict(catalogue.summary()),
        "imports": [asdict(run) for run in catalogue.runs()],
        "failed": [asdict(failure) for failure in catalogue.failures()],
    }


def _remove(options: argparse.Namespace) -> dict[str, Any]:
    with contextlib.suppress(CatalogueError):  # one that cannot be opened can be removed
        jobs.check_idle(Catalogue(options.name).job_file)
    Catalogue.remove(options.name)
    return {"name": options.name, "removed": True}


def _neighbours(options: argparse.Namespace) -> dict[str, Any]:
    catalogue = Catalogue(options.name)
    item = catalogue.item(options.id)
    results = search.run(
        Query(examples=[Example(item=item.id)]),
        catalogue=catalogue,
        index=search.index_of(catalogue, options.descriptor),
        k=options.k,
    )
    return _told({"id": item.id, "name": item.name}, results, options)


def _search(options: argparse.Namespace) -> dict[str, Any]:
    catalogue = Catalogue(options.name)
    examples = [
        Example(
            picture=decoding.decode(_read(path)),
            region=options.region if weight > 0 else None,
            weight=weight,
            shown_as=options.shown_as,
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
            parts=search.parts_of(catalogue),
            look=partial(region_index.look, _network(options)()),
            k=options.k,
        )
    else:
        descriptor = search.descriptor_of(catalogue, options.descriptor)
        results = search.run(
            query,
            catalogue=catalogue,
            index=search.index_of(catalogue, options.descriptor, "pictures"),
            embed=partial(descriptor.embed, _network(options)()),
            sides=search.sides_of(catalogue, options.descriptor),
            k=options.k,
        )
    told = {"pictures": options.picture, "unlike": options.unlike}
    if query.for_parts:
        told |= {"descriptor": PUBLISHED, "region": astuple(options.region)}
    return _told(told, results, options)


def _evaluate(options: argparse.Namespace) -> dict[str, Any]:
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
            load_network=_network(options),
            shown_as=options.shown_as,
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
        labels = {item.id: item.category for item in catalogue.items()}
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


def _duplicates(options: argparse.Namespace) -> dict[str, Any]:
    catalogue = Catalogue(options.name)
    if options.restore:
        hidden = [item.id for items in catalogue.hidden().values() for item in items]
        catalogue.restore(hidden)
        return {"name": catalogue.name, "restored": len(hidden)}
    index = search.index_of(catalogue, COMPACT)
    with _job(options, catalogue, f"Near-duplicates in {catalogue.title}") as job:
        found = finder.find(catalogue, index=index, progress=job)
        report.remember(catalogue, found)
        gone = report.hide(catalogue, found) if options.hide else 0
        job.message(str(found))
    return {"name": catalogue.name, **report.told(found), "hidden": gone, "message": str(found)}


def _export(options: argparse.Namespace) -> dict[str, Any]:
    catalogue = Catalogue(options.name)
    folder = Path(options.to or f"{catalogue.name}-export")
    written = export.write(catalogue, folder)
    return {"name": catalogue.name, "written": [str(path) for path in written]}


def _told(query: dict[str, Any], results: Results, options: argparse.Namespace) -> dict[str, Any]:
    return {
        "query": {"descriptor": options.descriptor} | query,
        "neighbours": [takeaway.told(found) for found in results.neighbours],
    }


def _network(options: argparse.Namespace) -> Callable[[], Network]:
    def load() -> Network:
        from core.vision import precision

        return precision.load(precision=options.precision)

    return load


def _read(path: str) -> bytes:
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise LookalikeError(f"The picture {path} cannot be read: {error.strerror}.") from None


def _columns(pairs: Sequence[str]) -> dict[str, str]:
    columns = {}
    for pair in pairs:
        field, equals, column = pair.partition("=")
        if not equals:
            raise LookalikeError(f"--column takes FIELD=COLUMN, as in picture=File; not “{pair}”.")
        columns[field] = column
    return columns


def _region(text: str) -> Box:
    try:
        left, top, right, bottom = (float(part) for part in text.split(","))
    except ValueError:
        raise argparse.ArgumentTypeError(
            "a region is four shares of the picture, as in 0.1,0.1,0.6,0.8"
        ) from None
    return Box(left, top, right, bottom)


def _count(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 10_000:
        raise argparse.ArgumentTypeError("a whole number from 1 to 10000 is needed")
    return int(text)


def _tell_list(found: list[dict[str, Any]]) -> str:
    if not found:
        return "There is no catalogue yet. Make one: python -m core demo"
    rows = [
        f"{one['name']:<20} {one['error']}"
        if "error" in one
        else f"{one['name']:<20} {one['items']:>8,} models  {one['failures']:>5,} failed  "
        f"{one['bytes'] / 1e6:>8,.0f} MB  {one['title']}"
        for one in found
    ]
    return "\n".join(rows)


def _tell_show(found: dict[str, Any]) -> str:
    vectors = ", ".join(f"{name} {count:,}" for name, count in found["vectors"].items())
    lines = [
        f"{found['title']} ({found['name']})",
        f"{found['items']:,} models in {found['categories']:,} categories",
        f"vectors: {vectors or 'none yet'}; on the map: {found['mapped']:,}",
    ]
    for run in found["imports"]:
        counts = importing.Imported(
            *(run[key] for key in ("added", "changed", "unchanged", "failed", "gone"))
        )
        lines.append(f"{run['finished']}  {run['kind']} {run['source']}: {counts}")
    lines += [f"not taken: {f['name'] or f['source_id']}: {f['reason']}" for f in found["failed"]]
    return "\n".join(lines)


def _tell_neighbours(found: dict[str, Any]) -> str:
    return "\n".join(
        f"{one['rank']:>4}  {one['score']:>7.4f}  {one['id']}  {one['name']}"
        for one in found["neighbours"]
    )


def _tell_duplicates(found: dict[str, Any]) -> str:
    name = found["name"]
    if "restored" in found:
        return f"{found['restored']:,} models are shown again."
    lines = [found["message"]]
    for group in found["groups"]:
        for one in group["items"]:
            word = "keep" if one["id"] == group["kept"] else ""
            told = f"{word:>4}  {one['score']:>6.3f}  {one['id']}  {one['name']}"
            lines.append(f"{told}  ({one['difference']})" if one["difference"] else f"\n{told}")
    if found["hidden"]:
        lines.append(
            f"\n{found['hidden']:,} are hidden now. To show them again: "
            f"python -m core duplicates {name} --restore"
        )
    return "\n".join(lines)


def _tell_evaluation(found: dict[str, Any]) -> str:
    table = found.get("descriptors", {"": found})
    rows = table.values()
    columns = {
        "queries": [f"{one['queries']:,}" for one in rows],
        "R@1": [f"{one['r1']:.3f}" for one in rows],
        "R@10": [f"{one['r10']:.3f}" for one in rows],
        "MRR": [f"{one['mrr']:.3f}" for one in rows],
        "median rank": [f"{one['median_rank']:,.1f}" for one in rows],
    }
    shares = [one.get("same_category") for one in rows]
    if any(share is not None for share in shares):
        title = f"same category among {metrics.NEIGHBOURS} neighbours"
        columns[title] = ["–" if share is None else f"{share:.3f}" for share in shares]
    padded = [_padded(["descriptor", *table], str.ljust)] if "descriptors" in found else []
    padded += [_padded([title, *cells], str.rjust) for title, cells in columns.items()]
    return "\n".join("  ".join(line) for line in zip(*padded, strict=True))


def _padded(cells: Sequence[str], pad: Callable[[str, int], str]) -> list[str]:
    width = max(map(len, cells))
    return [pad(cell, width) for cell in cells]


def _parser() -> argparse.ArgumentParser:
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
        _demo,
        lambda found: f"{found['items']:,} models are ready in the catalogue “{found['name']}”.",
        "fetch a demo catalogue and make it ready",
        network=True,
    )
    demo.add_argument("which", nargs="?", choices=sorted(DEMOS), default="fluent")

    take = command(
        "import",
        _import,
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
        "--sides",
        action="store_true",
        help="of 3D files: also render front, side, back and top, so that each model is found "
        "from any side",
    )
    take.add_argument("--index", action="store_true", help="bring vectors and map up to date too")

    update = command(
        "update",
        _update,
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
        _watch,
        lambda found: f"“{found['name']}” is watched no more.",
        "update a catalogue whenever its folders or files change, until it is stopped",
    )
    watch.add_argument("name", metavar="NAME")
    watch.add_argument(
        "--every",
        type=float,
        default=watching.EVERY,
        metavar="SECONDS",
        help=f"between two looks at the folders ({watching.EVERY:g})",
    )

    index = command(
        "index",
        _index,
        lambda found: str(found["message"]),
        "bring a catalogue's vectors and map up to date",
        network=True,
    )
    index.add_argument("name", metavar="NAME")
    index.add_argument("--descriptor", choices=NAMES, help="only this one")
    index.add_argument(
        "--new-map", action="store_true", help="lay the map out anew: everything may move"
    )

    command("list", _list, _tell_list, "list the catalogues")
    show = command("show", _show, _tell_show, "show what a catalogue holds")
    show.add_argument("name", metavar="NAME")
    remove = command(
        "remove",
        _remove,
        lambda found: f"The catalogue “{found['name']}” is removed.",
        "delete a catalogue with all that belongs to it",
    )
    remove.add_argument("name", metavar="NAME")

    near = command("neighbours", _neighbours, _tell_neighbours, "list a model's visual neighbours")
    near.add_argument("name", metavar="NAME")
    near.add_argument("id", metavar="ID")

    find = command(
        "search", _search, _tell_neighbours, "list the lookalikes of pictures", network=True
    )
    find.add_argument("name", metavar="NAME")
    find.add_argument("picture", metavar="PICTURE", nargs="+")
    find.add_argument(
        "--region",
        type=_region,
        metavar="X0,Y0,X1,Y1",
        help="find models that hold this part, in shares; its features are those of published",
    )
    find.add_argument("--unlike", nargs="+", default=[], metavar="PICTURE", help="not like these")
    for answering in (near, find):
        answering.add_argument("-k", type=_count, default=9, metavar="K", help="how many (9)")
        answering.add_argument("--descriptor", choices=NAMES, default=COMPACT, help=f"({COMPACT})")

    judge = command(
        "evaluate",
        _evaluate,
        _tell_evaluation,
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
            dest="shown_as",
            choices=["auto", "photo", "line"],
            default="auto",
            help="what the pictures are: photos or renders, line drawings, or found out",
        )

    same = command(
        "duplicates",
        _duplicates,
        _tell_duplicates,
        "list models whose pictures are the same, or nearly so",
    )
    same.add_argument("name", metavar="NAME")
    then = same.add_mutually_exclusive_group()
    then.add_argument("--hide", action="store_true", help="hide all but one of each group")
    then.add_argument("--restore", action="store_true", help="show all hidden models again")

    out = command(
        "export",
        _export,
        lambda found: "\n".join(found["written"]),
        "write items, pictures, neighbours and map as plain files",
    )
    out.add_argument("name", metavar="NAME")
    out.add_argument("--to", metavar="FOLDER", help="(NAME-export)")
    return parser


if __name__ == "__main__":
    sys.exit(main())
