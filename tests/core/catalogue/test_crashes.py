"""A crash at any moment loses at most the change that was being made."""

import os
import random
import sqlite3
import subprocess
from collections.abc import Callable
from contextlib import closing
from typing import Any

import numpy as np
import pytest

from core.catalogue import Catalogue, Item, Map
from tests.core.catalogue.support import (
    add,
    files_of,
    in_another_process,
    map_of,
    numbered,
    rows_for,
    vector_files,
)


def visible_state(catalogue: Catalogue) -> object:
    """Return everything that a reader can see of vectors, fit and map."""
    vectors, fit, stored_map = (
        catalogue.vectors.read("compact", "v1"),
        catalogue.vectors.load_fit("compact"),
        catalogue.map.load(),
    )
    return (
        vectors.ids,
        vectors.matrix().tolist(),
        [item.id for item in catalogue.vectors.missing("compact", "v1")],
        fit and {name: array.tolist() for name, array in fit.items()},
        stored_map and (stored_map.ids, stored_map.coordinates.tolist(), stored_map.fingerprint),
        catalogue.revision,
    )


class PowerCut(BaseException):
    """An exception that no code handles."""


@pytest.mark.usefixtures("segments_of_three")
@pytest.mark.parametrize("step", ["fsync", "replace", "replace of the second file", "registering"])
@pytest.mark.parametrize("change", ["add_vectors", "save_fit", "save_map"])
def test_a_crash_changes_nothing(
    catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch, change: str, step: str
) -> None:
    items = add(catalogue, *numbered(7))
    ids = tuple(item.id for item in items)
    first = rows_for(items[:4])
    catalogue.vectors.save_fit("compact", "v1", {"mean": np.zeros(2)}, items[:4], first)
    catalogue.map.save(map_of(ids, rows_for(items), "old"))
    before, files = visible_state(catalogue), files_of(catalogue)
    stored_map = map_of(ids, rows_for(items, shift=1), "new")
    changes: dict[str, Callable[[], None]] = {
        "add_vectors": lambda: catalogue.vectors.add(
            "compact", "v1", items[1:], rows_for(items[1:], shift=1)
        ),
        "save_fit": lambda: catalogue.vectors.save_fit(
            "compact", "v1", {"mean": np.ones(2)}, items, rows_for(items, shift=1)
        ),
        "save_map": lambda: catalogue.map.save(stored_map),
    }
    left = 2 if "second" in step and change != "save_map" else 1

    def crash(*_: object, **__: object) -> None:
        raise PowerCut

    def crash_later(*arguments: Any) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            raise PowerCut
        replace(*arguments)

    replace = os.replace
    with monkeypatch.context() as patch:
        if step == "fsync":
            patch.setattr(os, "fsync", crash)
        elif step.startswith("replace"):
            patch.setattr(os, "replace", crash_later)
        elif change == "save_map":
            patch.setattr(Map, "fingerprint", property(crash))
        else:
            patch.setattr(Item, "id", property(crash))
        with pytest.raises(PowerCut):
            changes[change]()

    assert visible_state(catalogue) == before
    catalogue.sweep()
    assert visible_state(catalogue) == before
    assert files_of(catalogue) == files
    changes[change]()
    assert visible_state(catalogue) != before


def test_sweep_deletes_unregistered_files_and_nothing_else(catalogue: Catalogue) -> None:
    items = add(catalogue, *numbered(4))
    catalogue.vectors.save_fit("compact", "v1", {"mean": np.zeros(2)}, items, rows_for(items))
    catalogue.vectors.add("published", "p", items, rows_for(items))
    catalogue.map.save(map_of(tuple(catalogue.items.ids()), rows_for(items), "m"))
    before, files = visible_state(catalogue), files_of(catalogue)
    for left_behind in ["vectors/compact/a.npy", "vectors/compact/.new-b", "map/c.npz"]:
        (catalogue.folder / left_behind).write_bytes(b"cut sho")
    (catalogue.folder / "vectors" / "gone").mkdir()
    (catalogue.folder / "vectors" / "gone" / "d.npy").write_bytes(b"")

    catalogue.sweep()

    assert files_of(catalogue) == files
    assert visible_state(catalogue) == before
    assert len(catalogue.vectors.read("published", "p").matrix()) == 4


ADDS_VECTORS_UNTIL_KILLED = """
import itertools, os
import numpy as np
from core.catalogue import Catalogue, Picture, vector_store
vector_store.SEGMENT_ROWS = 5

def telling(function):
    def tell(*arguments):
        print(".", flush=True)
        return function(*arguments)
    return tell

os.fsync, os.replace = telling(os.fsync), telling(os.replace)
catalogue = Catalogue("things")
items = catalogue.items.find()
for turn in itertools.count(int(sys.argv[1])):
    matrix = np.stack([np.arange(12), np.full(12, turn)], axis=1).astype(np.float32)
    catalogue.vectors.add("compact", "v1", items, matrix)
    catalogue.items.add(((item, Picture(digest=item.digest, original=b"", extension="png",
        thumbnail=b"")) for item in items[:2]))
    print("turn", turn, flush=True)
"""


def test_registered_vectors_are_complete_after_the_process_was_killed(catalogue: Catalogue) -> None:
    add(catalogue, *numbered(12))
    chance = random.Random()
    turn = 0
    for _ in range(5):
        command = [*in_another_process(ADDS_VECTORS_UNTIL_KILLED), str(turn + 1)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            lines = [process.stdout.readline() for _ in range(chance.randint(10, 40))]
            process.kill()
            lines += process.stdout.readlines()
        told = [int(line.split()[1]) for line in lines if line.startswith("turn")]
        assert told, "it was killed before it did anything"

        vectors = Catalogue("things").vectors.read("compact", "v1")
        rows = vectors.matrix()
        assert vectors.ids == tuple(catalogue.items.ids())
        assert rows[:, 0].tolist() == list(range(12))
        assert len(set(rows[:, 1])) == 1, "rows of two turns"
        turn = int(rows[0, 1])
        assert turn - told[-1] in (0, 1)

        catalogue.sweep()
        assert len(vector_files(catalogue)) == 3
        np.testing.assert_array_equal(catalogue.vectors.read("compact", "v1").matrix(), rows)
    with closing(sqlite3.connect(catalogue.folder / "catalogue.db")) as db:
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
