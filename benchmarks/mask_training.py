"""Make `core/vision/mask_decoder.npz`: train the decoder of masks.

Cut-outs of many kinds are put on grounds of many kinds (`benchmarks.support.training_composites`).
VGG16 is not trained: its maps of all composites are computed once and kept in a temporary folder,
1.5 MB for each composite. The loss is the cross-entropy of each pixel plus one minus the soft IoU,
where there is an object, plus a fifth of the cross-entropy of whether there is one.

After each epoch the decoder is measured with other objects on other grounds:

- mean IoU, median IoU: of the masks at 112 x 112 pixels, before the picture's colours refine them;
- IoU < .7: the share of masks below that;
- missed, false: the share of pictures with an object that are said to have none, and the reverse.

A seed gives the same composites in the same order. TensorFlow adds in an order of its own, so the
weights of two runs differ a little.

The weights that come with Lookalike were trained by earlier versions of this program, in three
rounds of composites of these kinds, more cluttered each time. It took about an hour in all on two
cores. Each round after the first started from the weights of the round before, with all composites
so far; in the third, its own were used twice as often. The weights are the means of those of the
second and the third round. This program trains with about as many composites of each kind, but all
at once, and averages nothing.

| round | composites | on a collage | on a sharp photograph |
| --- | ---: | ---: | ---: |
| first | 3,200 | 0 % | 17 % |
| second | 2,000 | 39 % | 32 % |
| third | 1,600 | 54 % | 38 % |
| together | 6,800 | 24 % | 26 % |

The pictures come from packages, which `benchmarks/support/training_material.json` lists with their
versions, licences and SHA-256. None of them is a part of Lookalike; only the weights are. Cut-outs:

- Debian: tuxpaint-stamps-default (GPL-2, public domain), gcompris-qt-data (GPL-3+, CC BY-SA, CC BY,
  CC0, public domain), pysiogame (GPL-3+, CC BY 3.0), openclipart-png (public domain) and
  flightgear-data-models (GPL-2+), whose 3D models are rendered.
- PyPI, 3D models that are rendered: dm-control and gradio (Apache-2.0), furniture-bench,
  gymnasium-robotics, metaworld and robosuite (MIT).
- npm: @webxr-input-profiles/assets (MIT), 3D models that are rendered; and colour icons of
  @iconify-json: circle-flags, devicon, flat-color-icons, material-icon-theme, meteocons,
  skill-icons and vscode-icons (MIT), fxemoji, icon-park and unjs (Apache-2.0), cryptocurrency-color
  and logos (CC0), emojione-v1 (CC BY-SA 4.0), emojione, and of streamline color, cyber-color,
  flex-color, freehand-color, kameleon-color, plump-color, sharp-color, stickies-color and
  ultimate-color (CC BY 4.0).

Grounds:

- Debian, training: endless-sky-data (CC BY-SA 4.0, CC BY-SA 3.0, public domain), lxqt-themes
  (LGPL-2.1+, CC BY-SA), mate-backgrounds (GPL-2+, CC BY-SA 4.0), plasma-workspace-wallpapers
  (GPL-2+). Validation: desktop-base (GPL-2+), gnome-backgrounds (GPL-2+, CC BY-SA),
  lomiri-wallpapers-16.04 and -20.04 (CC BY 4.0, CC BY-SA, CC0), ukui-wallpapers (CC BY-SA 3.0).
- npm: @pmndrs/assets (CC0): panoramas, some for training and others for validation.

The first run downloads 1.3 GB, much of it with apt, so it needs Debian 12, and renders some 160
models. Composites and maps take 12 GB of the temporary folder. Needs packages that nothing else
here needs:
python -m pip install resvg-py OpenEXR
python -m benchmarks.mask_training [--composites N] [--epochs N] [--seed N] [--output FILE] [--json]
"""

import argparse
import math
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from benchmarks.network import import_keras
from benchmarks.support import training_material
from benchmarks.support.machine import Machine, Row, report
from benchmarks.support.training_composites import TrainingComposite, compose
from benchmarks.support.training_material import Material
from core.vision import mask_decoder, network, preprocessing, weights

COMPOSITES, EPOCHS, SEED = 6_800, 8, 1
# One composite for validation comes to this many for training; they have a seed of their own.
PER_VALIDATION, VALIDATION_SEED = 8, 7
# The share of composites without an object.
WITHOUT_OBJECT, VALIDATION_WITHOUT_OBJECT = 0.15, 0.2
# Composites in one step.
COMPOSITES_PER_STEP = 16
# The optimiser: AdamW. The rate rises during the first steps (at most a tenth of them) and falls to
# a hundredth by a cosine.
LEARNING_RATE, LAST_RATE = 1.5e-3, 0.01
WARM_UP = 100
WEIGHT_DECAY = 1e-3
MAX_NORM = 1.0
# What the loss of presence counts beside that of masks.
PRESENCE = 0.2
# block2_pool to block5_pool of a picture.
POOLED = ((56, 56, 128), (28, 28, 256), (14, 14, 512), (7, 7, 512))
# A mask with a lower IoU has failed.
MIN_IOU = 0.7

