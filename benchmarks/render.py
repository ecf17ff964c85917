"""How long 3D files take to render, how many fail, and whether the pictures find their models.

The 820 OBJ files of the furniture demo are rendered as an import does it, and each picture is
compared with the icons of all 820 models, which others made: it should find its own. Then models
are seen from angles at which none was rendered, and looked for among the pictures that stand for
the models, without and with their other sides. These queries come from the same renderer, so
that what they show is the worth of the sides and not that of a photo.

Run it on a quiet machine, after `python -m core demo furniture`:
python -m benchmarks.render [--json] [--models N] [--all-round N] [--keep FOLDER]
"""

import argparse
import os
import tempfile
import time
import zipfile
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from unittest.mock import patch

import numpy as np
from PIL import Image

from benchmarks.support.machine import Machine, Row, report
from core import search
from core.catalogue import Catalogue
from core.descriptors import COMPACT
from core.errors import LookalikeError
from core.evaluation import evaluate
from core.evaluation.evaluate import Question
from core.evaluation.metrics import Quality
from core.importers import sweethome3d
from core.pictures import decoding
from core.rendering import renderer as renderer_module
from core.rendering.renderer import MAIN, Renderer, RenderError, Rendering
from core.search import SearchError
from core.viewpoints import VIEWPOINT_NAMES
from core.vision import precision

# Angles at which models are looked for: none is one at which they were rendered.
ASKED: Mapping[str, tuple[float, float]] = {
    "a quarter further round": (MAIN[0] + 90, MAIN[1]),
    "from behind": (MAIN[0] + 180, MAIN[1]),
    "from high above": (MAIN[0], 55.0),
}


@dataclass(frozen=True, slots=True)
class Piece:
    """A model of the furniture libraries: its OBJ file, and whether the icon shows it turned."""

    source_id: str
    path: Path
    turned: bool


@dataclass(frozen=True, slots=True)
class Made:
    """What became of a file, and the seconds that it took; a reason where it failed."""

    piece: Piece
    seconds: float
    rendering: Rendering | None
    reason: str = ""


def unpack(folder: Path) -> list[Piece]:
    """Unpack the libraries, and return their models."""
    pieces = []
    for library in sweethome3d.fetch_furniture():
        place = folder / library.stem
        with zipfile.ZipFile(library) as archive:
            archive.extractall(place)
            text = archive.read(sweethome3d.CATALOGUE).decode("iso-8859-1")
        told = sweethome3d.parse_properties(text)
        for key, path in told.items():
            name, _, number = key.partition("#")
            if name == "model":
                turned = f"modelRotation#{number}" in told
                pieces.append(Piece(told[f"id#{number}"], place / path.lstrip("/"), turned))
    return pieces


def render(pieces: Sequence[Piece], root: Path, *, viewpoints: bool) -> tuple[list[Made], float]:
    """Render files as an import does, one a core: what became of them, and the seconds in all."""

    def one(piece: Piece) -> Made:
        start = time.perf_counter()
        try:
            made = renderer.render(piece.path, root=root, viewpoints=viewpoints)
        except RenderError as error:
            return Made(piece, time.perf_counter() - start, None, str(error))
        return Made(piece, time.perf_counter() - start, made)

    with Renderer() as renderer, ThreadPoolExecutor(renderer.processes) as pool:
        start = time.perf_counter()
        return list(pool.map(one, pieces)), time.perf_counter() - start


def times(made: Sequence[Made], seconds: float, *, views: int, target: str) -> Row:
    """Return a row of the table of times."""
    each = [one.seconds for one in made]
    return {
        "views": views,
        "files": len(made),
        "seconds": round(seconds, 1),
        "a file, median": round(float(np.median(each)), 2),
        "95 %": round(float(np.percentile(each, 95)), 2),
        "failed": sum(one.rendering is None for one in made),
        "target": target,
    }


def sizes(made: Sequence[Made]) -> list[Row]:
    """Return how large pictures and models are, in kB."""
    done = [one.rendering for one in made if one.rendering is not None]
    kinds = {
        "picture, PNG": [len(one.picture) for one in done],
        "model, GLB": [len(one.model) for one in done if one.model is not None],
    }
    return [
        {
            "what": what,
            "files": len(each),
            "median, kB": round(float(np.median(each)) / 1000),
            "95 %": round(float(np.percentile(each, 95)) / 1000),
            "most": round(max(each) / 1000),
        }
        for what, each in kinds.items()
    ]


def quality(who: str, found: Sequence[int], target: str) -> Row:
    """Return a row of how well models are found."""
    summed = Quality.of(found)
    return {
        "queries": who,
        "number": summed.queries,
        "R@1": round(summed.r1, 3),
        "R@10": round(summed.r10, 3),
        "MRR": round(summed.mrr, 3),
        "target of R@10": target,
    }


