"""The models in whose pictures there is nothing to see."""

import streamlit as st

from components.shared import cards, navigation
from components.widgets.gallery import gallery
from core.catalogue import Catalogue

# How many of them are shown.
SHOWN = 60


def show(catalogue: Catalogue) -> None:
    """List, folded, the models of a catalogue that are not compared; nothing if there are none."""
    items = catalogue.items.blank()
    if not items:
        return
    with st.expander(f"Nothing to see ({len(items):,})", key=f"blank-{catalogue.name}"):
        st.caption(
            "Their pictures are blank, nearly black or of one colour. They are not compared with "
            "others and not on the map until their pictures change."
        )
        gallery(
            cards.of_items(
                catalogue,
                items[:SHOWN],
                link=lambda item_id: navigation.url(
                    "explore", catalogue=catalogue.name, item=item_id
                ),
            ),
            key=f"blank-models-{catalogue.name}",
            label=f"Models of {catalogue.title} with nothing to see",
            size=120,
        )
