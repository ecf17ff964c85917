"""The dialogs that the menu of a catalogue opens, one at a time.

Which one is open is in the session: it stays open when the page runs again because a job has ended.
It is closed where a job starts, which the page shows, and where the page is left.
"""

from collections.abc import Callable
from typing import Literal

import streamlit as st

from components.shared import page_errors
from components.shared.session import session


def show(
    name: str,
    dialog: str,
    contents: Callable[[], None],
    *,
    title: str,
    width: Literal["small", "medium", "large"] = "medium",
) -> None:
    """Show what `contents` shows in a dialog with a title in Markdown, if the dialog is open.

    `name` is that of the catalogue, and `dialog` what the session knows the dialog by.
    """
    if session.catalogue_dialog != (name, dialog):
        return

    @st.dialog(title, width=width, on_dismiss=close)
    def show_contents() -> None:
        if session.catalogue_dialog is None:
            # A button in it has closed it.
            st.rerun()
        with page_errors.reported():
            contents()

    show_contents()


def ask_for(name: str, dialog: str) -> None:
    """Open a dialog of a catalogue; in callbacks."""
    session.catalogue_dialog = (name, dialog)


def close() -> None:
    """Close the dialog; in callbacks."""
    del session.catalogue_dialog
