"""Lookalikes to take away: a table, JSON, and one picture of them all."""

from typing import Any

import streamlit as st

from core import contact_sheet, images, search, takeaway
from core.catalogue import Catalogue
from core.errors import LookalikeError
from core.search import Query, Results


def offer(catalogue: Catalogue, results: Results, query: Query, by: str) -> None:
    """Offer the results as files, which are made when they are asked for."""
    name = f"lookalikes-{catalogue.name}"
    with st.popover("Take away", icon=":material/download:"):
        st.download_button(
            "Contact sheet (PNG)",
            lambda: contact_sheet.draw(
                results,
                catalogue=catalogue,
                title="Lookalikes",
                query=_pictures(catalogue, query),
            ),
            file_name=f"{name}.png",
            mime="image/png",
            icon=":material/grid_on:",
            on_click="ignore",
        )
        st.download_button(
            "Table (CSV)",
            lambda: takeaway.as_csv(results),
            file_name=f"{name}.csv",
            mime="text/csv",
            icon=":material/table:",
            on_click="ignore",
        )
        st.download_button(
            "JSON",
            lambda: takeaway.as_json(results, query=_told(query, by)),
            file_name=f"{name}.json",
            mime="application/json",
            icon=":material/data_object:",
            on_click="ignore",
        )


def _pictures(catalogue: Catalogue, query: Query) -> list[Any]:
    """Return the pictures of what is looked for, those that can be shown."""
    pictures = []
    for one in query.examples:
        if one.weight > 0:
            try:
                pictures.append(images.shrink(search.meant(one, catalogue), side=448))
            except LookalikeError:
                continue
    return pictures


def _told(query: Query, by: str) -> dict[str, Any]:
    """Return what was asked for, in the words of the command line; pictures have no name."""
    return {
        "descriptor": by,
        "examples": [
            {
                "item": one.item,
                "weight": one.weight,
                "region": one.region
                and [one.region.left, one.region.top, one.region.right, one.region.bottom],
            }
            for one in query.examples
        ],
        "filters": {
            name: value
            for name in ("text", "category", "creator", "licence", "tag")
            if (value := getattr(query.filters, name))
        },
    }
