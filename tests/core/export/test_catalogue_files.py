"""A catalogue is exported as plain files."""

from pathlib import Path

import numpy as np
import pytest

from core.catalogue import Catalogue
from core.descriptors import COMPACT, Compact
from core.export import catalogue_files
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

    written = catalogue_files.write(catalogue, tmp_path / "out")

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
