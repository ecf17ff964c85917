"""How a component of this project is registered with Streamlit."""

from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

if TYPE_CHECKING:
    from streamlit.components.v2.types import ComponentRenderer


def register(module: str) -> "ComponentRenderer":
    """Register the component of the package whose `__file__` is `module`; return what mounts it.

    The package's folder `name` holds `name.html`, `name.css` and `name.js`. Streamlit wants
    this done once, when the module is imported.
    """
    folder = Path(module).parent
    name = folder.name
    files = folder / name
    html, css, js = (
        files.with_suffix(suffix).read_text(encoding="utf-8") for suffix in (".html", ".css", ".js")
    )
    return st.components.v2.component(f"lookalike_{name}", html=html, css=css, js=js)
