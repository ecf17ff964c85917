"""Tables that name Sketchfab models."""

import random
import string
from pathlib import Path
from typing import Any

import pytest

from core.errors import LookalikeError
from core.importers import Entry, SkippedEntry, Source, sketchfab, table
from devtools.fake_sketchfab import TOKEN
from tests.core.importers.sketchfab.queries import UID, MakeFake
from tests.core.importers.table.tables import write_lines


def read_table(path: Path, **options: Any) -> Source:
    opened = table.open_table(path)
    column = sketchfab.uid_column(opened)
    assert column is not None
    return sketchfab.read_table(opened, column, list_rate=1000, picture_rate=1000, **options)


@pytest.mark.parametrize(
    ("header", "cell"),
    [
        ("name|mid", "{}"),
        ("Name|UID", "{}"),
        ("name|url", "https://sketchfab.com/models/{}"),
        ("name|URL", "https://sketchfab.com/3d-models/oak-chair-{}?utm=1"),
    ],
)
def test_a_table_names_models(fake: MakeFake, tmp_path: Path, header: str, cell: str) -> None:
    server = fake(models=4)
    uids = [model.uid for model in server.models]
    path = write_lines(
        tmp_path / "model_urls.psv",
        header,
        f"My chair|{cell.format(uids[0])}",
        f"|{cell.format(uids[1].upper())}",
        f"Again|{cell.format(uids[1])}",
        f"Gone|{cell.format(UID)}",
        "Nonsense|x",
    )
    source = read_table(path)
    assert (source.kind, source.location, source.total) == ("table", str(path), 5)
    first, second, again, gone, nonsense = source.entries
    assert isinstance(first, Entry) and isinstance(second, Entry)
    assert (first.item.source_id, first.item.name) == (uids[0], "My chair")
    assert (first.item.creator, first.item.licence) == ("Maker 0", "CC Attribution")
    assert (second.item.source_id, second.item.name) == (uids[1], "red sofa 1")
    assert first.load("") is not None
    assert isinstance(again, SkippedEntry) and "same model" in again.reason
    assert isinstance(gone, SkippedEntry) and gone.reason == (
        "Row 5: It is no longer on Sketchfab, or not public."
    )
    assert isinstance(nonsense, SkippedEntry) and "neither the uid nor the URL" in nonsense.reason


def test_uids_of_the_oldest_models_are_read(fake: MakeFake, tmp_path: Path) -> None:
    server = fake(models=1)
    chance = random.Random(14)
    letters = string.ascii_letters + string.digits
    old = ["".join(chance.choices(letters, k=26 + number % 2)) for number in range(954)]
    old[7] = old[6].swapcase()
    server.by_uid |= {uid: server.models[0] for uid in old}
    server.changed = {server.models[0].uid: {"uid": old[0]}}
    path = write_lines(tmp_path / "model_urls.psv", "name|mid", *(f"x|{uid}" for uid in old))
    source = read_table(path)
    assert source.total == 954
    assert [entry.item.source_id for entry in source.entries if isinstance(entry, Entry)] == old
    assert [path for path, _ in server.seen] == [f"/v3/models/{uid}" for uid in old]


@pytest.mark.parametrize("token", ["", TOKEN])
def test_a_refusal_concerns_its_model_only(
    fake: MakeFake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, token: str
) -> None:
    monkeypatch.setenv("SKETCHFAB_API_TOKEN", token)
    server = fake(models=6)
    uids = [model.uid for model in server.models]
    server.refused = {
        uids[0]: (401, b'{"detail": "Authentication credentials were not provided."}'),
        uids[1]: (403, b'{"detail": "Only its <b>creator</b> may see it."}'),
        uids[2]: (404, b'{"detail": "Not found."}'),
        uids[3]: (401, b""),
        uids[4]: (410, b'{"error": {"reasons": ["Removed after a complaint."]}}'),
    }
    source = read_table(write_lines(tmp_path / "t.csv", "uid", *uids))
    *refused, last = source.entries
    assert isinstance(last, Entry)
    reasons = [entry.reason for entry in refused if isinstance(entry, SkippedEntry)]
    gone = "It is no longer on Sketchfab, or not public."
    assert "token" in reasons[0]
    assert reasons[0].endswith("Sketchfab says: “Authentication credentials were not provided.”")
    assert reasons[1] == f"Row 3: {gone} Sketchfab says: “Only its creator may see it.”"
    assert reasons[2] == f"Row 4: {gone}"
    assert reasons[3].startswith("Row 5: ") and "token" in reasons[3]
    assert reasons[4] == f"Row 6: {gone} Sketchfab says: “Removed after a complaint.”"
    # Whether the token is valid at all is asked once.
    assert [path for path, _ in server.seen].count("/v3/me") == int(bool(token))


def test_a_wrong_token_ends_a_table(
    fake: MakeFake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SKETCHFAB_API_TOKEN", "wrong-token")
    server = fake(models=9)
    path = write_lines(tmp_path / "t.csv", "uid", *(model.uid for model in server.models))
    with pytest.raises(LookalikeError, match=r"does not accept the token .*“Invalid token\.”$"):
        list(read_table(path).entries)
    assert len(server.seen) == 2


def test_other_tables_do_not_list_models(tmp_path: Path) -> None:
    for lines in [
        ("id,name", f"{UID},x"),
        ("uid,picture", f"{UID},a.png"),
        ("uid,name", "7,x"),
        ("uid,name", "internationalisations,x"),
        ("name,url", "x,https://example.org/"),
    ]:
        path = write_lines(tmp_path / "t.csv", *lines)
        assert sketchfab.uid_column(table.open_table(path)) is None
    path = write_lines(tmp_path / "t.csv", "Model,name", f"{UID},x")
    opened = table.open_table(path, columns={"source_id": "Model"})
    assert sketchfab.uid_column(opened) == "Model"


def test_a_table_when_sketchfab_cannot_be_reached(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOOKALIKE_ALLOW_PRIVATE", "1")
    monkeypatch.setenv("LOOKALIKE_SKETCHFAB_API", "http://127.0.0.1:9")
    path = write_lines(tmp_path / "t.csv", "uid", *(f"{number:032x}" for number in range(200)))
    found = list(read_table(path).entries)
    assert len(found) == 200
    assert all(
        isinstance(one, SkippedEntry) and "not accept connections" in one.reason for one in found
    )
