"""What a page is called: in the browser's tab, and in its heading."""

from html import escape

import streamlit as st

# A name of more characters than this is set in smaller letters, and may be cut.
LONG = 60


def set_title(*parts: str) -> None:
    """Call the browser's tab by these parts, the most specific first, and the app's name."""
    st.set_page_config(page_title=" · ".join((*parts, "Lookalike")))


def heading(text: str, *, of: str) -> None:
    """Show a name as the page's heading, whatever characters it is made of.

    `of` is the id of what has the name: by it the browser tells the headings of two models of the
    same name apart, and moves the focus from one to the other.
    """
    size = " long" if len(text) > LONG else ""
    name = escape(text)
    st.html(f'<h1 class="name{size}" dir="auto" data-of="{escape(of)}" title="{name}">{name}</h1>')


def unseen_heading(text: str) -> None:
    """Tell screen readers the heading of a page that has none to be seen."""
    st.html(f'<h1 class="unseen" dir="auto">{escape(text)}</h1>')
