"""Controls whose values live in the address: Back, reload and a link bring them back."""

from collections.abc import Callable, Mapping
from typing import Literal

import streamlit as st

from components.shared import url_state
from core.descriptors import COMPACT, PUBLISHED

# Numbers of neighbours to choose from; the address may ask for any up to `MAX_COUNT`.
COUNTS = (9, 18, 36, 72)
DEFAULT_COUNT = 18
MAX_COUNT = 500
# What the pages call the descriptors.
DESCRIPTORS = {COMPACT: "Lookalike", PUBLISHED: "2016 recipe"}


def count_from_url() -> int:
    """Return how many neighbours the address asks for."""
    return url_state.number("k", DEFAULT_COUNT, least=1, most=MAX_COUNT)


def count_select(label: str, now: int) -> None:
    """Let the number of neighbours be chosen: `k` in the address."""
    st.session_state["k"] = now
    st.selectbox(
        label,
        sorted({*COUNTS, now}),
        key="k",
        width=120,
        on_change=lambda: _keep("k", st.session_state["k"], DEFAULT_COUNT),
    )


def one_of(label: str, parameter: str, words: Mapping[str, str], now: str, *, default: str) -> None:
    """Let one of a few be chosen: `words` says what each value is called on the page."""
    st.session_state[parameter] = now
    st.segmented_control(
        label,
        list(words),
        key=parameter,
        format_func=words.__getitem__,
        required=True,
        on_change=lambda: _keep(parameter, st.session_state[parameter], default),
    )


def facet(
    label: str,
    sizes: Mapping[str, int],
    now: str | None,
    *,
    everything: str,
    on_change: Callable[[str | None], None],
    labelled: bool = True,
    width: int | Literal["stretch"] = 240,
) -> None:
    """Let a value be chosen, or `everything`; nothing is shown where there are none.

    `sizes` says how many models have each.
    """
    if not sizes:
        return
    key = f"facet-{label}"
    st.session_state[key] = now or ""
    st.selectbox(
        label,
        ["", *sizes],
        key=key,
        format_func=lambda value: f"{value} ({sizes[value]:,})" if value else everything,
        width=width,
        label_visibility="visible" if labelled else "collapsed",
        on_change=lambda: on_change(st.session_state[key] or None),
    )


def strong_matches_only() -> bool:
    """Return whether the address asks for what stands out alone."""
    return url_state.choice("only", ["outstanding"], "") == "outstanding"


def strong_matches_toggle() -> None:
    """Let what does not stand out be hidden: `only` in the address."""
    st.session_state["only"] = strong_matches_only()
    st.toggle(
        "Only what stands out",
        key="only",
        on_change=lambda: _keep("only", "outstanding" if st.session_state["only"] else "", ""),
    )


def pages(last: int, now: int) -> None:
    """Let one of the pages 1 to `last` be chosen: `page` in the address."""
    # Keyed by the page: a default and a value in the session state do not go together.
    key = f"page-{now}-of-{last}"
    st.pagination(
        last, default=now, key=key, on_change=lambda: _keep("page", st.session_state[key], 1)
    )


def _keep(parameter: str, value: str | int, default: str | int) -> None:
    """Put a value into the address, which leaves out what it would show anyway."""
    url_state.change(**{parameter: None if value == default else value})
