"""Rectangular regions of pictures."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Box:
    """A region of a picture, in shares of its width and height; (0, 0) is the top left corner."""

    left: float
    top: float
    right: float
    bottom: float


WHOLE = Box(0.0, 0.0, 1.0, 1.0)
