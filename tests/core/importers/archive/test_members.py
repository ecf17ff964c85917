"""The limits on what is unpacked."""

from pathlib import Path

import pytest

from core.errors import LookalikeError
from core.importers.archive import members as archive_limits
from tests.core.importers.archive.archives import FORMATS, contents, left_in, opened, pack


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lower the limits for a test."""
    monkeypatch.setattr(archive_limits, "RATIO_FROM", 1_000_000)


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("name", ["{}.png", "{}.skipped"])
def test_a_bomb_is_rejected_and_leaves_no_files(
    tmp_path: Path, cache: Path, kind: str, name: str
) -> None:
    if kind == "tar" or (kind == "zip" and "skipped" in name):
        return  # these formats cannot be bombs
    zeros = bytes(8_000_000)
    members = {name.format(number): zeros for number in range(4)} | {"a.png": b"a"}
    path = pack(tmp_path / f"a.{kind}", members)
    with pytest.raises(LookalikeError, match="unpacks to more than 200 times its size"):
        contents(opened(path))
    assert left_in(cache) == []


def test_more_than_the_free_space_or_the_limit_is_rejected(
    tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = [
        pack(tmp_path / f"a.{kind}", {"a.png": bytes(60), "b.png": bytes(60)}) for kind in FORMATS
    ]
    for path in paths:
        with monkeypatch.context() as patch:
            patch.setattr(archive_limits, "MAX_BYTES", 100)
            with pytest.raises(LookalikeError, match="unpacks to more than 1e-07 GB"):
                contents(opened(path))
        with monkeypatch.context() as patch:
            patch.setattr(archive_limits, "RESERVE", 1 << 60)
            with pytest.raises(LookalikeError, match="not enough space to unpack"):
                contents(opened(path))
    assert left_in(cache) == []


def test_too_many_members_are_rejected(
    tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive_limits, "MAX_MEMBERS", 100)
    for kind in ("zip", "tar"):
        within = pack(tmp_path / f"a.{kind}", {f"{number}.png": b"a" for number in range(100)})
        assert len(contents(opened(within))[0]) == 100
        beyond = pack(tmp_path / f"a.{kind}", {f"{number}.txt": b"a" for number in range(101)})
        with pytest.raises(LookalikeError, match="more than 100 files"):
            contents(opened(beyond))
    assert left_in(cache) == []
