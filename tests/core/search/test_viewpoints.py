"""A viewpoint is added to the list after vectors were stored: nothing is mixed up or lost."""

import hashlib
from collections.abc import Sequence

import numpy as np
import pytest
from PIL import Image

from core import search, viewpoints
from core.catalogue import Catalogue, Item, Picture
from core.descriptors import Embedded, Space
from core.pictures import decoding, resizing
from core.search import PictureExample, Query
from core.search.viewpoints import (
    FIRST_LAYOUT,
    STORED_AS,
    ViewpointIndex,
    index_of,
    storage_fingerprint,
)
from core.similarity import Index
from core.workflows import viewpoint_indexing
from tests.conftest import MakePicture

FINGERPRINT = "0123456789abcdef-fit"
FIVE = (*FIRST_LAYOUT, "bottom")
WIDTH = 16
COUNT = 3


@pytest.fixture
def catalogue(picture: MakePicture) -> Catalogue:
    made = Catalogue.create("models", title="Models")
    made.items.add(
        (Item(source_id=str(number), name=f"Model {number}"), _seen_from(FIRST_LAYOUT, picture))
        for number in range(COUNT)
    )
    return made


def _seen_from(names: Sequence[str], picture: MakePicture) -> Picture:
    data = picture(len(names))
    return Picture(
        digest=hashlib.sha256(data).hexdigest(),
        original=data,
        extension="png",
        thumbnail=resizing.thumbnail(decoding.decode(data)),
        viewpoints={name: data for name in names},
    )


def _vectors(count: int, names: Sequence[str], *, seed: int) -> np.ndarray:
    """Return unit vectors, float32 (count, viewpoints, WIDTH)."""
    rows = np.random.default_rng(seed).standard_normal((count, len(names), WIDTH))
    return (rows / np.linalg.norm(rows, axis=2, keepdims=True)).astype(np.float32)


def _store(catalogue: Catalogue, items: list[Item], rows: np.ndarray, names: Sequence[str]) -> None:
    """Store `rows` as the vectors of the space "pictures", and their mirror image of "models"."""
    stored_as = storage_fingerprint(FINGERPRINT, tuple(names))
    both = np.concatenate([rows, rows[..., ::-1]], axis=-1)
    catalogue.vectors.add(STORED_AS, stored_as, items, both.reshape(len(items), -1))


def _find(catalogue: Catalogue, found: ViewpointIndex, vector: np.ndarray) -> tuple[str, str]:
    """Return the name and the viewpoint of the model that a picture of this vector finds."""
    ids = catalogue.items.ids()
    results = search.run(
        Query(examples=[PictureExample(Image.effect_noise((32, 32), 80).convert("RGB"))]),
        catalogue=catalogue,
        index_in=lambda space: Index(ids, [np.full((len(ids), WIDTH), 1e-3, np.float32)]),
        embed=lambda pictures, *, query_kinds=None: Embedded(vector[np.newaxis, np.newaxis]),
        viewpoints_in=lambda space: found,
        k=1,
    )
    [first] = results.neighbours
    return first.item.name, first.viewpoint


def _add_a_viewpoint(monkeypatch: pytest.MonkeyPatch) -> None:
    added = viewpoints.Viewpoint("bottom", 0.0, -90.0, "from below")
    monkeypatch.setattr(viewpoints, "VIEWPOINTS", (*viewpoints.VIEWPOINTS, added))
    monkeypatch.setattr(viewpoints, "VIEWPOINT_NAMES", FIVE)


def test_vectors_of_earlier_versions_are_computed_again(catalogue: Catalogue) -> None:
    """They were stored under the fingerprint alone, without those of the space “models”."""
    rows = _vectors(COUNT, FIRST_LAYOUT, seed=1)
    items = catalogue.items.find()
    catalogue.vectors.add(STORED_AS, FINGERPRINT, items, rows.reshape(COUNT, -1))

    assert index_of(catalogue, FINGERPRINT) is None
    assert viewpoint_indexing.missing(catalogue, FINGERPRINT) == items


