"""The caches of the Search page: viewpoints, descriptors and the region index."""

from functools import partial

import streamlit as st

from components.search.network_loader import network
from components.shared.caches import by_fit, by_revision
from core import search
from core.catalogue import Catalogue
from core.descriptors import Descriptor, Space
from core.search import Embedder
from core.search.region_index import RegionIndex
from core.search.viewpoints import ViewpointIndex


@st.cache_resource(max_entries=4, show_spinner=False, hash_funcs=by_revision("vectors"))
def viewpoints(catalogue: Catalogue, descriptor: str, space: Space) -> ViewpointIndex | None:
    """Return the vectors of models from other viewpoints in a space, if there are any.

    They take 7 MB for 820 models.
    """
    return search.viewpoints_of(catalogue, descriptor, space)


@st.cache_resource(max_entries=2, show_spinner=False, hash_funcs=by_fit())
def descriptor(catalogue: Catalogue, name: str) -> Descriptor:
    """Return a descriptor to embed pictures with; the fit of `compact` takes 210 MB."""
    return search.descriptor_of(catalogue, name)


def embedder(catalogue: Catalogue, name: str) -> Embedder:
    """Return the function that embeds pictures with a descriptor."""
    return partial(descriptor(catalogue, name).embed, network())


@st.cache_resource(
    max_entries=1,
    show_spinner="Preparing region search (a few seconds, first time only)…",
    hash_funcs=by_revision("masks", "vectors"),
)
def region_index(catalogue: Catalogue) -> RegionIndex:
    """Return the region index of a catalogue: 40 MB for 1,600 models."""
    return search.region_index_of(catalogue)
