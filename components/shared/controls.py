"""Controls whose values are kept in the URL, so that Back, reload and links restore them."""

from collections.abc import Callable, Mapping, Sequence
from typing import Literal

import streamlit as st
from streamlit.elements.lib.mutable_popover_container import PopoverContainer

from components.shared import url_state
from core.descriptors import COMPACT, PUBLISHED

# Numbers of neighbours to choose from; the URL may ask for any number up to `MAX_COUNT`.
COUNTS = (9, 18, 36, 72)
DEFAULT_COUNT = 18
MAX_COUNT = 500
# What the pages call the descriptors.
DESCRIPTORS = {COMPACT: "Lookalike", PUBLISHED: "2016 recipe"}
# The value of `only` in the URL; links of the first version use it.
_STRONG_MATCHES = "outstanding"


def count_from_url() -> int:
    """Return how many neighbours the URL asks for."""
    return url_state.number("k", DEFAULT_COUNT, minimum=1, maximum=MAX_COUNT)


def count_select(label: str, count: int) -> None:
    """Show a selection of the number of neighbours: `k` in the URL."""
    st.session_state["k"] = count
    st.selectbox(
        label,
        sorted({*COUNTS, count}),
        key="k",
        width=120,
        on_change=lambda: _put("k", st.session_state["k"], DEFAULT_COUNT),
    )


def one_of(
    label: str,
    parameter: str,
    options: Mapping[str, str],
    value: str,
    *,
    default: str,
    labelled: bool = True,
    removed: Sequence[str] = (),
) -> None:
    """Show a choice of one of a few `options`, which maps values of the URL to their labels.

    A choice removes the parameters `removed` from the URL.
    """
    st.session_state[parameter] = value
    st.segmented_control(
        label,
        list(options),
        key=parameter,
        format_func=options.__getitem__,
        required=True,
        label_visibility="visible" if labelled else "collapsed",
        on_change=lambda: _put(parameter, st.session_state[parameter], default, removed=removed),
    )


def facet(
    label: str,
    counts: Mapping[str, int],
    value: str | None,
    *,
    everything: str,
    on_change: Callable[[str | None], None],
    labelled: bool = True,
    width: int | Literal["stretch"] = 240,
) -> None:
    """Show a choice of one value of a facet, or `everything`; nothing if it has no values.

    `counts` says how many models have each value.
    """
    if not counts:
        return
    key = f"facet-{label}"
    st.session_state[key] = value or ""
    st.selectbox(
        label,
        ["", *counts],
        key=key,
        format_func=lambda option: f"{option} ({counts[option]:,})" if option else everything,
        width=width,
        label_visibility="visible" if labelled else "collapsed",
        on_change=lambda: on_change(st.session_state[key] or None),
    )


def options(*, changed: int) -> PopoverContainer:
    """Return a popover for controls that few people need; its button says how many are changed."""
    label = f"Options · {changed}" if changed else "Options"
    return st.popover(label, icon=":material/tune:", key="options")


def strong_matches_only() -> bool:
    """Return whether the URL asks for strong matches only."""
    return url_state.choice("only", [_STRONG_MATCHES], "") == _STRONG_MATCHES


def strong_matches_toggle() -> None:
    """Show a switch that hides all but strong matches: `only` in the URL."""
    st.session_state["only"] = strong_matches_only()
    st.toggle(
        "Strong matches only",
        key="only",
        on_change=lambda: _put("only", _STRONG_MATCHES if st.session_state["only"] else "", ""),
    )


def pages(last: int, page: int) -> None:
    """Show a choice of one of the pages 1 to `last`: `page` in the URL."""
    # Keyed by the page: Streamlit does not allow a default together with a session value.
    key = f"page-{page}-of-{last}"
    st.pagination(
        last,
        default=page,
        key=key,
        on_change=lambda: _put("page", st.session_state[key], 1),
    )


def _put(
    parameter: str, value: str | int, default: str | int, *, removed: Sequence[str] = ()
) -> None:
    """Write a value to the URL, which leaves out defaults, and remove other parameters."""
    url_state.change(**dict.fromkeys(removed), **{parameter: None if value == default else value})
