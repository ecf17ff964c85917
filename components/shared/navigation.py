"""The pages of the app, declared once, and the bar that links to them."""

from collections import Counter
from collections.abc import Sequence

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from components.shared import url_state
from components.shared.session import session
from core.catalogue import Catalogue, names
from core.errors import LookalikeError

# The catalogue that is shown if the URL names none.
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
    """Call this in the first line of every page.

    Until app.py has run once, a fresh server treats the folder pages/ as an app of its own, and
    would show a page without the bar.
    """
    if not session.app_has_run:
        st.navigation(list(pages().values()), position="hidden")
        st.rerun()


def run() -> None:
    """Show the bar and run the page that the URL names."""
    session.app_has_run = True
    declared = pages()
    page = st.navigation(list(declared.values()), position="hidden")
    with st.container(horizontal=True, vertical_alignment="center", key="bar"):
        st.html(_BRAND)
        for name, target in declared.items():
            st.page_link(
                target,
                icon=_ICONS[name],
                query_params=_shared_parameters(),
            )
        _catalogue_select()
    page.run()


def link_to(page: str, **parameters: str) -> None:
    """Go to another page of the same catalogue, from a callback or while the page runs."""
    st.switch_page(pages()[page], query_params=_shared_parameters() | parameters)


def current() -> str | None:
    """Return the name of the catalogue to show, or None if there are no catalogues."""
    if named := url_state.text("catalogue"):
        return named
    known = names()
    if not known:
        return None
    return FIRST if FIRST in known else known[0]


def open_catalogue() -> Catalogue:
    """Return the catalogue to show; if it cannot be opened, say why and stop the page."""
    name = current()
    if name is None:
        st.info(
            "There are no catalogues yet. Create one on the Catalogues page.",
            icon=":material/inventory_2:",
        )
        st.page_link(pages()["catalogues"], label="Go to Catalogues", icon=_ICONS["catalogues"])
        st.stop()
    try:
        return Catalogue(name)
    except LookalikeError as error:
        st.error(url_state.escape_markdown(str(error)), icon=":material/error:")
        st.stop()


def _shared_parameters() -> dict[str, str]:
    """Return the parameters of the URL that every page shares."""
    named = url_state.text("catalogue")
    return {"catalogue": named} if named else {}


def _catalogue_select() -> None:
    """Show which catalogue is open, and offer the others, if there are any."""
    known = names()
    if len(known) < 2:
        return
    name = current()
    labels = catalogue_labels(known)
    st.session_state["switch"] = name if name in known else None

    def switch() -> None:
        st.query_params.from_dict({"catalogue": st.session_state["switch"]})

    st.selectbox(
        "Catalogue",
        known,
        key="switch",
        format_func=labels.__getitem__,
        label_visibility="collapsed",
        placeholder="Choose a catalogue",
        on_change=switch,
        width=240,
    )


def catalogue_labels(names: Sequence[str]) -> dict[str, str]:
    """Return the label of each catalogue: its title, and its name if others share the title.

    Streamlit identifies options by their labels: of two with the same label it takes the first.
    """
    titles = {name: _title(name) for name in names}
    shared = Counter(titles.values())
    return {
        name: f"{title} ({name})" if shared[title] > 1 else title for name, title in titles.items()
    }


def _title(name: str) -> str:
    try:
        return Catalogue(name).title
    except LookalikeError:
        return f"{name} (cannot be opened)"
