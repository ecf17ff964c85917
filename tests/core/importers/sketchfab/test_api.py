"""Requests to the API: what it may answer, and who gets the token."""

import logging

import pytest

from core.errors import LookalikeError
from devtools.fake_sketchfab import TOKEN, FakeSketchfab
from tests.core.importers.sketchfab.queries import UID, MakeFake, entries, load_all, read


def test_without_a_network(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOOKALIKE_SKETCHFAB_API", "http://sketchfab.invalid/v3")
    for text in ("sketchfab:chair", f"sketchfab:model={UID}"):
        with pytest.raises(LookalikeError, match=r"Sketchfab .*failed.*online"):
            entries(read(text))


@pytest.mark.parametrize("response", [None, [], {}, "text", {"results": 5}, {"results": []}])
def test_invalid_responses_of_the_api(
    fake: MakeFake, monkeypatch: pytest.MonkeyPatch, response: object
) -> None:
    monkeypatch.setattr(fake(models=3), "listed", lambda query, path: response)
    with pytest.raises(LookalikeError, match="finds nothing for “chair”"):
        entries(read("sketchfab:chair"))


def test_a_list_that_repeats_itself_ends(fake: MakeFake, monkeypatch: pytest.MonkeyPatch) -> None:
    server = fake(models=30)
    page = server.listed({}, "/v3/search")
    page["next"] = "http://evil.org/steal?cursor=7"
    monkeypatch.setattr(server, "listed", lambda query, path: page)
    assert len(entries(read("sketchfab:chair"))) == 24
    assert all(path.startswith("/v3/search?") for path, _ in server.seen)
    assert len(server.seen) == 2


def test_the_token_is_sent_to_the_api_alone(
    fake: MakeFake, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    monkeypatch.setenv("SKETCHFAB_API_TOKEN", TOKEN)
    server = fake(models=30, failing=0.2)
    with FakeSketchfab(models=30, failing=0.2) as elsewhere:
        for model in server.models:
            server.changed[model.uid] = {"thumbnails": elsewhere.described(model)["thumbnails"]}
        source = read("sketchfab:likes=1")
        known: dict[str, str] = {}
        outcomes = load_all(source, known)
        assert all("Authorization" not in headers for _, headers in elsewhere.seen)
    assert {headers.get("Authorization") for _, headers in server.seen} == {f"Token {TOKEN}"}
    assert TOKEN not in f"{source!r}{outcomes}{known}{caplog.text}"


@pytest.mark.parametrize("token", ["wrong-token", "wrong token", "wröng", "wrong\nHost: evil"])
def test_a_wrong_token_gets_a_sentence(
    fake: MakeFake, monkeypatch: pytest.MonkeyPatch, token: str
) -> None:
    monkeypatch.setenv("SKETCHFAB_API_TOKEN", token)
    server = fake(models=3)
    with pytest.raises(LookalikeError, match="token in SKETCHFAB_API_TOKEN") as error:
        entries(read("sketchfab:chair"))
    assert token not in str(error.value)
    assert len(server.seen) <= 1
