"""Counts and previews of imports: as sentences, added up, and as they are stored."""

import json
from dataclasses import replace

import pytest

from core.catalogue import ImportRun, Item, PassedOver
from core.importers import Source
from core.workflows.import_counts import (
    MAX_NAMES,
    ImportCounts,
    ImportPreview,
    StoredPreview,
    Tally,
    list_passed_over,
    summarise,
)

NAMES = {
    "added": ("Chair", "Lamp"),
    "changed": ("Sofa",),
    "missing": ("Кресло",),
    "failed": ("Broken",),
}
COUNTS = ImportCounts(added=2, changed=1, unchanged=1_234, failed=1, missing=1)
PREVIEW = ImportPreview(COUNTS, NAMES)  # type: ignore[arg-type]
FBX = PassedOver("FBX file", "export as GLB", 4, ("a.fbx", "b.fbx", "c.fbx"))


@pytest.mark.parametrize(
    ("counts", "sentence"),
    [
        (
            COUNTS,
            "2 added, 1 changed, 1,234 unchanged, 1 missing from the source, 1 failed to import.",
        ),
        (ImportCounts(unchanged=3), "3 unchanged."),
        (ImportCounts(), "The source is empty."),
    ],
)
def test_counts_are_a_sentence(counts: ImportCounts, sentence: str) -> None:
    assert str(counts) == sentence


@pytest.mark.parametrize(
    ("counts", "sentence"),
    [
        (ImportCounts(added=1, unchanged=2), "Preview: 1 to add, 2 unchanged."),
        (ImportCounts(changed=1), "Preview: 1 to change."),
        (ImportCounts(missing=1), "Preview: 1 missing from the source."),
        (ImportCounts(unchanged=2), "Nothing to do: everything is up to date."),
        (
            ImportCounts(unchanged=2, failed=1),
            "Nothing to do: 2 unchanged, 1 failed to import.",
        ),
        (ImportCounts(), "The source is empty."),
    ],
)
def test_a_preview_is_a_sentence(counts: ImportCounts, sentence: str) -> None:
    assert str(ImportPreview(counts, {})) == sentence


def test_what_is_passed_over_is_said_after_the_counts() -> None:
    text = PassedOver("text", "", 1, ("a.txt",))
    runs = [
        ImportRun("folder", "/a", "", ImportCounts(added=2, passed_over=4), (FBX,)),
        ImportRun("models", "/b", "", ImportCounts(added=1, parts=2, passed_over=5), (text, FBX)),
    ]
    assert summarise(runs) == "3 added, 2 textures and other parts, 9 passed over."
    assert list_passed_over(*(run.passed_over for run in runs)) == (
        "Passed over: 8 FBX files (a.fbx, b.fbx, c.fbx, …): export as GLB; 1 text (a.txt)."
    )
    assert str(ImportPreview(ImportCounts(passed_over=1), {}, (text,))) == (
        "Nothing to do: 1 passed over."
    )


def test_textures_that_are_missing_are_counted_and_named() -> None:
    tally = Tally(Source("models", "/a", 2, iter(())))
    for name, textures in (("chair", ("wood.png", "red.png")), ("sofa", ("wood.png",))):
        tally.remark(Item(source_id=name, name=name, missing_textures=textures))
    tally.remark(Item(source_id="lamp", name="Lamp", remark="It is too large to show in 3D."))
    assert tally.remarks() == (
        "2 models miss 3 textures: wood.png, red.png.",
        "1 model: It is too large to show in 3D.",
    )


def test_previews_of_several_sources_are_added_up() -> None:
    many = ImportPreview(ImportCounts(added=150), {"added": ("Table",) * MAX_NAMES})

    both = PREVIEW + many

    assert both.counts == ImportCounts(added=152, changed=1, unchanged=1_234, failed=1, missing=1)
    assert both.names["added"] == ("Chair", "Lamp", *["Table"] * (MAX_NAMES - 2))
    assert both.names["missing"] == ("Кресло",)


def test_a_stored_preview_reads_back_as_it_was() -> None:
    stored = StoredPreview(replace(PREVIEW, passed_over=(FBX,)), ("update", "mine"))

    assert StoredPreview.from_json(stored.to_json()) == stored


def test_a_preview_stored_by_an_earlier_version_is_read() -> None:
    text = json.dumps(
        {
            "name": "mine",
            "plan": {
                "counts": {"added": 2, "changed": 1, "unchanged": 1234, "failed": 1, "gone": 1},
                "names": {
                    "added": ["Chair", "Lamp"],
                    "changed": ["Sofa"],
                    "gone": ["Кресло"],
                    "failed": ["Broken"],
                },
            },
            "message": "2 to add, 1 to change, 1,234 unchanged, 1 gone from the source.",
            "arguments": ["import", "/models", "--into", "mine", "--sides"],
        }
    )

    stored = StoredPreview.from_json(text)

    arguments = ("import", "/models", "--into", "mine", "--sides")
    assert stored == StoredPreview(PREVIEW, arguments)


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "not JSON",
        "[]",
        "3",
        "{}",
        '{"plan": null}',
        '{"plan": {"counts": {}}}',
        '{"plan": {"counts": {}, "names": {}}}',
        '{"plan": {"counts": {"added": "many"}, "names": {}}, "arguments": []}',
        '{"plan": {"counts": {"added": null}, "names": {}}, "arguments": []}',
        '{"plan": {"counts": {}, "names": {"added": 3}}, "arguments": []}',
        '{"plan": {"counts": [], "names": []}, "arguments": []}',
    ],
)
def test_a_stored_preview_that_cannot_be_read_is_ignored(text: str | None) -> None:
    assert StoredPreview.from_json(text) is None
