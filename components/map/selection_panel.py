"""The selected models beside the map, and the export of the whole map."""

from dataclasses import replace

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from components.map import caches as map_caches
from components.map import standalone, url_selection
from components.map.colouring import Colouring
from components.map.map_data import MapData
from components.map.map_frame import landmarks
from components.map.url_selection import Selection
from components.shared import (
    backgrounds,
    cards,
    controls,
    export_menu,
    messages,
    navigation,
    url_state,
)
from components.shared.session import session
from components.widgets.focus import focus
from components.widgets.gallery import gallery
from core.catalogue import MAX_CLUSTER_NAME, Catalogue, Cluster
from core.counting import counted
from core.errors import LookalikeError
from core.search import ItemsExample

# How many models of a selection one page shows.
PER_PAGE = 48
# Keys of what came of renaming a cluster, until the page has said so.
_RENAMED, _NOT_RENAMED = "map.renamed", "map.not renamed"


def show_whole(catalogue: Catalogue, map_: MapData, colouring: Colouring) -> None:
    """Offer the whole map as files, without models that were hidden after the page was drawn."""

    def shown() -> NDArray[np.bool_]:
        return map_.mask(catalogue.items.ids())

    export_menu.export_selection(
        catalogue,
        lambda: map_caches.most_typical_first(
            catalogue, [map_.items[row] for row in np.flatnonzero(shown())]
        ),
        selection="",
        name=catalogue.title,
        standalone_map=lambda: standalone.as_html(
            catalogue, map_, colouring, landmarks(map_), rows=shown()
        ),
    )


def show_selected(
    catalogue: Catalogue,
    map_: MapData,
    selection: Selection,
    matches: NDArray[np.bool_] | None,
    colouring: Colouring,
) -> None:
    """Show the selected models as a gallery, with buttons to search, save and export.

    `matches` says which models match the filters, bool (n,).
    """
    rows = selection.rows if matches is None else selection.rows & matches
    if not rows.any():
        st.info(
            "No models in this selection match the filters."
            if selection.rows.any()
            else "There are no models inside the lasso. Draw it around some points.",
            icon=":material/lasso_select:",
        )
        _clear_button()
        return
    results = map_caches.most_typical_first(
        catalogue, [map_.items[row] for row in np.flatnonzero(rows)]
    )
    count = len(results.neighbours)
    with st.container(horizontal=True, vertical_alignment="center", key="selected-name"):
        st.header(url_state.escape_markdown(selection.name) or "Selection", anchor=False)
        if selection.cluster is not None:
            _rename(catalogue, selection.cluster, map_.clusters[selection.cluster])
    st.caption(f"{counted(count, 'model')} · most typical first")
    ids = [one.item.id for one in results.neighbours]
    with st.container(horizontal=True, key="with-selected"):
        st.button(
            "Search with selection",
            icon=":material/image_search:",
            type="primary",
            on_click=_search_with,
            args=(ids,),
        )
        _save_collection(catalogue, ids, selection.name)
        export_menu.export_selection(
            catalogue,
            lambda: results,
            selection=selection.text,
            name=selection.name,
            standalone_map=lambda: standalone.as_html(
                catalogue, map_, colouring, landmarks(map_), rows=rows
            ),
        )
        _clear_button()
    last = -(-count // PER_PAGE)
    page = min(url_state.number("page", 1, minimum=1, maximum=1_000_000), last)
    gallery(
        cards.of_items(
            catalogue,
            [one.item for one in results.neighbours[(page - 1) * PER_PAGE : page * PER_PAGE]],
            link=lambda item_id: navigation.url("explore", item=item_id),
            cut_outs=backgrounds.cut_outs(catalogue),
        ),
        key="selected",
        label="Selected models",
        size=84,
        actions=[cards.MORE_LIKE_THIS],
        on_act=lambda _, item_id: navigation.link_to("search", like=item_id),
    )
    if last > 1:
        controls.pages(last, page)


def _search_with(ids: list[str]) -> None:
    """Go to Search with these models. Only in callbacks."""
    if len(ids) > 1:
        session.start_search(ItemsExample(tuple(ids)))
        navigation.link_to("search")
    else:
        session.start_search()
        navigation.link_to("search", like=ids[0])


def _clear_button() -> None:
    st.button(
        "Clear selection",
        icon=":material/close:",
        type="tertiary",
        on_click=url_selection.put,
        args=("", url_state.text("view")),
    )


def _rename(catalogue: Catalogue, number: int, cluster: Cluster) -> None:
    """Offer to give a cluster another name, or its automatic one again."""
    # By its name: renaming makes it another popover, which is closed.
    popover = f"rename-{number}-{cluster.name}"
    field = f"{popover}-field"

    def rename() -> None:
        name = st.session_state[field]
        try:
            catalogue.map.rename_cluster(number, name, landmark=cluster.landmark)
        except LookalikeError as error:
            st.session_state[_NOT_RENAMED] = messages.error_message(error)
        else:
            st.session_state[_RENAMED] = True

    with (
        st.popover("Rename", icon=":material/edit:", key=popover),
        st.form("rename-cluster", border=False),
    ):
        st.text_input(
            "Cluster name",
            value=cluster.label(number),
            key=field,
            max_chars=MAX_CLUSTER_NAME,
            placeholder=replace(cluster, edited_name="").label(number),
            help="The name is kept when the layout is recomputed. Leave it empty to use the "
            "automatic name.",
        )
        st.form_submit_button("Rename", type="primary", on_click=rename)
        if message := st.session_state.pop(_NOT_RENAMED, ""):
            st.error(message)
    renamed = st.session_state.pop(_RENAMED, False)
    focus(".st-key-selected-name button" if renamed else "", key="focus")


def _save_collection(catalogue: Catalogue, ids: list[str], name: str) -> None:
    with (
        st.popover("Save as collection", icon=":material/bookmark:"),
        st.form("save-collection", border=False),
    ):
        name = st.text_input(
            "Collection name",
            value=name,
            max_chars=60,
            placeholder="For the meeting",
            help="If a collection has this name already, the models are added to it.",
        )
        if st.form_submit_button("Save", type="primary"):
            try:
                catalogue.collections.add(name, ids)
            except LookalikeError as error:
                st.error(url_state.escape_markdown(str(error)))
            else:
                session.saved_collection = name
                st.rerun(scope="fragment")
