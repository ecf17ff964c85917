"""Models seen from other sides: vectors beside those of the pictures that stand for them.

Models are compared with each other from one side, the same for all: the front of one and the
top of another say nothing together. A picture may show any side, and the best match counts.
"""

from core.catalogue import Catalogue
from core.similarity import Index

# The name under which their vectors are stored: of each item all sides in one row, in this order.
NAME = "sides"
SIDES = ("front", "side", "back", "top")


def index_of(catalogue: Catalogue, identity: str) -> Index | None:
    """Return the vectors of all sides, to be compared with pictures; None if there are none.

    An item's id names as many rows as there are `SIDES`, in that order. A side that it lacks is
    a row of zeros, which is like nothing.
    """
    vectors = catalogue.vectors(NAME, identity)
    if not vectors.ids:
        return None
    apart = (block.reshape(len(block) * len(SIDES), -1) for block in vectors.blocks)
    return Index([one for one in vectors.ids for _ in SIDES], apart)
