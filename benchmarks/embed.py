"""Measure how fast pictures are embedded, compared with plain Keras, and time the full demo.

Both take turns in one process, for several rounds, on the same pictures of the demo:

- Keras: `keras.applications.VGG16(include_top=False).predict` in float32 with batches of 32, as in
  2016, on a prepared array: `preprocess_input` is not counted.
- Lookalike, network alone: `Network.features` on the same pictures, including their preparation,
  in the precision that it picks on this machine.
- Lookalike, files to vectors: `indexing.update` on a new catalogue of these pictures, from their
  files to the stored vectors of both descriptors, before anything is fitted or mapped. A picture
  whose object is cropped goes through the network twice, so this rate is also counted in passes
  and compared with the network's own rate in the same round.

The vectors of both are compared by cosine, and by how many of a picture's ten nearest neighbours
among these pictures are the same. Then the full job, `python -m core demo`, runs in a process of
its own on an empty data folder: seconds of each stage and peak memory (VmHWM). The demo's archives
and VGG16's weights come from the cache, or are downloaded before anything is timed.

Run it on a quiet machine: python -m benchmarks.embed [--json] [--pictures N] [--rounds N]
"""

import argparse
import contextlib
import os
import subprocess
import sys
import time
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.support.data_folder import data_folder
from benchmarks.support.machine import Machine, Row, report
from core import jobs, settings
from core.catalogue import Catalogue
from core.descriptors import Published
from core.importers import InMemoryEntry, Source, fluent
from core.jobs import Cancelled, Progress, Stage
from core.pictures import decoding
from core.similarity import Index
from core.vision import Features, Network, network, preprocessing, weights
from core.vision.network import PICTURES_PER_BATCH
from core.vision.precision import PRECISION_CHOICES, load
from core.workflows import importing, indexing
from devtools.browser import memory_of

KERAS_BATCH = 32
# The stages of the demo that the target of two minutes covers: everything from files to vectors.
COVERED = tuple(map(jobs.describe, (Stage.LOADING_NETWORK, Stage.EMBEDDING, Stage.FITTING)))


@dataclass
class Rates:
    """What each round measured: pictures per second, and passes per second."""

    keras: list[float] = field(default_factory=list)
    alone: list[float] = field(default_factory=list)
    files: list[float] = field(default_factory=list)
    passes: list[float] = field(default_factory=list)


class CountingNetwork(Network):
    """A network that counts the pictures that pass through it."""

    def __init__(self, network: Network) -> None:
        """Take the network that does the work."""
        self._network = network
        self.precision, self.weights_digest = network.precision, network.weights_digest
        self.passes = 0

    def features(self, pictures: NDArray[np.uint8], *, with_masks: bool = False) -> Features:
        """Return the network's features, and count the pictures."""
        self.passes += len(pictures)
        return self._network.features(pictures, with_masks=with_masks)


class Stopwatch(Progress):
    """Times one stage of an update, and cancels the update when the stage ends."""

    def __init__(self, stage: Stage) -> None:
        """Set the stage that is timed."""
        self._stage = stage
        self._began: float | None = None
        self.seconds = 0.0

    def stage(self, stage: Stage, total: int = 0, *, detail: str = "") -> None:
        """Start the stopwatch, or stop it and cancel the update."""
        now = time.perf_counter()
        if self._began is not None:
            self.seconds = now - self._began
            raise Cancelled("The timed stage has ended.")
        if stage is self._stage:
            self._began = now


def full_job() -> tuple[dict[str, float], float]:
    """Run the demo's job in a process of its own; return seconds by stage and peak memory in MB."""
    with data_folder():
        file = Catalogue.create("fluent").job_file
        began, peak = time.time(), 0.0
        stages = {"Starting Python": began}
        process = subprocess.Popen(
            [sys.executable, "-m", "core", "demo", "fluent"],
            cwd=settings.PROJECT,
            stdout=subprocess.DEVNULL,
        )
        while process.poll() is None:
            peak = max(peak, memory_of(process.pid, "VmHWM"))
            if (status := jobs.read_status(file)) is not None:
                stages.setdefault(status.stage_text, status.stage_began)
            time.sleep(0.05)
        if process.returncode:
            sys.exit("The demo failed; its message is above.")
        ends = [*list(stages.values())[1:], time.time()]
    return {
        stage: end - start for (stage, start), end in zip(stages.items(), ends, strict=True)
    }, peak


def sample(size: int) -> list[InMemoryEntry]:
    """Return `size` models of the demo, spread evenly over it."""
    source = fluent.read()
    size = min(size, source.total)
    chosen = {round(position) for position in np.linspace(0, source.total - 1, size)}
    entries = (entry for position, entry in enumerate(source.entries) if position in chosen)
    return [entry for entry in entries if isinstance(entry, InMemoryEntry)]


def files_to_vectors(entries: list[InMemoryEntry], network: Network) -> tuple[float, int]:
    """Index the models as a new catalogue; return the seconds of the stage, and the passes."""
    with data_folder():
        catalogue = Catalogue.create("sample")
        importing.run(Source("fluent", "fluent", len(entries), iter(entries)), catalogue)
        counting, stopwatch = CountingNetwork(network), Stopwatch(Stage.EMBEDDING)
        with contextlib.suppress(Cancelled):
            indexing.update(catalogue, load_network=lambda: counting, progress=stopwatch)
    return stopwatch.seconds, counting.passes


def keras_network() -> Any:
    """Return the VGG16 of Keras in float32, with the verified weights."""
    import keras

    keras.config.set_dtype_policy("float32")
    shape = (network.SIDE, network.SIDE, 3)
    model = keras.applications.VGG16(include_top=False, weights=None, input_shape=shape)
    model.set_weights(weights.load().arrays)
    return model


