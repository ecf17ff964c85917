"""The caches of the map: its data, its colours, and models ordered by typicality."""

import contextlib
import threading
from collections.abc import Sequence

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from components.map import arrangements, map_data, tour
from components.map.colouring import Colouring, by_cluster, by_facet, by_similarity
from components.map.map_data import MapCutOuts, MapData
from components.map.map_view import Stop
from components.shared import caches as shared_caches
from components.shared.caches import HashFuncs, by_folder, by_revision, index
from core import search
from core.catalogue import Catalogue, Item
from core.descriptors import COMPACT
from core.errors import LookalikeError
from core.search import Results

# A map is known by its state, so that its colours always fit it.
_BY_MAP: HashFuncs = {MapData: lambda map_: map_.state}


def most_typical_first(catalogue: Catalogue, items: Sequence[Item]) -> Results:
    """Return some of the models, the most typical first.

    They are given as models, not as rows of the map: the map may change between the moment a page
    offers a file and the click that asks for it.
    """
    return _most_typical_first(catalogue, "".join(item.id for item in items), items)


@st.cache_resource(max_entries=8, show_spinner=False, hash_funcs=by_revision("items", "vectors"))
def _most_typical_first(catalogue: Catalogue, ids: str, _items: Sequence[Item]) -> Results:
    # The key is one string, which is hashed faster than thousands of items.
    return search.rank_by_typicality(_items, catalogue=catalogue, index=index(catalogue, COMPACT))


def preload_index(catalogue: Catalogue) -> None:
    """Read the vectors in the background: a click would wait 0.3 s for 25,000 models."""

    def read() -> None:
        with contextlib.suppress(LookalikeError):
            index(catalogue, COMPACT)

    threading.Thread(target=read, name="preload index", daemon=True).start()


def preload_grid(map_: MapData) -> None:
    """Arrange the grid in the background: it takes a second or two for 25,000 models."""
    if "grid" not in map_.arranged:
        work = threading.Thread(
            target=arrangements.of, args=(map_, "grid"), name="preload grid", daemon=True
        )
        work.start()


def current_map(catalogue: Catalogue) -> MapData | None:
    """Return the map, or None before there is one: 1 MB for 1,600 models, 14 for 25,000."""
    map_ = _current_map(catalogue)
    if map_ is not None and not catalogue.pictures.is_served(map_.url):
        # Somebody has deleted the served files.
        _current_map.clear()
        _shared.clear()
        map_ = _current_map(catalogue)
    return map_


@st.cache_resource(max_entries=2, show_spinner=False, hash_funcs=by_revision("items", "map"))
def _current_map(catalogue: Catalogue) -> MapData | None:
    map_ = map_data.read(catalogue)
    return map_ and _shared(map_)


@st.cache_resource(max_entries=2, show_spinner=False, hash_funcs=_BY_MAP)
def _shared(map_: MapData) -> MapData:
    """Return the map that was read before, with its arrangements, if this one is equal to it.

    A batch of new items from a running import changes nothing on the map.
    """
    return map_


@st.cache_resource(max_entries=2, show_spinner=False, hash_funcs=by_folder() | _BY_MAP)
def layouts(catalogue: Catalogue, map_: MapData) -> dict[str, str]:
    """Return the layouts that the page offers, with their labels."""
    return arrangements.offered(map_)


@st.cache_resource(max_entries=2, show_spinner=False, hash_funcs=by_folder() | _BY_MAP)
def stops(catalogue: Catalogue, map_: MapData) -> list[Stop]:
    """Return the stops of the map's tour."""
    return tour.stops(map_)


@st.cache_resource(max_entries=2, show_spinner=False, hash_funcs=by_revision("pictures") | _BY_MAP)
def cut_outs(catalogue: Catalogue, map_: MapData) -> MapCutOuts:
    """Return the cut-out thumbnails of the map: 0.1 MB for 25,000 models."""
    return map_data.read_cut_outs(catalogue, map_, shared_caches.cut_outs(catalogue))


def colouring(
    catalogue: Catalogue,
    map_: MapData,
    colour_by: str,
    item_id: str,
    *,
    hides_backgrounds: bool = False,
) -> Colouring:
    """Return the colours of the map; "similarity" compares with the model `item_id`."""
    if colour_by == "similarity":
        return _similarity_colouring(catalogue, map_, item_id)
    if colour_by == "cluster" and hides_backgrounds:
        return _cut_out_colouring(catalogue, map_)
    return _group_colouring(catalogue, map_, colour_by)


@st.cache_resource(max_entries=8, show_spinner=False, hash_funcs=by_folder() | _BY_MAP)
def _group_colouring(catalogue: Catalogue, map_: MapData, colour_by: str) -> Colouring:
    return by_cluster(map_, catalogue) if colour_by == "cluster" else by_facet(map_, colour_by)


@st.cache_resource(max_entries=2, show_spinner=False, hash_funcs=by_revision("pictures") | _BY_MAP)
def _cut_out_colouring(catalogue: Catalogue, map_: MapData) -> Colouring:
    return by_cluster(map_, catalogue, cut_outs=shared_caches.cut_outs(catalogue))


@st.cache_resource(max_entries=8, show_spinner=False, hash_funcs=by_revision("vectors") | _BY_MAP)
def _similarity_colouring(catalogue: Catalogue, map_: MapData, item_id: str) -> Colouring:
    return by_similarity(similarity(catalogue, map_, item_id))


def similarity(catalogue: Catalogue, map_: MapData, item_id: str) -> NDArray[np.float32]:
    """Return the cosine of a model with each model of the map, float32 (n,).

    It is 0 for models without a vector.
    """
    vectors = index(catalogue, COMPACT)
    if item_id not in vectors.row_of:
        return np.zeros(len(map_.items), np.float32)
    scores = vectors.scores(vectors.rows([vectors.row_of[item_id]]))[0]
    rows = np.array([vectors.row_of.get(item.id, -1) for item in map_.items])
    return np.where(rows >= 0, scores[rows], np.float32(0))
