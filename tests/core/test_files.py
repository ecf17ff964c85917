"""Files are written completely or not at all, and read while others replace them."""

import os
import stat
from pathlib import Path

import numpy as np
import pytest

from core import files


def test_a_file_is_replaced_in_one_step_and_can_be_read_by_the_server(tmp_path: Path) -> None:
    path = tmp_path / "new" / "file.json"
    files.write(path, b"old")
    with path.open("rb") as before:
        files.write(path, b"new", sync=False)
        assert before.read() == b"old"

    assert path.read_bytes() == b"new"
    assert stat.S_IMODE(path.stat().st_mode) == 0o644
    assert list(path.parent.iterdir()) == [path]


def test_a_write_that_fails_leaves_what_was_there_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "file.json"
    files.write(path, b"old")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        files.write(path, b"new")

    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_that_was_removed_is_not_made_again(tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    for path in (gone / "job.json", gone / "vectors" / "compact" / "a.npy"):
        with pytest.raises(FileNotFoundError):
            files.write(path, b"{}", root=gone)
        assert list(tmp_path.iterdir()) == []

    files.write(tmp_path / "vectors" / "compact" / "a.npy", b"{}", root=tmp_path)
    assert (tmp_path / "vectors" / "compact" / "a.npy").read_bytes() == b"{}"


def test_new_files_never_share_a_name(tmp_path: Path) -> None:
    names = [files.write_new(tmp_path, memoryview(b"x"), ".npy", root=tmp_path) for _ in range(3)]

    assert len(set(names)) == 3
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(names)
    assert all(name.endswith(".npy") for name in names)


def test_arrays_are_read_back_as_they_were(tmp_path: Path) -> None:
    arrays: dict[str, np.ndarray] = {
        "half": np.arange(6, dtype=np.float16).reshape(2, 3),
        "none": np.empty(0, np.int32),
    }
    (tmp_path / "a.npy").write_bytes(files.npy_bytes(arrays["half"]))
    (tmp_path / "a.npz").write_bytes(files.npz_bytes(arrays))

    one = np.load(tmp_path / "a.npy", allow_pickle=False)
    with np.load(tmp_path / "a.npz", allow_pickle=False) as several:
        assert set(several) == set(arrays)
        for name, array in [("half", one), *several.items()]:
            assert array.dtype == arrays[name].dtype
            np.testing.assert_array_equal(array, arrays[name])


def test_a_file_that_is_replaced_between_look_up_and_reading_is_looked_up_again(
    tmp_path: Path,
) -> None:
    (tmp_path / "second").write_bytes(b"new")
    names = iter(["first", "second"])

    assert files.read_again(lambda: (tmp_path / next(names)).read_bytes()) == b"new"
    with pytest.raises(FileNotFoundError):
        files.read_again(lambda: (tmp_path / "lost").read_bytes())


def test_the_size_is_that_of_the_files_that_are_there(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(bytes(30))
    (tmp_path / "b").write_bytes(bytes(12))

    assert files.size([*tmp_path.iterdir(), tmp_path, tmp_path / "deleted"]) == 42
