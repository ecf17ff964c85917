"""Tables whose pictures are on the web, in part or all of them."""

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from core.errors import LookalikeError
from core.importers import Entry, EntryError, SkippedEntry, Source, table
from core.jobs import Cancelled
from devtools.fake_sketchfab import FakeSketchfab
from tests.conftest import MakePicture

DEAD = "http://127.0.0.1:9"


@pytest.fixture(autouse=True)
def as_delivered(monkeypatch: pytest.MonkeyPatch) -> None:
    """Allow no private addresses, whatever the machine's own environment says."""
    monkeypatch.delenv("LOOKALIKE_ALLOW_PRIVATE", raising=False)


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeSketchfab]:
    """Give a server of pictures."""
    monkeypatch.setenv("LOOKALIKE_ALLOW_PRIVATE", "1")
    with FakeSketchfab(models=300, failing=0.1) as one:
        yield one


def write(path: Path, *lines: str) -> Path:
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def address(fake: FakeSketchfab, number: int) -> str:
    return f"{fake.home}/thumbnails/{fake.models[number].uid}/0-200x112.jpeg"


def load_all(source: Source, known: dict[str, str]) -> dict[str, str]:
    """Load as an import does; return what came of each source id: new, same, or a reason."""

    def load(one: object) -> tuple[str, str]:
        if isinstance(one, SkippedEntry):
            return one.source_id, one.reason
        assert isinstance(one, Entry)
        source_id = one.item.source_id
        try:
            loaded = one.load(known.get(source_id, ""))
        except EntryError as error:
            return source_id, str(error)
        if loaded is None:
            return source_id, "same"
        known[source_id] = loaded.version
        return source_id, "new"

    with ThreadPoolExecutor(source.workers) as pool:
        return dict(pool.map(load, source.entries))


