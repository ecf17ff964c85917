"""A catalogue is exported as plain files."""

import csv
import errno
import re
from pathlib import Path

import numpy as np
import pytest

from core.catalogue import Catalogue, Item
from core.descriptors import COMPACT, Compact
from core.errors import LookalikeError
from core.export import catalogue_files
from core.importers import open_source
from core.importers.base import Entry
from core.jobs import Cancelled, Progress, Stage
from core.vision.weights import DIGEST
from tests.core.catalogue.support import add, numbered

COUNT = 3


@pytest.fixture
def catalogue() -> Catalogue:
    catalogue = Catalogue.create("things")
    add(catalogue, *numbered(COUNT))
    return catalogue


def index(catalogue: Catalogue, recipe: str) -> None:
    """Store vectors of a fit, as the descriptor with this recipe would."""
    vectors = np.eye(COUNT, 8, dtype=np.float32)
    catalogue.vectors.save_fit(COMPACT, f"{recipe}-fit", {}, catalogue.items.find(), vectors)


@pytest.mark.parametrize(
    ("recipe", "has_neighbours"),
    [
        pytest.param(Compact.recipe(DIGEST), True, id="this version"),
        pytest.param("0123456789abcdef", False, id="another version"),
    ],
)
def test_neighbours_are_written_only_from_vectors_of_this_version(
    catalogue: Catalogue, tmp_path: Path, recipe: str, has_neighbours: bool
) -> None:
    index(catalogue, recipe)

    written = catalogue_files.write(catalogue, tmp_path / "out").tables

    expected = ["items.csv", "neighbours.csv"] if has_neighbours else ["items.csv"]
    assert [path.name for path in written] == expected


def test_writing_neighbours_can_be_cancelled(catalogue: Catalogue, tmp_path: Path) -> None:
    index(catalogue, Compact.recipe(DIGEST))

    class Job(Progress):
        cancelled = False

        def stage(self, stage: Stage, total: int = 0, *, detail: str = "") -> None:
            self.cancelled = stage is Stage.WRITING_NEIGHBOURS

        def check(self) -> None:
            if self.cancelled:
                raise Cancelled

    with pytest.raises(Cancelled):
        catalogue_files.write(catalogue, tmp_path / "out", progress=Job())
    assert not list(tmp_path.glob("*out*"))


def test_a_damaged_picture_is_left_out_and_named(catalogue: Catalogue, tmp_path: Path) -> None:
    first, second, _ = catalogue.items.find()
    next(catalogue.folder.glob(f"originals/*/{first.digest}.png")).write_bytes(b"junk")
    next(catalogue.folder.glob(f"originals/*/{second.digest}.png")).unlink()

    exported = catalogue_files.write(catalogue, tmp_path / "out")

    assert [sentence.partition(":")[0] for sentence in exported.left_out] == [
        "The picture of “Number 0” is damaged",
        "The picture of “Number 1” is missing from the catalogue’s folder. Import its source "
        "again to restore it.",
    ]
    [table] = exported.tables
    assert [row["name"] for row in csv.DictReader(table.open(newline=""))] == ["Number 2"]
    assert len(list((tmp_path / "out" / "pictures").iterdir())) == 1


def test_an_export_that_fails_leaves_nothing(
    catalogue: Catalogue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = Path.write_bytes

    def full(path: Path, data: bytes) -> int:
        if "pictures" in path.parts:
            raise OSError(errno.ENOSPC, "No space left on device", str(path))
        return write(path, data)

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(LookalikeError, match=r"Nothing was exported\. There is no room left"):
        catalogue_files.write(catalogue, tmp_path / "out")
    assert not list(tmp_path.glob("*out*"))

    monkeypatch.undo()
    (tmp_path / "out").mkdir()
    assert catalogue_files.write(catalogue, tmp_path / "out").left_out == ()


def test_no_cell_is_a_formula_and_every_name_comes_back(
    catalogue: Catalogue, tmp_path: Path
) -> None:
    names = ["=cmd|' /C calc'!A0", "'=1+1", "-40 %", "+1", "@here", "a;=1", "''=2", "'plain'"]
    items = [Item(source_id=f"={n}", name=name) for n, name in enumerate(names)]
    add(catalogue, *items)

    [table] = catalogue_files.write(catalogue, tmp_path / "out").tables

    with table.open(newline="") as file:
        cells = [cell for row in csv.reader(file) for cell in row]
    assert not [cell for cell in cells if re.search(r"(^|;) *[=+@-]", cell)]
    entries = [entry for entry in open_source(str(table)).entries if isinstance(entry, Entry)]
    assert [entry.item.name for entry in entries][-len(names) :] == names
    assert [entry.item.source_id for entry in entries][-1] == f"={len(names) - 1}"
