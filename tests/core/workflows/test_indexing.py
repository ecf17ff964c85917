"""Indexing with the real network: correct vectors, and no work done twice."""

import io
import shutil
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from core import search, settings
from core.catalogue import Catalogue, StoredMask
from core.descriptors import COMPACT, NAMES, PUBLISHED, Space, fitting, item_cutouts
from core.descriptors.fitting import DIMENSIONS
from core.importers import folder
from core.importers.grounds import compose, generator
from core.jobs import Cancelled, Progress, Stage
from core.pictures import decoding, encoding
from core.search import NotIndexedError, PictureExample, Query, SearchError
from core.vision import Network, precision, weights
from core.vision.network import PICTURES_PER_BATCH
from core.workflows import embedding, importing, indexing
from core.workflows.indexing import IndexCounts
from tests.bad_pictures import BAD_PICTURES
from tests.conftest import MakePicture
from tests.served_files import served_folder, thumbnail_file

pytestmark = pytest.mark.slow

CopyCatalogue = Callable[[Catalogue], Catalogue]

COUNT = 12
LARGE = "large.jpg"
NOTHING = IndexCounts(embedded=0, failed=0, fitted=False, mapped=False)


class CancelledAfter(Progress):
    """Cancels the work after some steps of the current stage."""

    def __init__(self, steps: int) -> None:
        self.steps = steps
        self.done = 0

    def stage(self, stage: Stage, total: int = 0, *, detail: str = "") -> None:
        self.done = 0

    def advance(self, steps: int = 1, *, failed: int = 0) -> None:
        self.done += steps

    def check(self) -> None:
        if self.done >= self.steps:
            raise Cancelled("Cancelled.")


@pytest.fixture(scope="module")
def vgg16() -> Network:
    return precision.load()


@pytest.fixture(scope="module")
def load(vgg16: Network) -> Callable[[], Network]:
    return lambda: vgg16


def must_not_load() -> Network:
    raise AssertionError("there was nothing to embed, but the network was loaded")


def photograph(size: tuple[int, int]) -> Image.Image:
    """Draw something with shades, texture and grain that fills the picture."""
    random = np.random.default_rng(0)
    shades = Image.fromarray(random.integers(0, 256, (5, 7, 3), np.uint8))
    grain = Image.fromarray(random.integers(0, 256, (*size[::-1], 3), np.uint8))
    return Image.blend(shades.resize(size, Image.Resampling.BICUBIC), grain, 0.1)


def write_pictures(path: Path, picture: MakePicture, numbers: Sequence[int]) -> Path:
    path.mkdir(exist_ok=True)
    for number in numbers:
        (path / f"{number}.png").write_bytes(picture(number, size=(160, 120)))
    return path


def imported(pictures: Path, name: str = "mine") -> Catalogue:
    """Import a folder into the catalogue `name`, which is created if there is none."""
    catalogue = Catalogue.create(name)
    importing.run(folder.read(pictures), catalogue)
    return catalogue


@pytest.fixture
def pictures(tmp_path: Path, picture: MakePicture) -> Path:
    return write_pictures(tmp_path / "pictures", picture, range(COUNT))


@pytest.fixture(scope="module")
def finished(
    tmp_path_factory: pytest.TempPathFactory, picture: MakePicture, load: Callable[[], Network]
) -> Iterator[Catalogue]:
    """Yield an indexed catalogue that tests only read, with its source in `pictures` beside it.

    One of the pictures is stored downscaled.
    """
    root = tmp_path_factory.mktemp("finished")
    pictures = write_pictures(root / "pictures", picture, range(COUNT - 1))
    photograph((3000, 2000)).save(pictures / LARGE, quality=90)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LOOKALIKE_DATA", str(root))
        thumbnails = settings.thumbnails_root()
        catalogue = imported(pictures)
    assert indexing.update(catalogue, load_network=load) == IndexCounts(COUNT, 0, True, True)
    yield catalogue
    shutil.rmtree(thumbnails, ignore_errors=True)


