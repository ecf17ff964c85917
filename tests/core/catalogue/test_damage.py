"""Files that are cut, changed or lost after they were written are noticed, and named."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.catalogue import Catalogue, CatalogueError, Cluster, Damage
from tests.core.catalogue.support import add, map_of, numbered, picture_of, rows_for
from tests.served_files import thumbnail_file

Spoil = Callable[[Path], object]


def cut(path: Path) -> None:
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])


def change(path: Path) -> None:
    """Change bytes in the middle, which leaves the size and the beginning."""
    data = bytearray(path.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 8] = bytes(byte ^ 0xA5 for byte in data[middle : middle + 8])
    path.write_bytes(data)


def empty(path: Path) -> None:
    path.write_bytes(b"")


def replace_by_an_array(path: Path) -> None:
    with path.open("wb") as file:
        np.save(file, np.zeros((2, 2), np.float32))


def replace_by_a_zip(path: Path) -> None:
    with path.open("wb") as file:
        np.savez(file, other=np.zeros(3))


SPOILS = [cut, change, empty, replace_by_an_array, replace_by_a_zip, Path.unlink]


def only_file(folder: Path, pattern: str) -> Path:
    (path,) = folder.rglob(pattern)
    return path


@pytest.fixture
def stored(catalogue: Catalogue) -> Catalogue:
    """Return a catalogue of six items with two segments, a fit and a map."""
    items = add(catalogue, *numbered(6))
    ids = [item.id for item in items]
    fit = {"mean": np.arange(400, dtype=np.float32)}
    catalogue.vectors.save_fit("compact", "v1", fit, items, rows_for(items))
    catalogue.vectors.add("published", "p", items[:4], rows_for(items[:4]))
    catalogue.vectors.add("published", "p", items[4:], rows_for(items[4:]))
    clusters = (Cluster("Faces", ids[0]), Cluster("Hands", ids[3]))
    labelled = replace(
        map_of(ids, np.zeros((6, 2), np.float32), "v1"),
        labels=np.array([0, 0, 0, 1, 1, 1], np.int32),
        clusters=clusters,
    )
    catalogue.map.save(labelled)
    assert catalogue.damage() == []
    return catalogue


def files_of_published(catalogue: Catalogue) -> list[Path]:
    """Return the files of both segments, the larger first."""
    paths = (catalogue.folder / "vectors" / "published").glob("*.npy")
    return sorted(paths, key=lambda path: -path.stat().st_size)


@pytest.mark.parametrize("spoil", SPOILS)
def test_rows_of_a_damaged_segment_are_left_out_until_they_are_computed_again(
    stored: Catalogue, spoil: Spoil
) -> None:
    items = stored.items.find()
    path, _ = files_of_published(stored)
    spoil(path)

    vectors = stored.vectors.read("published", "p")

    assert vectors.ids == tuple(item.id for item in items[4:])
    np.testing.assert_array_equal(vectors.matrix(), rows_for(items[4:]))
    [damage] = stored.damage()
    assert damage.file == f"vectors/published/{path.name}"
    assert damage.is_missing == (not path.exists())
    assert "4 models" in damage.meaning
    assert stored.vectors.read("compact", "v1").ids == tuple(item.id for item in items)
    # Nothing is deleted by looking.
    assert stored.vectors.missing("published", "p") == []

    stored.vectors.discard_damaged()

    assert stored.vectors.missing("published", "p") == items[:4]
    stored.vectors.add("published", "p", items[:4], rows_for(items[:4]))
    stored.sweep()
    assert stored.damage() == stored.leftovers() == []
    np.testing.assert_array_equal(stored.vectors.read("published", "p").matrix(), rows_for(items))


@pytest.mark.parametrize("spoil", [cut, change, empty, replace_by_an_array, Path.unlink])
def test_a_damaged_fit_leaves_the_vectors(stored: Catalogue, spoil: Spoil) -> None:
    spoil(only_file(stored.folder / "vectors" / "compact", "*.npz"))

    assert stored.vectors.load_fit("compact") is None
    assert stored.vectors.fit_fingerprint("compact") == "v1"
    assert len(stored.vectors.read("compact", "v1").ids) == 6
    [damage] = stored.damage()
    assert damage.file.startswith("vectors/compact/")
    assert "pictures cannot be compared" in damage.meaning


@pytest.mark.parametrize("spoil", SPOILS)
def test_a_damaged_map_is_none_and_the_next_keeps_the_names_that_people_gave(
    stored: Catalogue, spoil: Spoil
) -> None:
    before = stored.map.load()
    assert before is not None
    stored.map.rename_cluster(1, "Gloves", landmark=before.clusters[1].landmark)
    spoil(only_file(stored.folder / "map", "*.npz"))

    assert stored.map.load() is None
    assert stored.map.count() == stored.summary().mapped == 0
    [damage] = stored.damage()
    assert damage.file.startswith("map/") and "no map" in damage.meaning
    with pytest.raises(CatalogueError, match="The map has changed"):
        stored.map.rename_cluster(0, "Mine", landmark=before.clusters[0].landmark)

    # In another order: a cluster is found again by its landmark.
    labels = 1 - before.labels
    stored.map.save(replace(before, labels=labels, clusters=before.clusters[::-1]))

    after = stored.map.load()
    assert after is not None
    assert [cluster.name for cluster in after.clusters] == ["Gloves", "Faces"]
    assert stored.damage() == []


def test_a_segment_of_an_earlier_version_gets_a_checksum(stored: Catalogue) -> None:
    with closing(sqlite3.connect(stored.folder / "catalogue.db")) as db:
        db.execute("UPDATE segments SET bytes = NULL, crc32 = NULL")
        db.commit()
    path, other = files_of_published(stored)
    assert stored.damage() == []
    cut(other)
    assert [each.file for each in stored.damage()] == [f"vectors/published/{other.name}"]

    stored.vectors.discard_damaged()
    change(path)

    assert [each.file for each in stored.damage()] == [f"vectors/published/{path.name}"]


# -- pictures ---------------------------------------------------------------------------


def damaged_files(catalogue: Catalogue) -> dict[str, Damage]:
    return {each.item.source_id: each.damage for each in catalogue.pictures.damage()}


@pytest.mark.parametrize("spoil", [cut, change, empty, Path.unlink])
@pytest.mark.parametrize("is_known", [True, False])
def test_a_damaged_picture_is_neither_shown_nor_exported(
    catalogue: Catalogue, spoil: Spoil, is_known: bool
) -> None:
    first, second = add(catalogue, *numbered(2))
    if not is_known:  # as an earlier version stored it
        with closing(sqlite3.connect(catalogue.folder / "catalogue.db")) as db:
            db.execute("DELETE FROM picture_files")
            db.commit()
    path = only_file(catalogue.folder, f"{first.digest}.png")
    spoil(path)

    with pytest.raises(CatalogueError, match=r"“Number 0” is (missing|damaged)"):
        catalogue.pictures.original(first)
    assert catalogue.pictures.original(second) == b"item 1"
    damaged = damaged_files(catalogue)
    assert list(damaged) == ["item 0"]
    assert damaged["item 0"].is_missing == (spoil is Path.unlink)
    assert damaged["item 0"].file == path.relative_to(catalogue.folder).as_posix()

    add(catalogue, numbered(1)[0])

    assert damaged_files(catalogue) == {}
    assert catalogue.pictures.original(first) == b"item 0"


def test_files_beside_a_picture_are_checked(catalogue: Catalogue) -> None:
    [item] = numbered(1)
    rich = replace(
        picture_of("one", squashed=b"squashed"),
        viewpoints={"front": b"front", "top": b"seen from above"},
        model=b"a model",
    )
    catalogue.items.add([(item, rich)])
    assert catalogue.pictures.damage() == []
    folder = catalogue.folder / "originals"
    for path in [path for path in folder.rglob("*") if path.is_file()]:
        data = path.read_bytes()
        change(path)
        [damaged] = catalogue.pictures.damage()
        assert damaged.damage.file == path.relative_to(catalogue.folder).as_posix()
        assert not damaged.is_thumbnail and "Number 0" in damaged.damage.meaning
        path.write_bytes(data)
    assert catalogue.pictures.damage() == []
    assert len([path for path in folder.rglob("*") if path.is_file()]) == 5


def test_a_damaged_thumbnail_is_told_from_a_picture(catalogue: Catalogue) -> None:
    [item] = add(catalogue, *numbered(1))
    change(thumbnail_file(catalogue, item.id))

    [damaged] = catalogue.pictures.damage()

    assert damaged.is_thumbnail and damaged.damage.file == f"served/{item.id}.webp"
    catalogue.pictures.restore_thumbnail(item, b"new")
    assert catalogue.pictures.damage() == []


def test_hidden_and_removed_items(catalogue: Catalogue) -> None:
    """What is hidden can be restored, and is checked; what is removed is not."""
    first, second, third = add(catalogue, *numbered(3))
    catalogue.items.hide([first.id], kept=third.id)
    catalogue.items.remove([second.id])
    for item in (first, second):
        change(only_file(catalogue.folder, f"{item.digest}.png"))

    assert list(damaged_files(catalogue)) == ["item 0"]


def test_leftovers_are_named_and_swept(stored: Catalogue) -> None:
    left = ["vectors/compact/left.npy", "map/left.npz", f"originals/00/{'0' * 64}.png"]
    for name in left:
        path = stored.folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"left behind")

    assert stored.leftovers() == sorted(left)
    stored.sweep()
    assert stored.leftovers() == []


def test_a_database_whose_references_are_broken(stored: Catalogue) -> None:
    assert stored.errors_of_database() == []
    with closing(sqlite3.connect(stored.folder / "catalogue.db")) as db:
        db.execute("DELETE FROM segments WHERE id = 1")
        db.commit()

    errors = stored.errors_of_database()

    assert errors and "vectors" in errors[0]
