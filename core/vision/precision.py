"""Load the network in the precision that is faster on this machine."""

import json
import logging
import math
import os
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal, get_args

import numpy as np

from core import files
from core.errors import LookalikeError
from core.settings import cache_root
from core.vision import processor, weights
from core.vision.network import (
    PRECISIONS,
    SIDE,
    Features,
    Network,
    Precision,
    load_tensorflow,
)
from core.vision.weights import Weights

# What a person may request; "auto" finds the faster precision.
PrecisionChoice = Literal["auto", Precision]
PRECISION_CHOICES: tuple[PrecisionChoice, ...] = get_args(PrecisionChoice)

# bfloat16 must be at least this much faster than float32. A processor without bfloat16 units
# emulates it, six times slower than float32, or refuses it.
_MIN_SPEEDUP = 1.3
# The smallest cosine between the features of bfloat16 and of float32.
_MIN_COSINE = 0.9995
# The most rounds of a trial, and the seconds after which no further round starts.
_TRIAL_ROUNDS = 3
_TRIAL_SECONDS = 3.0

_logger = logging.getLogger(__name__)


def load(*, precision: PrecisionChoice = "auto") -> Network:
    """Return the network with VGG16's verified weights, computing with `precision`.

    `auto` uses the precision in the environment variable `LOOKALIKE_PRECISION`. If that is not set,
    it uses the faster precision, found in a trial of a few seconds whose result is stored for this
    processor. Raises `LookalikeError` if the weights are unavailable or this machine cannot compute
    with this precision.
    """
    if precision == "auto":
        precision = _requested()
    trained = weights.load()
    if precision != "auto":
        return Network(trained, precision)
    tensorflow = load_tensorflow()
    machine = f"{processor.processor()}, TensorFlow {tensorflow.__version__}"
    cache = cache_root() / "precision.json"
    if stored := _load_choice(cache, machine):
        return Network(trained, stored)
    network, trial = _try_both(trained)
    _logger.info("Precision of the network: %s", trial)
    _save_choice(cache, machine, trial)
    return network


@dataclass(frozen=True, slots=True)
class _Trial:
    """The result of a trial, as it is stored.

    Attributes:
        precision: the chosen precision.
        speed: how many times as fast as float32 bfloat16 was; 0 if it was refused.
        cosine: the smallest cosine between the features of the two; 0 if it was refused.
    """

    precision: Precision
    speed: float
    cosine: float


def _try_both(trained: Weights) -> tuple[Network, _Trial]:
    """Return the better network for this machine; only this one stays in memory."""
    exact = Network(trained, "float32")
    try:
        quick = Network(trained, "mixed_bfloat16")
    except LookalikeError:
        return exact, _Trial("float32", speed=0.0, cosine=0.0)

    # Two mosaics of coloured tiles, which have edges and corners of all kinds.
    tiles = np.random.default_rng(2014).integers(0, 256, (2, 14, 14, 3), np.uint8)
    pictures = tiles.repeat(SIDE // 14, axis=1).repeat(SIDE // 14, axis=2)
    seconds = {exact: math.inf, quick: math.inf}
    features: dict[Network, Features] = {}
    deadline = time.monotonic() + _TRIAL_SECONDS
    for _ in range(_TRIAL_ROUNDS):
        for network in seconds:
            start = time.perf_counter()
            features[network] = network.features(pictures)
            seconds[network] = min(seconds[network], time.perf_counter() - start)
        if time.monotonic() > deadline:
            break
    speed = seconds[exact] / seconds[quick]
    cosine = _smallest_cosine(features[exact], features[quick])
    if speed >= _MIN_SPEEDUP and cosine >= _MIN_COSINE:
        return quick, _Trial("mixed_bfloat16", speed, cosine)
    return exact, _Trial("float32", speed, cosine)


def _smallest_cosine(a: Features, b: Features) -> float:
    """Return the smallest cosine between `a` and `b`, of any block of any picture."""
    blocks = (np.concatenate([each.block4, each.block5]) for each in (a, b))
    rows, others = (block.reshape(len(block), -1).astype(np.float64) for block in blocks)
    norms = np.linalg.norm(rows, axis=1) * np.linalg.norm(others, axis=1)
    return float((np.vecdot(rows, others) / norms).min())


def _requested() -> PrecisionChoice:
    """Return the choice in `LOOKALIKE_PRECISION`, "auto" by default; raises `LookalikeError`."""
    requested = os.environ.get("LOOKALIKE_PRECISION") or "auto"
    for choice in PRECISION_CHOICES:
        if choice == requested:
            return choice
    raise LookalikeError(
        f"LOOKALIKE_PRECISION is “{requested}”. Set it to one of {', '.join(PRECISION_CHOICES)}, "
        "or leave it empty."
    )


def _load_choice(cache: Path, machine: str) -> Precision | None:
    """Return the result of an earlier trial on this machine; None if there is none to read."""
    try:
        stored = json.loads(cache.read_text(encoding="utf-8"))[machine]["precision"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return next((precision for precision in PRECISIONS if precision == stored), None)


def _save_choice(cache: Path, machine: str, trial: _Trial) -> None:
    try:
        trials = json.loads(cache.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        trials = {}
    if not isinstance(trials, dict):
        trials = {}
    text = json.dumps(trials | {machine: asdict(trial)}, indent=2)
    try:
        files.write(cache, text.encode(), sync=False)
    except OSError as error:
        # The next start repeats the trial.
        _logger.warning("The precision could not be stored in %s: %s", cache, error)
