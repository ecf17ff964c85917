"""Models with several viewpoints: a picture finds them from any, and the result says which."""

import io
import random
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from core import search, settings, viewpoints
from core.catalogue import Catalogue, Filters, Item, Picture
from core.descriptors import COMPACT
from core.importers import Entry, Loaded, Source
from core.pictures import decoding
from core.search import ItemExample, PictureExample, Query, Results
from core.viewpoints import VIEWPOINT_NAMES
from core.vision import Network, precision
from core.workflows import importing, indexing, viewpoint_indexing
from tests.conftest import MakePicture
from tests.served_files import file_at

pytestmark = pytest.mark.slow

CopyCatalogue = Callable[[Catalogue], Catalogue]
COUNT = 6


@pytest.fixture(scope="module")
def picture() -> MakePicture:
    """Return `picture(number)`: a PNG of coloured triangles, different for each number."""

    def make(number: int) -> bytes:
        chance = random.Random(number)
        image = Image.new("RGB", (160, 160), "white")
        draw = ImageDraw.Draw(image)
        for _ in range(6):
            corners = [(chance.randrange(160), chance.randrange(160)) for _ in range(3)]
            draw.polygon(corners, fill=tuple(chance.randrange(200) for _ in range(3)))
        file = io.BytesIO()
        image.save(file, "PNG")
        return file.getvalue()

    return make


class _Model(Entry):
    """A model with pictures from some viewpoints, and bytes in place of its 3D file."""

    def __init__(self, number: int, picture: MakePicture, *, among: tuple[str, ...], version: str):
        self.item = Item(source_id=str(number), name=f"Model {number}", category=f"{number % 2}")
        self.version = version
        self.loaded = Loaded(
            picture=picture(number),
            version=version,
            viewpoints={
                name: picture(100 + 10 * number + VIEWPOINT_NAMES.index(name)) for name in among
            },
            model=f"glTF of {number}, {version}".encode(),
        )

    def is_current(self, known: str) -> bool:
        return known == self.version

    def load(self, known: str) -> Loaded | None:
        return None if known == self.version else self.loaded


def source(
    picture: MakePicture, *, among: tuple[str, ...] = VIEWPOINT_NAMES, version: str = "1"
) -> Source:
    models = [_Model(number, picture, among=among, version=version) for number in range(COUNT)]
    return Source("models", "/models", COUNT, iter(models))


@pytest.fixture(scope="module")
def vgg16() -> Network:
    return precision.load()