def test_a_table_mixes_files_and_addresses(
    tmp_path: Path, picture: MakePicture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOOKALIKE_ALLOW_PRIVATE", "1")
    (tmp_path / "a.png").write_bytes(picture(1))
    with FakeSketchfab(models=2) as fake:
        path = write(
            tmp_path / "t.csv",
            "id,picture_url,name",
            "1,a.png,Chair",
            f"2, {address(fake, 0)} ,Sofa",
            f",{address(fake, 1)},",
            "4,missing.png,Lamp",
            "5,data:image/png;base64,",
            "6,ftp://example.org/a.png,",
            f"7,http://ann:secret@127.0.0.1/,{'x' * 10}",
            ",data:image/png;base64,",
            f"9,{fake.home}/nothing/here.png,",
        )
        source = table.read(path)
        assert (source.total, source.workers) == (9, table.CONNECTIONS)
        assert not fake.requests  # nothing is fetched before it is asked for
        known: dict[str, str] = {}
        came = load_all(source, known)
        assert {key for key, what in came.items() if what == "new"} == {
            *("1", "2", address(fake, 1))
        }
        assert came["4"].startswith('Row 5: There is no file "missing.png"')
        assert came["5"].startswith(
            'Row 6: The address "data:image/png;base64" begins with "data:"'
        )
        assert 'begins with "ftp:"' in came["6"]
        assert "holds a name or a password" in came["7"] and "secret" not in came["7"]
        assert 'begins with "data:"' in came["row 9"]
        assert came["9"] == (
            "Row 10: 127.0.0.1 has nothing at this address (404). Check the address."
        )
        assert set(load_all(table.read(path), known).values()) >= {"same"}
        assert fake.requests["not modified"] == 2


def test_a_row_without_a_name_is_named_after_its_address(tmp_path: Path) -> None:
    path = write(tmp_path / "t.csv", "image", "https://example.org/a/red_arm%2Dchair.png?size=3")
    [one] = table.read(path).entries
    assert isinstance(one, Entry)
    assert one.item.name == "red arm chair"
    assert one.item.source_id == "https://example.org/a/red_arm%2Dchair.png?size=3"


def test_a_table_without_addresses_opens_no_connections(tmp_path: Path) -> None:
    path = write(tmp_path / "t.csv", "picture,url", "a.png,https://example.org/")
    assert table.read(path).workers == 2


def test_whether_a_picture_is_current_is_asked_without_fetching_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOOKALIKE_ALLOW_PRIVATE", "1")
    with FakeSketchfab(models=1) as fake:
        path = write(tmp_path / "t.csv", "id,picture", f"1,{address(fake, 0)}")
        [one] = table.read(path).entries
        assert isinstance(one, Entry)
        loaded = one.load("")
        assert loaded is not None and one.is_current(loaded.version)
        assert not one.is_current("") and not one.is_current("0" * 64)
        assert fake.requests["not modified"] == 1
        fake.models.clear()
        fake.by_uid.clear()
        with pytest.raises(EntryError, match=r"Row 2: .*404"):
            one.is_current(loaded.version)


def test_a_local_file_has_its_digest_as_version(tmp_path: Path, picture: MakePicture) -> None:
    (tmp_path / "a.png").write_bytes(picture(1))
    [one] = table.read(write(tmp_path / "t.csv", "picture", "a.png")).entries
    assert isinstance(one, Entry)
    loaded = one.load("")
    assert loaded is not None and len(loaded.version) == 64
    assert one.is_current(loaded.version) and one.load(loaded.version) is None
    (tmp_path / "a.png").write_bytes(picture(2))
    assert not one.is_current(loaded.version) and one.load(loaded.version) is not None
    (tmp_path / "a.png").unlink()
    with pytest.raises(EntryError, match=r'Row 2: There is no file "a\.png"'):
        one.load("")


def test_a_thousand_dead_addresses_lose_nothing_else(tmp_path: Path, fake: FakeSketchfab) -> None:
    rows = [f"dead{number},{DEAD}/{number}.png" for number in range(1000)]
    good = [model for model in fake.models if model.fault in ("", "500", "503", "cut")]
    for place, model in enumerate(good[:40]):
        rows.insert(20 * place, f"{model.uid},{address(fake, model.number)}")
    came = load_all(table.read(write(tmp_path / "t.csv", "id,picture", *rows)), {})
    assert len(came) == 1040
    assert Counter(what == "new" for what in came.values()) == {True: 40, False: 1000}
    reasons = {what.split(": ", 1)[1] for what in came.values() if what != "new"}
    assert reasons == {
        "127.0.0.1 does not let anybody connect. Check the address, or try again later."
    }


def test_addresses_inside_the_network_are_refused(tmp_path: Path) -> None:
    rows = ["http://169.254.169.254/latest/", "http://localhost/a.png", "http://[::1]/a.png"]
    came = load_all(table.read(write(tmp_path / "t.csv", "picture", *rows)), {})
    assert list(came) == rows
    assert all("inside a private network" in reason for reason in came.values())


def test_whoever_leaves_a_table_ends_its_fetching(tmp_path: Path, fake: FakeSketchfab) -> None:
    rows = [address(fake, number) for number in range(3)]
    source = table.read(write(tmp_path / "t.csv", "picture", *rows))
    first = next(source.entries)
    source.entries.close()  # type: ignore[attr-defined]
    assert isinstance(first, Entry)
    with pytest.raises(Cancelled):
        first.load("")


def test_waiting_for_a_picture_can_be_cancelled(tmp_path: Path, fake: FakeSketchfab) -> None:
    def check() -> None:
        raise Cancelled("Stop.")

    path = write(tmp_path / "t.csv", "picture", address(fake, 0))
    [one] = table.read(path, check=check).entries
    assert isinstance(one, Entry)
    with pytest.raises(Cancelled, match="Stop"):
        one.load("")


def test_an_address_that_is_too_long_is_a_failure_like_others(tmp_path: Path) -> None:
    path = write(tmp_path / "t.csv", "id,picture", f"1,https://example.org/{'a' * 100_000}")
    [one] = table.read(path).entries
    assert isinstance(one, SkippedEntry) and "no address" in one.reason and len(one.reason) < 300


def test_no_column_of_pictures_is_still_said(tmp_path: Path) -> None:
    with pytest.raises(LookalikeError, match="no column of pictures"):
        table.read(write(tmp_path / "t.csv", "id,url", "1,https://example.org/a.png"))
