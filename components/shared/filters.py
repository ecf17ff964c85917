"""The filters of a search or a map: words and facets, kept in the URL."""

from functools import partial

import streamlit as st

from components.shared import caches, controls, url_state
from core.catalogue import FACETS, Catalogue, Facet, Filters

# What each facet is called, and what the control shows if no value is chosen. The parameters of
# the URL are the names of the facets.
_LABELS: dict[Facet, tuple[str, str]] = {
    "category": ("Category", "All categories"),
    "creator": ("Creator", "All creators"),
    "licence": ("Licence", "All licences"),
    "tag": ("Tag", "All tags"),
    "collection": ("Collection", "All collections"),
}
_WORDS = "words"
# What the category was called in the URLs of the first version.
_OLD_CATEGORY = "within"


def from_url(catalogue: Catalogue) -> Filters:
    """Return the filters of the URL; warn about values that the catalogue does not have."""
    counts = caches.facets(catalogue, FACETS)
    chosen = {
        facet: url_state.choice(_parameter(facet), list(counts[facet]), "") or None
        for facet in _LABELS
    }
    return Filters(text=url_state.text(_WORDS), **chosen)


def count(filters: Filters) -> int:
    """Return how many filters are set."""
    facets = sum(getattr(filters, facet) is not None for facet in _LABELS)
    return facets + bool(filters.text.strip())


def choose(catalogue: Catalogue, filters: Filters) -> None:
    """Show the controls of the filters behind a button, which says how many are set."""
    number = count(filters)
    label = f"Filters · {number}" if number else "Filters"
    with st.popover(label, icon=":material/filter_alt:"):
        fields(catalogue, filters)


def fields(catalogue: Catalogue, filters: Filters) -> None:
    """Show the controls of the filters, below each other."""
    counts = caches.facets(catalogue, FACETS)
    st.session_state["filter-words"] = filters.text
    st.text_input(
        "Name or tag contains",
        key="filter-words",
        max_chars=100,
        on_change=lambda: url_state.change(words=st.session_state["filter-words"]),
    )
    for facet, (label, everything) in _LABELS.items():
        controls.facet(
            label,
            counts[facet],
            getattr(filters, facet),
            everything=everything,
            on_change=partial(_set, facet),
            width="stretch",
        )
    if filters:
        clear_button("filters")


def clear_button(place: str) -> None:
    """Show a button that clears all filters; `place` makes its key unique on a page."""
    st.button(
        "Clear filters",
        key=f"clear-filters-{place}",
        icon=":material/filter_alt_off:",
        on_click=_clear,
    )


def _parameter(facet: Facet) -> str:
    """Return the name of a facet in the URL, which may still be the old one."""
    if facet == "category" and not url_state.text(facet) and url_state.text(_OLD_CATEGORY):
        return _OLD_CATEGORY
    return facet


def _clear() -> None:
    url_state.change(**dict.fromkeys((_WORDS, _OLD_CATEGORY, *_LABELS)))


def _set(facet: Facet, value: str | None) -> None:
    url_state.change(**({_OLD_CATEGORY: None} if facet == "category" else {}), **{facet: value})
