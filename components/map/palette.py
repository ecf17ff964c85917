"""Colours that tell groups apart, also for colour-blind eyes and on a projector."""

from collections.abc import Sequence

import numpy as np

# Okabe and Ito, "Color universal design", 2008, its yellow darkened for white
# grounds and its black left out for dark ones, then two of Paul Tol's.
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
# From little to much: steps of cividis (Nunez, Anderton and Renslow, "Optimizing colormaps
# with consideration for color vision deficiency", 2018), which grows evenly in lightness.
_STEPS = ("#38486b", "#575d6d", "#737475", "#918f79", "#b3aa72", "#d5c164", "#f6dd4a")
# How many shades a ramp has.
SHADES = 64


def assign(groups: Sequence[tuple[str, int]]) -> dict[str, str]:
    """Return a colour for each of `(group, size)`: the largest get their own, the rest grey."""
    largest = sorted(groups, key=lambda pair: (-pair[1], pair[0]))
    own = {name: colour for (name, _), colour in zip(largest, COLOURS, strict=False)}
    return {name: own.get(name, OTHER) for name, _ in groups}


def far_apart(places: np.ndarray) -> list[str]:
    """Return a colour for each place, float (n, 2), such that those of one colour lie far apart.

    Each place in turn takes the colour whose nearest place is farthest.
    """
    taken: list[list[np.ndarray]] = [[] for _ in COLOURS]
    chosen = []
    for place in places:
        room = [
            min((float(np.hypot(*(place - other))) for other in others), default=np.inf)
            for others in taken
        ]
        best = int(np.argmax(room))
        taken[best].append(place)
        chosen.append(COLOURS[best])
    return chosen


def ramp() -> list[str]:
    """Return `SHADES` colours from little to much."""
    stops = np.array([[int(step[at : at + 2], 16) for at in (1, 3, 5)] for step in _STEPS])
    at = np.linspace(0, len(_STEPS) - 1, SHADES)
    mixed = np.stack([np.interp(at, range(len(_STEPS)), channel) for channel in stops.T], axis=1)
    return ["#" + "".join(f"{round(part):02x}" for part in colour) for colour in mixed]
