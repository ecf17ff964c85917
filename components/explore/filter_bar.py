"""The filters of Explore: facets that are no chips, a random model, and backgrounds."""

import contextlib
import random
from collections.abc import Mapping

import streamlit as st

from components.explore import listing
from components.shared import backgrounds, controls, url_state
from core.catalogue import Catalogue, Facet, Filters
from core.errors import LookalikeError


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
        surprise_button(catalogue, filters)
        backgrounds.toggle(catalogue)


def surprise_button(catalogue: Catalogue, filters: Filters) -> None:
    """A button that opens a random model that matches the filters."""

    def open_random() -> None:
        # The page says itself that the catalogue was removed, or what else is wrong.
        with contextlib.suppress(LookalikeError):
            if ids := catalogue.items.ids(filters):
                open_model(random.choice(ids))

    st.button("Surprise me", icon=":material/casino:", on_click=open_random)


def open_model(item_id: str) -> None:
    """Show a model, at the beginning of a trail. Only in callbacks."""
    url_state.change(item=item_id, trail=None)


def _narrow(**filters: str | None) -> None:
    """Change filters of the URL, and begin at the first page. Only in callbacks."""
    url_state.change(**dict.fromkeys(listing.PAGES), **filters)
