"""The files that an import passes over, by kind."""

from collections.abc import Sequence

import streamlit as st

from components.shared import url_state
from core.catalogue import PassedOver
from core.counting import counted


def show(passed_over: Sequence[PassedOver]) -> None:
    """List what is passed over, with how to have it; nothing if nothing is."""
    if passed_over:
        count = counted(sum(each.count for each in passed_over), "file")
        kinds = "".join(f"\n- {url_state.escape_markdown(str(each))}" for each in passed_over)
        st.caption(f"Passed over ({count}):\n{kinds}")
