"""Measure how long 3D files take to render, how many fail, and how well the pictures search.

The 820 OBJ files of the furniture demo are rendered as an import does it, and each picture is
compared with the icons of all 820 models, which their authors made: it should find its own. Then
models are rendered from angles at which none was imported, and searched for among the pictures of
the models, without and with those from other viewpoints. These queries come from the same
renderer, so the figures show the effect of the viewpoints and not how well photos would do.

Run it on a quiet machine, after `python -m core demo furniture`:
python -m benchmarks.render [--json] [--models N] [--viewpoints N] [--save FOLDER]
"""

import argparse
import os
import tempfile
import time
import zipfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from unittest.mock import patch

import numpy as np
from numpy.typing import NDArray

from benchmarks.support.machine import Machine, Row, report
from core import search
from core.catalogue import Catalogue
from core.descriptors import COMPACT
from core.errors import LookalikeError
from core.evaluation import evaluate
from core.evaluation.evaluate import EvaluationQuery
from core.evaluation.metrics import Quality
from core.importers import furniture
from core.importers.sweethome3d.library import CATALOGUE
from core.importers.sweethome3d.properties import parse_properties
from core.pictures import decoding
from core.rendering import renderer as renderer_module
from core.rendering.renderer import MAIN, Renderer, RenderError, Rendering
from core.search import SearchError
from core.viewpoints import VIEWPOINT_NAMES, Viewpoint
from core.vision import precision

# The viewpoints of the queries: none is one from which an import renders.
QUERY_VIEWPOINTS = (
    Viewpoint("a quarter turn further", MAIN[0] + 90, MAIN[1], ""),
    Viewpoint("from behind", MAIN[0] + 180, MAIN[1], ""),
    Viewpoint("from high above", MAIN[0], 55.0, ""),
)


@dataclass(frozen=True, slots=True)
class Piece:
    """A model of the furniture libraries: its OBJ file, and whether its icon shows it rotated."""

    source_id: str
    path: Path
    rotated: bool


@dataclass(frozen=True, slots=True)
class Rendered:
    """A rendered file and the seconds it took; the reason, if it failed."""

    piece: Piece
    seconds: float
    rendering: Rendering | None
    reason: str = ""


def unpack(folder: Path) -> list[Piece]:
    """Unpack the libraries, and return their models."""
    pieces = []
    for library in furniture.fetch():
        target = folder / library.stem
        with zipfile.ZipFile(library) as archive:
            archive.extractall(target)
            text = archive.read(CATALOGUE).decode("iso-8859-1")
        properties = parse_properties(text)
        for key, path in properties.items():
            name, _, number = key.partition("#")
            if name == "model":
                rotated = f"modelRotation#{number}" in properties
                source_id = properties[f"id#{number}"]
                pieces.append(Piece(source_id, target / path.lstrip("/"), rotated))
    return pieces


def render(
    pieces: Sequence[Piece], root: Path, *, viewpoints: bool
) -> tuple[list[Rendered], float]:
    """Render files as an import does, one per core; return them and the seconds in total."""

    def render_one(piece: Piece) -> Rendered:
        start = time.perf_counter()
        try:
            rendering = renderer.render(piece.path, root=root, viewpoints=viewpoints)
        except RenderError as error:
            return Rendered(piece, time.perf_counter() - start, None, str(error))
        return Rendered(piece, time.perf_counter() - start, rendering)

    with Renderer() as renderer, ThreadPoolExecutor(renderer.processes) as pool:
        start = time.perf_counter()
        return list(pool.map(render_one, pieces)), time.perf_counter() - start


def render_queries(pieces: Sequence[Piece], root: Path) -> list[Rendered]:
    """Render files from `QUERY_VIEWPOINTS`, in place of the viewpoints of an import."""
    with patch.object(renderer_module, "VIEWPOINTS", QUERY_VIEWPOINTS):
        return render(pieces, root, viewpoints=True)[0]


