"""Removing a catalogue: the question that is asked first."""

import streamlit as st

from components.shared import url_state
from core.catalogue import Catalogue

# A catalogue of more models is removed only if its title is typed.
MAX_WITHOUT_TITLE = 1_000


def button(name: str, *, title: str) -> None:
    """Show the button that asks whether to remove the catalogue `name`, called `title`."""
    if st.button("Remove", key=f"remove-{name}", icon=":material/delete:"):
        ask(name, title=title)


@st.dialog("Remove catalogue")
def ask(name: str, *, title: str, models: int = 0) -> None:
    """Ask whether to remove the catalogue `name`.

    `title` is what people call it, and `models` how many models it has, if that is known.
    """
    shown = url_state.escape_markdown(title)
    st.markdown(
        f"Remove “{shown}” with its pictures, uploads, vectors and map? This cannot be undone."
    )
    confirmed = True
    if models > MAX_WITHOUT_TITLE:
        typed = st.text_input(
            f"This catalogue has {models:,} models. Type its title to confirm",
            placeholder=title,
            key="removal-title",
        )
        confirmed = " ".join(typed.split()) == " ".join(title.split())
    with st.container(horizontal=True):
        if st.button("Remove", type="primary", key="confirm-removal", disabled=not confirmed):
            Catalogue.remove(name)
            if url_state.text("catalogue") == name:
                st.query_params.clear()
            st.rerun()
        if st.button("Cancel", key="cancel-removal"):
            st.rerun()
