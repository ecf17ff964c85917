"""The switch between catalogues."""

from components.shared.navigation import catalogue_labels
from core.catalogue import Catalogue


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
