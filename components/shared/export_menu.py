"""The menu that exports models: a contact sheet, a table, JSON, or a map in one HTML file."""

import re
from collections.abc import Callable, Sequence
from dataclasses import astuple
from typing import Any

import streamlit as st
from PIL import Image

from core import search
from core.catalogue import FACETS, Catalogue
from core.errors import LookalikeError
from core.export import contact_sheet
from core.export.results import as_csv, as_json
from core.pictures import resizing
from core.search import Example, ItemExample, ItemsExample, Query, Results


def export_results(catalogue: Catalogue, results: Results, query: Query, descriptor: str) -> None:
    """Offer the lookalikes of a query as files."""
    with st.popover("Export", icon=":material/download:"):
        _download_buttons(
            catalogue,
            lambda: results,
            title="Lookalikes",
            pictures=lambda: _pictures(catalogue, query),
            query_as_dict=lambda: _query_as_dict(query, descriptor),
        )


def export_selection(
    catalogue: Catalogue,
    results: Callable[[], Results],
    *,
    selection: str,
    name: str,
    standalone_map: Callable[[], str],
) -> None:
    """Offer models of the map as files; `standalone_map` returns them as a map in one HTML file."""
    with st.popover("Export", icon=":material/download:"):
        _download_buttons(
            catalogue,
            results,
            title=name or "Map selection",
            pictures=list,
            query_as_dict=lambda: {"selection": selection, "name": name},
        )
        st.download_button(
            "Map (HTML)",
            standalone_map,
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
    query_as_dict: Callable[[], dict[str, Any]],
) -> None:
    """Offer results as a contact sheet, a table and JSON; each is made when it is clicked."""
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
        lambda: as_json(results(), query=query_as_dict()),
        file_name=f"{name}.json",
        mime="application/json",
        icon=":material/data_object:",
        on_click="ignore",
    )


def _pictures(catalogue: Catalogue, query: Query) -> list[Image.Image]:
    """Return the pictures of the positive examples, as far as they can be shown."""
    pictures = []
    for example in query.examples:
        if example.weight > 0:
            try:
                picture = search.example_picture(example, catalogue)
                pictures.append(resizing.shrink(picture, side=448))
            except LookalikeError:
                continue
    return pictures


def _query_as_dict(query: Query, descriptor: str) -> dict[str, Any]:
    """Return the query in the terms of the command line; pictures are left out."""
    return {
        "descriptor": descriptor,
        "examples": [_example_as_dict(example) for example in query.examples],
        "filters": {
            name: value for name in ("text", *FACETS) if (value := getattr(query.filters, name))
        },
    }


def _example_as_dict(example: Example) -> dict[str, Any]:
    region = None if isinstance(example, ItemsExample) else example.region
    return {
        "item": example.item_id if isinstance(example, ItemExample) else None,
        "items": example.item_ids if isinstance(example, ItemsExample) else (),
        "weight": example.weight,
        "region": None if region is None else list(astuple(region)),
    }