@pytest.fixture
def indexed(finished: Catalogue, copy_catalogue: CopyCatalogue) -> Catalogue:
    """Return a copy of the finished catalogue, which the test may change."""
    return copy_catalogue(finished)


@pytest.fixture
def source(finished: Catalogue) -> Iterator[Path]:
    """Yield the source of `indexed`, which the test may change."""
    folder = finished.folder.parent / "pictures"
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    yield folder
    for path in folder.iterdir():
        path.unlink()
    for name, data in before.items():
        (folder / name).write_bytes(data)


def vectors(catalogue: Catalogue, name: str) -> dict[str, np.ndarray]:
    """Return the vectors of a descriptor by `source_id`, in float64."""
    found = catalogue.vectors.read(name, search.fingerprint_of(catalogue, name))
    names = {item.id: item.source_id for item in catalogue.items.find()}
    rows = found.matrix().astype(np.float64)
    return {names[item_id]: row for item_id, row in zip(found.ids, rows, strict=True)}


def keras_flow(paths: Sequence[Path]) -> np.ndarray:
    """Return the vectors that the 2016 recipe computes with Keras alone: unit rows."""
    import keras

    vgg16 = keras.applications.VGG16(include_top=False, weights=None)
    vgg16.set_weights(list(weights.load().arrays))
    loaded = [keras.utils.load_img(path, target_size=(224, 224)) for path in paths]
    batch = np.stack([keras.utils.img_to_array(image) for image in loaded])
    maps = vgg16.predict(keras.applications.vgg16.preprocess_input(batch), verbose=0)
    rows = maps.reshape(len(maps), -1).astype(np.float64)
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True))


# -- vectors -------------------------------------------------------------


def test_published_vectors_equal_those_of_keras(finished: Catalogue) -> None:
    pictures = finished.folder.parent / "pictures"
    stored = vectors(finished, PUBLISHED)
    [large] = [item for item in finished.items.find() if item.source_id == LARGE]
    assert Image.open(io.BytesIO(finished.pictures.original(large))).size == (1024, 683)

    right = keras_flow([pictures / name for name in stored])

    cosines = [float(row @ oracle) for row, oracle in zip(stored.values(), right, strict=True)]
    assert len(cosines) == COUNT
    assert min(cosines) >= 0.9995


@pytest.mark.parametrize("space", ["models", "pictures"])
@pytest.mark.parametrize("name", NAMES)
def test_rows_are_of_unit_length(finished: Catalogue, name: str, space: Space) -> None:
    index = search.index_of(finished, name, space)
    rows = index.rows(range(len(index)))

    assert rows.shape[0] == COUNT
    assert rows.shape[1] <= {COMPACT: DIMENSIONS, PUBLISHED: 25_088}[name]
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-3)


@pytest.mark.parametrize("name", NAMES)
def test_every_picture_finds_itself_first(finished: Catalogue, vgg16: Network, name: str) -> None:
    index_in = partial(search.index_of, finished, name)
    embed = partial(search.descriptor_of(finished, name).embed, vgg16)

    for item in finished.items.find():
        received = (finished.folder.parent / "pictures" / item.source_id).read_bytes()
        # A plain ellipse might as well be a drawing, and would be compared as that, too.
        example = PictureExample(decoding.decode(received), query_kind="photo")
        query = Query(examples=[example])
        results = search.run(query, catalogue=finished, index_in=index_in, embed=embed, k=2)
        best, second = results.neighbours
        assert best.item == item
        assert best.score >= 0.999
        assert second.score < 0.999


