"""From a query to results."""

from core.search.engine import centroid, check, rank_by_typicality, run, run_for_parts
from core.search.example_pictures import crop, example_picture
from core.search.query import Embedder, Example, Query, RegionEmbedder, SearchError
from core.search.results import Neighbour, Results
from core.search.stored import (
    descriptor_of,
    fingerprint_of,
    index_of,
    is_of_this_version,
    region_index_of,
    viewpoints_of,
)

__all__ = [
    "Embedder",
    "Example",
    "Neighbour",
    "Query",
    "RegionEmbedder",
    "Results",
    "SearchError",
    "centroid",
    "check",
    "crop",
    "descriptor_of",
    "example_picture",
    "fingerprint_of",
    "index_of",
    "is_of_this_version",
    "rank_by_typicality",
    "region_index_of",
    "run",
    "run_for_parts",
    "viewpoints_of",
]
