"""What the map shows besides its points: thumbnails, landmarks, the marked model, and a query."""

from collections.abc import Mapping, Sequence

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from components.map import caches as map_caches
from components.map import map_data
from components.map.map_data import MapData
from components.map.map_view import FinderResults, Landmark, PlacedQuery, Thumbnails
from components.shared import asset_urls, backgrounds, caches, controls, url_state
from components.shared.session import SentQuery, session
from core.catalogue import Catalogue, CutOutThumbnail, Filters, Item
from core.descriptors import COMPACT
from core.errors import LookalikeError
from core.maps import umap_layout
from core.similarity import KnnGraph

# How many neighbours are linked to the marked model or the query by lines.
LINKED_NEIGHBOURS = 9
# How many of them the card of the marked model shows.
CARD_NEIGHBOURS = 6
# How many models the box of the map lists.
MAX_FOUND = 8
# The key of the text that it searches for, and how long that is at most.
_SOUGHT, _MAX_SOUGHT = "map.sought", 100


def landmarks(map_: MapData) -> list[Landmark]:
    """Return the most central model of each cluster, the largest cluster first."""
    return [
        Landmark(row, cluster.name)
        for cluster in map_.clusters
        if (row := map_.row_of.get(cluster.landmark)) is not None
    ]


def thumbnails(catalogue: Catalogue, map_: MapData) -> Thumbnails:
    """Return where the browser finds the pictures of the models, with or without backgrounds."""
    template = asset_urls.picture_template(catalogue)
    if not session.hides_backgrounds:
        return Thumbnails(template, map_.atlas)
    cut_outs = map_caches.cut_outs(catalogue, map_)
    return Thumbnails(
        template,
        cut_outs.atlas or map_.atlas,
        asset_urls.cut_out_template(catalogue),
        cut_outs.masks if cut_outs.masks.any() else None,
    )


def marked_row(map_: MapData) -> int | None:
    """Return the row of the model that the URL names; warn if it is not on the map."""
    item_id = url_state.text("item")
    row = map_.row_of.get(item_id)
    if item_id and row is None:
        st.warning("The model in this link is not on the map.", icon=":material/link_off:")
    return row


def find(text: str, _view: str) -> None:
    """Keep a text to find models by, until one is marked. Only in callbacks."""
    st.session_state[_SOUGHT] = text[:_MAX_SOUGHT]


def found(catalogue: Catalogue, map_: MapData) -> FinderResults | None:
    """Return the models of the map that match the text that a person is typing, if there is one.

    Where the catalogue has none, return what to search for instead.
    """
    text = st.session_state.get(_SOUGHT, "")
    if not text:
        return None
    filters = Filters(text=text)
    items = catalogue.items.find(filters, limit=MAX_FOUND)
    words = [] if items else catalogue.items.suggestions(filters)
    return FinderResults(text, map_.rows([item.id for item in items]), words)


def mark(item_id: str, view: str) -> None:
    """Write the marked model and the view to the URL; no id unmarks it. Only in callbacks."""
    st.session_state.pop(_SOUGHT, None)
    # Without a model there is no similarity to colour by.
    compared = not item_id and url_state.text("colour") == "similarity"
    url_state.change(item=item_id, view=view, **({"colour": None} if compared else {}))


def neighbours(catalogue: Catalogue, map_: MapData, row: int) -> list[int]:
    """Return the rows of the neighbours that the page of a model shows, if they are on the map.

    As many as there, so that the page finds them in the cache.
    """
    item_id = map_.items[row].id
    try:
        results = caches.neighbours(catalogue, COMPACT, item_id, controls.DEFAULT_COUNT, None)
    except LookalikeError:
        return []
    return map_.rows([one.item.id for one in results.neighbours])


def pictures(catalogue: Catalogue, map_: MapData, rows: Sequence[int]) -> list[str]:
    """Return the thumbnails that the page shows of some rows, as data URLs; "" for a lost one."""
    cut_outs = backgrounds.cut_outs(catalogue)
    return [_picture(catalogue, map_.items[row], cut_outs) for row in rows]


def _picture(catalogue: Catalogue, item: Item, cut_outs: Mapping[str, CutOutThumbnail]) -> str:
    cut_out, pictures = asset_urls.own(item, cut_outs), catalogue.pictures
    try:
        return map_data.data_url(
            pictures.cut_out(cut_out) if cut_out else pictures.thumbnail(item.id)
        )
    except OSError:
        return ""


def query_from_search(
    map_: MapData, coordinates: Mapping[str, NDArray[np.float32]]
) -> tuple[PlacedQuery | None, list[int]]:
    """Return the query that Search sent, placed on the map, and the rows of its neighbours.

    It has a place among each of the `coordinates`, float32 (n, 2), by arrangement.
    """
    if url_state.text("from") != "search":
        return None, []
    sent = session.sent_query or SentQuery("", {})
    rows = map_.rows(list(sent.scores))[:LINKED_NEIGHBOURS]
    if not rows:
        st.info(
            "The picture in this link is no longer available. Draw or upload it again on "
            "the Search page.",
            icon=":material/link_off:",
        )
        return None, []
    graph = KnnGraph(
        np.array([rows], np.int32),
        np.array([[sent.scores[map_.items[row].id] for row in rows]], np.float32),
    )
    places = {
        name: tuple(umap_layout.interpolate(graph, points)[0].tolist())
        for name, points in coordinates.items()
    }
    return PlacedQuery(sent.src, places), rows