Weights = dict[str, NDArray[np.float32]]
Scalar = TypeVar("Scalar", bound=np.generic)


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Batch:
    """Composites as TensorFlow takes them, n in each array.

    Attributes:
        pictures: uint8 (n, 224, 224, 3) RGB.
        pooled: block2_pool to block5_pool, float32, of shapes `POOLED`.
        masks: float32 (n, 112, 112), 0 to 1.
        has_object: float32 (n,), 1 or 0.
    """

    pictures: NDArray[np.uint8]
    pooled: Sequence[NDArray[np.float32]]
    masks: NDArray[np.float32]
    has_object: NDArray[np.float32]


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Examples:
    """Composites with VGG16's maps; the arrays may be files.

    Attributes:
        pictures: uint8 (n, 224, 224, 3) RGB.
        pooled: block2_pool to block5_pool, float16, of shapes `POOLED`.
        masks: uint8 (n, 112, 112); 0 without an object.
        has_object: bool (n,).
    """

    pictures: NDArray[np.uint8]
    pooled: Sequence[NDArray[np.float16]]
    masks: NDArray[np.uint8]
    has_object: NDArray[np.bool_]

    @classmethod
    def in_folder(cls, folder: Path, count: int) -> "Examples":
        """Return arrays for so many composites, as new files in a new folder."""
        folder.mkdir()

        def array(name: str, dtype: type[Scalar], *shape: int) -> NDArray[Scalar]:
            path = folder / f"{name}.npy"
            return np.lib.format.open_memmap(path, "w+", dtype, (count, *shape))

        return cls(
            pictures=array("pictures", np.uint8, network.SIDE, network.SIDE, 3),
            pooled=[array(f"block{n}", np.float16, *shape) for n, shape in enumerate(POOLED, 2)],
            masks=array("masks", np.uint8, mask_decoder.SIDE, mask_decoder.SIDE),
            has_object=array("has_object", np.bool_),
        )

    def __len__(self) -> int:
        """Return the number of composites."""
        return len(self.pictures)

    def batch(self, rows: Sequence[int] | NDArray[np.intp], *, mirrored: bool = False) -> Batch:
        """Return some composites, mirrored if that is asked for.

        The maps are mirrored as well: nearly what VGG16 makes of mirrored pictures.
        """
        rows = np.asarray(rows, np.intp)
        columns = slice(None, None, -1 if mirrored else 1)
        return Batch(
            pictures=np.ascontiguousarray(self.pictures[rows][:, :, columns]),
            pooled=[maps[rows][:, :, columns].astype(np.float32) for maps in self.pooled],
            masks=self.masks[rows][:, :, columns].astype(np.float32) / np.float32(255),
            has_object=self.has_object[rows].astype(np.float32),
        )


def initial(*, seed: int = 0) -> Weights:
    """Return random weights of `mask_decoder.SHAPES`, by He et al. 2015, and biases of 0."""
    random = np.random.default_rng(seed)
    made: Weights = {}
    for name, shape in mask_decoder.SHAPES.items():
        deviation = np.sqrt(2 / np.prod(shape[:-1]))
        made[name] = random.normal(0, deviation, shape).astype(np.float32)
        made[f"{name}_bias"] = np.zeros(shape[-1], np.float32)
    # At first every pixel is as likely to belong to the object as not.
    made["last1"] *= np.float32(0.1)
    return made