def test_any_picture_is_imported_indexed_and_searched_with(
    tmp_path: Path, load: Callable[[], Network], vgg16: Network
) -> None:
    for name, data in BAD_PICTURES.items():
        (tmp_path / f"{name}.{'gif' if data[:3] == b'GIF' else 'png'}").write_bytes(data)
    catalogue = imported(tmp_path)
    assert not catalogue.imports.failures()
    indexing.update(catalogue, load_network=load)

    # Of the longest one, which is noise, its picture at the size that is looked at shows nothing.
    blank = {item.name for item in catalogue.items.blank()}
    assert blank == {"one colour", "white on white", "black on black", "16,384 x 200"}
    index_in = partial(search.index_of, catalogue, COMPACT)
    embed = partial(search.descriptor_of(catalogue, COMPACT).embed, vgg16)
    for item in catalogue.items.find():
        picture = decoding.decode((tmp_path / item.source_id).read_bytes())
        query = Query(examples=[PictureExample(picture)])
        if item.source_id == "one colour.png":
            with pytest.raises(SearchError, match="has only one colour"):
                search.run(query, catalogue=catalogue, index_in=index_in, embed=embed, k=20)
            continue
        results = search.run(query, catalogue=catalogue, index_in=index_in, embed=embed, k=20)
        assert len(results.neighbours) == len(BAD_PICTURES) - len(blank)
        assert all(np.isfinite(each.score) for each in results.neighbours)


# -- updates ----------------------------------------------------------------


def test_an_up_to_date_index_is_left_alone(finished: Catalogue) -> None:
    assert indexing.is_current(finished)
    before = finished.revision

    assert indexing.update(finished, load_network=must_not_load) == NOTHING
    assert finished.revision == before


def test_only_the_new_picture_is_embedded(
    indexed: Catalogue, source: Path, picture: MakePicture, load: Callable[[], Network]
) -> None:
    before = vectors(indexed, PUBLISHED)

    write_pictures(source, picture, [COUNT])
    imported(source)
    assert not indexing.is_current(indexed)
    again = indexing.update(indexed, load_network=load)

    assert again == IndexCounts(embedded=1, failed=0, fitted=True, mapped=False, placed=1)
    assert str(again) == "1 embedded, 1 added to the map."
    after = vectors(indexed, PUBLISHED)
    assert len(after) == len(vectors(indexed, COMPACT)) == COUNT + 1
    assert all(np.array_equal(after[name], row) for name, row in before.items())
    map_ = indexed.map.load()
    assert map_ is not None
    assert set(map_.ids) == set(indexed.items.ids())


def test_a_changed_picture_gets_new_vectors(
    indexed: Catalogue, source: Path, picture: MakePicture, load: Callable[[], Network]
) -> None:
    before = vectors(indexed, PUBLISHED)

    (source / "3.png").write_bytes(picture(99, size=(160, 120)))
    imported(source)

    assert indexing.update(indexed, load_network=load).embedded == 1
    after = vectors(indexed, PUBLISHED)
    assert [name for name, row in before.items() if not np.array_equal(after[name], row)] == [
        "3.png"
    ]


def ring(number: int) -> Image.Image:
    """Return a cut-out: a thick ring, its colour by the number."""
    picture = Image.new("RGBA", (160, 160))
    colour = (40 + 60 * number, 90, 220 - 60 * number, 255)
    ImageDraw.Draw(picture).ellipse((8, 8, 152, 152), outline=colour, width=40)
    return picture


def test_only_what_was_corrected_is_embedded_again(
    tmp_path: Path, load: Callable[[], Network]
) -> None:
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    for number in range(3):
        composite = compose(ring(number), random=generator(str(number)), kind="floor")
        (pictures / f"{number}.jpg").write_bytes(composite.file)
    catalogue = imported(pictures)
    indexing.update(catalogue, load_network=load)
    first, *_ = catalogue.items.find()
    mask = catalogue.masks.get(first)
    assert mask is not None
    assert mask.basis == "mask"
    assert item_cutouts.of_item(catalogue, first).basis == "mask"
    whole = vectors(catalogue, PUBLISHED)

    assert catalogue.masks.choose("whole", item_ids=[first.id]) == 1
    assert not indexing.is_current(catalogue)
    again = indexing.update(catalogue, load_network=load)

    assert (again.embedded, again.failed) == (1, 0)
    assert item_cutouts.of_item(catalogue, first).basis == "whole"
    after = vectors(catalogue, PUBLISHED)
    assert all(np.array_equal(after[name], row) for name, row in whole.items())

    # The choice outlives an update from the source, and the mask a change of mind.
    imported(pictures)
    assert indexing.update(catalogue, load_network=must_not_load) == NOTHING
    assert catalogue.masks.choose("auto", item_ids=[first.id]) == 1
    assert indexing.update(catalogue, load_network=load).embedded == 1
    assert item_cutouts.of_item(catalogue, first).basis == "mask"


