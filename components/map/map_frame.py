"""What the map shows beside its points: landmarks, the marked model, visitors."""

import numpy as np
import streamlit as st

from components.map.map_data import MapData
from components.map.map_view import Landmark, Visitor
from components.shared import caches, url_state
from core.catalogue import Catalogue
from core.descriptors import COMPACT
from core.errors import LookalikeError
from core.maps import umap_layout
from core.similarity import KnnGraph

# Neighbours that lines lead to.
LINKED_NEIGHBOURS = 9


def landmarks(chart: MapData) -> list[Landmark]:
    """The most central model of each cluster, the largest cluster first."""
    return [
        Landmark(row, cluster.name)
        for cluster in chart.clusters
        if (row := chart.row_of.get(cluster.landmark)) is not None
    ]


def marked_row(chart: MapData) -> int | None:
    """The model of the address, where it is on the map."""
    marked = url_state.text("item")
    row = chart.row_of.get(marked)
    if marked and row is None:
        st.warning(
            "The model of this address is not on the map. It shows all the others.",
            icon=":material/link_off:",
        )
    return row


def neighbours(catalogue: Catalogue, chart: MapData, row: int) -> list[int]:
    """The nearest neighbours of a model that are on the map."""
    try:
        found = caches.neighbours(
            catalogue.name,
            catalogue.revision,
            COMPACT,
            chart.items[row].id,
            LINKED_NEIGHBOURS,
            None,
        )
    except LookalikeError:
        return []
    return chart.rows([one.item.id for one in found.neighbours])


def visiting(chart: MapData) -> tuple[Visitor | None, list[int]]:
    """The picture that Search sent here, among the models that it is most like."""
    if url_state.text("from") != "search":
        return None, []
    src, found = st.session_state.get("sent_to_map", ("", []))
    rows = chart.rows([item_id for item_id, _ in found])[:LINKED_NEIGHBOURS]
    if not rows:
        st.info(
            "The picture of this address was not kept. Draw or give it again on the page Search.",
            icon=":material/link_off:",
        )
        return None, []
    scores = dict(found)
    near = KnnGraph(
        np.array([rows], np.int32),
        np.array([[scores[chart.items[row].id] for row in rows]], np.float32),
    )
    at = {
        layout: tuple(umap_layout.interpolate(near, places)[0].tolist())
        for layout, places in chart.layouts.items()
    }
    return Visitor(src, at), rows


def mask_of(chart: MapData, ids: list[str]) -> np.ndarray:
    """Return which models of the map have one of the ids, bool (n,)."""
    rows = np.zeros(len(chart.items), bool)
    rows[chart.rows(ids)] = True
    return rows
