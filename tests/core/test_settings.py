"""Where things are kept: as the environment says, else where the system keeps such things."""

import sys
from collections.abc import Callable
from pathlib import Path

import platformdirs
import pytest

from core.settings import PROJECT, cache_root, data_root


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give somebody's empty home folder, with nothing said about caches or data."""
    for name in ("LOOKALIKE_CACHE", "LOOKALIKE_DATA", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    return tmp_path.resolve()


@pytest.fixture
def elsewhere(home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Have the system keep caches as macOS does, and return where."""
    place = home / "Library" / "Caches"

    def user_cache_path(name: str, *, appauthor: bool) -> Path:
        return place / name

    monkeypatch.setattr(platformdirs, "user_cache_path", user_cache_path)
    return place / "lookalike"


@pytest.mark.skipif(sys.platform != "linux", reason="the folder of other systems differs")
def test_the_cache_on_linux(home: Path) -> None:
    assert cache_root() == home / ".cache" / "lookalike"


def test_the_cache_follows_the_desktop(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(home / "fast disk"))
    (home / ".cache" / "lookalike").mkdir(parents=True)
    assert cache_root() == home / "fast disk" / "lookalike"


def test_the_cache_is_where_the_system_keeps_caches(elsewhere: Path) -> None:
    assert cache_root() == elsewhere


def test_a_cache_of_former_times_is_still_used(home: Path, elsewhere: Path) -> None:
    former = home / ".cache" / "lookalike"
    former.mkdir(parents=True)
    assert cache_root() == former


@pytest.mark.parametrize(
    ("variable", "root"),
    [("LOOKALIKE_CACHE", cache_root), ("LOOKALIKE_DATA", data_root)],
    ids=["cache", "data"],
)
def test_what_is_named_goes_before_all_else(
    variable: str, root: Callable[[], Path], home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (home / ".cache" / "lookalike").mkdir(parents=True)
    monkeypatch.setenv(variable, "~/mine")
    assert root() == home / "mine"


def test_data_lies_in_the_project(home: Path) -> None:
    assert data_root() == PROJECT / "data"
