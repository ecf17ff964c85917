"""A picture beside the pointer while it rests on a point of a Plotly chart."""

import re
from collections.abc import Callable

import streamlit as st

from components.assets import register

_mount = register("hover_card")


def hover_card(
    *,
    key: str,
    chart_key: str,
    url_template: str,
    on_pick: Callable[[str], None] | None = None,
) -> None:
    """Add hover cards, and clicks on points, to the Plotly chart with the key `chart_key`.

    Nothing is shown until the pointer rests on a point. Each point's
    `customdata` is `[id, name, category, version]`. `url_template` is the
    address of a thumbnail, with `{id}` and `{version}` where those go. Give
    the traces `hoverinfo="none"`, or Plotly shows a label of its own as well.

    `on_pick` gets the id of a clicked point before the script runs again, in
    every drag mode: Streamlit's own `on_select` reports no clicks while the
    chart is set to lasso or box selection.
    """

    def picked() -> None:
        if on_pick is not None:
            on_pick(st.session_state[key]["picked"])

    _mount(
        key=key,
        data={
            "self": _css_class(key),
            "chart": _css_class(chart_key),
            "url": url_template,
            "clickable": on_pick is not None,
        },
        on_picked_change=picked,
    )


def _css_class(key: str) -> str:
    """The CSS class that Streamlit gives an element with a key."""
    return "st-key-" + re.sub(r"[^a-zA-Z0-9_-]", "-", key.strip())
