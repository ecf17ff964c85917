"""Removing a catalogue: the question that is asked first."""

import streamlit as st

from components.catalogues import dialogs
from components.shared import messages, url_state
from core import disk, jobs
from core.catalogue import Catalogue, status_files
from core.errors import LookalikeError

REMOVE = "Remove"
# A catalogue of more models is removed only if its title is typed.
MAX_WITHOUT_TITLE = 1_000


def button(name: str, *, title: str) -> None:
    """Show the button that asks whether to remove the catalogue `name`, called `title`."""
    st.button(
        "Remove",
        key=f"remove-{name}",
        icon=":material/delete:",
        on_click=dialogs.ask_for,
        args=(name, REMOVE),
    )
    show(name, title=title)


def show(name: str, *, title: str, models: int = 0) -> None:
    """Ask whether to remove the catalogue `name`, if the dialog that asks is open.

    `title` is what people call it, and `models` how many models it has, if that is known.
    """
    dialogs.show(
        name,
        REMOVE,
        lambda: _ask(name, title, models),
        title="Remove catalogue",
        width="small",
    )


def _ask(name: str, title: str, models: int) -> None:
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
            try:
                # A job would make the folder again, without what it was to hold.
                for file in status_files(name):
                    jobs.check_idle(file)
                Catalogue.remove(name)
            except (LookalikeError, OSError) as error:
                messages.show_error(
                    disk.describe(error) if isinstance(error, OSError) else str(error)
                )
                return
            if url_state.text("catalogue") == name:
                st.query_params.clear()
            dialogs.close()
            st.rerun()
        st.button("Cancel", key="cancel-removal", on_click=dialogs.close)