def rate(step: int, steps: int) -> float:
    """Return the learning rate of a step."""
    warm = min(1.0, (step + 1) / min(WARM_UP, max(1, steps // 10)))
    return LEARNING_RATE * warm * (0.5 * (1 + math.cos(math.pi * step / steps)) + LAST_RATE)


class Trainer:
    """Trains the weights of the decoder, step by step."""

    def __init__(self, first: Mapping[str, NDArray[np.float32]]) -> None:
        """Begin with these weights."""
        keras = import_keras()
        self._tf = network.load_tensorflow()
        self._variables = {name: self._tf.Variable(array) for name, array in first.items()}
        self._optimiser = keras.optimizers.AdamW(LEARNING_RATE, weight_decay=WEIGHT_DECAY)
        self._optimiser.build(list(self._variables.values()))
        compiled = partial(self._tf.function, autograph=False, reduce_retracing=True)
        self._compiled_step = compiled(self._step)
        self._compiled_forward = compiled(self._forward)

    @property
    def weights(self) -> Weights:
        """The weights as they are now, float32."""
        return {name: variable.numpy() for name, variable in self._variables.items()}

    def step(self, batch: Batch, *, rate: float) -> float:
        """Learn from a batch, and return its loss before that."""
        self._optimiser.learning_rate = rate
        arrays = (batch.pictures, *batch.pooled, batch.masks, batch.has_object)
        return float(self._compiled_step(*map(self._tf.constant, arrays)))

    def logits(self, batch: Batch) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return the opacity, (n, 112, 112), and the presence, (n,), of `MaskLogits`."""
        arrays = (batch.pictures, *batch.pooled)
        opacity, presence = self._compiled_forward(*map(self._tf.constant, arrays))
        return opacity.numpy(), presence.numpy()

    def _forward(self, pictures: Any, *pooled: Any) -> tuple[Any, Any]:
        return mask_decoder.forward(self._tf, self._variables, pictures, pooled)

    def _step(self, pictures: Any, *rest: Any) -> Any:
        *pooled, masks, has_object = rest
        variables = list(self._variables.values())
        with self._tf.GradientTape() as tape:
            opacity, presence = self._forward(pictures, *pooled)
            result = loss(self._tf, opacity, presence, masks, has_object)
        gradients, _ = self._tf.clip_by_global_norm(tape.gradient(result, variables), MAX_NORM)
        self._optimiser.apply(gradients, variables)
        return result


def loss(tf: ModuleType, opacity: Any, presence: Any, masks: Any, has_object: Any) -> Any:
    """Return the loss of logits, a scalar tensor; the other tensors are those of `Batch`."""
    cross_entropy = tf.nn.sigmoid_cross_entropy_with_logits
    of_pixels = tf.reduce_mean(cross_entropy(masks, opacity), (1, 2))
    found = tf.sigmoid(opacity)
    common = tf.reduce_sum(found * masks, (1, 2))
    either = tf.reduce_sum(found + masks - found * masks, (1, 2))
    of_masks = of_pixels + 1 - (common + 1) / (either + 1)
    with_object = tf.reduce_sum(has_object * of_masks) / (tf.reduce_sum(has_object) + 1e-6)
    return with_object + PRESENCE * tf.reduce_mean(cross_entropy(has_object, presence))


def composites(
    material: Material, count: int, *, seed: int, without_object: float
) -> Sequence[Callable[[], TrainingComposite]]:
    """Return what makes each composite, in any order and any thread."""

    def make(number: int) -> TrainingComposite:
        random = np.random.default_rng([seed, number])
        return compose(material, random, has_object=random.random() >= without_object)

    return [partial(make, number) for number in range(count)]


def extract(
    makers: Sequence[Callable[[], TrainingComposite]],
    pools: Callable[[NDArray[np.uint8]], Sequence[NDArray[np.float16]]],
    folder: Path,
) -> Examples:
    """Make composites and compute their maps, into files in a new folder.

    `pools` computes block2_pool to block5_pool.
    """
    examples = Examples.in_folder(folder, len(makers))

    def run(start: int) -> None:
        rows = slice(start, start + network.PICTURES_PER_BATCH)
        made = [make() for make in makers[rows]]
        pictures = np.stack([preprocessing.squash(each.picture) for each in made])
        examples.pictures[rows] = pictures
        examples.masks[rows] = [small_mask(each.mask) for each in made]
        examples.has_object[rows] = [each.has_object for each in made]
        for maps, computed in zip(examples.pooled, pools(pictures), strict=True):
            maps[rows] = computed

    with ThreadPoolExecutor(network.LANES, thread_name_prefix="extract") as pool:
        for done, _ in enumerate(
            pool.map(run, range(0, len(makers), network.PICTURES_PER_BATCH)), 1
        ):
            if done % 50 == 0:
                print(f"{done * network.PICTURES_PER_BATCH:,} composites …", file=sys.stderr)
    return examples


def small_mask(mask: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return a mask of any size at the decoder's size, uint8 (112, 112)."""
    side = mask_decoder.SIDE
    return np.asarray(Image.fromarray(mask).resize((side, side), Image.Resampling.BOX))


def vgg16() -> Callable[[NDArray[np.uint8]], Sequence[NDArray[np.float16]]]:
    """Load VGG16, and return what computes block2_pool to block5_pool of pictures, float16."""
    tf = network.load_tensorflow()
    pools = network.pooling(weights.load(), "float32")

    def forward(pictures: Any) -> list[Any]:
        return [tf.cast(maps, tf.float16) for maps in pools(pictures)[1:]]

    signature = [tf.TensorSpec((None, network.SIDE, network.SIDE, 3), tf.uint8)]
    compiled = tf.function(forward, input_signature=signature, autograph=False)
    return lambda pictures: [maps.numpy() for maps in compiled(tf.constant(pictures))]


def train(
    trainer: Trainer,
    examples: Examples,
    *,
    epochs: int,
    seed: int,
    batch: int = COMPOSITES_PER_STEP,
) -> Iterator[float]:
    """Train, and yield the mean loss after each epoch."""
    random = np.random.default_rng(seed)
    steps_in_epoch = -(-len(examples) // batch)
    for epoch in range(epochs):
        order = random.permutation(len(examples))
        losses = []
        for number in range(steps_in_epoch):
            rows = order[number * batch : (number + 1) * batch]
            chosen = examples.batch(rows, mirrored=bool(random.random() < 0.5))
            step = epoch * steps_in_epoch + number
            losses.append(trainer.step(chosen, rate=rate(step, epochs * steps_in_epoch)))
        yield float(np.mean(losses))


def judge(trainer: Trainer, examples: Examples) -> Row:
    """Return how good the masks of composites are, and whether objects are found."""
    opacities, presences = [], []
    for start in range(0, len(examples), COMPOSITES_PER_STEP):
        rows = range(start, min(start + COMPOSITES_PER_STEP, len(examples)))
        opacity, presence = trainer.logits(examples.batch(rows))
        opacities.append(opacity)
        presences.append(presence)
    return scores(np.concatenate(opacities), np.concatenate(presences), examples)


def scores(opacity: NDArray[np.float32], presence: NDArray[np.float32], examples: Examples) -> Row:
    """Return the row of a table for the logits of all examples."""
    found, right = opacity > 0, examples.masks > 127
    common, either = ((op(found, right)).sum(axis=(1, 2)) for op in (np.logical_and, np.logical_or))
    has_object = np.asarray(examples.has_object)
    ious = (common / np.maximum(either, 1))[has_object]
    shares = {
        "mean IoU": _mean(ious),
        "median IoU": float(np.median(ious)) if ious.size else 0.0,
        "IoU < .7": _mean(ious < MIN_IOU),
        "missed": _mean(presence[has_object] <= 0),
        "false": _mean(presence[~has_object] > 0),
    }
    return {name: round(share, 4) for name, share in shares.items()}


def save(trained: Weights, path: Path) -> None:
    """Write the weights as `mask_decoder.load` reads them, float16."""
    arrays: dict[str, Any] = {name: array.astype(np.float16) for name, array in trained.items()}
    with path.open("wb") as file:
        np.savez_compressed(file, **arrays)


def _mean(values: NDArray[np.float64 | np.bool_]) -> float:
    return float(values.mean()) if values.size else 0.0


def main() -> None:
    """Prepare the material, train, and write the weights."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--json", action="store_true", help="print JSON, for machines")
    for name, default, what in (
        ("composites", COMPOSITES, "for training"),
        ("epochs", EPOCHS, "how often each composite is learned from"),
        ("seed", SEED, "of the composites and the first weights"),
    ):
        parser.add_argument(
            f"--{name}", type=int, default=default, metavar="N", help=f"{what} ({default:,})"
        )
    parser.add_argument(
        "--output",
        type=Path,
        default=mask_decoder.FILE,
        metavar="FILE",
        help=f"the file of weights ({mask_decoder.FILE.name} of Lookalike)",
    )
    options = parser.parse_args()
    if not (find_spec("resvg_py") and find_spec("OpenEXR")):
        sys.exit("First run: python -m pip install resvg-py OpenEXR")
    if not options.output.parent.is_dir():
        sys.exit(f'There is no folder "{options.output.parent}" for the weights.')
    machine = Machine.here()
    material = training_material.load()
    count = max(1, options.composites)
    training, validation = (
        composites(material["training"], count, seed=options.seed, without_object=WITHOUT_OBJECT),
        composites(
            material["validation"],
            -(-count // PER_VALIDATION),
            seed=VALIDATION_SEED,
            without_object=VALIDATION_WITHOUT_OBJECT,
        ),
    )
    rows: list[Row] = []
    with tempfile.TemporaryDirectory(prefix="lookalike-maps-") as folder:
        pools = vgg16()
        examples = extract(training, pools, Path(folder, "training"))
        others = extract(validation, pools, Path(folder, "validation"))
        trainer = Trainer(initial(seed=options.seed))
        losses = train(trainer, examples, epochs=max(1, options.epochs), seed=options.seed)
        for epoch, mean_loss in enumerate(losses, 1):
            rows.append({"epoch": epoch, "loss": round(mean_loss, 4), **judge(trainer, others)})
            print(", ".join(f"{name} {value}" for name, value in rows[-1].items()), file=sys.stderr)
    save(trainer.weights, options.output)
    title = f"{count:,} composites, judged by {len(validation):,} others"
    report(machine, {title: rows}, as_json=options.json)


if __name__ == "__main__":
    main()
