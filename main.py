"""What runs for every visitor: page settings, the bar, and the pages.

Opened through `app.py`, which serves it.
"""

from pathlib import Path

import streamlit as st

from components.search import network_loader, search_bar
from components.shared import navigation

HERE = Path(__file__).parent

st.set_page_config(
    page_title="Lookalike", page_icon=str(HERE / "static" / "icon.png"), layout="wide"
)
navigation.run(show_search_box=search_bar.show)
network_loader.load_later()