def test_a_removed_item_is_neither_in_results_nor_on_the_map(indexed: Catalogue) -> None:
    removed, *rest = indexed.items.ids()

    indexed.items.remove([removed])
    assert indexing.update(indexed, load_network=must_not_load) == NOTHING
    assert list(search.index_of(indexed, COMPACT).ids) == rest
    map_ = indexed.map.load()
    assert map_ is not None
    assert sorted(map_.ids) == sorted(rest)


def test_cancelled_indexing_keeps_its_work_and_continues(
    pictures: Path, load: Callable[[], Network]
) -> None:
    catalogue = imported(pictures)

    with pytest.raises(Cancelled):
        indexing.update(catalogue, load_network=load, progress=CancelledAfter(PICTURES_PER_BATCH))
    kept = len(vectors(catalogue, PUBLISHED))
    finished = indexing.update(catalogue, load_network=load)

    assert kept == PICTURES_PER_BATCH
    assert finished == IndexCounts(
        embedded=COUNT - PICTURES_PER_BATCH, failed=0, fitted=True, mapped=True
    )
    for name in NAMES:
        assert len(vectors(catalogue, name)) == COUNT
    assert indexing.is_current(catalogue)


def test_stored_segments_survive_an_error(
    pictures: Path, load: Callable[[], Network], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Fails(CancelledAfter):
        def check(self) -> None:
            if self.done >= self.steps:
                raise OSError("No space left on device")

    monkeypatch.setattr(embedding, "SEGMENT_ITEMS", PICTURES_PER_BATCH)
    catalogue = imported(pictures)

    with pytest.raises(OSError, match="No space left"):
        indexing.update(catalogue, load_network=load, progress=Fails(PICTURES_PER_BATCH))

    assert indexing.update(catalogue, load_network=load).embedded == COUNT - PICTURES_PER_BATCH
    assert len(vectors(catalogue, PUBLISHED)) == COUNT


def test_one_descriptor_can_be_indexed_alone(pictures: Path, load: Callable[[], Network]) -> None:
    catalogue = imported(pictures)

    only = indexing.update(catalogue, load_network=load, names=[PUBLISHED])

    assert only == IndexCounts(embedded=COUNT, failed=0, fitted=False, mapped=False)
    assert len(search.index_of(catalogue, PUBLISHED)) == COUNT
    with pytest.raises(NotIndexedError, match="has not been indexed yet") as never:
        search.index_of(catalogue, COMPACT)
    assert (never.value.catalogue_name, never.value.title) == (catalogue.name, catalogue.title)
    assert never.value.reason == "never indexed"


# -- failures --------------------------------------------------------------


def test_a_lost_picture_is_a_failure_until_it_is_imported_again(
    pictures: Path, load: Callable[[], Network]
) -> None:
    catalogue = imported(pictures)
    lost = catalogue.items.find()[4]
    [file] = catalogue.folder.glob(f"originals/*/{lost.digest}.png")
    file.unlink()

    first = indexing.update(catalogue, load_network=load)

    assert first == IndexCounts(embedded=COUNT - 1, failed=1, fitted=True, mapped=True)
    [failure] = catalogue.imports.failures()
    assert (failure.stage, failure.source_id, failure.name) == ("index", "4.png", "4")
    assert "Import its source again" in failure.reason
    assert lost.id not in search.index_of(catalogue, COMPACT).ids

    imported(pictures)
    second = indexing.update(catalogue, load_network=load)

    assert second == IndexCounts(embedded=1, failed=0, fitted=True, mapped=False, placed=1)
    assert catalogue.imports.failures() == []


def test_lost_thumbnails_are_restored(indexed: Catalogue) -> None:
    before = served_files(indexed)
    shutil.rmtree(served_folder(indexed))

    assert indexing.update(indexed, load_network=must_not_load) == NOTHING
    after = served_files(indexed)
    assert after.keys() == before.keys()
    # The picture that is stored downscaled has a new thumbnail, made of what is stored.
    [large] = [item for item in indexed.items.find() if item.source_id == LARGE]
    thumbnail = thumbnail_file(indexed, large.id).name
    assert [name for name in before if after[name] != before[name]] == [thumbnail]


def served_files(catalogue: Catalogue) -> dict[str, bytes]:
    files = (path for path in served_folder(catalogue).rglob("*") if path.is_file())
    return {path.name: path.read_bytes() for path in files}


def test_pictures_are_cut_out_although_nothing_is_embedded(indexed: Catalogue) -> None:
    assert indexed.pictures.cut_outs() == set(), "their backgrounds are plain"
    item = indexed.items.find()[0]
    mask = Image.new("L", (40, 30))
    mask.paste(255, (10, 10, 30, 20))
    indexed.masks.add([(item, StoredMask("mask", 0.9, encoding.png(mask)))])

    assert indexing.update(indexed, load_network=must_not_load) == NOTHING

    [cut_out] = indexed.pictures.cut_outs()
    assert cut_out.is_of(item)


def test_vectors_of_another_version_are_refused_and_computed_again(
    indexed: Catalogue, load: Callable[[], Network]
) -> None:
    before = vectors(indexed, COMPACT)
    with closing(sqlite3.connect(indexed.folder / "catalogue.db")) as db:
        for table in ("fits", "segments"):
            db.execute(
                f"UPDATE {table} SET fingerprint = '0123456789abcdef' || substr(fingerprint, 17) "
                "WHERE descriptor = ?",
                [COMPACT],
            )
        db.commit()

    assert not indexing.is_current(indexed)
    with pytest.raises(NotIndexedError, match="indexed by another version") as outdated:
        search.index_of(indexed, COMPACT)
    assert outdated.value.reason == "another version"
    assert len(search.index_of(indexed, PUBLISHED)) == COUNT

    repaired = indexing.update(indexed, load_network=load)

    assert repaired.fitted
    assert indexing.is_current(indexed)
    after = vectors(indexed, COMPACT)
    assert after.keys() == before.keys()
    assert all(after[name] @ before[name] > 0.999 for name in before)


# -- the map ----------------------------------------------------------------------


@pytest.mark.parametrize("count", [1, 2, 5, 20])
def test_a_catalogue_of_any_size_has_a_map_that_can_be_recomputed(
    tmp_path: Path, picture: MakePicture, load: Callable[[], Network], count: int
) -> None:
    catalogue = imported(write_pictures(tmp_path / "few", picture, range(count)))

    assert indexing.update(catalogue, load_network=load) == IndexCounts(count, 0, True, True)

    map_ = catalogue.map.load()
    assert map_ is not None
    assert sorted(map_.ids) == sorted(catalogue.items.ids())
    assert map_.coordinates.shape == (count, 2)
    assert np.isfinite(map_.coordinates).all()
    assert np.abs(map_.coordinates).max() <= 1 + 1e-6
    assert len(np.unique(map_.coordinates, axis=0)) == count
    assert map_.fingerprint == search.fingerprint_of(catalogue, COMPACT)

    again = indexing.update(catalogue, load_network=must_not_load, rebuild_map=True)

    assert again == IndexCounts(embedded=0, failed=0, fitted=False, mapped=True)
    assert str(again) == "Map layout computed."
    rebuilt = catalogue.map.load()
    assert rebuilt is not None
    np.testing.assert_array_equal(rebuilt.coordinates, map_.coordinates)
    np.testing.assert_array_equal(rebuilt.grid, map_.grid)


def positions(catalogue: Catalogue) -> dict[str, tuple[float, ...]]:
    """Return the coordinates of items on the map and on its grid by `source_id`."""
    map_ = catalogue.map.load()
    assert map_ is not None
    names = {item.id: item.source_id for item in catalogue.items.find()}
    both = np.hstack([map_.coordinates, map_.grid]).tolist()
    return {
        names[item_id]: tuple(position) for item_id, position in zip(map_.ids, both, strict=True)
    }


def test_items_are_added_to_the_map_until_it_needs_a_rebuild(
    tmp_path: Path,
    picture: MakePicture,
    load: Callable[[], Network],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(fitting, "MIN_ITEMS_TO_FIT", 8)
    pictures = write_pictures(tmp_path / "growing", picture, range(10))
    catalogue = imported(pictures)
    indexing.update(catalogue, load_network=load)
    first = positions(catalogue)

    # Below 512 items `compact` is fitted again and all vectors change, but nothing moves.
    fit = catalogue.vectors.fit_fingerprint(COMPACT)
    write_pictures(pictures, picture, range(10, 16))
    (pictures / "3.png").write_bytes(picture(99, size=(160, 120)))
    imported(pictures)
    second = indexing.update(catalogue, load_network=load)

    assert second == IndexCounts(embedded=7, failed=0, fitted=True, mapped=False, placed=7)
    assert catalogue.vectors.fit_fingerprint(COMPACT) != fit
    grown = positions(catalogue)
    assert [name for name, position in first.items() if grown[name] != position] == ["3.png"]
    map_ = catalogue.map.load()
    assert map_ is not None
    assert map_.fingerprint == fit
    assert map_.added_later.sum() == 7
    assert len(set(grown.values())) == 16
    assert indexing.update(catalogue, load_network=must_not_load) == NOTHING

    write_pictures(pictures, picture, range(16, 19))
    imported(pictures)
    third = indexing.update(catalogue, load_network=load)

    assert third == IndexCounts(embedded=3, failed=0, fitted=True, mapped=True)
    map_ = catalogue.map.load()
    assert map_ is not None
    assert not map_.added_later.any()


def test_hidden_items_leave_the_map_and_come_back(indexed: Catalogue) -> None:
    before = positions(indexed)
    kept, twin, *_ = indexed.items.find()

    indexed.items.hide([twin.id], kept=kept.id)
    assert indexing.update(indexed, load_network=must_not_load) == NOTHING
    assert positions(indexed).keys() == before.keys() - {twin.source_id}
    indexed.items.restore_hidden([twin.id])

    assert indexing.update(indexed, load_network=must_not_load) == NOTHING
    assert positions(indexed) == before


def test_a_map_of_another_version_is_recomputed(indexed: Catalogue) -> None:
    with closing(sqlite3.connect(indexed.folder / "catalogue.db")) as db:
        db.execute("UPDATE maps SET fingerprint = '0123456789abcdef' || substr(fingerprint, 17)")
        db.commit()

    again = indexing.update(indexed, load_network=must_not_load)

    assert again == IndexCounts(embedded=0, failed=0, fitted=False, mapped=True)
    assert indexing.update(indexed, load_network=must_not_load) == NOTHING


@pytest.mark.parametrize("was_indexed", [False, True], ids=["new", "by another version"])
def test_an_empty_catalogue_can_be_indexed(was_indexed: bool) -> None:
    catalogue = Catalogue.create("empty")
    if was_indexed:
        nothing = np.empty((0, 8), np.float32)
        catalogue.vectors.save_fit(COMPACT, "0123456789abcdef-fit", {}, [], nothing)

    assert indexing.update(catalogue, load_network=must_not_load) == NOTHING
    assert catalogue.map.load() is None
