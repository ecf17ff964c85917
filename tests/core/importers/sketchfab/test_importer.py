"""Lists of Sketchfab models: searches, collections and single models, and continuing them."""

from collections.abc import Mapping
from typing import Any

import pytest

from core.errors import LookalikeError
from core.importers import Entry, ResumePoint
from core.jobs import Cancelled
from tests.core.importers.sketchfab.queries import OLD_UID, UID, MakeFake, entries, read


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


def test_an_empty_page_does_not_end_a_list(fake: MakeFake) -> None:
    server = fake(models=100)
    server.empty_cursors = {"0", "48", "72"}
    found = list(read("sketchfab:likes=1").entries)
    models = [entry.item.source_id for entry in found if isinstance(entry, Entry)]
    assert models == [model.uid for model in server.models[23:48] + server.models[95:]]
    points = [point.text for point in found if isinstance(point, ResumePoint)]
    assert points == ["0:24", "25:48", "25:72", "25:96"]
    rest = entries(read("sketchfab:likes=1", resume="25:48"))
    assert [entry.item.source_id for entry in rest] == models[25:]
    assert server.requests["lists"] == 8


def test_a_list_of_empty_pages_ends(fake: MakeFake, monkeypatch: pytest.MonkeyPatch) -> None:
    server = fake(models=50)
    server.empty_cursors = {"0", "24", "48"}
    with pytest.raises(LookalikeError, match="finds nothing for “chair”"):
        entries(read("sketchfab:chair"))
    with pytest.raises(LookalikeError, match="finds nothing for sketchfab:limit=9"):
        entries(read("sketchfab:limit=9"))

    def endless(query: Mapping[str, str], path: str) -> dict[str, Any]:
        return {"results": [], "next": f"/?cursor={int(query.get('cursor', 0)) + 1}"}

    monkeypatch.setattr(server, "listed", endless)
    with pytest.raises(LookalikeError, match=r"after 0 models: 50 pages in a row are empty"):
        entries(read("sketchfab:chair"))


def test_what_sketchfab_says_of_a_refusal_is_shown(fake: MakeFake) -> None:
    server = fake(models=3)
    server.refused = {
        UID: (403, b'{"detail": "Not in your country."}'),
        OLD_UID: (451, f'{{"x": ["{"long " * 99}"]}}'.encode()),
    }
    with pytest.raises(LookalikeError, match=r"no public model .*says: “Not in your country\.”$"):
        entries(read(f"sketchfab:model={UID}"))
    with pytest.raises(LookalikeError, match=r"failed\. .* status 451.* says: “long .{190,196}…”$"):
        entries(read(f"sketchfab:model={OLD_UID}"))
    server.dead_cursors = {""}
    with pytest.raises(LookalikeError, match=r"finds nothing.* says: “Invalid cursor\.”$"):
        entries(read("sketchfab:chair"))


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
