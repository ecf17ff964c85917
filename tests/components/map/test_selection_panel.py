"""The export of a map that has changed since the page was drawn."""

import csv
import io
import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import streamlit as st

from components.map import colouring, selection_panel
from components.map.map_data import MapData
from components.map.url_selection import Selection
from components.shared import export_menu
from core import search
from core.catalogue import Catalogue, Item
from core.descriptors import COMPACT
from core.export.results import as_csv, as_json
from core.search import Results
from core.similarity import Index
from tests.components.map.test_map_data import catalogue_of, lay_out, read

COUNT = 6


@pytest.fixture
def catalogue(monkeypatch: pytest.MonkeyPatch) -> Catalogue:
    created = catalogue_of(
        [Item(source_id=str(number), name=f"Thing {number}") for number in range(COUNT)]
    )
    items = created.items.find()
    created.vectors.add(COMPACT, "vectors", items, np.eye(COUNT, dtype=np.float32))
    lay_out(created, clusters=["All"], labels=[0] * COUNT)

    def index_of(catalogue: Catalogue, *_: object) -> Index:
        vectors = catalogue.vectors.read(COMPACT, "vectors")
        return Index(vectors.ids, vectors.blocks)

    monkeypatch.setattr(search, "index_of", index_of)
    st.cache_resource.clear()
    return created


@pytest.fixture
def offered(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Return what the page hands to the export menu, whose buttons call it when clicked."""
    taken: dict[str, Any] = {}

    def export_selection(catalogue: Catalogue, results: Callable[[], Results], **more: Any) -> None:
        taken.update(more, results=results)

    monkeypatch.setattr(export_menu, "export_selection", export_selection)
    return taken


def names_of(results: Results) -> list[str]:
    """Return the names in both files of the results, which must agree."""
    rows = list(csv.DictReader(io.StringIO(as_csv(results).decode("utf-8-sig"))))
    listed = json.loads(as_json(results, query={}))["neighbours"]
    assert [row["name"] for row in rows] == [one["name"] for one in listed]
    return sorted(row["name"] for row in rows)


def hide_first(catalogue: Catalogue) -> None:
    first, second, *_ = catalogue.items.find()
    catalogue.items.hide([first.id], kept=second.id)


def test_the_whole_map_is_exported_without_what_was_hidden_meanwhile(
    catalogue: Catalogue, offered: dict[str, Any]
) -> None:
    map_ = read(catalogue)
    selection_panel.show_whole(catalogue, map_, colouring.uniform(COUNT))

    hide_first(catalogue)

    rest = [f"Thing {number}" for number in range(1, COUNT)]
    assert names_of(offered["results"]()) == rest
    page = offered["standalone_map"]()
    assert "Thing 5" in page and "Thing 0" not in page


def test_the_whole_map_is_exported_as_it_was_shown_when_models_came_meanwhile(
    catalogue: Catalogue, offered: dict[str, Any]
) -> None:
    map_ = read(catalogue)
    selection_panel.show_whole(catalogue, map_, colouring.uniform(COUNT))

    first, second, *_ = catalogue.items.find()
    catalogue.items.hide([first.id], kept=second.id)
    lay_out(catalogue, order=[4, 3, 2, 1, 0], seed=3)
    catalogue.items.restore_hidden([first.id])

    assert names_of(offered["results"]()) == [f"Thing {number}" for number in range(COUNT)]


def test_a_selection_is_exported_as_it_was_shown(
    catalogue: Catalogue, offered: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    map_: MapData = read(catalogue)
    rows = np.array([True, True, False, False, False, True])
    selection = Selection("cluster:0", rows, "All", is_group=True)
    selection_panel.show_selected(catalogue, map_, selection, None, colouring.uniform(COUNT))

    hide_first(catalogue)

    assert names_of(offered["results"]()) == ["Thing 0", "Thing 1", "Thing 5"]
    assert "Thing 5" in offered["standalone_map"]()
