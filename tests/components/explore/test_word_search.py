"""What is said of a search by words."""

import pytest

from components.explore.word_search import summary
from core.catalogue import Catalogue, Item
from tests.core.catalogue.support import add


@pytest.fixture
def catalogue() -> Catalogue:
    catalogue = Catalogue.create("things")
    add(catalogue, Item(source_id="1", name="Armchair"), Item(source_id="2", name="Lamp"))
    return catalogue


def test_a_word_that_no_model_has_is_said_with_what_is_shown_in_its_place(
    catalogue: Catalogue,
) -> None:
    assert summary(catalogue, "armchair", 1200) == "1,200 models"
    assert summary(catalogue, "armchiar", 1) == (
        "1 model · no model has “armchiar”: showing “armchair”"
    )
