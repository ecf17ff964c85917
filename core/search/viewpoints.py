"""The vectors of models from their other viewpoints, beside those of their main view.

Models are compared with each other by their main view: the front of one and the top of another
say nothing about each other. A picture may show any viewpoint, and the best match counts.
"""

from core.catalogue import Catalogue
from core.similarity import Index
from core.viewpoints import VIEWPOINT_NAMES

# The descriptor's name in the catalogue: of each item all viewpoints in one row, in the order of
# `VIEWPOINT_NAMES`. The first version called them so.
STORED_AS = "sides"


def index_of(catalogue: Catalogue, fingerprint: str) -> Index | None:
    """Return the vectors of all viewpoints, to compare pictures with; None if there are none.

    An item's id names as many rows as there are `VIEWPOINT_NAMES`, in that order. A viewpoint that it
    lacks is a row of zeros, which is similar to nothing.
    """
    vectors = catalogue.vectors.read(STORED_AS, fingerprint)
    if not vectors.ids:
        return None
    rows = (block.reshape(len(block) * len(VIEWPOINT_NAMES), -1) for block in vectors.blocks)
    return Index([item_id for item_id in vectors.ids for _ in VIEWPOINT_NAMES], rows)
