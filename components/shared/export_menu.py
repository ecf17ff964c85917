"""Models to take away: a table, JSON, one picture of them all, a map without a server."""

import re
from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st
from PIL import Image

from core import search
from core.catalogue import FACETS, Catalogue
from core.errors import LookalikeError
from core.export import contact_sheet
from core.export.results import as_csv, as_json
from core.pictures import resizing
from core.search import Query, Results


def export_results(catalogue: Catalogue, results: Results, query: Query, by: str) -> None:
    """Offer the lookalikes of a query as files."""
    with st.popover("Take away", icon=":material/download:"):
        _download_buttons(
            catalogue,
            lambda: results,
            title="Lookalikes",
            pictures=lambda: _pictures(catalogue, query),
            told=lambda: _query_as_dict(query, by),
        )


def export_selection(
    catalogue: Catalogue,
    results: Callable[[], Results],
    *,
    selection: str,
    name: str,
    page: Callable[[], str],
) -> None:
    """Offer what is selected on the map as files; `page` makes it a map without a server."""
    with st.popover("Take away", icon=":material/download:"):
        _download_buttons(
            catalogue,
            results,
            title=name or "Selected on the map",
            pictures=list,
            told=lambda: {"selection": selection, "name": name},
        )
        st.download_button(
            "Map (HTML)",
            page,
            file_name=f"map-{catalogue.name}.html",
            mime="text/html",
            icon=":material/map:",
            on_click="ignore",
        )


def _download_buttons(
    catalogue: Catalogue,
    results: Callable[[], Results],
    *,
    title: str,
    pictures: Callable[[], Sequence[Image.Image]],
    told: Callable[[], dict[str, Any]],
) -> None:
    """Offer results as a sheet, a table and JSON, which are made when they are asked for."""
    name = "-".join([*re.findall(r"\w+", title.lower())[:4], catalogue.name])
    st.download_button(
        "Contact sheet (PNG)",
        lambda: contact_sheet.draw(results(), catalogue=catalogue, title=title, query=pictures()),
        file_name=f"{name}.png",
        mime="image/png",
        icon=":material/grid_on:",
        on_click="ignore",
    )
    st.download_button(
        "Table (CSV)",
        lambda: as_csv(results()),
        file_name=f"{name}.csv",
        mime="text/csv",
        icon=":material/table:",
        on_click="ignore",
    )
    st.download_button(
        "JSON",
        lambda: as_json(results(), query=told()),
        file_name=f"{name}.json",
        mime="application/json",
        icon=":material/data_object:",
        on_click="ignore",
    )


def _pictures(catalogue: Catalogue, query: Query) -> list[Image.Image]:
    """Return the pictures of what is looked for, those that can be shown."""
    pictures = []
    for one in query.examples:
        if one.weight > 0:
            try:
                pictures.append(resizing.shrink(search.example_picture(one, catalogue), side=448))
            except LookalikeError:
                continue
    return pictures


def _query_as_dict(query: Query, by: str) -> dict[str, Any]:
    """Return what was asked for, in the words of the command line; pictures have no name."""
    return {
        "descriptor": by,
        "examples": [
            {
                "item": one.item,
                "items": one.items,
                "weight": one.weight,
                "region": one.region
                and [one.region.left, one.region.top, one.region.right, one.region.bottom],
            }
            for one in query.examples
        ],
        "filters": {
            name: value for name in ("text", *FACETS) if (value := getattr(query.filters, name))
        },
    }
