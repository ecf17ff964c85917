"""Colours for groups that colour-blind people can tell apart, also on a projector."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

# Okabe and Ito, "Color universal design", 2008: its yellow is darkened for white backgrounds, its
# black is left out because of dark ones. Then two colours of Paul Tol.
COLOURS = (
    "#0072b2",
    "#e69f00",
    "#009e73",
    "#cc79a7",
    "#56b4e9",
    "#d55e00",
    "#b8a800",
    "#882255",
    "#44aa99",
)
OTHER = "#8b90a0"
# From low to high: steps of cividis (Nunez, Anderton and Renslow, "Optimizing colormaps with
# consideration for color vision deficiency", 2018), whose lightness grows evenly.
_STEPS = ("#38486b", "#575d6d", "#737475", "#918f79", "#b3aa72", "#d5c164", "#f6dd4a")
# How many shades a ramp has.
SHADES = 64


def assign(groups: Sequence[tuple[str, int]]) -> dict[str, str]:
    """Return a colour for each of `(group, size)`: one each for the largest, grey for the rest."""
    largest = sorted(groups, key=lambda pair: (-pair[1], pair[0]))
    unique = {name: colour for (name, _), colour in zip(largest, COLOURS, strict=False)}
    return {name: unique.get(name, OTHER) for name, _ in groups}


def far_apart(points: NDArray[np.float32]) -> list[str]:
    """Return a colour for each point, float32 (n, 2), such that equal colours are far apart.

    Greedy: each point in turn gets the colour whose nearest point so far is farthest away.
    """
    points_of: list[list[NDArray[np.float32]]] = [[] for _ in COLOURS]
    chosen = []
    for point in points:
        distances = [
            min((float(np.hypot(*(point - other))) for other in others), default=np.inf)
            for others in points_of
        ]
        best = int(np.argmax(distances))
        points_of[best].append(point)
        chosen.append(COLOURS[best])
    return chosen


def ramp() -> list[str]:
    """Return `SHADES` colours from low to high."""
    stops = np.array([[int(step[at : at + 2], 16) for at in (1, 3, 5)] for step in _STEPS])
    positions = np.linspace(0, len(_STEPS) - 1, SHADES)
    channels = [np.interp(positions, range(len(_STEPS)), channel) for channel in stops.T]
    return [
        "#" + "".join(f"{round(value):02x}" for value in colour)
        for colour in zip(*channels, strict=True)
    ]
