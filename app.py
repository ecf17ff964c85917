"""Lookalike's entry: page settings, the bar with the catalogue switch, and the pages."""

from pathlib import Path

import streamlit as st

from components import cached, navigation

HERE = Path(__file__).parent

st.set_page_config(
    page_title="Lookalike", page_icon=str(HERE / "static" / "icon.png"), layout="wide"
)
st.html(HERE / "components" / "app.css")
navigation.run()
cached.warm_up()
