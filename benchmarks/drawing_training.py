"""Make `core/vision/drawing_detector.npz`: fit the trees that tell drawings from other pictures.

Drawings are line icons in pens of all kinds, on plain and on photographed paper
(`benchmarks.support.synthetic_drawings`). The other pictures are photographs, and cut-outs of
photographs, renders and colour icons on plain and other grounds: the material of
`benchmarks.mask_training`. The pictures of validation are of other packages, or show other objects.

- drawings: the share of drawings that are taken for drawings, or for either;
- others: the same of the other pictures.

The icons come from npm: @iconify-json/lucide (ISC), tabler, ph and iconoir (MIT), mdi-light
(OFL-1.1), pepicons-pencil (CC BY 4.0) and icon-park-outline (Apache-2.0), with the versions and
SHA-256 in `benchmarks/support/line_icons.json`. None of them is a part of Lookalike; only the trees
are. The same seed gives the same trees. Takes some ten minutes on two cores, and what
`benchmarks.mask_training` downloads. Needs a package that nothing else here needs:
python -m pip install resvg-py OpenEXR
python -m benchmarks.drawing_training [--pictures N] [--seed N] [--output FILE] [--json]
"""

import argparse
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import cache, partial
from pathlib import Path
from random import Random
from typing import get_args

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from benchmarks.support import line_icons, synthetic_drawings, training_material
from benchmarks.support.machine import Machine, Row, report
from benchmarks.support.training_material import Material, Part
from core.importers import grounds
from core.vision import drawing_detector
from core.vision.drawing_detector import Likely, Trees

# As many pictures of validation for each of training.
VALIDATION_SHARE = 0.25
TREES, DEPTH, SUBSAMPLE = 150, 5, 0.6
# The share of other pictures that are photographs without an object, and of cut-outs that are on a
# plain ground.
PHOTOGRAPHS, PLAIN = 0.32, 0.6
# Of these cut-outs, some are black, white or of one colour: symbols and outlines, which are no less
# drawings than the line icons are. They are left out: those of which this share of what is not
# white (0 to 255) is within so many levels of one colour.
DRAWN = ("tuxpaint drawings", "gcompris drawings", "openclipart", "icons", "pysiogame")
WHITE, ONE_COLOUR, MOSTLY = 230, 30, 0.95
GROUNDS = (*("#ffffff",) * 4, "#eeeeee", "#000000", "#202020", "#dfe8f0")

Statistics = NDArray[np.float32]


def drawing(part: Part, number: int, *, seed: int) -> Statistics:
    """Return the statistics of a drawing."""
    random = Random(f"drawing {part} {seed} {number}")
    icons = line_icons.load(part)
    icon = random.choice(icons[random.choice(sorted(icons))])
    return drawing_detector.statistics(synthetic_drawings.drawing(random, icon))


def other(part: Part, number: int, *, seed: int) -> Statistics:
    """Return the statistics of a picture that is no drawing."""
    random = Random(f"other {part} {seed} {number}")
    return drawing_detector.statistics(_other_picture(random, _material()[part]))