def test_each_space_has_vectors_of_its_own(catalogue: Catalogue) -> None:
    rows = _vectors(COUNT, FIRST_LAYOUT, seed=1)
    _store(catalogue, catalogue.items.find(), rows, FIRST_LAYOUT)

    spaces: dict[Space, np.ndarray] = {"pictures": rows, "models": rows[..., ::-1]}
    for space, expected in spaces.items():
        found = index_of(catalogue, FINGERPRINT, space)
        assert found is not None
        numbers = range(COUNT * len(FIRST_LAYOUT))
        np.testing.assert_allclose(
            found.index.rows(numbers).reshape(expected.shape), expected, atol=1e-3
        )


def test_vectors_of_four_viewpoints_are_searched_after_a_fifth_was_added(
    catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = _vectors(COUNT, FIRST_LAYOUT, seed=1)
    _store(catalogue, catalogue.items.find(), rows, FIRST_LAYOUT)

    _add_a_viewpoint(monkeypatch)

    found = index_of(catalogue, FINGERPRINT)
    assert found is not None
    assert found.names == FIRST_LAYOUT * COUNT
    for number in range(COUNT):
        for vector, name in zip(rows[number], FIRST_LAYOUT, strict=True):
            assert _find(catalogue, found, vector) == (f"Model {number}", name)
    assert viewpoint_indexing.missing(catalogue, FINGERPRINT) == [], "their pictures are the same"


def test_vectors_of_four_and_of_five_viewpoints_lie_side_by_side(
    catalogue: Catalogue, picture: MakePicture, monkeypatch: pytest.MonkeyPatch
) -> None:
    four = _vectors(COUNT, FIRST_LAYOUT, seed=1)
    _store(catalogue, catalogue.items.find(), four, FIRST_LAYOUT)
    _add_a_viewpoint(monkeypatch)
    catalogue.items.add([(Item(source_id="new", name="New"), _seen_from(FIVE, picture))])
    [new] = viewpoint_indexing.missing(catalogue, FINGERPRINT)
    assert new.name == "New"

    five = _vectors(1, FIVE, seed=2)
    _store(catalogue, [new], five, FIVE)

    assert viewpoint_indexing.missing(catalogue, FINGERPRINT) == []
    found = index_of(catalogue, FINGERPRINT)
    assert found is not None
    assert found.names == FIRST_LAYOUT * COUNT + FIVE
    for vector, name in zip(five[0], FIVE, strict=True):
        assert _find(catalogue, found, vector) == ("New", name)
    for vector, name in zip(four[1], FIRST_LAYOUT, strict=True):
        assert _find(catalogue, found, vector) == ("Model 1", name)


def test_a_model_with_a_new_viewpoint_is_embedded_again(
    catalogue: Catalogue, picture: MakePicture, monkeypatch: pytest.MonkeyPatch
) -> None:
    _store(catalogue, catalogue.items.find(), _vectors(COUNT, FIRST_LAYOUT, seed=1), FIRST_LAYOUT)
    _add_a_viewpoint(monkeypatch)

    catalogue.items.add([(Item(source_id="1", name="Model 1"), _seen_from(FIVE, picture))])

    assert [item.name for item in viewpoint_indexing.missing(catalogue, FINGERPRINT)] == ["Model 1"]


def test_a_viewpoint_that_was_removed_is_not_searched(
    catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = _vectors(COUNT, FIRST_LAYOUT, seed=1)
    _store(catalogue, catalogue.items.find(), rows, FIRST_LAYOUT)

    monkeypatch.setattr(viewpoints, "VIEWPOINT_NAMES", ("front", "back"))

    found = index_of(catalogue, FINGERPRINT)
    assert found is not None
    assert found.names == ("front", "back") * COUNT
    assert _find(catalogue, found, rows[2, 2]) == ("Model 2", "back")
    assert viewpoint_indexing.missing(catalogue, FINGERPRINT) == []
