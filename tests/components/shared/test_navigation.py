"""The switch between catalogues."""

import pytest

from components.shared import url_state
from components.shared.navigation import FIRST, catalogue_labels, current
from core.catalogue import Catalogue
from tests.core.catalogue.support import add, numbered


def test_catalogues_of_one_title_are_told_apart_by_their_names() -> None:
    for name, title in (("a", "Chairs"), ("b", "Chairs"), ("c", "Tables")):
        Catalogue.create(name, title=title)

    assert catalogue_labels(["a", "b", "c"]) == {
        "a": "Chairs (a)",
        "b": "Chairs (b)",
        "c": "Tables",
    }


def test_a_catalogue_that_cannot_be_opened_says_so() -> None:
    assert catalogue_labels(["gone"]) == {"gone": "gone (cannot be opened)"}


def test_the_first_catalogue_is_one_with_models(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(url_state, "text", lambda _: "")
    assert current() is None
    Catalogue.create("a")
    assert current() == "a"
    add(Catalogue.create("b"), *numbered(1))
    assert current() == "b"
    first = Catalogue.create(FIRST)
    assert current() == "b"
    add(first, *numbered(1))
    assert current() == FIRST
