"""The layers of the map that can be hidden, by the URL."""

import streamlit as st

from components.map.map_view import DisplayOptions
from components.shared import url_state

# What the page calls the layers.
_LABELS = {
    "landmarks": "Landmarks and names",
    "pictures": "Pictures",
    "cards": "Hover cards",
}


def from_url() -> DisplayOptions:
    """Return which layers are shown."""
    return DisplayOptions(**{layer: _is_shown(layer) for layer in _LABELS})


def toggles() -> None:
    """Let a person hide and show layers."""
    for layer, label in _LABELS.items():
        st.toggle(label, key=f"show-{layer}", value=_is_shown(layer), on_change=_put)


def _is_shown(layer: str) -> bool:
    return layer not in url_state.text("hide").split(".")


def _put() -> None:
    """Write the hidden layers to the URL. Only in callbacks."""
    hidden = [layer for layer in _LABELS if not st.session_state[f"show-{layer}"]]
    url_state.change(hide=".".join(hidden))
