"""Tables with the URLs of pictures."""

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
def default_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Allow no private addresses, whatever the environment of this machine says."""
    monkeypatch.delenv("LOOKALIKE_ALLOW_PRIVATE", raising=False)


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeSketchfab]:
    """Return a server of pictures."""
    monkeypatch.setenv("LOOKALIKE_ALLOW_PRIVATE", "1")
    with FakeSketchfab(models=300, failing=0.1) as server:
        yield server


def write(path: Path, *lines: str) -> Path:
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def url_of(fake: FakeSketchfab, number: int) -> str:
    return f"{fake.home}/thumbnails/{fake.models[number].uid}/0-200x112.jpeg"


def load_all(source: Source, known: dict[str, str]) -> dict[str, str]:
    """Load as an import does; return for each source id "new", "same" or why it failed."""

    def load(entry: object) -> tuple[str, str]:
        if isinstance(entry, SkippedEntry):
            return entry.source_id, entry.reason
        assert isinstance(entry, Entry)
        source_id = entry.item.source_id
        try:
            loaded = entry.load(known.get(source_id, ""))
        except EntryError as error:
            return source_id, str(error)
        if loaded is None:
            return source_id, "same"
        known[source_id] = loaded.version
        return source_id, "new"

    with ThreadPoolExecutor(source.workers) as pool:
        return dict(pool.map(load, source.entries))


def test_a_table_mixes_files_and_urls(
    tmp_path: Path, picture: MakePicture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOOKALIKE_ALLOW_PRIVATE", "1")
    (tmp_path / "a.png").write_bytes(picture(1))
    with FakeSketchfab(models=2) as fake:
        path = write(
            tmp_path / "t.csv",
            "id,picture_url,name",
            "1,a.png,Chair",
            f"2, {url_of(fake, 0)} ,Sofa",
            f",{url_of(fake, 1)},",
            "4,missing.png,Lamp",
            "5,data:image/png;base64,",
            "6,ftp://example.org/a.png,",
            f"7,http://ann:secret@127.0.0.1/,{'x' * 10}",
            ",data:image/png;base64,",
            f"9,{fake.home}/nothing/here.png,",
        )
        source = table.read(path)
        assert (source.total, source.workers) == (9, table.CONNECTIONS)
        assert not fake.requests  # nothing is downloaded before it is loaded
        known: dict[str, str] = {}
        outcomes = load_all(source, known)
        assert {key for key, outcome in outcomes.items() if outcome == "new"} == {
            *("1", "2", url_of(fake, 1))
        }
        assert outcomes["4"].startswith('Row 5: There is no file "missing.png"')
        assert outcomes["5"].startswith(
            'Row 6: The URL "data:image/png;base64" begins with "data:"'
        )
        assert 'begins with "ftp:"' in outcomes["6"]
        assert (
            "contains a user name or a password" in outcomes["7"] and "secret" not in outcomes["7"]
        )
        assert 'begins with "data:"' in outcomes["row 9"]
        assert outcomes["9"] == ("Row 10: 127.0.0.1 has nothing at this URL (404). Check the URL.")
        assert set(load_all(table.read(path), known).values()) >= {"same"}
        assert fake.requests["not modified"] == 2


def test_a_row_without_a_name_is_named_after_its_url(tmp_path: Path) -> None:
    path = write(tmp_path / "t.csv", "image", "https://example.org/a/red_arm%2Dchair.png?size=3")
    [entry] = table.read(path).entries
    assert isinstance(entry, Entry)
    assert entry.item.name == "red arm chair"
    assert entry.item.source_id == "https://example.org/a/red_arm%2Dchair.png?size=3"


def test_a_table_without_urls_opens_no_connections(tmp_path: Path) -> None:
    path = write(tmp_path / "t.csv", "picture,url", "a.png,https://example.org/")
    assert table.read(path).workers == 2


def test_a_current_picture_is_recognised_without_downloading_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOOKALIKE_ALLOW_PRIVATE", "1")
    with FakeSketchfab(models=1) as fake:
        path = write(tmp_path / "t.csv", "id,picture", f"1,{url_of(fake, 0)}")
        [entry] = table.read(path).entries
        assert isinstance(entry, Entry)
        loaded = entry.load("")
        assert loaded is not None and entry.is_current(loaded.version)
        assert not entry.is_current("") and not entry.is_current("0" * 64)
        assert fake.requests["not modified"] == 1
        fake.models.clear()
        fake.by_uid.clear()
        with pytest.raises(EntryError, match=r"Row 2: .*404"):
            entry.is_current(loaded.version)


def test_the_version_of_a_local_file_is_its_digest(tmp_path: Path, picture: MakePicture) -> None:
    (tmp_path / "a.png").write_bytes(picture(1))
    [entry] = table.read(write(tmp_path / "t.csv", "picture", "a.png")).entries
    assert isinstance(entry, Entry)
    loaded = entry.load("")
    assert loaded is not None and len(loaded.version) == 64
    assert entry.is_current(loaded.version) and entry.load(loaded.version) is None
    (tmp_path / "a.png").write_bytes(picture(2))
    assert not entry.is_current(loaded.version) and entry.load(loaded.version) is not None
    (tmp_path / "a.png").unlink()
    with pytest.raises(EntryError, match=r'Row 2: There is no file "a\.png"'):
        entry.load("")


def test_a_thousand_dead_urls_do_not_stop_the_others(tmp_path: Path, fake: FakeSketchfab) -> None:
    rows = [f"dead{number},{DEAD}/{number}.png" for number in range(1000)]
    good = [model for model in fake.models if model.fault in ("", "500", "503", "cut")]
    for place, model in enumerate(good[:40]):
        rows.insert(20 * place, f"{model.uid},{url_of(fake, model.number)}")
    outcomes = load_all(table.read(write(tmp_path / "t.csv", "id,picture", *rows)), {})
    assert len(outcomes) == 1040
    assert Counter(outcome == "new" for outcome in outcomes.values()) == {True: 40, False: 1000}
    reasons = {text.split(": ", 1)[1] for text in outcomes.values() if text != "new"}
    assert reasons == {"127.0.0.1 does not accept connections. Check the URL, or try again later."}


def test_private_addresses_are_refused(tmp_path: Path) -> None:
    rows = ["http://169.254.169.254/latest/", "http://localhost/a.png", "http://[::1]/a.png"]
    outcomes = load_all(table.read(write(tmp_path / "t.csv", "picture", *rows)), {})
    assert list(outcomes) == rows
    assert all("inside a private network" in reason for reason in outcomes.values())


def test_closing_a_table_stops_its_downloads(tmp_path: Path, fake: FakeSketchfab) -> None:
    rows = [url_of(fake, number) for number in range(3)]
    source = table.read(write(tmp_path / "t.csv", "picture", *rows))
    first = next(source.entries)
    source.entries.close()  # type: ignore[attr-defined]
    assert isinstance(first, Entry)
    with pytest.raises(Cancelled):
        first.load("")


def test_waiting_for_a_picture_can_be_cancelled(tmp_path: Path, fake: FakeSketchfab) -> None:
    def check() -> None:
        raise Cancelled("Stop.")

    path = write(tmp_path / "t.csv", "picture", url_of(fake, 0))
    [entry] = table.read(path, check=check).entries
    assert isinstance(entry, Entry)
    with pytest.raises(Cancelled, match="Stop"):
        entry.load("")


def test_a_url_that_is_too_long_is_skipped(tmp_path: Path) -> None:
    path = write(tmp_path / "t.csv", "id,picture", f"1,https://example.org/{'a' * 100_000}")
    [entry] = table.read(path).entries
    assert (
        isinstance(entry, SkippedEntry)
        and "not a valid URL" in entry.reason
        and len(entry.reason) < 300
    )


def test_a_table_without_a_picture_column_gets_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(LookalikeError, match="no column of pictures"):
        table.read(write(tmp_path / "t.csv", "id,url", "1,https://example.org/a.png"))
