"""The cover of a catalogue: its title and four pictures that show what is in it, as one link."""

from collections.abc import Sequence
from html import escape

import streamlit as st

from components.shared import asset_urls, caches, navigation
from components.widgets.page_history import IN_APP
from core.catalogue import Catalogue, Item
from core.maps import picks

PICTURES = 4


def show(catalogue: Catalogue) -> None:
    """Show the pictures of a catalogue, which lead to it; nothing for one without models."""
    if items := _items(catalogue):
        pictures = "".join(
            f'<img src="{escape(asset_urls.picture(catalogue, item))}" alt="">' for item in items
        )
        st.html(_link(catalogue, f'<span class="cover">{pictures}</span>', is_hidden=True))


def show_title(catalogue: Catalogue) -> None:
    """Show the title of a catalogue as a heading, which leads to it if it has models."""
    title = f'<span dir="auto">{escape(catalogue.title)}</span>'
    inside = _link(catalogue, title) if catalogue.items.count() else title
    st.html(f'<h2 class="title">{inside}</h2>')


def _link(catalogue: Catalogue, inside: str, *, is_hidden: bool = False) -> str:
    """Return a link to a catalogue as HTML; a hidden one repeats another one beside it."""
    href = escape(navigation.url("explore", catalogue=catalogue.name))
    hidden = ' tabindex="-1" aria-hidden="true"' if is_hidden else ""
    return f'<a class="{IN_APP}" href="{href}"{hidden}>{inside}</a>'


@st.cache_resource(
    max_entries=32, show_spinner=False, hash_funcs=caches.by_revision("items", "map", "pictures")
)
def _items(catalogue: Catalogue) -> Sequence[Item]:
    """Return the models on the cover: far apart on the map, or the first ones before there is one.

    Reading a map of 1,600 models takes 6 ms.
    """
    map_ = catalogue.map.load()
    if map_ is None:
        return catalogue.items.find(limit=PICTURES)
    ids = picks.of_map(map_, count=PICTURES)
    items = {item.id: item for item in catalogue.items.get_many(ids)}
    return [items[item_id] for item_id in ids if item_id in items]
