"""How a component of this project is registered with Streamlit."""

from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

if TYPE_CHECKING:
    from streamlit.components.v2.types import ComponentRenderer


def register(name: str) -> "ComponentRenderer":
    """Register the component of the folder `name` and return what mounts it.

    The folder lies beside this file and holds `name.html`, `name.css` and
    `name.js`. Streamlit wants this done once, when the module is imported.
    """
    files = Path(__file__).parent / name / name
    html, css, js = (
        files.with_suffix(suffix).read_text(encoding="utf-8") for suffix in (".html", ".css", ".js")
    )
    return st.components.v2.component(f"lookalike_{name}", html=html, css=css, js=js)
