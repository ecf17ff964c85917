"""The vectors of models from viewpoints other than their main view.

Models are compared with each other by their main views: the front of one model and the top of
another say nothing about each other. A picture may show a model from any viewpoint, so it is
compared with all of them, and the best match counts.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

from core import viewpoints
from core.catalogue import Catalogue
from core.descriptors import COMPACT, Space
from core.descriptors.base import columns
from core.linalg import HalfOrSingle
from core.similarity import Index

# The name under which the vectors are stored, as the first version called them.
STORED_AS = "sides"
# The viewpoints of the first version, in the order of their vectors.
FIRST_LAYOUT = ("front", "side", "back", "top")


@dataclass(frozen=True, eq=False, slots=True)
class ViewpointIndex:
    """The vectors of all viewpoints of all models.

    Attributes:
        index: a row for each viewpoint of each model, named by the model's id. A viewpoint that a
            model lacks is a row of zeros, which is similar to nothing.
        names: the name of each row's viewpoint.
        rows_per_item: the most rows that a model has.
    """

    index: Index
    names: tuple[str, ...]
    rows_per_item: int


def storage_fingerprint(fingerprint: str, layout: tuple[str, ...]) -> str:
    """Return the fingerprint under which rows of these viewpoints, in this order, are stored.

    Rows of other viewpoints have another width and another order: a fingerprint for each layout
    keeps them apart when the list in `core.viewpoints` changes. Earlier versions stored only the
    vectors of the space "pictures", under the fingerprint alone.
    """
    return f"{fingerprint}-{'+'.join(layout)}"


def layouts() -> list[tuple[str, ...]]:
    """Return the layouts in which rows may be stored: the current one last."""
    return list(dict.fromkeys([FIRST_LAYOUT, viewpoints.VIEWPOINT_NAMES]))


def index_of(
    catalogue: Catalogue, fingerprint: str, space: Space = "pictures"
) -> ViewpointIndex | None:
    """Return the vectors of all viewpoints, to compare pictures with; None if there are none.

    `fingerprint` is that of the catalogue's `compact` vectors. Rows that were stored before a
    viewpoint was added are included.
    """
    ids: list[str] = []
    names: list[str] = []
    blocks: list[Iterator[HalfOrSingle]] = []
    for layout in layouts():
        vectors = catalogue.vectors.read(STORED_AS, storage_fingerprint(fingerprint, layout))
        known = [name for name in layout if name in viewpoints.VIEWPOINT_NAMES]
        ids += [item_id for item_id in vectors.ids for _ in known]
        names += known * len(vectors.ids)
        blocks.append(_one_viewpoint_per_row(vectors.blocks, layout, known, space))
    if not ids:
        return None
    return ViewpointIndex(
        Index(ids, chain.from_iterable(blocks)), tuple(names), len(viewpoints.VIEWPOINT_NAMES)
    )


def _one_viewpoint_per_row(
    blocks: Iterator[HalfOrSingle], layout: Sequence[str], known: Sequence[str], space: Space
) -> Iterator[HalfOrSingle]:
    """Yield stored rows of all viewpoints as one row for each of the `known` viewpoints."""
    numbers = [layout.index(name) for name in known]
    for block in blocks:
        vectors = block.reshape(len(block), len(layout), -1)
        if len(known) < len(layout):
            vectors = vectors[:, numbers]
        vectors = vectors[..., columns(COMPACT, space, vectors.shape[2])]
        yield vectors.reshape(len(block) * len(known), vectors.shape[2])
