"""The Sketchfab importer against a simulated Sketchfab, including its failures."""

import json
import logging
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import web
from core.errors import LookalikeError
from core.importers import Entry, EntryError, ResumePoint, SkippedEntry, Source, sketchfab, table
from core.importers.sketchfab import SketchfabQuery, parse
from core.importers.sketchfab.importer import Thumbnail
from core.jobs import Cancelled
from core.pictures import decoding
from devtools.fake_sketchfab import PERMANENT, TEMPORARY, TOKEN, FakeSketchfab

UID = "0123456789abcdef0123456789abcdef"
MakeFake = Callable[..., FakeSketchfab]


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> Iterator[MakeFake]:
    """Return `fake(models=..., failing=...)`, which starts a simulated Sketchfab."""

    def make(**options: Any) -> FakeSketchfab:
        server = servers.enter_context(FakeSketchfab(**options))
        monkeypatch.setenv("LOOKALIKE_SKETCHFAB_API", server.api)
        return server

    monkeypatch.setenv("LOOKALIKE_ALLOW_PRIVATE", "1")
    monkeypatch.delenv("SKETCHFAB_API_TOKEN", raising=False)
    with ExitStack() as servers:
        yield make


def read(text: str, **options: Any) -> Source:
    return sketchfab.read(text, **{"list_rate": 1000, "picture_rate": 1000, **options})


def entries(source: Source) -> list[Entry]:
    """Return the models of a source that skips nothing."""
    models: list[Entry] = []
    for entry in source.entries:
        if not isinstance(entry, ResumePoint):
            assert isinstance(entry, Entry), entry
            models.append(entry)
    return models


def load_all(source: Source, known: dict[str, str]) -> dict[str, str]:
    """Load as an import does; return for each source id "new", "same" or why it failed.

    `known` are the versions by source id; it is updated.
    """

    def load(entry: Entry | SkippedEntry) -> tuple[str, str]:
        if isinstance(entry, SkippedEntry):
            return entry.source_id, entry.reason
        source_id = entry.item.source_id
        try:
            loaded = entry.load(known.get(source_id, ""))
            if loaded is None:
                return source_id, "same"
            decoding.decode(loaded.picture)
        except LookalikeError as error:
            return source_id, str(error)
        known[source_id] = loaded.version
        return source_id, "new"

    with ThreadPoolExecutor(source.workers) as pool:
        loading = [entry for entry in source.entries if not isinstance(entry, ResumePoint)]
        return dict(pool.map(load, loading))


# -- queries ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("sketchfab:oak chair", SketchfabQuery(words="oak chair")),
        ("Sketchfab: oak chair ", SketchfabQuery(words="oak chair")),
        ("sketchfab:rock & roll", SketchfabQuery(words="rock & roll")),
        ("sketchfab:words=oak%20chair&likes=5", SketchfabQuery(words="oak chair", likes=5)),
        ("sketchfab:words=oak chair&limit=500", SketchfabQuery(words="oak chair", limit=500)),
        (
            "sketchfab:words=oak+chair&user=rigsters&category=furniture-home&tag=oak",
            SketchfabQuery(
                words="oak chair", user="rigsters", category="furniture-home", tag="oak"
            ),
        ),
        (f"sketchfab:collection={UID}", SketchfabQuery(collection=UID)),
        (f"sketchfab:collection=chairs-{UID.upper()}", SketchfabQuery(collection=UID)),
        ("sketchfab:likes=1000", SketchfabQuery(likes=1000)),
        ("https://sketchfab.com/search?q=oak+chair&type=models", SketchfabQuery(words="oak chair")),
        (
            "https://sketchfab.com/search?category=furniture-home&q=%E6%A4%85&sort_by=-likeCount",
            SketchfabQuery(words="椅", category="furniture-home"),
        ),
        ("sketchfab.com/rigsters", SketchfabQuery(user="rigsters")),
        ("https://www.sketchfab.com/rigsters/models/", SketchfabQuery(user="rigsters")),
        (
            f"https://sketchfab.com/rigsters/collections/old-chairs-{UID}",
            SketchfabQuery(collection=UID),
        ),
        (f"https://sketchfab.com/rigsters/collections/{UID}?x=1#y", SketchfabQuery(collection=UID)),
        (
            "https://sketchfab.com/3d-models/categories/furniture-home?sort_by=-likeCount",
            SketchfabQuery(category="furniture-home"),
        ),
        (
            "http://sketchfab.com/categories/furniture-home",
            SketchfabQuery(category="furniture-home"),
        ),
        ("https://sketchfab.com/tags/oak", SketchfabQuery(tag="oak")),
        (f"https://sketchfab.com/3d-models/oak-chair-{UID}", SketchfabQuery(model=UID)),
        (f"https://sketchfab.com/models/{UID}/embed?autostart=1", SketchfabQuery(model=UID)),
        (f"sketchfab:https://sketchfab.com/models/{UID}", SketchfabQuery(model=UID)),
    ],
)
def test_queries_are_parsed(text: str, query: SketchfabQuery) -> None:
    assert sketchfab.is_location(text)
    assert parse(text) == query
    assert query.location.startswith("sketchfab:")
    assert parse(query.location) == query


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "does not name models on Sketchfab. Write for example"),
        ("oak chair", "does not name models on Sketchfab"),
        ("https://example.org/rigsters", "does not name models on Sketchfab"),
        ("https://notsketchfab.com/rigsters", "does not name models on Sketchfab"),
        ("https://sketchfab.com.evil.org/rigsters", "does not name models on Sketchfab"),
        ("sketchfab:", "Say what to look for"),
        ("sketchfab:words=", "Say what to look for"),
        ("https://sketchfab.com/search", "Say what to look for"),
        ("sketchfab:colour=red", '"colour" is not a condition .* words, user'),
        ("sketchfab:likes=many", "is not a number of likes"),
        ("sketchfab:words=x&limit=-1", "is not a number of limit"),
        ("sketchfab:words=x&limit=1.5", "is not a number of limit"),
        ("sketchfab:collection=chairs", "not the uid of a collection"),
        ("sketchfab:model=../../v3/me", "not the uid of a model"),
        ("sketchfab:user=a/b", "not the name of a user"),
        ("sketchfab:category=a b", "not the name of a category"),
        (f"sketchfab:model={UID}&likes=5", "cannot be combined"),
        ("https://sketchfab.com", "lists no models"),
        ("https://sketchfab.com/feed", "lists no models"),
        ("https://sketchfab.com/3d-models/popular", "lists no models"),
        ("https://sketchfab.com/rigsters/likes", "lists no models"),
        ("https://sketchfab.com/rigsters/collections", "lists no models"),
        ("https://sketchfab.com/rigsters/collections/chairs", "an old URL"),
        ("https://sketchfab.com/search?q=x&type=users", "searches for users"),
        ("https://sketchfab.com/search?q=x&licenses=cc0&date=7", "filtered by 'licenses', 'date'"),
    ],
)
def test_invalid_queries_get_a_sentence(text: str, sentence: str) -> None:
    with pytest.raises(LookalikeError, match=sentence):
        parse(text)


