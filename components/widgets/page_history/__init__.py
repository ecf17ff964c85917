"""Keeps the browser's history as people expect it: links, scroll positions, and the focus."""

import streamlit as st

from components.widgets.assets import register

_mount = register(__file__)

# The class of the links, in HTML on the page, that a plain click follows within the app.
IN_APP = "in-app"


def page_history(*, key: str) -> bool:
    """Follow links of the class `IN_APP` without loading the app again, and restore scrolling.

    On another page or model, the focus moves to the heading: screen readers say where they are, and
    Tab goes on from there.

    Call it once on every page, outside fragments, so that it stays mounted from page to page. Hide
    it by its `key` in the page's own styles: it shows nothing.

    Returns False in the first run of a session until those styles are there, which the browser
    loads later than the elements; the script then runs again. A page that waits for them is not
    laid out twice before a person's eyes.
    """
    ready = f"{key}.ready"

    def note() -> None:
        st.session_state[ready] = True

    # Only a browser sends headers; whoever else runs the script has no styles to wait for.
    is_ready = bool(st.session_state.get(ready)) or not st.context.headers
    _mount(
        key=key,
        data={"links": f"a.{IN_APP}", "is_ready": is_ready},
        on_ready_change=note,
    )
    return is_ready
