"""Compare the two ways to build the network: our own graph, and `keras.applications.VGG16`.

Both get the same weights, the same preparation inside one `tf.function`, the same batches and the
same threads; only the layers between differ. Measured in each precision:

- start: a new process for each, taking turns, from its start until one picture has been through
  the network; how much of that is importing TensorFlow or Keras, and building the network and
  running it once. The processor time, summed over all cores, says more on a busy machine. Also the
  memory, then and after some more pictures (VmRSS; the peak is VmHWM). All of it once more with
  pandas and scikit-learn loaded before, which Keras imports;
- pictures per second: both in one process, taking turns, on the same pictures;
- the difference between both, picture by picture.

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
from numpy.typing import NDArray

from benchmarks.support.machine import Machine, Row, report
from core.settings import PROJECT
from core.vision import network, weights
from core.vision.network import PRECISIONS, SIDE, Network, Precision
from core.vision.weights import Weights

SIDES = ("our graph", "Keras")
# The values of the column `loaded before`.
ALONE, WITH_LIBRARIES = "nothing", "pandas, scikit-learn"


def keras_graph(trained: Weights, precision: Precision) -> Any:
    """Return the graph of `core.vision.network` with the layers of `keras.applications.VGG16`.

    The policy is `bfloat16` for the network's `mixed_bfloat16`: Keras's mixed policy keeps float32
    variables, which would be cast for every batch.
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
    """Return the network as one side builds it, after one picture."""
    compiled = keras_graph if side == "Keras" else network._compile
    with patch.object(network, "_compile", compiled):
        return Network(trained, precision)


