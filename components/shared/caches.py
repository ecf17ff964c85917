"""The caches that several pages use, and how a cache is keyed by the state of a catalogue.

A cached function takes the `Catalogue` itself. `hash_funcs` turns it into the revisions of the
stores that the function reads, so that a change of any other store leaves the cache alone: naming
a collection, a model's new name, or a batch of new items from a running import discards neither
index, descriptor (210 MB) nor region index (2 s). What holds items depends on "items". Arrays are
never keys: Streamlit hashes large ones by a sample and would return stale results. Cached objects
are shared by all sessions and must not be changed.
"""

import uuid
from collections.abc import Callable, Hashable, Mapping, Sequence
from functools import partial
from typing import Any

import streamlit as st

from core import search
from core.catalogue import (
    STORES,
    Catalogue,
    CutOutThumbnail,
    Facet,
    Filters,
    Store,
    Summary,
)
from core.descriptors import COMPACT, PUBLISHED, Space
from core.errors import LookalikeError
from core.evaluation import metrics
from core.pictures import decoding, encoding
from core.search import ItemExample, Query, Results
from core.similarity import Index

HashFuncs = dict[str | type, Callable[[Any], Hashable]]


def by_revision(*stores: Store) -> HashFuncs:
    """Return `hash_funcs` that key a catalogue by the revisions of `stores`, in one read."""
    return {Catalogue: lambda catalogue: _key(lambda: catalogue.state(*stores))}


def by_fit() -> HashFuncs:
    """Return `hash_funcs` that key a catalogue by the fingerprint of its fit of `compact`."""

    def fingerprint(catalogue: Catalogue) -> Hashable:
        return str(catalogue.folder), catalogue.vectors.fit_fingerprint(COMPACT)

    return {Catalogue: lambda catalogue: _key(lambda: fingerprint(catalogue))}


def by_folder() -> HashFuncs:
    """Return `hash_funcs` that key a catalogue by its folder, and read nothing.

    Enough for what the other arguments identify, such as a picture by its digest.
    """
    return {Catalogue: lambda catalogue: str(catalogue.folder)}


def _key(read: Callable[[], Hashable]) -> Hashable:
    """Return what `read` returns, or a new key for a catalogue that can no longer be read.

    Then the cached function runs and raises the error itself: Streamlit would replace an error
    that is raised here by one that nobody understands.
    """
    try:
        return read()
    except LookalikeError:
        return uuid.uuid4().hex


@st.cache_resource(max_entries=6, show_spinner=False, hash_funcs=by_revision("vectors"))
def index(catalogue: Catalogue, descriptor: str, space: Space = "models") -> Index:
    """Return the index of a descriptor.

    For 1,600 models it holds 3 MB with `compact` and 22 MB with `published`.
    """
    if descriptor == PUBLISHED and space != "models":
        return index(catalogue, descriptor)  # The same in both spaces.
    return search.index_of(catalogue, descriptor, space)


@st.cache_resource(max_entries=512, show_spinner=False, hash_funcs=by_revision("items", "vectors"))
def neighbours(
    catalogue: Catalogue, descriptor: str, item_id: str, k: int, category: str | None
) -> Results:
    """Return the `k` nearest neighbours of a model, within one category or all."""
    return search.run(
        Query(examples=[ItemExample(item_id)], filters=Filters(category=category)),
        catalogue=catalogue,
        index_in=partial(index, catalogue, descriptor),
        k=k,
    )


@st.cache_resource(max_entries=8, show_spinner=False, hash_funcs=by_revision("pictures"))
def cut_outs(catalogue: Catalogue) -> Mapping[str, CutOutThumbnail]:
    """Return the cut-out thumbnails of the catalogue, by item id."""
    return {cut_out.item_id: cut_out for cut_out in catalogue.pictures.cut_outs()}


@st.cache_resource(max_entries=2048, show_spinner=False, hash_funcs=by_folder())
def size(catalogue: Catalogue, item_id: str, digest: str) -> tuple[int, int]:
    """Return the width and height of a model's picture in pixels; `digest` is the picture's."""
    return decoding.decode(catalogue.pictures.original(catalogue.items.get(item_id))).size


@st.cache_resource(max_entries=64, show_spinner=False, hash_funcs=by_folder())
def picture(catalogue: Catalogue, item_id: str, digest: str) -> bytes:
    """Return a model's picture as a JPEG of at most 1,024 pixels a side; `digest` is its own.

    Every browser shows JPEG. It is encoded in 0.7 ms; WebP of the same quality takes 10 ms,
    which a click would wait for.
    """
    decoded = decoding.decode(catalogue.pictures.original(catalogue.items.get(item_id)))
    return encoding.jpeg(decoded, quality=92, subsampling=0)


@st.cache_resource(
    max_entries=32, show_spinner=False, hash_funcs=by_revision("items", "collections")
)
def facets(catalogue: Catalogue, names: Sequence[Facet]) -> dict[Facet, dict[str, int]]:
    """Return the values of each of the facets `names`, with how many models have them.

    All in one call, for which the revisions are read once.
    """
    return {name: catalogue.items.facet(name) for name in names}


@st.cache_resource(max_entries=32, show_spinner=False, hash_funcs=by_revision(*STORES))
def summary(catalogue: Catalogue) -> Summary:
    """Return the counts of a catalogue; for 25,000 files counting takes 0.65 to 0.95 s."""
    return catalogue.summary()


@st.cache_resource(max_entries=8, show_spinner=False, hash_funcs=by_revision("items", "vectors"))
def agreement(catalogue: Catalogue, descriptor: str) -> float | None:
    """Return the share of a model's 9 neighbours that are in its category, 0 to 1.

    It is the mean over a sample of `metrics.QUICK_SAMPLE` models. None if no model has a category,
    or if there is only one model.
    """
    return metrics.agreement(
        index(catalogue, descriptor),
        {item.id: item.category for item in catalogue.items.find()},
        sample=metrics.QUICK_SAMPLE,
    )
