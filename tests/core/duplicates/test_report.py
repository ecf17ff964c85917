"""A report is stored, exported, and hides models."""

import csv
import io
import json

import pytest

from core.catalogue import Catalogue, Item
from core.duplicates import report
from core.duplicates.records import Difference
from core.importers import Loaded
from core.workflows import importing
from tests.core.duplicates.support import MADE, filled, find, jpeg, numbers, png, thing


def test_hidden_models_are_left_out_until_they_are_restored() -> None:
    catalogue = filled([png(thing(1)), jpeg(thing(1)), png(thing(2)), jpeg(thing(2))])
    found = find(catalogue)
    assert "Models that could be hidden: 2." in str(found)

    assert report.hide(catalogue, found) == 2

    assert [item.source_id for item in catalogue.items.find()] == ["0", "2"]
    assert find(catalogue).groups == ()
    assert str(find(catalogue)) == "There are no near-duplicates among 2 models."
    hidden = [item.id for of in catalogue.items.hidden().values() for item in of]
    catalogue.items.restore_hidden(hidden)
    assert find(catalogue) == found


def test_stored_report_leaves_out_models_hidden_since() -> None:
    catalogue = filled(
        [png(thing(1)), jpeg(thing(1)), MADE["resized"](thing(1)), png(thing(2)), jpeg(thing(2))]
    )
    assert report.load(catalogue) is None
    found = find(catalogue)

    report.save(catalogue, found)

    again = report.load(catalogue)
    assert again is not None
    assert report.as_dict(again) == report.as_dict(found)
    assert report.as_csv(again) == report.as_csv(found)
    ids = catalogue.items.ids()
    catalogue.items.hide([ids[2]], kept=ids[0])
    catalogue.items.hide([ids[4]], kept=ids[3])
    rest = report.load(catalogue)
    assert rest is not None
    assert numbers(rest) == {frozenset({0, 1})}


def test_a_report_stored_by_an_earlier_version_can_be_read() -> None:
    """The note is written out with the keys and words of the first version."""
    catalogue = filled([png(thing(1)), jpeg(thing(1)), png(thing(2))])
    kept, other, _ = catalogue.items.ids()
    note = (
        '{"cut": 0.7125, "models": 3, "pairs": 4, "groups": [{"kept": "KEPT", "items": ['
        '{"id": "KEPT", "name": "Thing 0", "score": 1.0, "difference": "", "differences": []}, '
        '{"id": "OTHER", "name": "Thing 1", "score": 0.987654, '
        '"difference": "mirrored, other colours: 32% of it", "differences": ['
        '{"kind": "mirrored", "amount": 1.0, "text": "mirrored"}, '
        '{"kind": "recoloured", "amount": 0.32, "text": "other colours: 32% of it"}]}]}]}'
    )
    catalogue.save_note("duplicates", note.replace("KEPT", kept).replace("OTHER", other))

    loaded = report.load(catalogue)

    assert loaded is not None
    assert (loaded.cut, loaded.items, loaded.pairs) == (0.7125, 3, 4)
    [group] = loaded.groups
    assert group.kept.id == kept
    [duplicate] = group.duplicates
    assert (duplicate.item.id, duplicate.score) == (other, 0.987654)
    assert duplicate.differences == (
        Difference("mirrored", 1.0, "mirrored"),
        Difference("recoloured", 0.32, "other colours: 32% of it"),
    )
    assert report.as_dict(loaded) == json.loads(catalogue.load_note("duplicates") or "")


def test_groups_as_csv() -> None:
    catalogue = Catalogue.create("things")
    for number, data in enumerate([png(thing(1)), jpeg(thing(1)), png(thing(2)), png(thing(2))]):
        item = Item(source_id=f"{number}", name="=1+1", category="Shapes")
        catalogue.items.add([(item, importing.prepare(Loaded.of(data)))])
    found = find(catalogue)

    rows = list(csv.DictReader(io.StringIO(report.as_csv(found).decode("utf-8-sig"))))

    assert [row["source_id"] for row in rows] == ["2", "3", "0", "1"]
    assert [row["group"] for row in rows] == ["1", "1", "2", "2"]
    assert [row["kept"] for row in rows] == ["1", "0", "1", "0"]
    assert {row["name"] for row in rows} == {"'=1+1"}
    assert [row["difference"] for row in rows[:3]] == ["", "identical", ""]
    assert float(rows[3]["score"]) == pytest.approx(found.groups[1].score, abs=1e-6)


def test_groups_as_json() -> None:
    catalogue = filled([png(thing(1)), jpeg(thing(1))])
    found = find(catalogue)

    described = report.as_dict(found)

    [group] = described["groups"]
    assert described["cut"] == pytest.approx(found.cut, abs=1e-6)
    assert group["kept"] == group["items"][0]["id"] == catalogue.items.ids()[0]
    assert [one["name"] for one in group["items"]] == ["Thing 0", "Thing 1"]
    assert group["items"][0]["score"] == 1
    assert group["items"][1]["difference"].startswith("re-encoded: colours differ by ")
