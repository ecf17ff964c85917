"""The filters of Explore: facets that are not shown as chips, and backgrounds."""

from collections.abc import Mapping

import streamlit as st

from components.explore import listing
from components.shared import backgrounds, controls, url_state
from core.catalogue import Catalogue, Facet, Filters


def show(catalogue: Catalogue, filters: Filters, counts: Mapping[Facet, Mapping[str, int]]) -> None:
    """Show the filters; `counts` says how many models have each value of a facet."""
    with st.container(horizontal=True, vertical_alignment="bottom", key="controls"):
        if not listing.are_chips(counts["category"]):
            controls.facet(
                "Category",
                counts["category"],
                filters.category,
                everything="All categories",
                on_change=lambda value: _narrow(category=value),
                labelled=False,
            )
        controls.facet(
            "Collection",
            counts["collection"],
            filters.collection,
            everything="All collections",
            on_change=lambda value: _narrow(collection=value),
            labelled=False,
        )
        backgrounds.toggle(catalogue)


def _narrow(**filters: str | None) -> None:
    """Change filters of the URL, and begin at the first page. Only in callbacks."""
    url_state.change(**dict.fromkeys(listing.PAGES), **filters)
