"""The network's two ways to be built: `core.vision.network`'s own graph, and `keras.applications.VGG16`.

Both get the same weights, the same preparation inside one `tf.function`, the same batches and the
same threads: only the layers between differ. What is measured, in each precision:

- a start: a process of its own for each, in turns, from its beginning until one picture has been
  through the network, and what of that takes the import of TensorFlow or Keras, and building the
  network and running it once. The processor's seconds, of all cores, say more on a busy machine.
  And the memory, then and after some pictures more (VmRSS; the peak is VmHWM). All this once more
  where pandas and scikit-learn are loaded before, as Keras imports them;
- pictures a second: both in one process, in turns, on the same pictures;
- how much the two differ, picture by picture.

Run it on a quiet machine: python -m benchmarks.network [--json] [--starts N] [--rounds N]
"""

import argparse
import importlib
import json
import os
import shlex
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any
from unittest.mock import patch

import numpy as np

from benchmarks.support.machine import Machine, Row, report
from core.settings import PROJECT
from core.vision import network, weights
from core.vision.network import PRECISIONS, SIDE, Network, Precision
from core.vision.weights import Weights

SIDES = ("our graph", "Keras")
# What the two are called in the field `loaded before` of a table.
ALONE, BESIDE = "nothing", "pandas, scikit-learn"


def keras_graph(trained: Weights, precision: Precision) -> Any:
    """Return what `core.vision.network` compiles, with the layers of `keras.applications.VGG16`.

    The policy is `bfloat16` where the network says `mixed_bfloat16`: the mixed one keeps float32
    variables, which every batch would cast anew.
    """
    keras = import_keras()
    import tensorflow as tf

    dtype = {"float32": "float32", "mixed_bfloat16": "bfloat16"}[precision]
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(dtype)
    try:
        vgg16 = keras.applications.VGG16(
            include_top=False, weights=None, input_shape=(SIDE, SIDE, 3)
        )
        vgg16.set_weights(trained.arrays)
        block4 = vgg16.get_layer("block4_pool").output
        model = keras.Model(vgg16.input, [block4, vgg16.output])
    finally:
        keras.config.set_dtype_policy(before)
    model.trainable = False

    def forward(pictures: Any) -> tuple[Any, Any]:
        maps = tf.cast(tf.cast(pictures, tf.float32)[..., ::-1] - network._MEAN, dtype)
        block4, block5 = (tf.cast(each, tf.float32) for each in model(maps, training=False))
        return tf.nn.avg_pool2d(block4, 2, 2, "VALID"), block5

    pictures = tf.TensorSpec((None, SIDE, SIDE, 3), tf.uint8)
    return tf.function(forward, input_signature=[pictures], autograph=False)


def import_keras() -> Any:
    """Import Keras on TensorFlow."""
    os.environ["KERAS_BACKEND"] = "tensorflow"
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    import keras

    return keras


def build(side: str, trained: Weights, precision: Precision) -> Network:
    """Return the network, built by one of the two, after one picture."""
    compiled = keras_graph if side == "Keras" else network._compile
    with patch.object(network, "_compile", compiled):
        return Network(trained, precision)