def make_pictures(number: int) -> NDArray[np.uint8]:
    """Return mosaics of coloured tiles, (number, 224, 224, 3), like those of the speed trial."""
    tiles = np.random.default_rng(2014).integers(0, 256, (number, 14, 14, 3), np.uint8)
    return tiles.repeat(SIDE // 14, axis=1).repeat(SIDE // 14, axis=2)


def run_start(side: str, precision: Precision, before: str, pictures: str) -> None:
    """Do the work of a process that is started: report its seconds, then embed pictures."""
    if before == WITH_LIBRARIES:
        for module in ("pandas", "sklearn.neighbors"):
            importlib.import_module(module)
    began = time.perf_counter()
    import_keras() if side == "Keras" else network.load_tensorflow()
    imported = time.perf_counter()
    trained = weights.load()
    read = time.perf_counter()
    ours = build(side, trained, precision)
    built = time.perf_counter()
    used = time.process_time()
    _send({"import": imported - began, "build": built - read, "processor": used})
    ours.features(make_pictures(int(pictures)))
    _send({})


def run_turns(precision: Precision, pictures: str, rounds: str) -> None:
    """Do the work of a process in which both take turns: report rates and differences."""
    # Keras first: `core.vision.network` imports TensorFlow without Keras.
    trained = weights.load()
    networks = {side: build(side, trained, precision) for side in reversed(SIDES)}
    batch = make_pictures(int(pictures))
    rates: dict[str, list[float]] = {side: [] for side in SIDES}
    features = {side: networks[side].features(batch) for side in SIDES}
    for number in range(int(rounds)):
        for side in SIDES if number % 2 else reversed(SIDES):
            start = time.perf_counter()
            networks[side].features(batch)
            rates[side].append(len(batch) / (time.perf_counter() - start))
    ours, theirs = (features[side] for side in SIDES)
    pairs = ((ours.block4, theirs.block4), (ours.block5, theirs.block5))
    difference = max(float(np.abs(a - b).max() / b.max()) for a, b in pairs)
    _send({"rates": rates, "difference": difference})


def _send(result: object) -> None:
    """Print a result as a line of JSON, and wait for the parent process to continue."""
    print(json.dumps(result), flush=True)
    sys.stdin.readline()


class Child:
    """A process of its own that runs a function of this module."""

    def __init__(self, function: Callable[..., None], *arguments: str | int) -> None:
        """Start the process."""
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

    def receive(self) -> dict[str, Any]:
        """Return the next result that it sends, with `all`, the seconds since its start."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            sys.exit(f"A process ended early. See why with: {shlex.join(self.command)}")
        result: dict[str, Any] = json.loads(line)
        return result | {"all": time.perf_counter() - self.began}

    def resume(self) -> None:
        """Let it continue after a result."""
        assert self.process.stdin is not None
        self.process.stdin.write("\n")
        self.process.stdin.flush()


def starts(
    precision: Precision, before: str, *, number: int, pictures: int
) -> dict[str, list[dict[str, float]]]:
    """Start each side `number` times, in turns: seconds, and memory in MB (10^6 bytes)."""
    # Not imported above: it imports Playwright, which would count in the memory that is measured.
    from devtools.browser import memory_of

    each: dict[str, list[dict[str, float]]] = {side: [] for side in SIDES}
    for turn in range(number):
        for side in SIDES if turn % 2 else reversed(SIDES):
            child = Child(run_start, side, precision, before, pictures)
            measured = child.receive()
            measured["loaded"] = memory_of(child.process.pid, "VmRSS")
            child.resume()
            child.receive()
            measured["used"] = memory_of(child.process.pid, "VmRSS")
            measured["peak"] = memory_of(child.process.pid, "VmHWM")
            child.resume()
            child.process.wait()
            each[side].append(measured)
    return each


def row_of_starts(
    side: str, precision: Precision, before: str, each: Sequence[dict[str, float]]
) -> Row:
    """Return a row of the table of starts: medians, and the fastest start."""

    def median(field: str) -> float:
        return float(np.median([start[field] for start in each]))

    return {
        "network": side,
        "precision": precision,
        "loaded before": before,
        "starts": len(each),
        "import, s": round(median("import"), 2),
        "build, s": round(median("build"), 2),
        "start, s": round(median("all"), 2),
        "best, s": round(min(start["all"] for start in each), 2),
        "processor, s": round(median("processor"), 2),
        "MB after start": round(median("loaded")),
        "MB after pictures": round(median("used")),
        "MB at peak": round(median("peak")),
    }


def rows_of_speed(precision: Precision, *, pictures: int, rounds: int) -> list[Row]:
    """Return the rows of the table of speed."""
    child = Child(run_turns, precision, pictures, rounds)
    result = child.receive()
    child.resume()
    child.process.wait()
    ours = np.array(result["rates"][SIDES[0]])
    return [
        {
            "network": side,
            "precision": precision,
            "best": round(max(rates), 1),
            "median": round(float(np.median(rates)), 1),
            "times ours, median": round(float(np.median(rates / ours)), 2),
            "greatest difference, share of the maximum": result["difference"],
        }
        for side, rates in result["rates"].items()
    ]


def main() -> None:
    """Measure and report."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--json", action="store_true", help="print JSON, for machines")
    parser.add_argument("--starts", type=int, default=5, metavar="N", help="of each (5)")
    parser.add_argument("--pictures", type=int, default=48, metavar="N", help="per round (48)")
    parser.add_argument("--rounds", type=int, default=6, metavar="N", help="rounds (6)")
    options = parser.parse_args()
    machine = Machine.here()
    weights.load()
    rows: list[Row] = []
    for precision, before in [
        *((each, ALONE) for each in PRECISIONS),
        (PRECISIONS[0], WITH_LIBRARIES),
    ]:
        measured = starts(precision, before, number=options.starts, pictures=options.pictures)
        rows += [row_of_starts(side, precision, before, each) for side, each in measured.items()]
    speed = [
        row
        for precision in PRECISIONS
        for row in rows_of_speed(precision, pictures=options.pictures, rounds=options.rounds)
    ]
    tables = {
        "From the start of a process to its first picture, medians": rows,
        f"Pictures per second, {options.pictures} pictures, {options.rounds} rounds": speed,
    }
    report(machine, tables, as_json=options.json)


if __name__ == "__main__":
    main()
