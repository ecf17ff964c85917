"""The mean activations of drawings, illustrations and photographs, which come with Lookalike.

A picture from outside a catalogue differs from the catalogue's renders mainly by an offset that all
pictures of its kind share, and that cannot be estimated from one picture. The means are those of
2,145 line drawings and 1,163 flat illustrations, icons by Streamline, and of the photographs among
Tux Paint's stamps, which are cut out; none of them is in a benchmark. `python -m
benchmarks.domains` makes the file.

R@1 / R@10 of the benchmark's drawings: .402 / .659 with the mean of drawings made of the
catalogue's own pictures, .405 / .668 with these means; of its pictures: .424 / .694 with the
catalogue's own mean, .438 / .707 with these. On pictures by other artists, which nothing was chosen
with: black-and-white emoji of Noto .566 / .789 and .571 / .808; Twemoji, which are less flat,
.578 / .810 and .573 / .807.
"""

from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

FILE = Path(__file__).with_name("domains.npz")


@dataclass(frozen=True, eq=False, slots=True)
class DomainMeans:
    """The mean `activations`, float32 (50176,), of each kind of pictures.

    Attributes:
        drawings: of line drawings.
        illustrations: of flat illustrations.
        photographs: of photographs.
        pyramid_of_photographs: the mean of the photographs' `pyramid`, float32 (55296,).
    """

    drawings: NDArray[np.float32]
    illustrations: NDArray[np.float32]
    photographs: NDArray[np.float32]
    pyramid_of_photographs: NDArray[np.float32]


@cache
def load() -> DomainMeans:
    """Return the means that come with Lookalike, read from their file once."""
    with np.load(FILE) as arrays:
        return DomainMeans(
            **{field.name: arrays[field.name].astype(np.float32) for field in fields(DomainMeans)}
        )
