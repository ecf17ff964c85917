"""Map: the whole catalogue at a glance; what looks alike lies together."""

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from components import address, cached, cards, navigation, palette
from components.hover_card import hover_card
from core.catalogue import Catalogue
from core.errors import LookalikeError
from core.items import Item

HEIGHT = 680


def show(catalogue: Catalogue) -> None:
    """The scatter, with the model of the address marked on it."""
    charted = cached.chart(catalogue.name, catalogue.generation)
    if charted is None or not charted[0]:
        st.info(
            "There is no map of this catalogue yet. “Bring up to date” on the page Catalogues "
            "draws it.",
            icon=":material/scatter_plot:",
        )
        return
    items = charted[0]
    marked = address.text("item")
    row = next((n for n, item in enumerate(items) if item.id == marked), None)
    if marked and row is None:
        st.warning(
            "The model of this address is not on the map. It shows all the others.",
            icon=":material/link_off:",
        )
    st.caption(
        f"{len(items):,} models. What looks alike lies together. "
        "Rest on a point to see it, click to open it; drag to move, scroll to zoom."
    )
    st.plotly_chart(
        figure(catalogue.name, catalogue.generation, marked if row is not None else ""),
        key="map",
        config={"scrollZoom": True, "displaylogo": False},
        theme="streamlit",
    )
    hover_card(
        key="hover",
        chart_key="map",
        url_template=cards.picture_template(catalogue),
        on_pick=lambda item_id: st.session_state.update(opened_on_map=item_id),
    )


@st.cache_resource(max_entries=4, show_spinner=False)
def figure(name: str, generation: int, marked: str) -> go.Figure:
    charted = cached.chart(name, generation)
    assert charted is not None
    items, places = charted
    sizes = cached.facet(name, generation, "category")
    colours = palette.assign(list(sizes.items()))
    drawn = go.Figure()
    labels = np.array([item.category for item in items])
    grouped = [name for name, colour in colours.items() if colour != palette.OTHER]
    for category in sorted(grouped, key=lambda name: -sizes[name]):
        add(drawn, category, colours[category], items, places, np.flatnonzero(labels == category))
    rest = np.flatnonzero(~np.isin(labels, grouped))
    if len(rest):
        add(drawn, "Other" if grouped else "Models", palette.OTHER, items, places, rest)
    row = next((n for n, item in enumerate(items) if item.id == marked), None)
    if row is not None:
        drawn.add_trace(
            go.Scattergl(
                x=places[[row], 0],
                y=places[[row], 1],
                name=shortened(items[row].name),
                mode="markers",
                hoverinfo="skip",
                marker={
                    "size": 22,
                    "symbol": "circle-open",
                    "line": {"width": 3},
                    "color": "#d3104c",
                },
            )
        )
    drawn.update_layout(
        height=HEIGHT,
        dragmode="pan",
        hovermode="closest",
        margin={"l": 0, "r": 0, "t": 0, "b": 0},
        legend={"itemsizing": "constant", "orientation": "h", "yanchor": "top", "y": 0},
        xaxis={"visible": False},
        yaxis={"visible": False},
    )
    return drawn


def add(
    drawn: go.Figure,
    category: str,
    colour: str,
    items: list[Item],
    places: np.ndarray,
    rows: np.ndarray,
) -> None:
    chosen = [items[row] for row in rows]
    drawn.add_trace(
        go.Scattergl(
            x=places[rows, 0],
            y=places[rows, 1],
            name=shortened(category),
            mode="markers",
            hoverinfo="none",
            customdata=[[one.id, one.name, one.category, one.digest[:8]] for one in chosen],
            marker={"size": 7, "color": colour, "opacity": 0.85},
        )
    )


def shortened(words: str) -> str:
    """Return words that Plotly, which reads some HTML, shows as they are."""
    words = words if len(words) <= 40 else words[:39] + "…"
    return words.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


navigation.guard()
opened = navigation.open_catalogue()
if picked := st.session_state.pop("opened_on_map", None):
    navigation.link_to("explore", item=picked)
try:
    show(opened)
except LookalikeError as error:
    st.error(address.plain(str(error)), icon=":material/error:")
