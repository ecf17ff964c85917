"""The paths that archives and uploads state."""

import pytest

from core.importers.relative_paths import (
    ARCHIVE_LIMITS,
    UPLOAD_LIMITS,
    PathLimits,
    is_hidden,
    path_keys,
    split,
)


def test_a_path_is_split_at_slashes_of_both_kinds() -> None:
    assert split("seats//red\\./chair.png") == ("seats", "red", "chair.png")
    assert split("../a.png") == ("..", "a.png")
    assert split("/") == ()


@pytest.mark.parametrize("limits", [ARCHIVE_LIMITS, UPLOAD_LIMITS])
def test_names_are_counted_in_bytes_and_paths_in_parts(limits: PathLimits) -> None:
    half = limits.part_bytes // 2
    assert limits.allow(["é" * half])
    assert not limits.allow(["é" * (half + 1)])
    assert limits.allow(["a"] * limits.depth)
    assert not limits.allow(["a"] * (limits.depth + 1))
    assert not limits.allow(["a" * 150] * 7)


def test_hidden_files_are_those_of_systems() -> None:
    assert is_hidden([".git", "a.png"])
    assert is_hidden(["__MACOSX", "a.png"])
    assert not is_hidden(["a.b", "a.png"])


def test_paths_that_a_file_system_may_confuse_have_one_key() -> None:
    assert path_keys(["Chaises", "Été.png"]) == path_keys(["CHAISES", "E\u0301te\u0301.PNG"])
    assert path_keys(["a", "b"])[0] == path_keys(["A"])[-1]
