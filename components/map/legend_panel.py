"""The legend of the map: what its colours mean."""

import streamlit as st

from components.map import colouring, palette, url_selection
from components.map.colouring import Colouring
from components.map.legend import legend
from components.map.url_selection import Selection


def show(colours: Colouring, colour_by: str, selection: Selection | None) -> None:
    """Say what the colours mean; clicking a group selects it and moves the map to it."""
    if colours.entries:
        plural = colouring.PLURALS[colour_by]
        has_all = len(colours.entries) < colouring.MAX_GROUPS
        listed = plural if has_all else f"The {colouring.MAX_GROUPS} largest {plural.lower()}"
        st.caption(f"{listed}: select one to show it alone")
        legend(
            colours.entries,
            key="legend",
            label=plural,
            chosen="" if selection is None else selection.text,
            is_folded=selection is not None,
            link=url_selection.toggle_link,
            on_choose=url_selection.toggle,
        )
    elif colour_by == "similarity":
        st.html(
            '<div class="ramp"><span>less similar</span>'
            f'<i style="background:linear-gradient(90deg,{",".join(palette.ramp())})"></i>'
            "<span>more similar</span></div>"
        )
