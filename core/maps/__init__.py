"""The map of a catalogue: layout, clusters and their names, grid, quality and thumbnails."""

from core.maps.lasso import Lasso

__all__ = ["Lasso"]
