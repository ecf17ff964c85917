"""The descriptors and indexes of a catalogue, made from what it stores."""

from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from core.catalogue import Catalogue, Vectors
from core.descriptors import (
    COMPACT,
    PUBLISHED,
    Compact,
    CompactFit,
    Descriptor,
    Published,
    Space,
    item_cutouts,
)
from core.descriptors.base import columns
from core.linalg import HalfOrSingle
from core.search import viewpoints
from core.search.errors import NotIndexedError, NotIndexedReason, SearchError
from core.search.region_index import SIDE, RegionIndex
from core.search.viewpoints import ViewpointIndex
from core.similarity import Index
from core.vision.weights import DIGEST


def fingerprint_of(catalogue: Catalogue, name: str) -> str:
    """Return the fingerprint of the vectors that the descriptor `name` has in this catalogue.

    Raises `SearchError` if there is no such descriptor, and `NotIndexedError` if there are no
    vectors of it yet, or only those of another version of Lookalike.
    """
    if name == PUBLISHED:
        return Published(DIGEST).fingerprint
    if name != COMPACT:
        raise SearchError(f"There is no descriptor “{name[:60]}”. Choose {COMPACT} or {PUBLISHED}.")
    fingerprint = catalogue.vectors.fit_fingerprint(COMPACT)
    if fingerprint is None:
        count = catalogue.items.count()
        reason: NotIndexedReason = (
            "no models"
            if not count
            else "nothing to see"
            if count == catalogue.items.count_blank()
            else "never indexed"
        )
        raise NotIndexedError(catalogue.name, catalogue.title, reason)
    if not is_of_this_version(fingerprint):
        raise NotIndexedError(catalogue.name, catalogue.title, "another version")
    return fingerprint


def is_of_this_version(fingerprint: str) -> bool:
    """Return whether this version of Lookalike made the `compact` vectors of this fingerprint."""
    return fingerprint.startswith(Compact.recipe(DIGEST))


def current_fit_fingerprint(catalogue: Catalogue) -> str | None:
    """Return the fingerprint of the stored fit, or None if there is none of this version."""
    fingerprint = catalogue.vectors.fit_fingerprint(COMPACT)
    return fingerprint if fingerprint and is_of_this_version(fingerprint) else None


def descriptor_of(catalogue: Catalogue, name: str) -> Descriptor:
    """Return the descriptor `name`, fitted to this catalogue, to embed pictures with.

    Raises as `fingerprint_of` does, and `NotIndexedError` if the file of the fit is damaged.
    """
    fingerprint_of(catalogue, name)
    if name == PUBLISHED:
        return Published(DIGEST)
    arrays = catalogue.vectors.load_fit(COMPACT)
    if arrays is None:
        raise NotIndexedError(catalogue.name, catalogue.title, "damaged")
    return Compact(DIGEST, CompactFit.of(arrays))


def index_of(catalogue: Catalogue, name: str, space: Space = "models") -> Index:
    """Return the index of the catalogue's vectors of the descriptor `name`.

    In the space "models" they are compared with other models and with photographs; in "pictures"
    with pictures and drawings, and with models combined with these. Raises as `fingerprint_of`
    does.
    """
    vectors = catalogue.vectors.read(name, fingerprint_of(catalogue, name))
    return Index(
        vectors.ids,
        (block[:, columns(name, space, block.shape[1])] for block in vectors.blocks),
    )


def viewpoints_of(
    catalogue: Catalogue, name: str, space: Space = "pictures"
) -> ViewpointIndex | None:
    """Return the vectors of other viewpoints in a space; None if there are none.

    Only `compact` has them. Raises as `fingerprint_of` does.
    """
    if name != COMPACT:
        return None
    return viewpoints.index_of(catalogue, fingerprint_of(catalogue, name), space)


def region_index_of(catalogue: Catalogue) -> RegionIndex:
    """Return the index of all regions of the catalogue's models, from their `published` vectors.

    Of a picture whose object was cut out, the cells count by how much of the object they show.
    """
    vectors = catalogue.vectors.read(PUBLISHED, fingerprint_of(catalogue, PUBLISHED))
    coverage = {
        item_id: item_cutouts.coverage(mask, SIDE)
        for item_id, mask in catalogue.masks.applied().items()
    }
    return RegionIndex(vectors.ids, _of_objects(vectors, coverage))


def _of_objects(
    vectors: Vectors, coverage: Mapping[str, NDArray[np.float32]]
) -> Iterator[HalfOrSingle]:
    """Yield the blocks of `published` vectors, with their cells weighted by `coverage`, (7, 7)."""
    start = 0
    for block in vectors.blocks:
        ids = vectors.ids[start : start + len(block)]
        start += len(block)
        masked = [row for row, item_id in enumerate(ids) if item_id in coverage]
        if masked:
            weights = np.stack([coverage[ids[row]].ravel() for row in masked])
            cells = block[masked].reshape(len(masked), SIDE**2, -1) * weights[..., np.newaxis]
            block[masked] = cells.reshape(len(masked), -1)
        yield block
