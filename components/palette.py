"""Colours that tell categories apart, also for colour-blind eyes and on a projector."""

from collections.abc import Sequence

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


def assign(categories: Sequence[tuple[str, int]]) -> dict[str, str]:
    """Return a colour for each of `(category, size)`: the largest get their own, the rest grey."""
    largest = sorted(categories, key=lambda pair: (-pair[1], pair[0]))
    own = {name: colour for (name, _), colour in zip(largest, COLOURS, strict=False)}
    return {name: own.get(name, OTHER) for name, _ in categories}
