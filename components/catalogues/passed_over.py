"""The files that imports pass over, by kind."""

from collections.abc import Sequence

import streamlit as st

from components.shared import url_state
from core.catalogue import Catalogue, PassedOver, merge_passed_over
from core.counting import counted


def show(passed_over: Sequence[PassedOver]) -> None:
    """List what is passed over, with how to have it; nothing if nothing is."""
    if passed_over:
        st.caption(f"Passed over ({counted(_count(passed_over), 'file')}):\n{_list(passed_over)}")


def show_of(catalogue: Catalogue) -> None:
    """List, folded, what the last import of each source of a catalogue passed over."""
    last = {run.source: run for run in reversed(catalogue.imports.runs())}
    passed_over = merge_passed_over(run.passed_over for run in last.values())
    if passed_over:
        label = f"Passed over ({_count(passed_over):,})"
        with st.expander(label, key=f"passed-over-{catalogue.name}"):
            st.caption(_list(passed_over))


def _count(passed_over: Sequence[PassedOver]) -> int:
    return sum(each.count for each in passed_over)


def _list(passed_over: Sequence[PassedOver]) -> str:
    return "".join(f"\n- {url_state.escape_markdown(str(each))}" for each in passed_over)
