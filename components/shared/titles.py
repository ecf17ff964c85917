"""What a page is called: in the browser's tab, and in its heading."""

from html import escape

import streamlit as st


def set_title(*parts: str) -> None:
    """Call the browser's tab by these parts, the most specific first, and the app's name."""
    st.set_page_config(page_title=" · ".join((*parts, "Lookalike")))


def heading(text: str) -> None:
    """Show a name as the page's heading, whatever characters it is made of."""
    st.html(f'<h1 class="name" dir="auto">{escape(text)}</h1>')


def unseen_heading(text: str) -> None:
    """Tell screen readers the heading of a page that has none to be seen."""
    st.html(f'<h1 class="unseen" dir="auto">{escape(text)}</h1>')
