"""The selected models beside the map."""

import numpy as np
import streamlit as st

from components.map import caches as map_caches
from components.map import standalone, url_selection
from components.map.colouring import Colouring
from components.map.map_data import MapData
from components.map.map_frame import landmarks
from components.map.url_selection import Selection
from components.search import example_tray, url_examples
from components.shared import cards, controls, export_menu, navigation, url_state
from components.widgets.gallery import gallery
from core.catalogue import Catalogue
from core.errors import LookalikeError
from core.search import Example

# Models of a selection shown at once.
PER_PAGE = 48


def show_whole(catalogue: Catalogue, chart: MapData, coloured: Colouring) -> None:
    """All of the map, to take away."""
    everything = np.ones(len(chart.items), bool)
    export_menu.export_selection(
        catalogue,
        lambda: map_caches.members(catalogue.name, catalogue.revision, everything.tobytes()),
        selection="",
        name=catalogue.title,
        page=lambda: standalone.page(catalogue, chart, coloured, landmarks(chart)),
    )


def show_selected(
    catalogue: Catalogue,
    chart: MapData,
    chosen: Selection,
    matches: np.ndarray | None,
    coloured: Colouring,
) -> None:
    """What is selected, as a gallery: to open, to search with, to keep and to take away."""
    rows = chosen.rows if matches is None else chosen.rows & matches
    if not rows.any():
        st.info(
            "Nothing is selected: there is no model inside that matches the filters."
            if chosen.rows.any()
            else "There is no model inside the lasso. Draw it around some points.",
            icon=":material/lasso_select:",
        )
        st.button("Select nothing", on_click=url_selection.put, args=("", url_state.text("view")))
        return
    found = map_caches.members(catalogue.name, catalogue.revision, rows.tobytes())
    count = len(found.neighbours)
    st.subheader(url_state.escape_markdown(chosen.name) or "Selected", anchor=False)
    st.caption(f"{count:,} {'model' if count == 1 else 'models'}, the most typical first.")
    ids = [one.item.id for one in found.neighbours]
    with st.container(horizontal=True, key="with-selected"):
        if st.button("Search with them", icon=":material/image_search:", type="primary"):
            example_tray.start_with(
                Example(items=tuple(ids)) if count > 1 else Example(item=ids[0])
            )
            navigation.link_to("search")
        save_collection(catalogue, ids, chosen)
        export_menu.export_selection(
            catalogue,
            lambda: found,
            selection=chosen.text,
            name=chosen.name,
            page=lambda: standalone.page(catalogue, chart, coloured, landmarks(chart), rows=rows),
        )
        st.button(
            "Clear",
            icon=":material/close:",
            type="tertiary",
            on_click=url_selection.put,
            args=("", url_state.text("view")),
        )
    last = -(-count // PER_PAGE)
    page = min(url_state.number("page", 1, least=1, most=1_000_000), last)
    gallery(
        cards.of_items(
            catalogue,
            [one.item for one in found.neighbours[(page - 1) * PER_PAGE : page * PER_PAGE]],
        ),
        key="selected",
        label="Selected models",
        size=84,
        on_pick=lambda item_id: navigation.link_to("explore", item=item_id),
        actions=url_examples.ACTIONS[:1],
        on_act=lambda _, item_id: navigation.link_to(
            "search", like=url_examples.encode([Example(item=item_id)])
        ),
    )
    if last > 1:
        controls.pages(last, page)


def save_collection(catalogue: Catalogue, ids: list[str], chosen: Selection) -> None:
    """Let a selection be kept under a name."""
    with st.popover("Keep", icon=":material/bookmark:"), st.form("keep", border=False):
        name = st.text_input(
            "Name of the collection",
            value=chosen.name,
            max_chars=60,
            placeholder="For the meeting",
            help="A name that is there already is added to.",
        )
        if st.form_submit_button("Keep as a collection", type="primary"):
            try:
                catalogue.collections.add(name, ids)
            except LookalikeError as error:
                st.error(url_state.escape_markdown(str(error)))
            else:
                st.session_state["collected"] = name
                st.rerun(scope="fragment")