def side_by_side(
    entries: list[InMemoryEntry], ours: Network, *, rounds: int
) -> tuple[Rates, NDArray[np.float32], NDArray[np.float32]]:
    """Let both take turns; return the rates, and the vectors of Keras and of Lookalike."""
    from keras.applications.vgg16 import preprocess_input

    pictures = np.stack([preprocessing.squash(decoding.decode(entry.data)) for entry in entries])
    prepared = preprocess_input(pictures.astype(np.float32))
    keras = keras_network()
    keras.predict(prepared[:KERAS_BATCH], batch_size=KERAS_BATCH, verbose=0)  # builds its graph
    ours.features(pictures[:PICTURES_PER_BATCH])
    rates = Rates()
    for _ in range(rounds):
        start = time.perf_counter()
        maps = keras.predict(prepared, batch_size=KERAS_BATCH, verbose=0)
        rates.keras.append(len(pictures) / (time.perf_counter() - start))
        start = time.perf_counter()
        features = ours.features(pictures)
        rates.alone.append(len(pictures) / (time.perf_counter() - start))
        seconds, passes = files_to_vectors(entries, ours)
        rates.files.append(len(entries) / seconds)
        rates.passes.append(passes / seconds)
    return rates, Published.vectors(Features(maps, maps)), Published.vectors(features)


def agreement(theirs: NDArray[np.float32], ours: NDArray[np.float32]) -> float:
    """Return the mean share of each row's ten nearest neighbours that both have in common."""
    nearest = [
        [
            set(best.rows) - {row}
            for row, best in enumerate(
                Index([str(row) for row in range(len(rows))], [rows]).top_k(rows, k=11)
            )
        ]
        for rows in (theirs, ours)
    ]
    return float(np.mean([len(a & b) / len(a) for a, b in zip(*nearest, strict=True)]))


def tables(
    rates: Rates, theirs: NDArray[np.float32], ours: NDArray[np.float32], precision: str
) -> dict[str, list[Row]]:
    """Return the tables of the comparison with Keras."""
    cosines = np.vecdot(theirs.astype(np.float64), ours)
    share = np.array(rates.passes) / rates.alone
    methods = {
        f"Keras predict, float32, batches of {KERAS_BATCH}": (rates.keras, ""),
        f"Lookalike, network alone, {precision}, batches of {PICTURES_PER_BATCH}": (
            rates.alone,
            "3.2 (1 without bfloat16 units)",
        ),
        "Lookalike, files to vectors": (rates.files, ""),
    }
    return {
        f"Pictures per second, {len(theirs)} pictures, {len(rates.keras)} rounds": [
            {
                "method": method,
                "best": round(max(rate), 1),
                "median": round(float(np.median(rate)), 1),
                "times Keras, best": round(max(rate) / max(rates.keras), 2),
                "times Keras, median": round(float(np.median(np.divide(rate, rates.keras))), 2),
                "target, at least": target,
            }
            for method, (rate, target) in methods.items()
        ],
        "Files to vectors against the network's own rate": [
            {
                "passes per picture": round(rates.passes[0] / rates.files[0], 2),
                "passes per second, median": round(float(np.median(rates.passes)), 1),
                "share, best": round(float(share.max()), 2),
                "share, median": round(float(np.median(share)), 2),
                "target, at least": "0.9",
            }
        ],
        "Lookalike compared with Keras, `published` vectors": [
            {
                "cosine, lowest": round(float(cosines.min()), 6),
                "cosine, median": round(float(np.median(cosines)), 6),
                "same ten nearest": round(agreement(theirs, ours), 4),
                "target of the cosine, at least": "0.9995",
            }
        ],
    }


def tables_of_job(stages: dict[str, float], peak: float) -> dict[str, list[Row]]:
    """Return the table of the full job."""
    totals = {
        "= files to stored vectors of both descriptors": sum(
            seconds for stage, seconds in stages.items() if stage in COVERED
        ),
        "= all": sum(stages.values()),
    }
    targets = dict.fromkeys(list(totals)[:1], "under 120 s")
    return {
        "The full demo, in a process of its own": [
            {"stage": stage, "seconds": round(seconds, 1), "target": targets.get(stage, "")}
            for stage, seconds in (stages | totals).items()
        ],
        "Its peak memory": [{"MB": round(peak), "target": "under 2,500"}],
    }


def main() -> None:
    """Measure and report."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--json", action="store_true", help="print JSON, for machines")
    parser.add_argument(
        "--pictures",
        type=int,
        default=160,
        metavar="N",
        help="pictures that both embed in each round (160; 1599 are all of the demo)",
    )
    parser.add_argument("--rounds", type=int, default=3, metavar="N", help="rounds (3)")
    parser.add_argument(
        "--precision", choices=PRECISION_CHOICES, default="auto", help="of Lookalike"
    )
    parser.add_argument("--no-job", action="store_true", help="do not run the full demo")
    options = parser.parse_args()
    machine, job_tables = Machine.here(), {}
    os.environ["KERAS_BACKEND"] = "tensorflow"
    entries = sample(options.pictures)
    weights.load()
    if not options.no_job:
        # First, while this process uses little memory.
        job_tables = tables_of_job(*full_job())
    ours = load(precision=options.precision)
    rates, theirs, vectors = side_by_side(entries, ours, rounds=options.rounds)
    comparison = tables(rates, theirs, vectors, ours.precision)
    report(machine, comparison | job_tables, as_json=options.json)


if __name__ == "__main__":
    main()
