"""How fast pictures become vectors: Lookalike against plain Keras, and the whole demo.

The two sides take turns in one process, several rounds, on the same pictures of the demo:

- Keras: `keras.applications.VGG16(include_top=False).predict` in float32 with batches of 32,
  the way of 2016, on a prepared array: `preprocess_input` is not counted.
- ours, the network alone: `Network.features` on the same pictures, preparation counted, in the
  precision that it chooses here.
- ours, files to vectors: `indexing.update` on a fresh catalogue of these pictures, from their
  files to both descriptors' numbers on the disk, before anything is fitted or drawn. A picture
  whose object is cut out goes through the network twice, so its rate is also counted in passes
  and set against the network's own rate in the same round.

The vectors of the two are compared: cosine, and how many of a picture's ten nearest among these
pictures are the same. Then the full job, `python -m core demo`, runs in a process of its own
on an empty data folder: seconds for each stage and peak memory (VmHWM). The demo's archives and
VGG16's weights are taken from the cache, or fetched before anything is timed.

Run it on a quiet machine: python -m benchmarks.embed [--json] [--pictures N] [--rounds N]
"""

import argparse
import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from benchmarks.support.machine import Machine, Row, report
from core import jobs, settings
from core.catalogue import Catalogue
from core.descriptors import Published
from core.importers import Entry, Source, fluent
from core.jobs import Cancelled, Progress
from core.pictures import decoding
from core.similarity import Index
from core.vision import Features, Network, network, preprocessing, weights
from core.vision.network import BATCH
from core.vision.precision import load
from core.workflows import importing, indexing
from devtools.browser import memory_of

KERAS_BATCH = 32
# The stage of `indexing.update` that is files to vectors.
LOOKING = "Looking at pictures"
# The stages of the demo that the target of two minutes covers: all between files and vectors.
EMBEDDING = ("Loading the network", LOOKING, "Learning what tells these pictures apart")


@dataclass
class Rates:
    """What each round measured: pictures a second, and passes a second."""

    keras: list[float] = field(default_factory=list)
    alone: list[float] = field(default_factory=list)
    files: list[float] = field(default_factory=list)
    passes: list[float] = field(default_factory=list)


@dataclass
class Counted:
    """A network that counts the pictures that pass through it."""

    network: Network
    passes: int = 0

    def features(self, pictures: np.ndarray) -> Features:
        """Do what the network does."""
        self.passes += len(pictures)
        return self.network.features(pictures)


class Stopwatch(Progress):
    """Times one stage of an update, and stops the update where it ends."""

    def __init__(self, stage: str) -> None:
        """Name the stage."""
        self._stage = stage
        self._began: float | None = None
        self.seconds = 0.0

    def stage(self, name: str, total: int = 0) -> None:
        """Start the watch, or stop it and the update."""
        now = time.perf_counter()
        if self._began is not None:
            self.seconds = now - self._began
            raise Cancelled("The stage that is timed has ended.")
        if name == self._stage:
            self._began = now


@contextlib.contextmanager
def empty_data() -> Iterator[None]:
    """Use a data folder of its own, here and in processes started here, and leave no trace."""
    before = os.environ.get("LOOKALIKE_DATA")
    with tempfile.TemporaryDirectory(prefix="lookalike-") as folder:
        os.environ["LOOKALIKE_DATA"] = folder
        try:
            yield
        finally:
            shutil.rmtree(settings.thumbnails_root(), ignore_errors=True)
            if before is None:
                del os.environ["LOOKALIKE_DATA"]
            else:
                os.environ["LOOKALIKE_DATA"] = before


def full_job() -> tuple[dict[str, float], float]:
    """Make the demo ready in a process of its own: seconds of each stage, and peak memory in MB."""
    with empty_data():
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
                stages.setdefault(status.stage, status.stage_began)
            time.sleep(0.05)
        if process.returncode:
            sys.exit("The demo could not be made ready; its own words are above.")
        ends = [*list(stages.values())[1:], time.time()]
    return {
        stage: end - start for (stage, start), end in zip(stages.items(), ends, strict=True)
    }, peak


def sample(number: int) -> list[Entry]:
    """Return `number` models of the demo, spread evenly over it, with their pictures' bytes."""
    source = fluent.read()
    number = min(number, source.total)
    chosen = {round(place) for place in np.linspace(0, source.total - 1, number)}
    entries = (entry for place, entry in enumerate(source.entries) if place in chosen)
    return [entry for entry in entries if isinstance(entry, Entry)]


def files_to_vectors(entries: list[Entry], ours: Network) -> tuple[float, int]:
    """Index the models as a fresh catalogue: seconds in the stage, and passes."""
    with empty_data():
        catalogue = Catalogue.create("sample")
        importing.run(Source("fluent", "fluent", len(entries), iter(entries)), catalogue)
        counted, watch = Counted(ours), Stopwatch(LOOKING)
        with contextlib.suppress(Cancelled):
            indexing.update(catalogue, load_network=lambda: counted, progress=watch)
    return watch.seconds, counted.passes


