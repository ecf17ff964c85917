"""Every cache of the app: what is held, how much of it, and for how long.

Keys are names and generations, never arrays: Streamlit hashes large arrays by
a sample and would answer with what is stale. What is held is shared between
all sessions and is not written to.
"""

from functools import partial

import streamlit as st

from components.search.network_loader import network
from core import search
from core.catalogue import Catalogue
from core.descriptors import Descriptor
from core.search import Embedder
from core.search.region_index import RegionIndex
from core.similarity import Index


@st.cache_resource(max_entries=2, show_spinner=False)
def viewpoints(catalogue: str, generation: int, descriptor: str) -> Index | None:
    """The vectors of models from other sides, if there are any: 7 MB for 820 models."""
    return search.viewpoints_of(Catalogue(catalogue), descriptor)


@st.cache_resource(max_entries=2, show_spinner=False)
def descriptor(catalogue: str, generation: int, name: str) -> Descriptor:
    """A descriptor, to embed pictures with: 210 MB for `compact`'s fit."""
    return search.descriptor_of(Catalogue(catalogue), name)


def embedder(catalogue: str, generation: int, name: str) -> Embedder:
    """Return what turns pictures into the vectors of a descriptor."""
    return partial(descriptor(catalogue, generation, name).embed, network())


@st.cache_resource(
    max_entries=1, show_spinner="Cutting the models into parts: a few seconds, only once…"
)
def region_index(catalogue: str, generation: int) -> RegionIndex:
    """The parts of all models: 40 MB for 1,600 of them."""
    return search.region_index_of(Catalogue(catalogue))
