"""The caches of Explore: rows of picks, and the orders of a catalogue's models."""

from dataclasses import dataclass

import streamlit as st

from components.shared.caches import by_revision, index
from core.catalogue import Catalogue, Filters, Item
from core.descriptors import COMPACT
from core.maps import mixed_order, picks, row_strip
from core.maps.picks import ClusterPicks
from core.search import NotIndexedError

# Rows for two windows: what follows them is still found. Each adds 40 kB and ten pictures to a cold
# load.
MAX_ROWS = 6
# As many as fit on a projector; in smaller windows the others come by scrolling sideways.
MAX_PICKS = 12


@dataclass(frozen=True, slots=True)
class Row:
    """The picks of one cluster, with their models: `items[i]` is the model `picks.ids[i]`.

    `strip` is the URL of their thumbnails side by side; empty if one is lost.
    """

    picks: ClusterPicks
    items: tuple[Item, ...]
    strip: str


@st.cache_resource(max_entries=4, show_spinner=False, hash_funcs=by_revision("items", "map"))
def rows(catalogue: Catalogue) -> tuple[Row, ...]:
    """Return the rows of the largest clusters; none before there is a map.

    It takes 20 ms for 1,599 models and 170 for 25,000, and 25 or 300 more to read their vectors,
    which the first click on a model would read otherwise. A change of vectors alone, as while a
    catalogue is indexed, leaves the rows as they are: the map changes afterwards.
    """
    map_ = catalogue.map.load()
    if map_ is None or not map_.clusters:
        return ()
    try:
        vectors = index(catalogue, COMPACT)
    except NotIndexedError:
        return ()
    found = picks.of_clusters(
        map_,
        vectors,
        catalogue.items.get_many,
        max_clusters=MAX_ROWS,
        max_picks=MAX_PICKS,
    )
    items = {
        item.id: item
        for item in catalogue.items.get_many([item_id for one in found for item_id in one.ids])
    }
    made = []
    for number, one in enumerate(found):
        shown = tuple(items[item_id] for item_id in one.ids if item_id in items)
        strip = row_strip.serve(catalogue, f"row-{number}", shown)
        made.append(Row(one, shown, strip=strip or ""))
    return tuple(made)


@st.cache_resource(
    max_entries=16, show_spinner=False, hash_funcs=by_revision("items", "collections", "map")
)
def ordered_ids(
    catalogue: Catalogue, category: str | None, collection: str | None, *, by_name: bool
) -> tuple[str, ...]:
    """Return the ids of all models with these facets, by name or in mixed order.

    A page takes its part of them: nothing is sorted at a click, which would take 10 ms for 1,599
    models and 145 for 25,000.
    """
    filters = Filters(category=category, collection=collection)
    if by_name:
        return tuple(catalogue.items.ids(filters, by_name=True))
    return mixed_order.mixed_ids(catalogue, filters)
