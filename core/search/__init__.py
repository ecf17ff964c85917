"""From a query to results."""

from core.search.engine import check, middle, run, run_for_parts, set_of
from core.search.example_pictures import crop, meant
from core.search.query import Embed, Example, Look, Query, SearchError
from core.search.results import Neighbour, Results
from core.search.stored import (
    descriptor_of,
    identity_of,
    index_of,
    is_of_this_version,
    parts_of,
    viewpoints_of,
)

__all__ = [
    "Embed",
    "Example",
    "Look",
    "Neighbour",
    "Query",
    "Results",
    "SearchError",
    "check",
    "crop",
    "descriptor_of",
    "identity_of",
    "index_of",
    "is_of_this_version",
    "meant",
    "middle",
    "parts_of",
    "run",
    "run_for_parts",
    "set_of",
    "viewpoints_of",
]
