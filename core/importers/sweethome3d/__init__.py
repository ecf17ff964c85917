"""Furniture libraries of Sweet Home 3D, whose pieces are imported with icon and 3D model."""

from core.importers.sweethome3d.importer import matches, read
from core.importers.sweethome3d.library import SUFFIX, libraries_in

__all__ = ["SUFFIX", "libraries_in", "matches", "read"]
