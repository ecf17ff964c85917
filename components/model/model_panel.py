"""What a model is: its picture or 3D file, its name, what to do with it, and its details."""

import streamlit as st

from components.model import model_picture
from components.shared import (
    comparison_choice,
    links,
    model_details,
    navigation,
    titles,
    up_choice,
)
from components.shared.session import session
from components.widgets.share_link import share_link
from core.catalogue import Catalogue, Item


def show(catalogue: Catalogue, item: Item) -> None:
    """Show a model beside its neighbours."""
    model_picture.show(catalogue, item)
    titles.heading(item.name, of=item.id)
    with st.container(horizontal=True, gap="small", key="actions"):
        links.row(
            [
                links.Link("Find similar", navigation.url("search", like=item.id), "image_search"),
                links.Link(
                    "Map",
                    navigation.url("map", item=item.id),
                    "scatter_plot",
                    aloud="Show on map",
                ),
            ]
        )
        # The model alone: whoever gets the link has not come by this trail.
        url = navigation.url("explore", catalogue=catalogue.name, item=item.id)
        share_link(url, title=item.name, key="share")
    _show_details(catalogue, item)


def _show_details(catalogue: Catalogue, item: Item) -> None:
    """Show the facts, and what is compared, if they are unfolded.

    They stay so on the next model, but on a phone, where they lie over its neighbours. The server
    learns no widths: a narrow window of a computer counts as a wide one.
    """
    # Streamlit drops a widget's key when a page without it is opened; the session keeps the value.
    key, of = "details", session.details_of
    st.session_state[key] = of == item.id if _is_phone() else bool(of)

    def save_state() -> None:
        session.details_of = item.id if st.session_state[key] else ""

    details = st.expander("Details", key=key, on_change=save_state)
    if details.open:
        with details:
            model_details.facts(item)
            comparison_choice.show(catalogue, item)
            up_choice.show(catalogue, item)


def _is_phone() -> bool:
    """Return whether the browser is a phone's: all of those say so by this word."""
    return "Mobi" in st.context.headers.get("User-Agent", "")
