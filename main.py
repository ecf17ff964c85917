"""What runs for every visitor: page settings, the bar, and the pages.

Opened through `app.py`, which serves it.
"""

import streamlit as st

from components.search import network_loader, search_bar
from components.shared import navigation

# The icon is in the page itself: see components/serving/responses.py.
st.set_page_config(page_title="Lookalike", layout="wide")
navigation.run(show_search_box=search_bar.show)
network_loader.load_later()