def _other_picture(random: Random, material: Material) -> Image.Image:
    if random.random() < PHOTOGRAPHS:
        photograph = Image.open(random.choice(material.photographs)).convert("RGB")
        photograph.thumbnail((random.choice((300, 500)),) * 2)
        if random.random() < 0.5:
            return _part_of(random, photograph)
        return photograph
    cut_out = _cut_out(random, material)
    cut_out.thumbnail((400, 400))
    if random.random() >= PLAIN:
        return grounds.compose(
            cut_out, random=np.random.default_rng(random.getrandbits(32))
        ).picture
    side = max(cut_out.size)
    square = Image.new("RGBA", (side, side))
    square.paste(cut_out, ((side - cut_out.width) // 2, (side - cut_out.height) // 2))
    colour = random.choice(GROUNDS)
    return synthetic_drawings.placed(random, square, colour, margin=random.uniform(0, 0.2))


def _cut_out(random: Random, material: Material) -> Image.Image:
    """Return a cut-out, RGBA: a photograph, a render, or an icon that is none of ink."""
    groups = list(material.weights)
    while True:
        [group] = random.choices(groups, [material.weights[each] for each in groups])
        cut_out = Image.open(random.choice(material.cut_outs[group])).convert("RGBA")
        if group not in DRAWN or not _is_of_ink(cut_out):
            return cut_out


def _is_of_ink(cut_out: Image.Image) -> bool:
    """Return whether an RGBA picture is of one colour, and of white."""
    levels = np.asarray(cut_out, np.int16)
    colours = levels[levels[..., 3] >= 128][:, :3]
    colours = colours[colours.min(axis=1) < WHITE]
    if not len(colours):
        return True
    differs = np.abs(colours - np.median(colours, axis=0)).max(axis=1)
    return bool((differs <= ONE_COLOUR).mean() >= MOSTLY)


def _part_of(random: Random, picture: Image.Image) -> Image.Image:
    width, height = picture.size
    share = random.uniform(0.3, 0.9)
    left = random.randint(0, int(width * (1 - share)))
    top = random.randint(0, int(height * (1 - share)))
    return picture.crop((left, top, left + int(width * share), top + int(height * share)))


@cache
def _material() -> dict[Part, Material]:
    return training_material.load()


def fit(drawings: Statistics, others: Statistics, *, seed: int) -> Trees:
    """Return trees that tell the drawings, (n, 16), from the other pictures, (m, 16)."""
    from sklearn.ensemble import GradientBoostingClassifier

    rows = np.concatenate([drawings, others])
    is_drawing = np.repeat([True, False], [len(drawings), len(others)])
    boosting = GradientBoostingClassifier(
        n_estimators=TREES, max_depth=DEPTH, subsample=SUBSAMPLE, random_state=seed
    ).fit(rows, is_drawing)
    roots, features, thresholds, children, values = [], [], [], [], []
    first = 0
    for estimator in boosting.estimators_[:, 0]:
        tree = estimator.tree_
        is_leaf, own = tree.children_left < 0, np.arange(tree.node_count)
        pairs = (tree.children_left, tree.children_right)
        roots.append(first)
        features.append(np.where(is_leaf, 0, tree.feature))
        thresholds.append(tree.threshold)
        children.append(first + np.stack([np.where(is_leaf, own, each) for each in pairs], axis=1))
        values.append(np.where(is_leaf, boosting.learning_rate * tree.value[:, 0, 0], 0))
        first += tree.node_count
    share = is_drawing.mean()
    return Trees(
        np.array(roots, np.int32),
        np.concatenate(features).astype(np.int32),
        np.concatenate(thresholds).astype(np.float32),
        np.concatenate(children).astype(np.int32),
        np.concatenate(values).astype(np.float32),
        float(np.log(share / (1 - share))),
        DEPTH,
    )


def rows(trees: Trees, measured: dict[str, Statistics]) -> list[Row]:
    """Return a row for each set of pictures: what they are taken for."""
    table: list[Row] = []
    for name, statistics in measured.items():
        likely = [drawing_detector.decide(trees.probability(row)) for row in statistics]
        shares = {each: round(likely.count(each) / len(likely), 3) for each in get_args(Likely)}
        table.append({"pictures": name, "n": len(likely), **shares})
    return table


def _statistics(make: Callable[..., Statistics], part: Part, count: int, seed: int) -> Statistics:
    with ProcessPoolExecutor() as pool:
        found: Sequence[Statistics] = list(
            pool.map(partial(make, part, seed=seed), range(count), chunksize=20)
        )
    return np.stack(found)


def main() -> None:
    """Make the pictures, fit the trees, measure them, and write them."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--pictures", type=int, default=4_000, metavar="N", help="of each kind")
    parser.add_argument("--seed", type=int, default=0, metavar="N")
    parser.add_argument("--output", type=Path, default=drawing_detector.FILE, metavar="FILE")
    parser.add_argument("--json", action="store_true", help="print JSON, for machines")
    options = parser.parse_args()
    machine = Machine.here()
    # Loaded before the processes are forked.
    _material()
    kinds = {"drawings": drawing, "others": other}
    counts: dict[Part, int] = {
        "training": options.pictures,
        "validation": round(VALIDATION_SHARE * options.pictures),
    }
    training, validation = (
        {name: _statistics(make, part, count, options.seed) for name, make in kinds.items()}
        for part, count in counts.items()
    )
    trees = fit(training["drawings"], training["others"], seed=options.seed)
    drawing_detector.save(trees, options.output)
    report(machine, {"validation": rows(trees, validation)}, as_json=options.json)


if __name__ == "__main__":
    main()
