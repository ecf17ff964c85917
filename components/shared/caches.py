"""Caches that every page uses."""

import io

import streamlit as st

from core import search
from core.catalogue import Catalogue, Facet, Filters
from core.descriptors import PUBLISHED, Space
from core.evaluation import metrics
from core.pictures import decoding
from core.search import Example, Query, Results
from core.similarity import Index

# Models whose neighbours are counted for the figures of a catalogue: 0.3 s of `published`.
AGREEMENT_SAMPLE = 300


@st.cache_resource(max_entries=6, show_spinner=False)
def index(catalogue: str, generation: int, descriptor: str, space: Space = "models") -> Index:
    """The vectors of a descriptor: 3 MB of `compact`, 22 MB of `published`, for 1,600 models."""
    if descriptor == PUBLISHED and space != "models":
        return index(catalogue, generation, descriptor)  # The same in both spaces.
    return search.index_of(Catalogue(catalogue), descriptor, space)


@st.cache_resource(max_entries=2048, show_spinner=False)
def size(catalogue: str, item_id: str, digest: str) -> tuple[int, int]:
    """The width and height of a model's picture, in pixels."""
    opened = Catalogue(catalogue)
    return decoding.decode(opened.pictures.original(opened.items.get(item_id))).size


@st.cache_resource(max_entries=512, show_spinner=False)
def neighbours(
    catalogue: str, generation: int, descriptor: str, item_id: str, k: int, category: str | None
) -> Results:
    """A model's neighbours."""
    return search.run(
        Query(examples=[Example(item=item_id)], filters=Filters(category=category)),
        catalogue=Catalogue(catalogue),
        index=index(catalogue, generation, descriptor),
        k=k,
    )


@st.cache_resource(max_entries=64, show_spinner=False)
def picture(catalogue: str, item_id: str, digest: str) -> bytes:
    """A model's picture, at most 1,024 pixels a side, as a JPEG that every browser shows.

    Encoded in 0.7 ms; as a WebP of the same quality in 10, which a click would wait for.
    """
    opened = Catalogue(catalogue)
    buffer = io.BytesIO()
    decoded = decoding.decode(opened.pictures.original(opened.items.get(item_id)))
    decoded.save(buffer, "JPEG", quality=92, subsampling=0)
    return buffer.getvalue()


@st.cache_resource(max_entries=32, show_spinner=False)
def facet(catalogue: str, generation: int, name: Facet) -> dict[str, int]:
    """Each category, creator, licence or tag, and how many models have it."""
    return Catalogue(catalogue).items.facet(name)


@st.cache_resource(max_entries=8, show_spinner=False)
def agreement(catalogue: str, generation: int, descriptor: str) -> float | None:
    """Of a model's 9 neighbours, the share in its category: the mean over a sample, 0 to 1.

    None where no model has a category, or there is only one model.
    """
    return metrics.agreement(
        index(catalogue, generation, descriptor),
        {item.id: item.category for item in Catalogue(catalogue).items.find()},
        sample=AGREEMENT_SAMPLE,
    )
