"""Models listed by Sketchfab's public Data API, each imported with its thumbnail."""

from core.importers.sketchfab.api import API_ROOT, TOKEN
from core.importers.sketchfab.importer import read
from core.importers.sketchfab.location import SketchfabQuery, is_location, parse
from core.importers.sketchfab.uid_table import read_table, uid_column

__all__ = [
    "API_ROOT",
    "TOKEN",
    "SketchfabQuery",
    "is_location",
    "parse",
    "read",
    "read_table",
    "uid_column",
]
