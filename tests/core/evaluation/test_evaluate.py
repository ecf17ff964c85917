"""Ranks are those of brute force and of search, and files are named after models."""

from collections import Counter
from collections.abc import Sequence

import numpy as np
import pytest
from PIL import Image

from core import search
from core.catalogue import Catalogue, Item
from core.descriptors import Embedded, QueryKind
from core.errors import LookalikeError
from core.evaluation import evaluate, metrics
from core.evaluation.evaluate import EvaluationQuery, Names
from core.importers import Loaded
from core.search import PictureExample, Query, SearchError
from core.similarity import Index
from core.vision.cutout import Cutout
from core.workflows import importing
from tests.conftest import MakePicture

COUNT = 150
DIMENSIONS = 8


# -- ranks ------------------------------------------------------------------------


@pytest.fixture
def shelf(picture: MakePicture) -> Catalogue:
    """Return a catalogue of `COUNT` items; what their pictures show does not matter here."""
    shelf = Catalogue.create("shelf")
    prepared = importing.prepare(Loaded.of(picture(1)))
    items = [Item(source_id=str(number), name=f"Model {number}") for number in range(COUNT)]
    shelf.items.add((item, prepared) for item in items)
    return shelf


class Colours:
    """Embeds a picture as the two vectors whose number is the red of its corner."""

    def __init__(self, vectors: np.ndarray) -> None:
        self.vectors = vectors
        self.batches: list[int] = []

    def __call__(
        self,
        pictures: Sequence[Image.Image | Cutout],
        *,
        query_kinds: Sequence[QueryKind] | None = None,
    ) -> Embedded:
        self.batches.append(len(pictures))
        return Embedded(self.vectors[[np.asarray(picture)[0, 0, 0] for picture in pictures]])


def numbered(number: int) -> Image.Image:
    """Return a picture with its number as the colour of its corner, not of one colour."""
    picture = Image.new("RGB", (32, 32), (number, 0, 0))
    picture.paste((255, 255, 255), (8, 8, 24, 24))
    return picture


def test_ranks_are_those_of_brute_force_and_of_search(shelf: Catalogue) -> None:
    chance = np.random.default_rng(0)
    rows = chance.standard_normal((COUNT, DIMENSIONS)).astype(np.float32)
    rows[40:80] = rows[40]  # ties, which stand in the order of the rows
    ids = [item.id for item in shelf.items.find()]
    index = Index(ids, [rows[:50], rows[50:]])
    embed = Colours(chance.standard_normal((100, 2, DIMENSIONS)).astype(np.float32))
    embed.vectors[:20] = rows[40]
    right = chance.integers(COUNT, size=100)
    right[:20] = range(60, 80)

    found = evaluate.ranks(
        [EvaluationQuery(numbered(number), ids[row]) for number, row in enumerate(right)],
        catalogue=shelf,
        index_in=lambda space: index,
        embed=embed,
    )

    assert sum(embed.batches) == 100
    assert max(embed.batches) <= metrics.QUERIES_PER_BATCH
    assert Counter(len(str(rank)) for rank in found).keys() == {1, 2, 3}
    exact = rows.astype(np.float64)
    exact /= np.linalg.norm(exact, axis=1, keepdims=True)
    for number, (row, rank) in enumerate(zip(right, found, strict=True)):
        variants = embed.vectors[number].astype(np.float64)
        variants /= np.linalg.norm(variants, axis=1, keepdims=True)
        scores = (variants @ exact.T).round(12).max(axis=0)
        earlier = np.arange(COUNT) < row
        assert rank == 1 + np.sum((scores > scores[row]) | ((scores == scores[row]) & earlier))
        answer = search.run(
            Query(examples=[PictureExample(numbered(number))]),
            catalogue=shelf,
            index_in=lambda space: index,
            embed=embed,
            k=10,
        )
        place = [neighbour.item.id for neighbour in answer.neighbours]
        assert (rank <= 10) == (ids[row] in place)
        if rank <= 10:
            assert place[rank - 1] == ids[row]


def test_model_without_a_vector_has_no_rank(shelf: Catalogue) -> None:
    *indexed, left_out = (item.id for item in shelf.items.find())
    rows = np.eye(len(indexed), DIMENSIONS, dtype=np.float32)

    with pytest.raises(SearchError, match="index it first"):
        evaluate.ranks(
            [EvaluationQuery(numbered(0), left_out)],
            catalogue=shelf,
            index_in=lambda space: Index(indexed, [rows]),
            embed=Colours(rows[np.newaxis, :1]),
        )


# -- Names ------------------------------------------------------------------------

NAMES = Names(
    Item(source_id=source_id, name="any")
    for source_id in (
        *("1f600", "chairs/red.png", "tables/red.png", "tables/Blüte.webp"),
        *("lamp.png", "lamps/lamp.png", "v1.5 final", "same.png", "same.jpg"),
    )
)


@pytest.mark.parametrize(
    ("file", "source_id"),
    [
        ("1f600.png", "1f600"),
        ("1F600.PNG", "1f600"),
        ("any folder/1f600.webp", "1f600"),
        ("chairs/red.png", "chairs/red.png"),
        ("chairs/red.jpg", "chairs/red.png"),
        ("chairs/red.png.jpg", "chairs/red.png"),
        ("Blu\u0308te.png", "tables/Blüte.webp"),
        ("lamp.jpg", "lamp.png"),
        ("v1.5 final.png", "v1.5 final"),
        ("same.jpg", "same.jpg"),
    ],
)
def test_file_is_named_after_one_model(file: str, source_id: str) -> None:
    assert NAMES.item(file).source_id == source_id


@pytest.mark.parametrize(
    ("file", "sentence"),
    [
        ("1f601.png", "No model has the source_id “1f601”."),
        ("red.png", "Its name matches 2 models, “chairs/red.png” and “tables/red.png” among them."),
        ("same.webp", "“same.jpg” and “same.png”"),
    ],
)
def test_file_named_after_no_model_or_several_is_an_error(file: str, sentence: str) -> None:
    with pytest.raises(LookalikeError, match=sentence):
        NAMES.item(file)