@pytest.fixture(scope="module")
def finished(
    tmp_path_factory: pytest.TempPathFactory, picture: MakePicture, vgg16: Network
) -> Iterator[Catalogue]:
    """Yield an indexed catalogue that tests copy."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LOOKALIKE_DATA", str(tmp_path_factory.mktemp("finished")))
        thumbnails = settings.thumbnails_root()
        made = Catalogue.create("models", title="Models")
        importing.run(source(picture), made)
        indexing.update(made, load_network=lambda: vgg16)
    yield made
    shutil.rmtree(thumbnails, ignore_errors=True)


@pytest.fixture
def catalogue(finished: Catalogue, copy_catalogue: CopyCatalogue) -> Catalogue:
    return copy_catalogue(finished)


def find(
    catalogue: Catalogue, vgg16: Network, data: bytes, *, filters: Filters | None = None
) -> Results:
    descriptor = search.descriptor_of(catalogue, COMPACT)
    return search.run(
        Query(
            examples=[PictureExample(decoding.decode(data), query_kind="photo")],
            filters=filters or Filters(),
        ),
        catalogue=catalogue,
        index_in=partial(search.index_of, catalogue, COMPACT),
        embed=partial(descriptor.embed, vgg16),
        viewpoints_in=partial(search.viewpoints_of, catalogue, COMPACT),
        k=3,
    )


def test_a_picture_finds_a_model_from_any_viewpoint(
    catalogue: Catalogue, vgg16: Network, picture: MakePicture
) -> None:
    for number in (0, 3, 5):
        main_view = find(catalogue, vgg16, picture(number)).neighbours[0]
        assert (main_view.item.source_id, main_view.viewpoint) == (
            str(number),
            "",
        )
        for place, name in enumerate(VIEWPOINT_NAMES):
            results = find(catalogue, vgg16, picture(100 + 10 * number + place))
            first = results.neighbours[0]
            assert (first.item.source_id, first.viewpoint) == (str(number), name)
            assert first.score > 0.9
            ids = [one.item.id for one in results.neighbours]
            assert len(set(ids)) == len(ids) == 3, "each model is found once"
            scores = [one.score for one in results.neighbours]
            assert scores == sorted(scores, reverse=True)


def test_models_are_compared_by_their_main_views(catalogue: Catalogue) -> None:
    item = catalogue.items.find()[0]
    query = Query(examples=[ItemExample(item.id)])
    results = search.run(
        query, catalogue=catalogue, index_in=partial(search.index_of, catalogue, COMPACT)
    )
    assert len(results.neighbours) == COUNT - 1
    assert {one.viewpoint for one in results.neighbours} == {""}


def test_filtered_and_missing_models_are_not_found_from_any_viewpoint(
    catalogue: Catalogue, vgg16: Network, picture: MakePicture
) -> None:
    back = picture(100 + VIEWPOINT_NAMES.index("back"))
    odd = find(catalogue, vgg16, back, filters=Filters(category="1"))
    assert {one.item.category for one in odd.neighbours} == {"1"}

    catalogue.items.mark_missing(["0"])
    assert "0" not in {one.item.source_id for one in find(catalogue, vgg16, back).neighbours}


def test_viewpoints_are_embedded_once_and_again_when_they_change(
    catalogue: Catalogue, vgg16: Network, picture: MakePicture
) -> None:
    fingerprint = search.fingerprint_of(catalogue, COMPACT)
    assert viewpoint_indexing.missing(catalogue, fingerprint) == []
    assert indexing.is_current(catalogue)

    importing.run(source(picture, among=("back",), version="2"), catalogue)

    assert len(viewpoint_indexing.missing(catalogue, fingerprint)) == COUNT
    assert not indexing.is_current(catalogue)
    indexing.update(catalogue, load_network=lambda: vgg16)
    index = search.viewpoints_of(catalogue, COMPACT)
    assert index is not None
    rows = index.index.rows(range(len(index.names))).reshape(COUNT, len(VIEWPOINT_NAMES), -1)
    assert index.names == VIEWPOINT_NAMES * COUNT
    lengths = np.linalg.norm(rows, axis=2)
    np.testing.assert_allclose(lengths, [[0, 0, 1, 0]] * COUNT, atol=1e-3)
    first = find(catalogue, vgg16, picture(100 + VIEWPOINT_NAMES.index("back"))).neighbours[0]
    assert (first.item.source_id, first.viewpoint) == ("0", "back")


def test_a_viewpoint_that_is_added_is_embedded_beside_the_others(
    catalogue: Catalogue, vgg16: Network, picture: MakePicture, monkeypatch: pytest.MonkeyPatch
) -> None:
    five = (*VIEWPOINT_NAMES, "bottom")
    monkeypatch.setattr(viewpoints, "VIEWPOINT_NAMES", five)
    assert indexing.is_current(catalogue), "no picture of the new viewpoint has been rendered yet"

    def models() -> Source:
        changed = _Model(1, picture, among=VIEWPOINT_NAMES, version="2")
        changed.loaded = replace(
            changed.loaded, viewpoints={**changed.loaded.viewpoints, "bottom": picture(999)}
        )
        others = [
            _Model(number, picture, among=VIEWPOINT_NAMES, version="1")
            for number in range(COUNT)
            if number != 1
        ]
        return Source("models", "/models", COUNT, iter([changed, *others]))

    importing.run(models(), catalogue)
    indexing.update(catalogue, load_network=lambda: vgg16)

    assert indexing.is_current(catalogue)
    for number, place, name in ((1, 2, "back"), (1, 3, "top"), (0, 1, "side"), (5, 3, "top")):
        data = picture(100 + 10 * number + place)
        first = find(catalogue, vgg16, data).neighbours[0]
        assert (first.item.source_id, first.viewpoint) == (str(number), name)
    first = find(catalogue, vgg16, picture(999)).neighbours[0]
    assert (first.item.source_id, first.viewpoint) == ("1", "bottom")


def test_a_catalogue_without_viewpoints_has_no_vectors_of_them(
    picture: MakePicture, vgg16: Network
) -> None:
    catalogue = Catalogue.create("flat")
    importing.run(source(picture, among=()), catalogue)
    indexing.update(catalogue, load_network=lambda: vgg16, names=[COMPACT])
    assert search.viewpoints_of(catalogue, COMPACT) is None
    assert indexing.is_current(catalogue) is False, "published is missing"


def test_a_model_is_served_and_replaced_and_restored(picture: MakePicture, tmp_path: Path) -> None:
    catalogue = Catalogue.create("models")
    importing.run(source(picture), catalogue)
    item = catalogue.items.find()[3]
    url = catalogue.pictures.model_url(item)
    assert url is not None
    served = file_at(url)
    assert served.read_bytes() == b"glTF of 3, 1"
    assert item.viewpoints == VIEWPOINT_NAMES

    importing.run(source(picture, version="2"), catalogue)
    assert served.read_bytes() == b"glTF of 3, 2"

    served.unlink()
    catalogue.pictures.restore_thumbnail(item, b"thumbnail")
    assert served.read_bytes() == b"glTF of 3, 2"


def test_an_item_without_a_model_has_none(picture: MakePicture) -> None:
    catalogue = Catalogue.create("pictures")
    item = Item(source_id="a", name="A")
    made = importing.prepare(Loaded(picture=picture(1), version="1"))
    assert isinstance(made, Picture)
    catalogue.items.add([(item, made)])
    assert catalogue.pictures.model_url(item) is None
    assert catalogue.items.find()[0].viewpoints == ()
