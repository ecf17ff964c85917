"""The entry point: page settings, the bar with the catalogue selection, and the pages."""

from pathlib import Path

import streamlit as st

from components.search import network_loader
from components.shared import navigation

HERE = Path(__file__).parent

st.set_page_config(
    page_title="Lookalike", page_icon=str(HERE / "static" / "icon.png"), layout="wide"
)
st.html(HERE / "components" / "app.css")
navigation.run()
network_loader.load_later()