def against_icons(made: Sequence[Made]) -> tuple[list[Row], list[tuple[int, Made]]]:
    """Ask for the icon of each model by its picture: the qualities, and each rank."""
    catalogue = Catalogue("furniture")
    ids = {item.source_id: item.id for item in catalogue.items.find()}
    index = search.index_of(catalogue, COMPACT, "pictures")
    embed = partial(search.descriptor_of(catalogue, COMPACT).embed, precision.load())
    ranks: list[tuple[int, Made]] = []
    done = [one for one in made if one.rendering is not None]
    for start in range(0, len(done), 64):
        batch = done[start : start + 64]
        asked = [
            Question(_decoded(one.rendering.picture), ids[one.piece.source_id])
            for one in batch
            if one.rendering is not None
        ]
        for question, one in zip(asked, batch, strict=True):
            try:
                (rank,) = evaluate.ranks(
                    [question], catalogue=catalogue, index=index, embed=embed, query_kind="photo"
                )
            except SearchError:  # nothing is to be seen on white
                rank = len(ids)
            ranks.append((rank, one))
    rows = [quality("all", [rank for rank, _ in ranks], "0.80")]
    if upright := [rank for rank, one in ranks if not one.piece.turned]:
        rows.append(quality("whose icon is not turned", upright, ""))
    return rows, ranks


def all_round(pieces: Sequence[Piece], root: Path) -> tuple[list[Row], Row]:
    """Look for models from other angles, without and with their sides; and the time of these."""
    made, seconds = render(pieces, root, viewpoints=True)
    done = [
        one
        for one in made
        if one.rendering and len(one.rendering.viewpoints) == len(VIEWPOINT_NAMES)
    ]
    # The queries are rendered in the place of the sides.
    with patch.object(renderer_module, "VIEWPOINTS", ASKED):
        asked, _ = render([one.piece for one in done], root, viewpoints=True)
    catalogue = Catalogue("furniture")
    embed = partial(search.descriptor_of(catalogue, COMPACT).embed, precision.load())

    def vectors(pictures: Sequence[bytes]) -> np.ndarray:
        return np.concatenate(
            [
                embed([_decoded(one) for one in pictures[start : start + 64]], query_kind="photo")
                for start in range(0, len(pictures), 64)
            ]
        )

    # Of what is searched only the picture as it is, of queries the mirrored one as well.
    main = vectors([one.rendering.picture for one in done if one.rendering])[:, 0]
    viewpoints = [
        vectors([one.rendering.viewpoints[name] for one in done if one.rendering])[:, 0]
        for name in VIEWPOINT_NAMES
    ]
    rows = []
    for name in ASKED:
        pairs = [
            (place, one.rendering.viewpoints[name])
            for place, one in enumerate(asked)
            if one.rendering and name in one.rendering.viewpoints
        ]
        queries = vectors([picture for _, picture in pairs])
        alone = np.einsum("qsd,md->qsm", queries, main).max(axis=1)
        best = np.max(
            [alone, *(np.einsum("qsd,md->qsm", queries, one).max(axis=1) for one in viewpoints)],
            axis=0,
        )
        right = np.array([place for place, _ in pairs])
        for what, scores in (("main alone", alone), ("main and sides", best)):
            own = scores[np.arange(len(right)), right]
            ranks = (scores > own[:, None]).sum(axis=1) + 1
            rows.append(quality(f"{name}, among {what}", ranks.tolist(), ""))
    return rows, times(made, seconds, views=1 + len(VIEWPOINT_NAMES), target="")


def _decoded(picture: bytes) -> Image.Image:
    return decoding.decode(picture)


def main() -> None:
    """Measure and report."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--json", action="store_true", help="print JSON, for machines")
    parser.add_argument("--models", type=int, default=820, metavar="N", help="files (820)")
    parser.add_argument(
        "--all-round", type=int, default=205, metavar="N", help="files with sides (205)"
    )
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="put the pictures there")
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
        made, seconds = render(pieces, root, viewpoints=False)
        tables: dict[str, list[Row]] = {
            "Rendering": [times(made, seconds, views=1, target="under 300 s, at most 1 % failed")]
        }
        failed = [one for one in made if one.rendering is None]
        if failed:
            tables["Failed"] = [
                {"model": one.piece.source_id, "reason": one.reason} for one in failed
            ]
        tables["Sizes"] = sizes(made)
        found, ranks = against_icons(made)
        tables[f"Its own icon among {len(pieces)}, by the rendered picture"] = found
        if options.keep:
            keep(options.keep, ranks)
        if options.all_round:
            some = pieces[:: max(1, len(pieces) // options.all_round)][: options.all_round]
            rows, took = all_round(some, root)
            tables["Rendering"].append(took)
            tables[f"{len(some)} models, seen from other angles"] = rows
    report(machine, tables, as_json=options.json)


def keep(folder: Path, ranks: Sequence[tuple[int, Made]]) -> None:
    """Write the pictures to a folder, the worst found first."""
    folder.mkdir(parents=True, exist_ok=True)
    worst = sorted(ranks, key=lambda found: -found[0])
    for place, (rank, one) in enumerate(worst):
        if one.rendering is not None:
            name = f"{place:03}-rank-{rank}-{one.piece.path.stem}.png"
            (folder / name).write_bytes(one.rendering.picture)


if __name__ == "__main__":
    main()
