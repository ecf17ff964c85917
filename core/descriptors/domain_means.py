"""What drawings, and illustrations, have in common: their mean activations.

A picture from elsewhere differs from a catalogue's renders first of all by an offset that is
the same for all pictures of its kind, and of which one picture says nothing. The means are
those of 2,145 line drawings and 1,163 flat illustrations, icons by Streamline that are in no
benchmark; `python -m benchmarks.domains` makes the file. R@1 / R@10 of the benchmark's drawings
.402 / .659 with the mean of drawings made of the catalogue's own pictures, .405 / .668 so; of its
pictures .424 / .694 with the catalogue's own mean, .438 / .707 so. On pictures by others, which
nothing was chosen with: black-and-white emoji of Noto .566 / .789 and .571 / .808, Twemoji,
not so flat, .578 / .810 and .573 / .807.
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

FILE = Path(__file__).with_name("domains.npz")


@dataclass(frozen=True, eq=False, slots=True)
class Domains:
    """Mean `activations`, float32 (50176,), of line drawings and of flat illustrations."""

    drawings: np.ndarray
    illustrations: np.ndarray


@cache
def load() -> Domains:
    """Return the means that come with Lookalike."""
    with np.load(FILE) as arrays:
        return Domains(*(arrays[name].astype(np.float32) for name in ("drawings", "illustrations")))
