"""The collections of a catalogue, with links to their models."""

import streamlit as st

from components.shared import caches, links, navigation, url_state
from core.catalogue import Catalogue
from core.counting import counted

LABEL = "Collections"


def counts(catalogue: Catalogue) -> dict[str, int]:
    """Return the collections of a catalogue, with how many models each has."""
    return caches.facets(catalogue, ("collection",))["collection"]


def show(catalogue: Catalogue) -> None:
    """Show each collection, with links to its models and a button that deletes it."""
    collections = counts(catalogue)
    if not collections:
        st.caption("There are no collections left.")
    for name, count in collections.items():
        with st.container(horizontal=True, vertical_alignment="center"):
            title = url_state.escape_markdown(name)
            st.markdown(f"**{title}** · {counted(count, 'model')}", width="stretch")
            with st.container(horizontal=True, width="content"):
                links.row(
                    [
                        links.Link(
                            label,
                            navigation.url(page, catalogue=catalogue.name, collection=name),
                            aloud=f"{label}: {name}",
                        )
                        for label, page in (("Explore", "explore"), ("Show on map", "map"))
                    ]
                )
                st.button(
                    "Delete",
                    key=f"delete-{catalogue.name}-{name}",
                    icon=":material/bookmark_remove:",
                    type="tertiary",
                    help="Deletes the collection. Its models stay in the catalogue.",
                    on_click=catalogue.collections.delete,
                    args=(name,),
                )
