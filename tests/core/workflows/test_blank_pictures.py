"""Models with nothing to see in their pictures: kept, named, and not compared."""

import json
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core import search
from core.catalogue import Catalogue, Item
from core.descriptors import PUBLISHED
from core.duplicates import finder
from core.importers import folder
from core.jobs import Progress
from core.search import ItemExample, Query, SearchError
from core.vision import Network
from core.workflows import importing, indexing
from tests.command_line import run
from tests.conftest import MakePicture
from tests.core.workflows.support import shown


def must_not_load() -> Network:
    raise AssertionError("there was nothing to embed, but the network was loaded")


@pytest.fixture
def pictures(tmp_path: Path, picture: MakePicture) -> Path:
    """Return a folder of two things, and three pictures that show none."""
    made = tmp_path / "pictures"
    made.mkdir()
    for number in (1, 2):
        (made / f"thing {number}.png").write_bytes(picture(number))
    for name, colour in {"black": "#040406", "blank": "white", "white": "white"}.items():
        Image.new("RGB", (90, 60), colour).save(made / f"{name}.png")
    return made


@pytest.fixture
def catalogue(pictures: Path) -> Catalogue:
    made = Catalogue.create("mine")
    importing.run(folder.read(pictures), made)
    return made


def add_vectors(catalogue: Catalogue) -> str:
    """Store a vector for each model that needs one; return the fingerprint."""
    fingerprint = search.fingerprint_of(catalogue, PUBLISHED)
    missing = catalogue.vectors.missing(PUBLISHED, fingerprint)
    rows = np.random.default_rng(0).random((len(missing), 25088), np.float32)
    catalogue.vectors.add(PUBLISHED, fingerprint, missing, rows)
    return fingerprint


def names(items: Sequence[Item]) -> list[str]:
    return [item.name for item in items]


def test_they_are_imported_and_named(catalogue: Catalogue) -> None:
    assert len(shown(catalogue)) == 5
    assert names(catalogue.items.blank()) == ["black", "blank", "white"]
    assert catalogue.summary().blank == 3
    assert catalogue.imports.runs()[0].remarks == (
        "3 models with nothing to see in the picture: black, blank, white.",
    )
    listed = json.loads(run("show", "mine", "--json").stdout)["nothing_to_see"]
    assert [each["source_id"] for each in listed] == ["black.png", "blank.png", "white.png"]


def test_they_are_not_compared(catalogue: Catalogue) -> None:
    fingerprint = add_vectors(catalogue)
    things = [item.id for item in catalogue.items.find() if not item.is_blank]
    assert list(catalogue.vectors.read(PUBLISHED, fingerprint).ids) == things
    index = search.index_of(catalogue, PUBLISHED)
    report = finder.find(catalogue, index=index)
    assert not report.groups and report.items == 2
    white = ItemExample(catalogue.items.blank()[-1].id)
    with pytest.raises(SearchError, match="nothing to see in the picture of “white”"):
        search.run(Query(examples=(white,)), catalogue=catalogue, index_in=lambda _: index)


def test_one_whose_picture_changes_is_compared_again(
    catalogue: Catalogue, pictures: Path, picture: MakePicture
) -> None:
    fingerprint = add_vectors(catalogue)
    (pictures / "white.png").write_bytes(picture(7))
    Image.new("RGB", (50, 50), "white").save(pictures / "thing 1.png")
    run = importing.run(folder.read(pictures), catalogue)
    assert (run.counts.changed, run.counts.unchanged) == (2, 3)
    assert names(catalogue.items.blank()) == ["black", "blank", "thing 1"]
    assert names(catalogue.vectors.missing(PUBLISHED, fingerprint)) == ["white"]
    # Nothing changes now, and all are named again.
    again = importing.run(folder.read(pictures), catalogue)
    assert again.counts.unchanged == 5 and again.remarks == run.remarks


def test_those_of_an_earlier_version_are_found_when_it_is_indexed(catalogue: Catalogue) -> None:
    with closing(sqlite3.connect(catalogue.folder / "catalogue.db")) as db, db:
        db.execute("UPDATE items SET blank = NULL")
    fingerprint = add_vectors(catalogue)
    assert len(catalogue.vectors.read(PUBLISHED, fingerprint).ids) == 5
    revision = catalogue.vectors.revision
    for _ in range(2):
        indexing.update(
            catalogue, load_network=must_not_load, names=[PUBLISHED], progress=Progress()
        )
        assert names(catalogue.items.blank()) == ["black", "blank", "white"]
        assert len(catalogue.vectors.read(PUBLISHED, fingerprint).ids) == 2
    assert catalogue.vectors.revision == revision + 1
