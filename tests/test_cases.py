"""Small inputs like people's real files, in `cases`, each with what is right."""

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from core.catalogue import Catalogue, ImportCounts, ImportRun, Item
from core.importers import Take, open_source
from core.pictures.decoding import decode
from core.workflows import importing

pytestmark = pytest.mark.slow

CASES = Path(__file__).with_name("cases")
# The mean difference of two pictures of the same thing, of 255 levels: their lines and edges differ
# a little, by the file that they were written to.
SAME = 0.5


@dataclass(frozen=True, slots=True)
class Shelf:
    """A source that was imported: its items by the name in the source, and what is said of it."""

    catalogue: Catalogue
    run: ImportRun
    items: dict[str, Item] = field(default_factory=dict)

    def pixels(self, name: str) -> NDArray[np.int64]:
        """Return the picture of an item: int64 (height, width, 3)."""
        picture = decode(self.catalogue.pictures.original(self.items[name]))
        return np.asarray(picture).astype(np.int64)

    def mask(self, name: str) -> NDArray[np.bool_]:
        """Return where the picture of a 3D model shows it: bool (height, width)."""
        picture = Image.open(io.BytesIO(self.catalogue.pictures.original(self.items[name])))
        return np.asarray(picture.getchannel("A")) > 127

    def colour(self, name: str) -> list[float]:
        """Return the mean red, green and blue of a 3D model, 0 to 255."""
        seen = self.pixels(name)[self.mask(name)]
        return [float(level) for level in seen.mean(axis=0)]

    def difference(self, one: str, other: str) -> float:
        """Return the mean difference of two pictures, 0 to 255."""
        return float(np.abs(self.pixels(one) - self.pixels(other)).mean())

    def edges(self, name: str) -> int:
        """Return how many pixels of a 3D model differ much in colour from those beside them."""
        seen, mask = self.pixels(name), self.mask(name)
        steps = np.abs(np.diff(seen, axis=1)).max(axis=2) > 60
        return int((steps & mask[:, 1:] & mask[:, :-1]).sum())

    def names(self) -> dict[str, str]:
        """Return the names of the items by the name in the source."""
        return {source_id: item.name for source_id, item in self.items.items()}


ImportCase = Callable[..., Shelf]


@pytest.fixture
def import_case() -> ImportCase:
    """Return a function that imports a case by its path."""

    def result(path: str, *, take: Take | None = None) -> Shelf:
        catalogue = Catalogue.create("cases")
        return shelf_of(catalogue, path, take=take)

    return result


def shelf_of(catalogue: Catalogue, path: str, *, take: Take | None = None) -> Shelf:
    """Import a case into a catalogue."""
    run = importing.run(open_source(str(CASES / path), take=take), catalogue)
    return Shelf(catalogue, run, {item.source_id: item for item in catalogue.items.find()})


