"""Files that are damaged in turn are named, everything else works, and a repair mends them."""

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from core import search, settings
from core.catalogue import Catalogue, CatalogueError
from core.descriptors import COMPACT, PUBLISHED
from core.importers import folder
from core.search import ItemExample, NotIndexedError, Query
from core.vision import Network, precision
from core.workflows import checking, importing, indexing
from tests.command_line import run
from tests.conftest import MakePicture
from tests.served_files import thumbnail_file

pytestmark = pytest.mark.slow

CopyCatalogue = Callable[[Catalogue], Catalogue]
COUNT = 6


@pytest.fixture(scope="module")
def load() -> Callable[[], Network]:
    network = precision.load()
    return lambda: network


@pytest.fixture(scope="module")
def finished(
    tmp_path_factory: pytest.TempPathFactory, picture: MakePicture, load: Callable[[], Network]
) -> Iterator[Catalogue]:
    """Yield an indexed catalogue that tests only read, with its source in `pictures` beside it."""
    root = tmp_path_factory.mktemp("finished")
    pictures = root / "pictures"
    pictures.mkdir()
    for number in range(COUNT):
        (pictures / f"{number}.png").write_bytes(picture(number, size=(160, 120)))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LOOKALIKE_DATA", str(root))
        thumbnails = settings.thumbnails_root()
        catalogue = Catalogue.create("mine")
        importing.run(folder.read(pictures), catalogue)
    indexing.update(catalogue, load_network=load)
    yield catalogue
    shutil.rmtree(thumbnails, ignore_errors=True)


@pytest.fixture
def mine(finished: Catalogue, copy_catalogue: CopyCatalogue) -> Catalogue:
    """Return a copy of the finished catalogue, which the test may change."""
    return copy_catalogue(finished)


def contents(catalogue: Catalogue) -> dict[str, object]:
    """Return all that is shown of a catalogue, exactly."""
    map_ = catalogue.map.load()
    fit = catalogue.vectors.load_fit(COMPACT)
    assert map_ is not None and fit is not None
    read = catalogue.vectors.read
    rows = {
        name: read(name, search.fingerprint_of(catalogue, name)).matrix()
        for name in (COMPACT, PUBLISHED)
    }
    return {
        "pictures": [catalogue.pictures.original(item) for item in catalogue.items.find()],
        "thumbnails": [catalogue.pictures.thumbnail(one) for one in catalogue.items.ids()],
        "vectors": {name: matrix.tobytes() for name, matrix in rows.items()},
        "fit": {name: array.tobytes() for name, array in fit.items()},
        "map": (map_.ids, map_.coordinates.tobytes(), map_.labels.tobytes(), map_.clusters),
    }


def change(path: Path) -> None:
    data = bytearray(path.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 8] = bytes(byte ^ 0xA5 for byte in data[middle : middle + 8])
    path.write_bytes(data)


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:500])


DERIVED = [
    "vectors/compact/*.npy",
    "vectors/compact/*.npz",
    "vectors/published/*.npy",
    "vectors/activations/*.npy",
    "map/*.npz",
]


def test_a_whole_catalogue_has_no_findings(mine: Catalogue) -> None:
    report = checking.check(mine)

    assert (report.models, report.findings) == (COUNT, ())
    assert str(report) == "No damage in 6 models."
    assert checking.last(mine) == report


