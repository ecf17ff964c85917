"""What is made of the API's description of a model, and of its thumbnail."""

import json
from typing import Any

import pytest

from core import web
from core.importers import EntryError, SkippedEntry
from core.importers.sketchfab.models import Thumbnail
from devtools.fake_sketchfab import PERMANENT, TEMPORARY
from tests.core.importers.sketchfab.queries import MakeFake, entries, load_all, read


def test_the_smallest_thumbnail_that_is_large_enough_is_used(fake: MakeFake) -> None:
    server = fake(models=3)
    url = server.home

    def sizes(*sides: Any) -> dict[str, Any]:
        images = [{"url": f"{url}/{w}", "width": w, "height": h} for w, h in sides]
        return {"thumbnails": {"images": images}}

    for model, changed in zip(
        server.models,
        [
            sizes((1920, 1080), (640, 360), (400, 256), (256, 144), (50, 50)),
            sizes((50, 50), (200, 200), (256, 144)),
            sizes((None, "x"), (True, 3)),
        ],
        strict=True,
    ):
        server.changed[model.uid] = changed
    chosen = [entry.url for entry in entries(read("sketchfab:likes=1"))]  # type: ignore[attr-defined]
    assert chosen == [f"{url}/400", f"{url}/200", f"{url}/None"]


@pytest.mark.parametrize("junk", [None, 7, "text", [], {}, [[]], [None], {"images": {}}, "\ud800"])
def test_any_field_may_have_any_value(fake: MakeFake, junk: object) -> None:
    server = fake(models=2)
    bad = server.models[1]
    thumbnails = server.described(bad)["thumbnails"]
    every = dict.fromkeys([*server.described(bad), "cursors"], junk)
    server.changed[bad.uid] = every | {"uid": bad.uid, "thumbnails": thumbnails}
    items = {entry.item.source_id: entry.item for entry in entries(read("sketchfab:limit=9"))}
    item = items[bad.uid]
    assert item.name == ("text" if junk == "text" else "Untitled")
    assert item.page_url == f"https://sketchfab.com/models/{bad.uid}"
    assert item.embed_url == f"https://sketchfab.com/models/{bad.uid}/embed"
    json.dumps([item.name, item.category, item.tags, item.creator, item.licence]).encode()

    server.changed[bad.uid] = every
    [skipped] = [e for e in read("sketchfab:limit=9").entries if isinstance(e, SkippedEntry)]
    assert "without a uid" in skipped.reason
    server.changed[bad.uid] = {"thumbnails": junk}
    [skipped] = [e for e in read("sketchfab:limit=9").entries if isinstance(e, SkippedEntry)]
    assert (skipped.source_id, "no thumbnail" in skipped.reason) == (bad.uid, True)


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "http://sketchfab.com/models/x",
        "https://evil.org/models/x",
        "https://sketchfab.com.evil.org/x",
        "https://sketchfab.com@evil.org/x",
        "https://sketchfab.com/a b",
    ],
)
def test_only_urls_of_sketchfab_are_opened_in_the_page(fake: MakeFake, url: str) -> None:
    server = fake(models=1)
    uid = server.models[0].uid
    server.changed[uid] = {"embedUrl": url, "viewerUrl": url}
    [entry] = entries(read("sketchfab:limit=9"))
    assert entry.item.embed_url == f"https://sketchfab.com/models/{uid}/embed"
    assert entry.item.page_url == f"https://sketchfab.com/models/{uid}"


def test_all_available_thumbnails_load_and_the_rest_has_a_reason(fake: MakeFake) -> None:
    server = fake(models=150, failing=0.15, seed=2)
    assert {model.fault for model in server.models} == {"", *TEMPORARY, *PERMANENT}
    known: dict[str, str] = {}
    outcomes = load_all(read("sketchfab:likes=1"), known)

    assert set(outcomes) == set(server.by_uid)
    loaded = {uid for uid, outcome in outcomes.items() if outcome == "new"}
    available = {model.uid for model in server.models if model.is_available}
    assert loaded == available == set(known)
    reasons = {server.by_uid[uid].fault: outcomes[uid] for uid in set(outcomes) - loaded}
    assert set(reasons) == set(PERMANENT)
    for fault, word in {
        "missing": "404",
        "forbidden": "403",
        "html": "a web page",
        "text": "text",
        "nothing": "an empty response",
        "short": "cut short",
        "unlisted": "no thumbnail",
    }.items():
        assert word in reasons[fault]

    server.requests.clear()
    again = load_all(read("sketchfab:likes=1"), known)
    assert {uid for uid, outcome in again.items() if outcome == "same"} == loaded
    assert server.requests["not modified"] == len(loaded)


def test_a_current_thumbnail_is_recognised_without_a_request(fake: MakeFake) -> None:
    server = fake(models=3)
    source = entries(read("sketchfab:likes=1"))
    loaded = [one.load("") for one in source]
    server.seen.clear()
    for one, was in zip(source, loaded, strict=True):
        assert was is not None and one.is_current(was.version)
        assert not one.is_current("") and not one.is_current("junk")
    assert not server.seen

    server.renewed += 1
    for one, was in zip(entries(read("sketchfab:likes=1")), loaded, strict=True):
        assert was is not None and not one.is_current(was.version)
        assert one.load(was.version) is not None


def test_a_thumbnail_on_a_private_address_is_refused(
    fake: MakeFake, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = fake(models=1)
    image = {"url": "http://169.254.169.254/latest/meta-data", "width": 640, "height": 360}
    server.changed[server.models[0].uid] = {"thumbnails": {"images": [image]}}
    source = read("sketchfab:likes=1")
    first = next(source.entries)
    monkeypatch.delenv("LOOKALIKE_ALLOW_PRIVATE")
    strict = web.Client()
    with pytest.raises(EntryError, match="private network"):
        Thumbnail(first.item, first.url, strict).load("")  # type: ignore[union-attr]