def some_pictures(number: int) -> np.ndarray:
    """Return mosaics of coloured tiles, uint8 (number, 224, 224, 3), as the trial has them."""
    tiles = np.random.default_rng(2014).integers(0, 256, (number, 14, 14, 3), np.uint8)
    return tiles.repeat(SIDE // 14, axis=1).repeat(SIDE // 14, axis=2)


def a_start(side: str, precision: Precision, before: str, pictures: str) -> None:
    """Be a process that starts: tell its seconds, wait, look at pictures, and wait again."""
    if before == BESIDE:
        for module in ("pandas", "sklearn.neighbors"):
            importlib.import_module(module)
    began = time.perf_counter()
    import_keras() if side == "Keras" else network._tensorflow()
    imported = time.perf_counter()
    trained = weights.load()
    read = time.perf_counter()
    ours = build(side, trained, precision)
    built = time.perf_counter()
    used = time.process_time()
    _tell({"import": imported - began, "build": built - read, "processor": used})
    ours.features(some_pictures(int(pictures)))
    _tell({})


def turns(precision: Precision, pictures: str, rounds: str) -> None:
    """Be a process in which both take turns: tell their pictures a second, and what differs."""
    # Keras first: without it TensorFlow is imported as if there were none.
    trained = weights.load()
    networks = {side: build(side, trained, precision) for side in reversed(SIDES)}
    batch = some_pictures(int(pictures))
    rates: dict[str, list[float]] = {side: [] for side in SIDES}
    found = {side: networks[side].features(batch) for side in SIDES}
    for number in range(int(rounds)):
        for side in SIDES if number % 2 else reversed(SIDES):
            start = time.perf_counter()
            networks[side].features(batch)
            rates[side].append(len(batch) / (time.perf_counter() - start))
    ours, theirs = (found[side] for side in SIDES)
    pairs = ((ours.block4, theirs.block4), (ours.block5, theirs.block5))
    difference = max(float(np.abs(a - b).max() / b.max()) for a, b in pairs)
    _tell({"rates": rates, "difference": difference})


def _tell(what: object) -> None:
    """Print a line of JSON, and wait until it has been read."""
    print(json.dumps(what), flush=True)
    sys.stdin.readline()


class Child:
    """A process of its own that runs a function of this module."""

    def __init__(self, function: Callable[..., None], *arguments: str | int) -> None:
        """Start it."""
        self.began = time.perf_counter()
        words = ", ".join(repr(str(each)) for each in arguments)
        name = function.__name__
        code = f"from benchmarks.network import {name}; {name}({words})"
        self.command = [sys.executable, "-c", code]
        self.process = subprocess.Popen(
            self.command,
            cwd=PROJECT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    def told(self) -> dict[str, Any]:
        """Return the next thing that it tells, with the seconds since its start."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            sys.exit(f"A process ended early. See why with: {shlex.join(self.command)}")
        told: dict[str, Any] = json.loads(line)
        return told | {"all": time.perf_counter() - self.began}

    def go_on(self) -> None:
        """Let it go on."""
        assert self.process.stdin is not None
        self.process.stdin.write("\n")
        self.process.stdin.flush()


def starts(
    precision: Precision, before: str, *, number: int, pictures: int
) -> dict[str, list[dict[str, float]]]:
    """Start each side `number` times, in turns: seconds, and memory in MB (10^6 bytes)."""
    # Here, not above: it brings Playwright, which would be in the memory that is measured.
    from devtools.browser import memory_of

    each: dict[str, list[dict[str, float]]] = {side: [] for side in SIDES}
    for turn in range(number):
        for side in SIDES if turn % 2 else reversed(SIDES):
            child = Child(a_start, side, precision, before, pictures)
            measured = child.told()
            measured["loaded"] = memory_of(child.process.pid, "VmRSS")
            child.go_on()
            child.told()
            measured["used"] = memory_of(child.process.pid, "VmRSS")
            measured["peak"] = memory_of(child.process.pid, "VmHWM")
            child.go_on()
            child.process.wait()
            each[side].append(measured)
    return each


def row_of_starts(
    side: str, precision: Precision, before: str, each: Sequence[dict[str, float]]
) -> Row:
    """Return a row of the table of starts: medians, and the quickest start."""

    def median(field: str) -> float:
        return float(np.median([one[field] for one in each]))

    return {
        "who": side,
        "precision": precision,
        "loaded before": before,
        "starts": len(each),
        "import, s": round(median("import"), 2),
        "build, s": round(median("build"), 2),
        "start, s": round(median("all"), 2),
        "best, s": round(min(one["all"] for one in each), 2),
        "processor, s": round(median("processor"), 2),
        "MB then": round(median("loaded")),
        "MB after pictures": round(median("used")),
        "MB at peak": round(median("peak")),
    }


def rows_of_speed(precision: Precision, *, pictures: int, rounds: int) -> list[Row]:
    """Return the rows of the table of speed."""
    child = Child(turns, precision, pictures, rounds)
    told = child.told()
    child.go_on()
    child.process.wait()
    ours = np.array(told["rates"][SIDES[0]])
    return [
        {
            "who": side,
            "precision": precision,
            "best": round(max(rates), 1),
            "median": round(float(np.median(rates)), 1),
            "times ours, median": round(float(np.median(rates / ours)), 2),
            "greatest difference, share of the maximum": told["difference"],
        }
        for side, rates in told["rates"].items()
    ]


def main() -> None:
    """Measure and report."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--json", action="store_true", help="print JSON, for machines")
    parser.add_argument("--starts", type=int, default=5, metavar="N", help="of each (5)")
    parser.add_argument("--pictures", type=int, default=48, metavar="N", help="a round (48)")
    parser.add_argument("--rounds", type=int, default=6, metavar="N", help="rounds (6)")
    options = parser.parse_args()
    machine = Machine.here()
    weights.load()
    rows: list[Row] = []
    for precision, before in [*((each, ALONE) for each in PRECISIONS), (PRECISIONS[0], BESIDE)]:
        measured = starts(precision, before, number=options.starts, pictures=options.pictures)
        rows += [row_of_starts(side, precision, before, each) for side, each in measured.items()]
    speed = [
        row
        for precision in PRECISIONS
        for row in rows_of_speed(precision, pictures=options.pictures, rounds=options.rounds)
    ]
    tables = {
        "From the start of a process to its first picture, medians": rows,
        f"Pictures a second, {options.pictures} pictures, {options.rounds} rounds in turns": speed,
    }
    report(machine, tables, as_json=options.json)


if __name__ == "__main__":
    main()
