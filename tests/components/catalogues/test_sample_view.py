"""What the import dialog shows of a source."""

from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from core.catalogue import Item
from core.importers import SkippedEntry, TableColumns
from core.importers.sample import Sample, SampledItem

CHAIR = SampledItem(Item(source_id="1", name="Chair", category="Seats"), b"webp")
HOSTILE = SampledItem(Item(source_id="2", name="<b>&\"'"), problem="It is *damaged*.")
BOX = SampledItem(Item(source_id="box.obj", name="Box"), format="OBJ")


def page(sample: "Sample", left_out: "list[SkippedEntry]") -> None:
    from components.catalogues import sample_view

    sample_view.show(sample, left_out=left_out)


def shown(sample: Sample, *left_out: SkippedEntry) -> AppTest:
    app = AppTest.from_function(page, args=(sample, list(left_out))).run()
    assert not app.exception
    return app


@pytest.mark.parametrize(
    ("sample", "words"),
    [
        (Sample((CHAIR,), 1, True), "1 model found"),
        (Sample((CHAIR, BOX), 2, True), "2 models found"),
        (Sample((CHAIR, BOX), 1200, True), "1,200 models found. The first 2:"),
        (Sample((CHAIR,), 1, True, failed=1), "1 model found, 1 file cannot be read"),
        (Sample((CHAIR, BOX), 200), "Up to 200 models. The first 2:"),
        (Sample((), 200), "Up to 200 models"),
        (Sample((CHAIR, BOX), 200, is_minimum=True), "At least 200 models. The first 2:"),
        (Sample(), "The models will be counted during the import."),
    ],
)
def test_the_number_of_models_is_said(sample: Sample, words: str) -> None:
    assert shown(sample).markdown[0].value == f"**{words}**"


def test_models_are_listed_as_they_are_called() -> None:
    html = (
        shown(Sample((CHAIR, replace(HOSTILE, problem=""), BOX), 3, True)).get("html")[0].proto.body
    )
    assert html.count("<li") == 3
    assert '<img src="data:image/webp;base64,d2VicA==" alt="">' in html
    assert "&lt;b&gt;&amp;&quot;&#x27;" in html
    assert "<b>" not in html
    assert ">OBJ</span>" in html


def test_the_encoding_of_a_table_is_said_with_its_first_rows() -> None:
    columns = TableColumns({"name": "n"}, (), "cp1251", (("1.png", "Стул"), ("<b>", "Стол")))

    app = shown(Sample(columns=columns))

    said = " ".join(caption.value.replace("\\", "") for caption in app.caption)
    assert "read as Cyrillic, Windows (cp1251)" in said
    [rows] = app.get("html")
    assert '<td dir="auto">Стул</td></tr>' in rows.proto.body and "&lt;b&gt;" in rows.proto.body


def test_columns_and_what_is_left_out_are_said() -> None:
    columns = TableColumns({"picture": "File", "source_id": "Nr"}, ("Price", "Weight"))
    reasons = (("It is empty.", 2), ("It is odd.", 1))
    sample = Sample((CHAIR,), 1, True, 9, reasons, columns, 1, (HOSTILE,))
    left_out = [SkippedEntry(f"{name}.pdf", name, "It is a text.") for name in "abcd"]
    captions = [caption.value.replace("\\", "") for caption in shown(sample, *left_out).caption]
    assert captions == [
        "Columns recognised: picture (“File”), id (“Nr”). Not used: “Price”, “Weight”.",
        "“<b>&\"'” cannot be imported: It is *damaged*.",
        "2 skipped: It is empty.",
        "1 skipped: It is odd.",
        "6 skipped for other reasons.",
        "Left out: “a.pdf”, “b.pdf”, “c.pdf” and 1 more. It is a text.",
    ]
