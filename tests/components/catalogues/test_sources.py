"""The preview of an update on the Catalogues page, also one that an earlier version stored."""

import json

import pytest
from streamlit.testing.v1 import AppTest

from core.catalogue import Catalogue
from core.workflows.import_counts import ImportCounts, ImportPreview, StoredPreview

PREVIEW = ImportPreview(
    ImportCounts(added=101, unchanged=2, missing=1),
    {"added": ("Chair", "Lamp"), "missing": ("Sofa",)},
)
ARGUMENTS = ("update", "mine")
# As the version before this one stored the same preview.
FORMER_NOTE = json.dumps(
    {
        "name": "mine",
        "plan": {
            "counts": {"added": 101, "changed": 0, "unchanged": 2, "failed": 0, "gone": 1},
            "names": {"added": ["Chair", "Lamp"], "changed": [], "gone": ["Sofa"], "failed": []},
        },
        "message": "101 to add, 2 unchanged, 1 gone from the source.",
        "arguments": ARGUMENTS,
    }
)


def page() -> None:
    from components.catalogues import sources
    from core.catalogue import Catalogue

    sources.show_preview(Catalogue("mine"), working=False)


@pytest.mark.parametrize(
    "note", [StoredPreview(PREVIEW, ARGUMENTS).to_json(), FORMER_NOTE], ids=["current", "former"]
)
def test_a_preview_lists_its_changes(note: str) -> None:
    Catalogue.create("mine").save_note("plan", note)

    app = AppTest.from_function(page).run()

    assert not app.exception
    message = app.markdown[0].value.replace("\\", "")
    assert message == "**Preview: 101 to add, 2 unchanged, 1 missing from the source.**"
    assert [text.value for text in app.text] == ["Chair, Lamp and 99 more", "Sofa"]
    assert len(app.button) == 2


def test_a_dismissed_preview_is_not_shown_again() -> None:
    catalogue = Catalogue.create("mine")
    catalogue.save_note("plan", FORMER_NOTE)

    app = AppTest.from_function(page).run()
    app.button[1].click().run()

    assert not app.exception
    assert not app.markdown and not app.button
    assert not catalogue.load_note("plan")


def test_a_preview_that_cannot_be_read_is_not_shown() -> None:
    Catalogue.create("mine").save_note("plan", '{"plan": {"counts": {}}}')

    app = AppTest.from_function(page).run()

    assert not app.exception
    assert not app.markdown and not app.button