def keras_network() -> Any:
    """Return Keras's own VGG16 in float32, with the verified weights."""
    import keras

    keras.config.set_dtype_policy("float32")
    shape = (network.SIDE, network.SIDE, 3)
    model = keras.applications.VGG16(include_top=False, weights=None, input_shape=shape)
    model.set_weights(weights.load().arrays)
    return model


def side_by_side(
    entries: list[Entry], ours: Network, *, rounds: int
) -> tuple[Rates, np.ndarray, np.ndarray]:
    """Let the two take turns; return the rates, and the vectors of Keras and of ours."""
    from keras.applications.vgg16 import preprocess_input

    pictures = np.stack([preprocessing.squash(decoding.decode(entry.data)) for entry in entries])
    prepared = preprocess_input(pictures.astype(np.float32))
    theirs = keras_network()
    theirs.predict(prepared[:KERAS_BATCH], batch_size=KERAS_BATCH, verbose=0)  # builds its graph
    ours.features(pictures[:BATCH])
    rates = Rates()
    for _ in range(rounds):
        start = time.perf_counter()
        maps = theirs.predict(prepared, batch_size=KERAS_BATCH, verbose=0)
        rates.keras.append(len(pictures) / (time.perf_counter() - start))
        start = time.perf_counter()
        features = ours.features(pictures)
        rates.alone.append(len(pictures) / (time.perf_counter() - start))
        seconds, passes = files_to_vectors(entries, ours)
        rates.files.append(len(entries) / seconds)
        rates.passes.append(passes / seconds)
    return rates, Published.vectors(Features(maps, maps)), Published.vectors(features)


def agreement(theirs: np.ndarray, ours: np.ndarray) -> float:
    """Return the share of each row's ten nearest that is the same on both sides: the mean."""
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
    rates: Rates, theirs: np.ndarray, ours: np.ndarray, precision: str
) -> dict[str, list[Row]]:
    """Return the tables of the comparison with Keras."""
    cosines = np.vecdot(theirs.astype(np.float64), ours)
    own = np.array(rates.passes) / rates.alone
    sides = {
        f"Keras predict, float32, batches of {KERAS_BATCH}": (rates.keras, ""),
        f"ours, network alone, {precision}, batches of {BATCH}": (
            rates.alone,
            "3.2 (1 without bfloat16 units)",
        ),
        "ours, files to vectors": (rates.files, ""),
    }
    return {
        f"Pictures a second, {len(theirs)} pictures, {len(rates.keras)} rounds": [
            {
                "who": who,
                "best": round(max(rate), 1),
                "median": round(float(np.median(rate)), 1),
                "times Keras, best": round(max(rate) / max(rates.keras), 2),
                "times Keras, median": round(float(np.median(np.divide(rate, rates.keras))), 2),
                "target, at least": target,
            }
            for who, (rate, target) in sides.items()
        ],
        "Files to vectors against the network's own rate": [
            {
                "passes a picture": round(rates.passes[0] / rates.files[0], 2),
                "passes a second, median": round(float(np.median(rates.passes)), 1),
                "share, best": round(float(own.max()), 2),
                "share, median": round(float(np.median(own)), 2),
                "target, at least": "0.9",
            }
        ],
        "Ours against Keras, `published` vectors": [
            {
                "cosine, least": round(float(cosines.min()), 6),
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
            seconds for stage, seconds in stages.items() if stage in EMBEDDING
        ),
        "= all": sum(stages.values()),
    }
    targets = dict.fromkeys(list(totals)[:1], "under 120 s")
    return {
        "The full demo, in a process of its own": [
            *(
                {"stage": stage, "seconds": round(seconds, 1), "target": targets.get(stage, "")}
                for stage, seconds in (stages | totals).items()
            ),
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
        help="pictures that both sides embed in each round (160; 1599 is all of the demo)",
    )
    parser.add_argument("--rounds", type=int, default=3, metavar="N", help="rounds (3)")
    parser.add_argument("--precision", choices=network.CHOICES, default="auto", help="of ours")
    parser.add_argument("--no-job", action="store_true", help="leave the full demo out")
    options = parser.parse_args()
    machine, told = Machine.here(), {}
    os.environ["KERAS_BACKEND"] = "tensorflow"
    entries = sample(options.pictures)
    weights.load()
    if not options.no_job:
        # First, while this process is small.
        told = tables_of_job(*full_job())
    ours = load(precision=options.precision)
    rates, theirs, own = side_by_side(entries, ours, rounds=options.rounds)
    told = tables(rates, theirs, own, ours.precision) | told
    report(machine, told, as_json=options.json)


if __name__ == "__main__":
    main()
