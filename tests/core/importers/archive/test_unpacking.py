"""Whatever an archive says, nothing is written elsewhere."""

import bz2
import gzip
import lzma
import struct
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from core.errors import LookalikeError
from core.importers import (
    Entry,
    SkippedEntry,
)
from core.jobs import Cancelled
from tests.core.importers.archive.archives import (
    HOSTILE,
    contents,
    left_in,
    opened,
    pack,
    tarred,
    zipped,
)

PARTS = st.one_of(
    st.sampled_from(["..", ".", "", "a.png", "A.PNG", "b", "C:", "\\", "..\\..", "~", "con.png"]),
    st.text(max_size=8),
)
NAMES = st.one_of(
    st.builds("/".join, st.lists(PARTS, min_size=1, max_size=6)),
    st.builds(lambda text: text + ".png", st.text(max_size=20)),
    st.sampled_from(HOSTILE),
)


def everything_below(place: Path) -> dict[str, bytes | None]:
    """Return everything below a folder with its contents."""
    return {str(path): path.read_bytes() if path.is_file() else None for path in place.rglob("*")}


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(names=st.lists(NAMES, min_size=1, max_size=6), kind=st.sampled_from(["zip", "tar"]))
@example(names=HOSTILE, kind="zip")
@example(names=HOSTILE, kind="tar")
def test_no_name_writes_outside_the_folder(
    tmp_path: Path, cache: Path, names: list[str], kind: str
) -> None:
    members = [(name, b"evil %d" % number) for number, name in enumerate(names)]
    try:
        data = zipped(members) if kind == "zip" else tarred(members)
    except (UnicodeError, ValueError, struct.error):
        return  # no archive can have such names
    path = tmp_path / "a"
    path.write_bytes(data)
    before = everything_below(tmp_path)

    written: set[str] = set()
    with suppress(LookalikeError):
        for number, each in enumerate(opened(path).entries):
            if number == 0:
                written = everything_below(tmp_path).keys() - before.keys()
            assert isinstance(each, Entry | SkippedEntry)
            if isinstance(each, SkippedEntry):
                assert each.reason.endswith(".")
                each.source_id.encode()
        del each

    ours = {str(tmp_path / "cache"), str(cache)}
    (target,) = {Path(name) for name in written if Path(name).parent == cache} or {cache}
    assert all(Path(name).is_relative_to(target) for name in written - ours)
    after = everything_below(tmp_path)
    assert {name: after[name] for name in after if name not in ours} == {
        name: before[name] for name in before if name not in ours
    }


def bytes_of_archives() -> Iterator[bytes]:
    """Yield archives for damaging."""
    members = [("top/a.png", b"a" * 50), ("top/b/" + "n" * 120 + ".png", b"b" * 700)]
    yield zipped(members)
    yield zipped(members, method=zipfile.ZIP_STORED)
    yield tarred(members)
    for pack_it in (gzip.compress, bz2.compress, lzma.compress):
        yield pack_it(tarred(members))


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    data=st.sampled_from(list(bytes_of_archives())),
    changes=st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 255)), max_size=4),
    end=st.integers(0, 12_000),
)
def test_any_bytes_give_entries_or_a_sentence(
    tmp_path: Path, cache: Path, data: bytes, changes: list[tuple[int, int]], end: int
) -> None:
    damaged = bytearray(data[:end])
    for place, value in changes:
        if damaged:
            damaged[place % len(damaged)] = value
    path = tmp_path / "a"
    path.write_bytes(damaged)
    try:
        contents(opened(path))
    except LookalikeError as error:
        assert str(error).endswith(".")
    assert left_in(cache) == []


@pytest.mark.parametrize("kind", ["zip", "tar", "tar.gz"])
def test_unpacking_can_be_cancelled_and_leaves_nothing(
    tmp_path: Path, cache: Path, kind: str
) -> None:
    path = pack(tmp_path / f"a.{kind}", {f"{number}.png": b"a" for number in range(10)})
    calls = 0

    def check() -> None:
        nonlocal calls
        calls += 1
        if calls > 5:
            raise Cancelled("Cancelled.")

    entries = opened(path, check=check).entries
    with pytest.raises(Cancelled):
        next(entries)
    del entries
    assert calls == 6
    assert not list(cache.iterdir())