def shared(factory: pytest.TempPathFactory, path: str) -> Iterator[Shelf]:
    """Import a folder of cases for all tests of this module."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LOOKALIKE_DATA", str(factory.mktemp(path)))
        yield shelf_of(Catalogue.create(path), path)


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shelf]:
    """Import all 3D models of the cases."""
    yield from shared(tmp_path_factory, "models")


def test_every_model_is_imported(models: Shelf) -> None:
    assert models.run.counts.added == len(models.items) == 16
    assert models.run.counts.failed == models.run.counts.passed_over == 0
    assert models.run.remarks == ()
    assert all(not item.missing_textures for item in models.items.values())


def test_opaque_by_tr(models: Shelf) -> None:
    red, green, blue = models.colour("opaque_by_tr/thing.obj")
    assert red > 1.3 * green and red > 1.3 * blue


def test_relative(models: Shelf) -> None:
    assert models.difference("relative/boxes_relative.obj", "relative/boxes_absolute.obj") < SAME


def test_u_ngon(models: Shelf) -> None:
    assert models.difference("u_ngon.obj", "u_triangles.obj") < SAME


def test_tabs_vertex_colour(models: Shelf) -> None:
    name = "tabs_vertex_colour.obj"
    seen, mask = models.pixels(name), models.mask(name)
    rows = np.flatnonzero(mask.any(axis=1))
    upper, lower = (seen[row][mask[row]].mean(axis=0) for row in (rows[20], rows[-20]))
    assert upper[2] > 2 * upper[0] and lower[0] > 2 * lower[2]


def test_two_libs(models: Shelf) -> None:
    name = "two_libs/two.obj"
    seen = models.pixels(name)[models.mask(name)]
    red, blue = seen[:, 0] > 2 * seen[:, 2], seen[:, 2] > 2 * seen[:, 0]
    assert red.mean() > 0.1 and blue.mean() > 0.1


def test_texture_scale(models: Shelf) -> None:
    assert models.difference("texture_scale/thing.obj", "texture_scale_reference/thing.obj") < SAME


def test_download_layout(models: Shelf) -> None:
    red, _, blue = models.colour("download_layout/source/thing.obj")
    assert red - blue > 20


def test_big_endian_diffuse(models: Shelf) -> None:
    levels = models.colour("big_endian_diffuse.ply")
    assert max(levels) > 1.5 * min(levels)


def test_skinned(models: Shelf) -> None:
    assert models.difference("skinned/figure.glb", "skinned/figure_static.glb") < SAME
    rows, columns = np.nonzero(models.mask("skinned/figure.glb"))
    assert np.ptp(rows) > 1.5 * np.ptp(columns)


def test_texture_transform(models: Shelf) -> None:
    tiled, plain = (f"texture_transform/{name}.glb" for name in ("tiles", "plain"))
    assert (models.mask(tiled) == models.mask(plain)).mean() > 0.99
    assert models.edges(tiled) > 3 * models.edges(plain)


def test_morph_default(models: Shelf) -> None:
    rows, columns = np.nonzero(models.mask("morph_default.glb"))
    assert np.ptp(rows) > 0.8 * np.ptp(columns), "without its target it is five times as flat"


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shelf]:
    """Import all pictures of the cases."""
    yield from shared(tmp_path_factory, "pictures")


def test_every_picture_is_imported_or_listed(pictures: Shelf) -> None:
    assert pictures.run.counts == ImportCounts(added=10, failed=1)
    assert not any(item.is_blank for item in pictures.items.values())


def test_white_on_nothing(pictures: Shelf) -> None:
    names = [name for name in pictures.items if name.startswith("white_on_nothing/")]
    assert len(names) == 3
    assert all(pictures.difference(*pair) > 3 for pair in combinations(names, 2))


def test_phone(pictures: Shelf) -> None:
    first, *others = (
        f"phone/{name}"
        for name in (
            *("IMG_0001.HEIC", "IMG_0003.jpg", "IMG_0004.jfif", "IMG_0005.JPG_large"),
            "IMG_0006.png",
        )
    )
    assert all(pictures.difference(first, other) == 0 for other in others)
    [failure] = pictures.catalogue.imports.failures()
    assert failure.source_id == "phone/IMG_0002.heic"
    assert "HEIC picture is damaged" in failure.reason


def test_grey16(pictures: Shelf) -> None:
    seen = pictures.pixels("grey16_0_1176.png")
    assert seen.max() == 255 and np.ptp(seen) > 100


def test_animated_blank_first(pictures: Shelf) -> None:
    assert np.ptp(pictures.pixels("animated_blank_first.gif")) > 100


def test_stray_quote(import_case: ImportCase) -> None:
    shelf = import_case("tables/stray_quote/list.csv")
    assert shelf.run.counts == ImportCounts(added=5)
    assert set(shelf.names().values()) == {'"Eames" chair', '"19 inch lamp', "Table", "Sofa", "Bed"}


def test_sep_line(import_case: ImportCase) -> None:
    shelf = import_case("tables/sep_line/list.csv")
    assert shelf.run.counts.added == 3
    named = {(item.name, item.category) for item in shelf.items.values()}
    assert named == {
        ("Küchenstuhl", "Stühle"),
        ("Stehlampe", "Leuchten"),
        ("Esstisch – groß", "Tische"),
    }


def test_code_pages(import_case: ImportCase) -> None:
    table = import_case("tables/cp1251/list.csv")
    named = {(item.name, item.category) for item in table.items.values()}
    assert named == {("Стул", "Мебель"), ("Лампа", "Свет")}
    Catalogue.remove("cases")

    archive = import_case("tables/sjis_names.zip")
    named = {(item.name, item.category) for item in archive.items.values()}
    assert named == {("椅子", "家具"), ("ソファ", "家具"), ("ランプ", "照明")}


def test_renders_and_one_model(import_case: ImportCase) -> None:
    folder = "folders/renders_and_one_model"
    shelf = import_case(folder)
    assert set(shelf.items) == {"scene.obj"}
    assert shelf.run.counts == ImportCounts(added=1, passed_over=6)
    [renders] = shelf.run.passed_over
    assert renders.kind == "picture" and "both" in renders.advice
    Catalogue.remove("cases")

    both = import_case(folder, take="both")
    assert both.run.counts == ImportCounts(added=7)


def test_other_formats(import_case: ImportCase) -> None:
    shelf = import_case("folders/other_formats")
    assert set(shelf.items) == {"g.obj"}
    failures = {each.source_id: each.reason for each in shelf.catalogue.imports.failures()}
    assert shelf.run.counts == ImportCounts(added=1, failed=len(failures))
    assert set(failures) == {"a.fbx", "b.dae", "c.3mf", "d.usdz", "e.blend", "f.FBX"}
    # Judged by their bytes, all begin as an FBX file.
    assert all("damaged, or not FBX" in reason for reason in failures.values())