def times(rendered: Sequence[Rendered], seconds: float, *, views: int, target: str) -> Row:
    """Return a row of the table of times."""
    per_file = [each.seconds for each in rendered]
    return {
        "views": views,
        "files": len(rendered),
        "seconds": round(seconds, 1),
        "per file, median": round(float(np.median(per_file)), 2),
        "95 %": round(float(np.percentile(per_file, 95)), 2),
        "failed": sum(each.rendering is None for each in rendered),
        "target": target,
    }


def sizes(rendered: Sequence[Rendered]) -> list[Row]:
    """Return the sizes of pictures and models, in kB."""
    renderings = [each.rendering for each in rendered if each.rendering is not None]
    kinds = {
        "picture, PNG": [len(each.picture) for each in renderings],
        "model, GLB": [len(each.model) for each in renderings if each.model is not None],
    }
    return [
        {
            "what": what,
            "files": len(bytes_each),
            "median, kB": round(float(np.median(bytes_each)) / 1000),
            "95 %": round(float(np.percentile(bytes_each, 95)) / 1000),
            "largest": round(max(bytes_each) / 1000),
        }
        for what, bytes_each in kinds.items()
    ]


def quality_row(queries: str, ranks: Sequence[int], target: str) -> Row:
    """Return a row of search quality, from the ranks of the right models."""
    quality = Quality.of(ranks)
    return {
        "queries": queries,
        "number": quality.queries,
        "R@1": round(quality.r1, 3),
        "R@10": round(quality.r10, 3),
        "MRR": round(quality.mrr, 3),
        "target of R@10": target,
    }


def search_icons(
    rendered: Sequence[Rendered],
) -> tuple[list[Row], list[tuple[int, Rendered]]]:
    """Search for the icon of each model by its rendered picture; return quality and each rank."""
    catalogue = Catalogue("furniture")
    ids = {item.source_id: item.id for item in catalogue.items.find()}
    index_in = cache(partial(search.index_of, catalogue, COMPACT))
    embed = partial(search.descriptor_of(catalogue, COMPACT).embed, precision.load())
    ranks: list[tuple[int, Rendered]] = []
    succeeded = [each for each in rendered if each.rendering is not None]
    for start in range(0, len(succeeded), 64):
        batch = succeeded[start : start + 64]
        queries = [
            EvaluationQuery(decoding.decode(each.rendering.picture), ids[each.piece.source_id])
            for each in batch
            if each.rendering is not None
        ]
        for query, each in zip(queries, batch, strict=True):
            try:
                (rank,) = evaluate.ranks(
                    [query], catalogue=catalogue, index_in=index_in, embed=embed, query_kind="photo"
                )
            except SearchError:  # the picture is blank: the model is white
                rank = len(ids)
            ranks.append((rank, each))
    rows = [quality_row("all", [rank for rank, _ in ranks], "0.80")]
    if upright := [rank for rank, each in ranks if not each.piece.rotated]:
        rows.append(quality_row("whose icon is not rotated", upright, ""))
    return rows, ranks


