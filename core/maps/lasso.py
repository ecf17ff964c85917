"""A lasso: a polygon drawn on the map that selects the points inside it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Lasso:
    """A polygon drawn on one of the map's layouts; its last corner is joined to its first.

    A point is inside a polygon that crosses itself if it is enclosed an odd number of times,
    as the browser draws it.

    Attributes:
        layout: the layout it was drawn on.
        corners: coordinates (x, y) on that layout.
    """

    layout: str
    corners: tuple[tuple[float, float], ...]

    def contains(self, points: NDArray[np.float32]) -> NDArray[np.bool_]:
        """Return which points, float32 (n, 2), lie inside: bool (n,).

        Counts how often a ray to the left crosses the polygon (Shimrat, "Position of point
        relative to polygon", 1962).
        """
        x, y = np.asarray(points, np.float64).T
        inside = np.zeros(len(points), bool)
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            for (ax, ay), (bx, by) in zip(
                self.corners, (self.corners[-1], *self.corners[:-1]), strict=True
            ):
                crosses = (ay > y) != (by > y)
                inside ^= crosses & (x < (bx - ax) * (y - ay) / (by - ay) + ax)
        return inside
