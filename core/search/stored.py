"""What a search needs of a catalogue: descriptors and indexes."""

from core.catalogue import Catalogue
from core.descriptors import COMPACT, PUBLISHED, Compact, CompactFit, Descriptor, Published, Space
from core.descriptors.base import columns
from core.search import viewpoints
from core.search.query import SearchError
from core.search.region_index import RegionIndex
from core.similarity import Index
from core.vision.weights import DIGEST

_TO_MEND = "Press “Bring up to date” on the page Catalogues, or run `python -m core index {name}`."


def fingerprint_of(catalogue: Catalogue, name: str) -> str:
    """Return the identity of the vectors that the descriptor `name` has in this catalogue.

    Raises `SearchError` if there is no such descriptor, or if its vectors have
    to be made, or made anew, first.
    """
    if name == PUBLISHED:
        return Published(DIGEST).fingerprint
    if name != COMPACT:
        raise SearchError(
            f"There is no descriptor “{name[:60]}”. There is: {COMPACT}, {PUBLISHED}."
        )
    fingerprint = catalogue.vectors.fit_fingerprint(COMPACT)
    if fingerprint is None:
        raise SearchError(
            f"The catalogue “{catalogue.title}” has not been indexed yet. "
            + _TO_MEND.format(name=catalogue.name)
        )
    if not is_of_this_version(fingerprint):
        raise SearchError(
            f"The catalogue “{catalogue.title}” was indexed by another version of Lookalike, whose "
            "vectors cannot be compared with this one's. " + _TO_MEND.format(name=catalogue.name)
        )
    return fingerprint


def is_of_this_version(fingerprint: str) -> bool:
    """Return whether `compact` vectors of this identity are this version of Lookalike's."""
    return fingerprint.startswith(Compact.recipe(DIGEST))


def descriptor_of(catalogue: Catalogue, name: str) -> Descriptor:
    """Return the descriptor `name` as this catalogue uses it, to embed pictures with.

    Raises `SearchError` as `fingerprint_of` does.
    """
    fingerprint_of(catalogue, name)
    if name == PUBLISHED:
        return Published(DIGEST)
    arrays = catalogue.vectors.load_fit(COMPACT)
    assert arrays is not None
    return Compact(DIGEST, CompactFit.of(arrays))


def index_of(catalogue: Catalogue, name: str, space: Space = "models") -> Index:
    """Return the index of the catalogue's vectors of the descriptor `name`.

    `space` says what they are compared with: other models, or pictures and drawings
    (and models beside them). Raises `SearchError` as `fingerprint_of` does.
    """
    vectors = catalogue.vectors.read(name, fingerprint_of(catalogue, name))
    return Index(
        vectors.ids,
        (block[:, columns(name, space, block.shape[1])] for block in vectors.blocks),
    )


def viewpoints_of(catalogue: Catalogue, name: str) -> Index | None:
    """Return the vectors of models from other sides, as `run` takes them; None if there are none.

    Only `compact` has them. Raises `SearchError` as `fingerprint_of` does.
    """
    return (
        viewpoints.index_of(catalogue, fingerprint_of(catalogue, name)) if name == COMPACT else None
    )


def region_index_of(catalogue: Catalogue) -> RegionIndex:
    """Return the parts of the catalogue's models: the cells of their `published` vectors."""
    vectors = catalogue.vectors.read(PUBLISHED, fingerprint_of(catalogue, PUBLISHED))
    return RegionIndex(vectors.ids, vectors.blocks)
