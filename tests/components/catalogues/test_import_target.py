"""The catalogue that an import goes into: what it is called if nobody says so."""

import pytest

from components.catalogues.import_target import UNTITLED, describe, suggest
from core.catalogue import Catalogue, check_name
from core.catalogue.catalogue import MAX_NAME_LENGTH


@pytest.mark.parametrize(
    ("title", "suggested"),
    [("Red chairs", "Red chairs"), ("", UNTITLED), ("椅子", UNTITLED), ("  a  ", "a")],
)
def test_a_title_is_suggested(title: str, suggested: str) -> None:
    assert suggest(title) == suggested


def test_a_suggestion_is_always_a_new_catalogue() -> None:
    Catalogue.create("red-chairs")
    assert suggest("Red chairs") == "Red chairs 2"
    Catalogue.create("red-chairs-2")
    assert suggest("Red chairs") == "Red chairs 3"


def test_a_long_suggestion_can_be_a_name() -> None:
    long = "a" * 100
    Catalogue.create(suggest(long))
    second = suggest(long).replace(" ", "-")
    assert len(second) <= MAX_NAME_LENGTH
    check_name(second)


def test_it_is_said_whether_a_catalogue_is_new() -> None:
    assert describe("Chairs") == "Creates the catalogue “Chairs”."
    Catalogue.create("chairs", title="All chairs")
    assert describe("Chairs") == "Adds to the catalogue “All chairs” (0 models)."
