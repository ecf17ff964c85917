"""Caches of the map."""

import contextlib
import threading

import numpy as np
import streamlit as st

from components.map import map_data
from components.map.colouring import Colouring, by_cluster, by_facet, by_likeness
from components.map.map_data import MapData
from components.shared.caches import index
from core import search
from core.catalogue import Catalogue
from core.descriptors import COMPACT
from core.errors import LookalikeError
from core.search import Results


@st.cache_resource(max_entries=8, show_spinner=False)
def members(catalogue: str, generation: int, rows: bytes) -> Results:
    """Some of the map's models, the most typical first; `rows` are the bytes of a mask."""
    drawn = current_map(catalogue, generation)
    assert drawn is not None
    chosen = np.flatnonzero(np.frombuffer(rows, bool))
    return search.rank_by_typicality(
        [drawn.items[row] for row in chosen],
        catalogue=Catalogue(catalogue),
        index=index(catalogue, generation, COMPACT),
    )


def preload_index(catalogue: str, generation: int) -> None:
    """Have the vectors read in the background: a click would wait 0.3 s for 25,000 models."""

    def read() -> None:
        with contextlib.suppress(LookalikeError):
            index(catalogue, generation, COMPACT)

    threading.Thread(target=read, name="read ahead", daemon=True).start()


@st.cache_resource(max_entries=2, show_spinner=False)
def current_map(catalogue: str, generation: int) -> MapData | None:
    """The map, or None before there is one: 1 MB for 1,600 models, 14 for 25,000."""
    return map_data.read(Catalogue(catalogue))


@st.cache_resource(max_entries=12, show_spinner=False)
def colouring(catalogue: str, generation: int, way: str, like: str) -> Colouring:
    """What the colours of the map mean; `like` is the model of a likeness."""
    opened, drawn = Catalogue(catalogue), current_map(catalogue, generation)
    assert drawn is not None
    if way == "cluster":
        return by_cluster(drawn, opened)
    if way != "similarity":
        return by_facet(drawn, way)
    return by_likeness(likeness(catalogue, generation, like))


@st.cache_resource(max_entries=8, show_spinner=False)
def likeness(catalogue: str, generation: int, like: str) -> np.ndarray:
    """How like a model all models of the map are, float32 (n,); 0 for those without a vector."""
    drawn = current_map(catalogue, generation)
    assert drawn is not None
    rows = index(catalogue, generation, COMPACT)
    if like not in rows.row_of:
        return np.zeros(len(drawn.items), np.float32)
    scores = rows.scores(rows.rows([rows.row_of[like]]))[0]
    known = [rows.row_of.get(item.id, -1) for item in drawn.items]
    return np.where(np.array(known) >= 0, scores[known], np.float32(0))