@given(st.text())
def test_the_location_of_any_words_gives_the_same_query(words: str) -> None:
    try:
        query = parse(f"sketchfab:{words}")
    except LookalikeError:
        return
    assert parse(query.location) == query


# -- lists --------------------------------------------------------------------


def test_a_search_lists_models_with_their_details(fake: MakeFake) -> None:
    server = fake(models=100)
    source = read("sketchfab:oak chair")
    assert (source.kind, source.location) == ("sketchfab", "sketchfab:words=oak%20chair")
    assert (source.total, source.whole, source.workers) == (0, True, 4)
    assert not server.requests  # no request before it is read

    items = {entry.item.name: entry.item for entry in entries(source)}

    assert len(items) == 17
    item = items["oak chair 0"]
    uid = server.models[0].uid
    assert item.source_id == uid
    assert (item.category, item.tags) == ("Furniture & Home", ("oak", "chair"))
    assert (item.creator, item.licence) == ("Maker 0", "CC Attribution")
    assert item.page_url == f"https://sketchfab.com/3d-models/oak-chair-{uid}"
    assert item.embed_url == f"https://sketchfab.com/models/{uid}/embed"
    query = server.seen[0][0]
    assert query == "/v3/search?type=models&q=oak+chair&count=24"


def test_a_model_that_moves_between_pages_is_imported_once(
    fake: MakeFake,
) -> None:
    server = fake(models=100)
    everything = list(read("sketchfab:likes=1").entries)
    models = [entry.item.source_id for entry in everything if isinstance(entry, Entry)]
    assert models == [model.uid for model in server.models]
    assert [point.text for point in everything if isinstance(point, ResumePoint)] == [
        *("24:24", "48:48", "72:72", "96:96")
    ]
    assert server.requests["lists"] == 5


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


def test_a_limit_ends_the_list(fake: MakeFake) -> None:
    server = fake(models=200)
    source = read("sketchfab:likes=1&limit=30")
    assert (source.total, source.whole) == (30, False)
    assert len(entries(source)) == 30
    assert server.requests["lists"] == 2


def test_models_with_too_few_likes_are_left_out_and_end_a_sorted_list(
    fake: MakeFake,
) -> None:
    server = fake(models=200)
    enough = {model.uid for model in server.models if model.likes >= 960}
    server.changed[server.models[3].uid] = {"likeCount": None}
    models = entries(read("sketchfab:likes=960"))
    assert {entry.item.source_id for entry in models} == enough - {server.models[3].uid}
    assert server.requests["lists"] == 3
    assert "sort_by=-likeCount" in server.seen[0][0]
    with pytest.raises(LookalikeError, match="None of these models has 9,999 likes"):
        entries(read("sketchfab:likes=9999"))


