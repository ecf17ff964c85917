"""The importer of tables: picture files and URLs together."""

from collections import Counter
from pathlib import Path

import pytest

from core.errors import LookalikeError
from core.importers import Entry, table
from core.jobs import Cancelled
from devtools.fake_sketchfab import FakeSketchfab
from tests.conftest import MakePicture
from tests.core.importers.table.tables import load_all, url_of, write_lines

DEAD = "http://127.0.0.1:9"


def test_a_table_mixes_files_and_urls(
    tmp_path: Path, picture: MakePicture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOOKALIKE_ALLOW_PRIVATE", "1")
    (tmp_path / "a.png").write_bytes(picture(1))
    with FakeSketchfab(models=2) as fake:
        path = write_lines(
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
    path = write_lines(
        tmp_path / "t.csv", "image", "https://example.org/a/red_arm%2Dchair.png?size=3"
    )
    [entry] = table.read(path).entries
    assert isinstance(entry, Entry)
    assert entry.item.name == "red arm chair"
    assert entry.item.source_id == "https://example.org/a/red_arm%2Dchair.png?size=3"


def test_a_table_without_urls_opens_no_connections(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "t.csv", "picture,url", "a.png,https://example.org/")
    assert table.read(path).workers == 2


def test_closing_a_table_stops_its_downloads(tmp_path: Path, fake: FakeSketchfab) -> None:
    rows = [url_of(fake, number) for number in range(3)]
    source = table.read(write_lines(tmp_path / "t.csv", "picture", *rows))
    first = next(source.entries)
    source.entries.close()  # type: ignore[attr-defined]
    assert isinstance(first, Entry)
    with pytest.raises(Cancelled):
        first.load("")


def test_a_thousand_dead_urls_do_not_stop_the_others(tmp_path: Path, fake: FakeSketchfab) -> None:
    rows = [f"dead{number},{DEAD}/{number}.png" for number in range(1000)]
    good = [model for model in fake.models if model.fault in ("", "500", "503", "cut")]
    for place, model in enumerate(good[:40]):
        rows.insert(20 * place, f"{model.uid},{url_of(fake, model.number)}")
    outcomes = load_all(table.read(write_lines(tmp_path / "t.csv", "id,picture", *rows)), {})
    assert len(outcomes) == 1040
    assert Counter(outcome == "new" for outcome in outcomes.values()) == {True: 40, False: 1000}
    reasons = {text.split(": ", 1)[1] for text in outcomes.values() if text != "new"}
    assert reasons == {"127.0.0.1 does not accept connections. Check the URL, or try again later."}


def test_a_table_without_a_picture_column_gets_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(LookalikeError, match="no column of pictures"):
        table.read(write_lines(tmp_path / "t.csv", "id,url", "1,https://example.org/a.png"))