@pytest.mark.parametrize("spoil", [cut, change, Path.unlink])
@pytest.mark.parametrize("pattern", DERIVED)
def test_what_can_be_made_again_is_made_again(
    mine: Catalogue,
    pattern: str,
    spoil: Callable[[Path], object],
    load: Callable[[], Network],
) -> None:
    expected = contents(mine)
    path = next(iter(mine.folder.glob(pattern)))
    spoil(path)

    # What does not need the file works.
    assert mine.summary().items == COUNT
    assert not indexing.is_current(mine)
    if "compact/*.npy" not in pattern:
        first, *others = mine.items.ids()
        results = search.run(
            Query(examples=[ItemExample(first)]),
            catalogue=mine,
            index_in=lambda space: search.index_of(mine, COMPACT, space),
        )
        assert {each.item.id for each in results.neighbours} == set(others)
    if pattern.endswith("compact/*.npz"):
        with pytest.raises(NotIndexedError, match="is damaged"):
            search.descriptor_of(mine, COMPACT)
    report = checking.check(mine)
    [finding] = report.findings
    assert finding.file == path.relative_to(mine.folder).as_posix()
    assert finding.problem == ("missing" if spoil is Path.unlink else "damaged")

    counts = indexing.update(mine, load_network=load)

    assert counts.replaced == 1
    assert "1 damaged file made again" in str(counts)
    assert checking.last(mine) == checking.CheckReport(report.finished, COUNT, ())
    assert checking.check(mine).findings == ()
    assert contents(mine) == expected


@pytest.mark.parametrize("spoil", [cut, change, Path.unlink])
def test_a_damaged_picture_is_imported_again(
    mine: Catalogue, finished: Catalogue, spoil: Callable[[Path], object]
) -> None:
    expected = contents(mine)
    first = mine.items.find()[0]
    path = next(mine.folder.glob(f"originals/*/{first.digest}.png"))
    spoil(path)

    [finding] = checking.check(mine).findings
    assert (finding.source_id, finding.mended_by) == (first.source_id, "import")
    assert "Import its source again" in finding.meaning
    with pytest.raises(CatalogueError):
        mine.pictures.original(first)

    run_ = importing.run(folder.read(finished.folder.parent / "pictures"), mine)

    assert run_.counts.changed == 1
    report = checking.last(mine)
    assert report is not None and report.findings == ()
    assert contents(mine) == expected
    assert importing.run(folder.read(finished.folder.parent / "pictures"), mine).counts.changed == 0


def test_a_damaged_thumbnail_is_made_again(mine: Catalogue, load: Callable[[], Network]) -> None:
    expected = contents(mine)
    first, second, *_ = mine.items.ids()
    change(thumbnail_file(mine, first))
    thumbnail_file(mine, second).unlink()

    assert [each.mended_by for each in checking.check(mine).findings] == ["index", "index"]
    indexing.update(mine, load_network=load)

    report = checking.last(mine)
    assert report is not None and report.findings == ()
    assert contents(mine) == expected


def test_the_command_line_names_what_is_damaged_and_repairs_it(mine: Catalogue) -> None:
    expected = contents(mine)
    first, second, *_ = mine.items.find()
    map_file = next(mine.folder.glob("map/*.npz"))
    picture = next(mine.folder.glob(f"originals/*/{first.digest}.png"))
    for path in (map_file, picture, thumbnail_file(mine, second.id)):
        change(path)
    (mine.folder / "map" / "left.npz").write_bytes(b"left behind")

    for command in ("list", "show mine", "check mine"):
        done = run(*command.split())
        assert "Traceback" not in done.stderr
        assert done.returncode == int(command == "check mine")
    assert f"map/{map_file.name} is damaged. Without it there is no map." in done.stdout
    assert f"It is the picture of “{first.name}”" in done.stdout
    assert "map/left.npz belongs to nothing." in done.stdout
    assert done.stdout.endswith("4 findings in 6 models.\n")

    done = run("check", "mine", "--repair", "--json")

    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    assert (result["findings"], result["repaired"], result["errors"]) == ([], 4, [])
    assert contents(Catalogue("mine")) == expected


def test_what_cannot_be_repaired_is_still_named(mine: Catalogue, tmp_path: Path) -> None:
    first = mine.items.find()[0]
    next(mine.folder.glob(f"originals/*/{first.digest}.png")).unlink()
    [source] = mine.imports.sources()
    shutil.move(source.location, tmp_path / "elsewhere")
    try:
        done = run("check", "mine", "--repair")
    finally:
        shutil.move(tmp_path / "elsewhere", source.location)

    assert done.returncode == 1
    assert f"It is the picture of “{first.name}”" in done.stdout
    assert source.location in done.stdout
    assert "Traceback" not in done.stderr
    assert np.isfinite(search.index_of(mine, COMPACT).unit_rows()).all()
