"""Catalogues to test with."""

import pytest

from core.catalogue import Catalogue, Item, vector_store
from tests.core.catalogue.support import add


@pytest.fixture
def catalogue() -> Catalogue:
    return Catalogue.create("things")


@pytest.fixture
def furniture(catalogue: Catalogue) -> Catalogue:
    add(
        catalogue,
        Item(source_id="1", name="Kitchen chair", category="Seats", tags=("wood", "red")),
        Item(source_id="2", name="Armchair", category="Seats", tags=("soft", "chair")),
        Item(source_id="3", name="Café table", category="Tables", tags=("round", "wood")),
        Item(source_id="4", name="Floor lamp", category="Lights", tags=("tall", "chrome")),
        Item(source_id="5", name="Chaise longue 🛋", category="Seats", tags=("crème brûlée",)),
        Item(source_id="6", name="???", category="Rock & roll"),
        Item(source_id="7", name="Stool", category="Chairs", tags=("C-3PO", "R2_D2")),
    )
    return catalogue


@pytest.fixture
def credited(catalogue: Catalogue) -> Catalogue:
    add(
        catalogue,
        Item(source_id="1", name="One", creator="Ada", licence="CC0", tags=("wood", "wood")),
        Item(source_id="2", name="Two", creator="Ada", licence="CC BY 4.0", tags=("wood", "red")),
        Item(source_id="3", name="Three", creator="Bo", licence="CC BY 4.0", tags=("é",)),
        Item(source_id="4", name="Four"),
    )
    return catalogue


@pytest.fixture
def segments_of_three(monkeypatch: pytest.MonkeyPatch) -> None:
    """Limit segments to three rows, so that a few items need several."""
    monkeypatch.setattr(vector_store, "SEGMENT_ROWS", 3)
