"""Load the network in the precision that is fastest on this machine."""

import json
import math
import os
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from core import files
from core.errors import LookalikeError
from core.settings import cache_root
from core.vision import processor, weights
from core.vision.network import (
    CHOICES,
    PRECISIONS,
    SIDE,
    Choice,
    Features,
    Network,
    Precision,
    _logger,
    _tensorflow,
)
from core.vision.weights import Weights

# Without bfloat16 units bfloat16 is emulated, six times slower than float32, or refused.
_MIN_SPEEDUP = 1.3
_MIN_COSINE = 0.9995
_TRIAL_ROUNDS = 3
_TRIAL_SECONDS = 3.0


def load(*, precision: Choice = "auto") -> Network:
    """Return the network, with VGG16's verified weights, computing with `precision`.

    `auto` is what the environment variable `LOOKALIKE_PRECISION` says, else the faster
    one after a trial of a few seconds, which is remembered for this processor. Raises
    `LookalikeError` if the weights cannot be had, or not used with this precision.
    """
    if precision == "auto":
        precision = _requested()
    trained = weights.load()
    if precision != "auto":
        return Network(trained, precision)
    tensorflow = _tensorflow()
    here = f"{processor.processor()}, TensorFlow {tensorflow.__version__}"
    memory = cache_root() / "precision.json"
    if remembered := _load_choice(memory, here):
        return Network(trained, remembered)
    network, trial = _try_both(trained)
    _logger.info("Precision of the network: %s", trial)
    _save_choice(memory, here, trial)
    return network


@dataclass(frozen=True, slots=True)
class _Trial:
    """A chosen precision, and how bfloat16 compared with float32: speed and least cosine."""

    precision: Precision
    speed: float
    cosine: float


def _try_both(trained: Weights) -> tuple[Network, _Trial]:
    """Return the better network for this machine. Only this one stays in memory."""
    exact = Network(trained, "float32")
    try:
        quick = Network(trained, "mixed_bfloat16")
    except LookalikeError:
        return exact, _Trial("float32", speed=0.0, cosine=0.0)

    # Two mosaics of coloured tiles: edges and corners of all sorts.
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
    """Return the least cosine between the two of any block of any picture."""
    blocks = (np.concatenate([each.block4, each.block5]) for each in (a, b))
    rows, others = (block.reshape(len(block), -1).astype(np.float64) for block in blocks)
    norms = np.linalg.norm(rows, axis=1) * np.linalg.norm(others, axis=1)
    return float((np.vecdot(rows, others) / norms).min())


def _requested() -> Choice:
    wanted = os.environ.get("LOOKALIKE_PRECISION") or "auto"
    for choice in CHOICES:
        if choice == wanted:
            return choice
    raise LookalikeError(
        f"LOOKALIKE_PRECISION is “{wanted}”. Set it to one of {', '.join(CHOICES)}, or to nothing."
    )


def _load_choice(memory: Path, here: str) -> Precision | None:
    """Return what a trial on this machine found, if there was one and `memory` is whole."""
    try:
        found = json.loads(memory.read_text(encoding="utf-8"))[here]["precision"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return next((known for known in PRECISIONS if known == found), None)


def _save_choice(memory: Path, here: str, trial: _Trial) -> None:
    try:
        known = json.loads(memory.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        known = {}
    if not isinstance(known, dict):
        known = {}
    text = json.dumps(known | {here: asdict(trial)}, indent=2)
    try:
        files.write(memory, text.encode(), sync=False)
    except OSError as error:
        # The next start makes the trial again.
        _logger.warning("The precision could not be remembered in %s: %s", memory, error)
