"""Answer queries: from examples and filters to ranked results."""

from core.search.engine import (
    IndexInSpace,
    ViewpointsInSpace,
    centroid,
    rank_by_typicality,
    run,
    run_regions,
)
from core.search.errors import NotIndexedError, SearchError
from core.search.example_pictures import crop, example_cutouts, example_picture
from core.search.query import (
    Embedder,
    Example,
    ItemExample,
    ItemsExample,
    PictureExample,
    Query,
    RegionEmbedder,
)
from core.search.results import Neighbour, Results
from core.search.stored import (
    current_fit_fingerprint,
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
    "IndexInSpace",
    "ItemExample",
    "ItemsExample",
    "Neighbour",
    "NotIndexedError",
    "PictureExample",
    "Query",
    "RegionEmbedder",
    "Results",
    "SearchError",
    "ViewpointsInSpace",
    "centroid",
    "crop",
    "current_fit_fingerprint",
    "descriptor_of",
    "example_cutouts",
    "example_picture",
    "fingerprint_of",
    "index_of",
    "is_of_this_version",
    "rank_by_typicality",
    "region_index_of",
    "run",
    "run_regions",
    "viewpoints_of",
]
