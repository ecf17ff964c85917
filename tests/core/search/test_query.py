"""What a query knows of its examples."""

import pytest
from PIL import Image

from core.pictures import Box
from core.search import ItemExample, ItemsExample, PictureExample, Query


def test_a_query_with_a_region_has_regions() -> None:
    whole, part = ItemExample("a"), ItemExample("a", region=Box(0, 0, 0.5, 1))

    assert not Query(examples=[whole]).has_regions
    assert Query(examples=[whole, part]).has_regions


def test_a_set_needs_no_network_unless_combined_with_a_picture() -> None:
    some, white = ItemsExample(("a", "b")), Image.new("RGB", (9, 9))

    assert not Query(examples=[some, ItemExample("c")]).needs_network
    assert not Query(examples=[some]).needs_network
    assert Query(examples=[some, PictureExample(white)]).needs_network


def test_a_set_of_models_has_at_least_one_model_and_no_region() -> None:
    with pytest.raises(ValueError, match="at least one model"):
        ItemsExample(())
    with pytest.raises(TypeError, match="region"):
        ItemsExample(("b", "c"), region=Box(0, 0, 0.5, 0.5))  # type: ignore[call-arg]
