"""A lasso on the map: a polygon, and the places inside it."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class Lasso:
    """A polygon drawn on one of the map's layouts; its last corner is joined to its first.

    `corners` are places (x, y) of the map. A polygon that crosses itself holds what is inside
    an odd number of times, as the browser draws it.
    """

    layout: str
    corners: tuple[tuple[float, float], ...]

    def holds(self, places: np.ndarray) -> np.ndarray:
        """Return which places, float (n, 2), lie inside: bool (n,).

        A ray to the left is followed and its crossings are counted (Shimrat, "Position of
        point relative to polygon", 1962).
        """
        x, y = np.asarray(places, np.float64).T
        inside = np.zeros(len(places), bool)
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            for (ax, ay), (bx, by) in zip(
                self.corners, (self.corners[-1], *self.corners[:-1]), strict=True
            ):
                crosses = (ay > y) != (by > y)
                inside ^= crosses & (x < (bx - ax) * (y - ay) / (by - ay) + ax)
        return inside
