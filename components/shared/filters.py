"""Where to look: words and facets that narrow a search, kept in the address."""

from functools import partial

import streamlit as st

from components.shared import caches, controls, url_state
from core.catalogue import Catalogue, Facet, Filters

# Each facet's name in the address, on the page, and where nothing is chosen.
_FACETS: dict[Facet, tuple[str, str, str]] = {
    "category": ("within", "Category", "All categories"),
    "creator": ("creator", "Creator", "All creators"),
    "licence": ("licence", "Licence", "All licences"),
    "tag": ("tag", "Tag", "All tags"),
    "collection": ("collection", "Collection", "In any or none"),
}
_WORDS = "words"


def from_url(catalogue: Catalogue) -> Filters:
    """Return what the address narrows the search to; say so where it asks for what is not there."""
    chosen = {
        facet: url_state.choice(parameter, list(_sizes(catalogue, facet)), "") or None
        for facet, (parameter, _, _) in _FACETS.items()
    }
    return Filters(text=url_state.text(_WORDS), **chosen)


def choose(catalogue: Catalogue, now: Filters) -> None:
    """Let a search be narrowed; the button counts what narrows it."""
    count = sum(getattr(now, facet) is not None for facet in _FACETS) + bool(now.text.strip())
    label = f"Filters · {count}" if count else "Filters"
    with st.popover(label, icon=":material/filter_alt:"):
        st.session_state["filter-words"] = now.text
        st.text_input(
            "Name or tag contains",
            key="filter-words",
            max_chars=100,
            on_change=lambda: url_state.change(words=st.session_state["filter-words"]),
        )
        for facet, (parameter, label, everything) in _FACETS.items():
            controls.facet(
                label,
                _sizes(catalogue, facet),
                getattr(now, facet),
                everything=everything,
                on_change=partial(_narrow, parameter),
                width="stretch",
            )
        if now:
            clear_button("from the filters")


def clear_button(key: str) -> None:
    """Let all filters be taken away."""
    st.button(
        "Look everywhere",
        key=f"look everywhere {key}",
        icon=":material/filter_alt_off:",
        on_click=_clear,
    )


def _clear() -> None:
    url_state.change(**{_WORDS: None}, **{parameter: None for parameter, _, _ in _FACETS.values()})


def _narrow(parameter: str, value: str | None) -> None:
    url_state.change(**{parameter: value})


def _sizes(catalogue: Catalogue, facet: Facet) -> dict[str, int]:
    return caches.facet(catalogue.name, catalogue.revision, facet)
