"""The pages of the app, declared once, and the bar that leads to them."""

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from components.shared import url_state
from core.catalogue import Catalogue, names
from core.errors import LookalikeError

# The catalogue that is shown where the address names none.
FIRST = "fluent"


def pages() -> dict[str, StreamlitPage]:
    """Return the pages, by name."""
    return {
        "explore": st.Page("pages/explore.py", title="Explore", default=True),
        "search": st.Page("pages/search.py", title="Search"),
        "map": st.Page("pages/map.py", title="Map"),
        "catalogues": st.Page("pages/catalogues.py", title="Catalogues"),
        "about": st.Page("pages/about.py", title="About"),
    }


_BRAND = '<span class="brand"><img src="app/static/icon.png" alt="">Lookalike</span>'
_ICONS = {
    "explore": ":material/grid_view:",
    "search": ":material/image_search:",
    "map": ":material/scatter_plot:",
    "catalogues": ":material/inventory_2:",
    "about": ":material/info:",
}


def guard() -> None:
    """Call in the first line of every page.

    A fresh server treats the folder pages/ as an app of its own until app.py
    has run once, and would show a page without its surroundings.
    """
    if not st.session_state.get("app_has_run"):
        st.navigation(list(pages().values()), position="hidden")
        st.rerun()


def run() -> None:
    """Show the bar and run the page that the address names."""
    st.session_state["app_has_run"] = True
    declared = pages()
    page = st.navigation(list(declared.values()), position="hidden")
    with st.container(horizontal=True, vertical_alignment="center", key="bar"):
        st.html(_BRAND)
        for name, target in declared.items():
            st.page_link(
                target,
                icon=_ICONS[name],
                query_params=_carried(),
            )
        _switch()
    page.run()


def link_to(page: str, **parameters: str) -> None:
    """Go to another page of the same catalogue. In a callback or while the page runs."""
    st.switch_page(pages()[page], query_params=_carried() | parameters)


def current() -> str | None:
    """Return the name of the catalogue that the address means, or None if there is none at all."""
    if named := url_state.text("catalogue"):
        return named
    there = names()
    if not there:
        return None
    return FIRST if FIRST in there else there[0]


def open_catalogue() -> Catalogue:
    """Return the catalogue that the address means; where it cannot be had, say why and stop."""
    name = current()
    if name is None:
        st.info(
            "There is no catalogue yet. Make one on the page Catalogues.",
            icon=":material/inventory_2:",
        )
        st.page_link(pages()["catalogues"], label="Go to Catalogues", icon=_ICONS["catalogues"])
        st.stop()
    try:
        return Catalogue(name)
    except LookalikeError as error:
        st.error(url_state.escape_markdown(str(error)), icon=":material/error:")
        st.stop()


def _carried() -> dict[str, str]:
    """Return the part of the address that every page shares."""
    named = url_state.text("catalogue")
    return {"catalogue": named} if named else {}


def _switch() -> None:
    """Show which catalogue is open, and let another be chosen if there is one."""
    there = names()
    if len(there) < 2:
        return
    now = current()
    titles = {name: _title(name) for name in there}
    st.session_state["switch"] = now if now in there else None

    def switched() -> None:
        st.query_params.from_dict({"catalogue": st.session_state["switch"]})

    st.selectbox(
        "Catalogue",
        there,
        key="switch",
        format_func=lambda name: titles[name],
        label_visibility="collapsed",
        placeholder="Choose a catalogue",
        on_change=switched,
        width=240,
    )


def _title(name: str) -> str:
    try:
        return Catalogue(name).title
    except LookalikeError:
        return f"{name} (cannot be opened)"