def test_a_collection_a_user_and_a_category(fake: MakeFake) -> None:
    server = fake(models=50)
    collection = "c" * 32
    assert len(entries(read(f"https://sketchfab.com/ann/collections/best-{collection}"))) == 50
    assert server.seen[0][0] == f"/v3/collections/{collection}/models?count=24"
    assert len(entries(read("https://sketchfab.com/maker3"))) == 7
    assert len(entries(read("sketchfab:category=animals-pets&user=maker3"))) == 2
    assert len(entries(read(f"sketchfab:collection={collection}&words=grey cat"))) == 8
    assert f"q=grey+cat&collection={collection}" in server.seen[-1][0]


def test_a_single_model(fake: MakeFake) -> None:
    server = fake(models=5)
    source = read(f"https://sketchfab.com/3d-models/chair-{server.models[2].uid}")
    assert source.total == 1
    assert [entry.item.name for entry in entries(source)] == ["old car 2"]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("sketchfab:unicorn", "finds nothing for “unicorn”. Try fewer or other words"),
        ("https://sketchfab.com/nobody", "no such models by “nobody”. Check the name"),
        (f"sketchfab:collection={UID}", f"no public collection {UID} .*Check the URL"),
        (f"sketchfab:model={UID}", f"no public model {UID}. Check the URL"),
        ("sketchfab:category=unicorns", "finds nothing for sketchfab:category=unicorns"),
    ],
)
def test_queries_without_results_get_a_sentence(fake: MakeFake, text: str, sentence: str) -> None:
    fake(models=3)
    with pytest.raises(LookalikeError, match=sentence):
        entries(read(text))


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


# -- resuming -----------------------------------------------------------------


def test_an_interrupted_import_continues_where_it_stopped(fake: MakeFake) -> None:
    server = fake(models=100)
    server.broken_cursors = {"72"}
    source = read("sketchfab:likes=1")
    imported: list[str] = []
    resume_point = ""
    with pytest.raises(LookalikeError, match=r"stopped after 72 models\. .*continues from there"):
        for entry in source.entries:
            if isinstance(entry, ResumePoint):
                resume_point = entry.text
            elif isinstance(entry, Entry):
                imported.append(entry.item.source_id)
    assert len(imported) == 72

    server.broken_cursors = set()
    server.requests.clear()
    rest = read(source.location, resume=resume_point)
    assert not rest.whole
    imported += [entry.item.source_id for entry in entries(rest)]
    assert set(imported) == {model.uid for model in server.models}
    assert server.requests["lists"] == 2


def test_a_limit_counts_what_was_imported_before(fake: MakeFake) -> None:
    fake(models=100)
    everything = list(read("sketchfab:likes=1&limit=50").entries)
    resume_point = next(e.text for e in everything if isinstance(e, ResumePoint))
    assert len(entries(read("sketchfab:likes=1&limit=50", resume=resume_point))) == 26


@pytest.mark.parametrize("resume_point", ["24:24", "24:9999", "junk", ":", "x:24"])
def test_an_invalid_resume_point_starts_from_the_beginning(
    fake: MakeFake, resume_point: str
) -> None:
    server = fake(models=60)
    server.dead_cursors = {"24"}
    server.models = server.models[:20]
    assert len(entries(read("sketchfab:likes=1", resume=resume_point))) == 20


# -- thumbnails ---------------------------------------------------------------


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


def test_closing_a_source_stops_its_downloads(fake: MakeFake) -> None:
    fake(models=60)
    source = read("sketchfab:likes=1")
    first = next(source.entries)
    assert isinstance(first, Entry)
    source.entries.close()  # type: ignore[attr-defined]
    with pytest.raises(Cancelled):
        first.load("")


def test_waiting_for_sketchfab_can_be_cancelled(fake: MakeFake) -> None:
    fake(models=60)

    def check() -> None:
        raise Cancelled("Stop.")

    with pytest.raises(Cancelled, match="Stop"):
        next(read("sketchfab:likes=1", check=check).entries)


# -- the token ----------------------------------------------------------------


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


# -- tables -------------------------------------------------------------------


def write(path: Path, *lines: str) -> Path:
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


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
    path = write(
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


def test_other_tables_do_not_list_models(tmp_path: Path) -> None:
    for lines in [
        ("id,name", f"{UID},x"),
        ("uid,picture", f"{UID},a.png"),
        ("uid,name", "7,x"),
        ("name,url", "x,https://example.org/"),
    ]:
        path = write(tmp_path / "t.csv", *lines)
        assert sketchfab.uid_column(table.open_table(path)) is None
    path = write(tmp_path / "t.csv", "Model,name", f"{UID},x")
    opened = table.open_table(path, columns={"source_id": "Model"})
    assert sketchfab.uid_column(opened) == "Model"


def test_a_table_when_sketchfab_cannot_be_reached(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOOKALIKE_ALLOW_PRIVATE", "1")
    monkeypatch.setenv("LOOKALIKE_SKETCHFAB_API", "http://127.0.0.1:9")
    path = write(tmp_path / "t.csv", "uid", *(f"{number:032x}" for number in range(200)))
    found = list(read_table(path).entries)
    assert len(found) == 200
    assert all(
        isinstance(one, SkippedEntry) and "not accept connections" in one.reason for one in found
    )