def search_from_other_angles(pieces: Sequence[Piece], root: Path) -> tuple[list[Row], Row]:
    """Search for models from other angles, without and with their viewpoints.

    Returns the quality, and the time that rendering the viewpoints took.
    """
    rendered, seconds = render(pieces, root, viewpoints=True)
    complete = [
        each
        for each in rendered
        if each.rendering and len(each.rendering.viewpoints) == len(VIEWPOINT_NAMES)
    ]
    queried = render_queries([each.piece for each in complete], root)
    catalogue = Catalogue("furniture")
    embed = partial(search.descriptor_of(catalogue, COMPACT).embed, precision.load())

    def vectors(pictures: Sequence[bytes]) -> NDArray[np.float32]:
        batches = [
            [decoding.decode(picture) for picture in pictures[start : start + 64]]
            for start in range(0, len(pictures), 64)
        ]
        return np.concatenate(
            [embed(batch, query_kinds=["photo"] * len(batch)).vectors for batch in batches]
        )

    # Both variants of the queries are used, but only the original one of the searched pictures.
    main = vectors([each.rendering.picture for each in complete if each.rendering])[:, 0]
    viewpoints = [
        vectors([each.rendering.viewpoints[name] for each in complete if each.rendering])[:, 0]
        for name in VIEWPOINT_NAMES
    ]
    rows = []
    for name in (viewpoint.name for viewpoint in QUERY_VIEWPOINTS):
        pairs = [
            (row, each.rendering.viewpoints[name])
            for row, each in enumerate(queried)
            if each.rendering and name in each.rendering.viewpoints
        ]
        queries = vectors([picture for _, picture in pairs])
        alone = np.einsum("qsd,md->qsm", queries, main).max(axis=1)
        best = np.max(
            [alone, *(np.einsum("qsd,md->qsm", queries, each).max(axis=1) for each in viewpoints)],
            axis=0,
        )
        right = np.array([row for row, _ in pairs])
        for what, scores in (("main view", alone), ("main view and viewpoints", best)):
            own = scores[np.arange(len(right)), right]
            ranks = (scores > own[:, None]).sum(axis=1) + 1
            rows.append(quality_row(f"{name}, among {what}", ranks.tolist(), ""))
    return rows, times(rendered, seconds, views=1 + len(VIEWPOINT_NAMES), target="")


def main() -> None:
    """Measure and report."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--json", action="store_true", help="print JSON, for machines")
    parser.add_argument("--models", type=int, default=820, metavar="N", help="files (820)")
    parser.add_argument(
        "--viewpoints",
        "--all-round",  # the name in earlier versions
        type=int,
        default=205,
        metavar="N",
        help="files rendered from all viewpoints (205)",
    )
    parser.add_argument("--save", type=Path, metavar="FOLDER", help="save the pictures there")
    options = parser.parse_args()
    machine = Machine.here()
    try:
        Catalogue("furniture")
    except LookalikeError as error:
        parser.exit(1, f"{error}\nRun: python -m core demo furniture\n")
    with tempfile.TemporaryDirectory(prefix="lookalike-") as name:
        root = Path(os.path.realpath(name))
        pieces = unpack(root)
        pieces = pieces[:: max(1, len(pieces) // options.models)][: options.models]
        rendered, seconds = render(pieces, root, viewpoints=False)
        tables: dict[str, list[Row]] = {
            "Rendering": [
                times(rendered, seconds, views=1, target="under 300 s, at most 1 % failed")
            ]
        }
        failed = [each for each in rendered if each.rendering is None]
        if failed:
            tables["Failed"] = [
                {"model": each.piece.source_id, "reason": each.reason} for each in failed
            ]
        tables["Sizes"] = sizes(rendered)
        rows, ranks = search_icons(rendered)
        tables[f"Searching {len(pieces)} icons by rendered pictures"] = rows
        if options.save:
            save(options.save, ranks)
        if options.viewpoints:
            sample = pieces[:: max(1, len(pieces) // options.viewpoints)][: options.viewpoints]
            rows, row = search_from_other_angles(sample, root)
            tables["Rendering"].append(row)
            tables[f"Searching {len(sample)} models from other angles"] = rows
    report(machine, tables, as_json=options.json)


def save(folder: Path, ranks: Sequence[tuple[int, Rendered]]) -> None:
    """Write the pictures to a folder, those with the worst ranks first."""
    folder.mkdir(parents=True, exist_ok=True)
    worst_first = sorted(ranks, key=lambda pair: -pair[0])
    for number, (rank, each) in enumerate(worst_first):
        if each.rendering is not None:
            name = f"{number:03}-rank-{rank}-{each.piece.path.stem}.png"
            (folder / name).write_bytes(each.rendering.picture)


if __name__ == "__main__":
    main()
