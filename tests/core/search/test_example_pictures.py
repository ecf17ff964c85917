"""Every error of a query is found before its pictures are embedded, and each is decoded once."""

import io

import numpy as np
import pytest
from PIL import Image

from core import search
from core.catalogue import Catalogue
from core.pictures import Box, decoding
from core.search import ItemExample, ItemsExample, PictureExample, Query, SearchError
from core.search.example_pictures import resolve
from core.search.query import MAX_EXAMPLES, MAX_WEIGHT
from core.search.region_index import RegionIndex, region_vector
from core.similarity import Index
from tests.core.search.support import COUNT, ask, ids_of, item_of


def test_the_picture_of_a_region_example_is_decoded_once(
    catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = np.random.default_rng(7).random((COUNT, 25_088), np.float32)
    decode, decoded = decoding.decode, []

    def count(data: bytes) -> Image.Image:
        decoded.append(data)
        return decode(data)

    monkeypatch.setattr(decoding, "decode", count)
    first, second = item_of(catalogue, 3), item_of(catalogue, 5)
    search.run_regions(
        Query(
            examples=[
                ItemExample(first, Box(0, 0, 0.5, 0.9)),
                ItemExample(first, Box(0.2, 0, 0.9, 0.9)),
                ItemExample(second),
            ]
        ),
        catalogue=catalogue,
        regions=RegionIndex(catalogue.items.ids(), [rows]),
        embed_region=lambda _, region: region_vector(rows[3], region),
    )

    items = [catalogue.items.get(item_id) for item_id in (first, second)]
    assert decoded == [catalogue.pictures.original(item) for item in items]


def test_models_without_regions_are_not_decoded(
    catalogue: Catalogue, index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A click on a model must not wait for its picture."""
    monkeypatch.setattr(decoding, "decode", lambda data: pytest.fail("decoded a picture"))

    results = ask(catalogue, index, ItemExample(item_of(catalogue, 3)))

    assert len(results.neighbours) == COUNT - 1


@pytest.mark.parametrize(
    "region", [Box(0, 0, 0.05, 1), Box(0.9, 0.9, 1.9, 1.9), Box(2, 2, 3, 3), Box(0.5, 0, 0.4, 1)]
)
def test_a_region_too_small_or_outside_is_an_error(
    catalogue: Catalogue, index: Index, region: Box
) -> None:
    with pytest.raises(SearchError, match="at least 8 x 8 pixels"):
        ask(catalogue, index, ItemExample(item_of(catalogue, 0), region=region))


def test_a_region_of_one_colour_is_an_error(catalogue: Catalogue, index: Index) -> None:
    plain = Image.new("RGB", (100, 100), "white")
    plain.paste("black", (60, 60, 90, 90))

    with pytest.raises(SearchError, match="The region has only one colour"):
        ask(catalogue, index, PictureExample(plain, region=Box(0, 0, 0.5, 0.5)))


def test_a_query_without_a_positive_example_is_an_error(catalogue: Catalogue, index: Index) -> None:
    for examples in ([], [ItemExample(item_of(catalogue, 0), weight=-1)]):
        with pytest.raises(SearchError, match="nothing to search for"):
            ask(catalogue, index, *examples)


def test_fifty_examples_are_an_error(catalogue: Catalogue, index: Index) -> None:
    examples = [ItemExample(item_of(catalogue, number % COUNT)) for number in range(50)]

    with pytest.raises(SearchError, match=f"combine {MAX_EXAMPLES} examples; this one has 50"):
        ask(catalogue, index, *examples)


def test_an_example_cannot_be_both_positive_and_negative(
    catalogue: Catalogue, index: Index
) -> None:
    item = item_of(catalogue, 5)

    with pytest.raises(SearchError, match="“Thing 5” is both a positive and a negative example"):
        ask(catalogue, index, ItemExample(item), ItemExample(item, weight=-1))


@pytest.mark.parametrize("weight", [0.0, MAX_WEIGHT + 1, -MAX_WEIGHT - 1, float("nan")])
def test_a_weight_out_of_range_is_an_error(
    catalogue: Catalogue, index: Index, weight: float
) -> None:
    with pytest.raises(SearchError, match="weight of an example must be between 0 and 5"):
        ask(
            catalogue,
            index,
            ItemExample(item_of(catalogue, 1)),
            ItemExample(item_of(catalogue, 2), weight=weight),
        )


@pytest.mark.parametrize("colour", ["white", "black"])
def test_a_picture_of_one_colour_is_an_error(
    catalogue: Catalogue, index: Index, colour: str
) -> None:
    file = io.BytesIO()
    Image.new("RGB", (64, 64), colour).save(file, "PNG")

    with pytest.raises(SearchError, match="The picture has only one colour"):
        ask(catalogue, index, PictureExample(decoding.decode(file.getvalue())))


@pytest.mark.parametrize("set_first", [True, False])
def test_a_set_combined_with_a_region_is_an_error(catalogue: Catalogue, set_first: bool) -> None:
    part = ItemExample(item_of(catalogue, 3), region=Box(0, 0, 0.5, 0.9))
    some = ItemsExample(ids_of(catalogue, [1, 2]))
    query = Query(examples=[some, part] if set_first else [part, some])

    with pytest.raises(SearchError, match="cannot be combined with a region"):
        resolve(query, catalogue)


def test_a_set_has_no_picture(catalogue: Catalogue) -> None:
    with pytest.raises(SearchError, match="no picture of its own"):
        search.example_picture(ItemsExample(ids_of(catalogue, [1, 2])), catalogue)
