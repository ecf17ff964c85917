"""Spreadsheets and Parquet files as tables, made by code."""

import zipfile
from pathlib import Path
from random import Random

import pyarrow
import pyarrow.parquet
import pytest

from benchmarks.fuzz import DAMAGES
from core.errors import LookalikeError
from core.importers import open_source
from core.importers.base import Entry
from core.importers.table import open_table
from tests.conftest import MakePicture

ROWS: list[list[object]] = [["My chairs"], [], ["picture", "Title", "Nr", "Tags"]]
ROWS += [["a.png", "Stühl & <Co>", 1, "a, b"], [], ["b.png", "Стул", 2.5, ""]]


def cell_of(value: object, place: str) -> str:
    if isinstance(value, str):
        text = value.replace("&", "&amp;").replace("<", "&lt;")
        return f'<c r="{place}" t="inlineStr"><is><t>{text}</t></is></c>'
    return f'<c r="{place}"><v>{value}</v></c>'


def write_xlsx(path: Path, rows: list[list[object]], *, padding: int = 0) -> Path:
    lines = [
        f'<row r="{n}">{"".join(cell_of(v, f"{chr(65 + m)}{n}") for m, v in enumerate(row))}</row>'
        for n, row in enumerate(rows, 1)
    ]
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    kinds = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    links = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    relations = "http://schemas.openxmlformats.org/package/2006/relationships"
    parts = {
        "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/'
        f'content-types"><Override PartName="/xl/workbook.xml" ContentType="{kinds}.sheet.main+xml"'
        f'/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="{kinds}.worksheet+xml"/>'
        "</Types>",
        "_rels/.rels": f'<Relationships xmlns="{relations}"><Relationship Id="r" '
        f'Type="{links}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{links}"><sheets><sheet name="S" '
        'sheetId="1" r:id="rId1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{relations}"><Relationship Id="rId1" '
        f'Type="{links}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{main}"><sheetData>{"".join(lines)}'
        "</sheetData></worksheet>",
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, text in parts.items():
            packed.writestr(name, text)
        if padding:
            with packed.open("xl/sharedStrings.xml", "w", force_zip64=True) as file:
                for _ in range(padding // 1_000_000):
                    file.write(b" " * 1_000_000)
    return path


def write_ods(path: Path, rows: list[list[object]], *, repeated: int = 1) -> Path:
    def cell(value: object) -> str:
        if isinstance(value, str):
            text = value.replace("&", "&amp;").replace("<", "&lt;")
            kind = 'office:value-type="string"'
            return f"<table:table-cell {kind}><text:p>{text}</text:p></table:table-cell>"
        return f'<table:table-cell office:value-type="float" office:value="{value}"/>'

    lines = [
        f'<table:table-row table:number-rows-repeated="{repeated if n else 1}">'
        f"{''.join(map(cell, row))}</table:table-row>"
        for n, row in enumerate(rows)
    ]
    oasis = "urn:oasis:names:tc:opendocument:xmlns"
    content = (
        f'<office:document-content xmlns:office="{oasis}:office:1.0" '
        f'xmlns:table="{oasis}:table:1.0" xmlns:text="{oasis}:text:1.0"><office:body>'
        f'<office:spreadsheet><table:table table:name="S">{"".join(lines)}'
        "</table:table></office:spreadsheet></office:body></office:document-content>"
    )
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        packed.writestr("META-INF/manifest.xml", f'<m:manifest xmlns:m="{oasis}:manifest:1.0"/>')
        packed.writestr("content.xml", content)
    return path


def write_parquet(path: Path, rows: list[list[object]]) -> Path:
    header, *others = [row for row in rows if len(row) > 1]
    columns = {str(name): [row[n] for row in others] for n, name in enumerate(header)}
    pyarrow.parquet.write_table(pyarrow.table(columns), path)
    return path


WRITERS = {"xlsx": write_xlsx, "ods": write_ods, "parquet": write_parquet}


@pytest.mark.parametrize("kind", WRITERS)
def test_its_rows_are_models(kind: str, tmp_path: Path, picture: MakePicture) -> None:
    for number, name in enumerate("ab"):
        (tmp_path / f"{name}.png").write_bytes(picture(number))
    path = WRITERS[kind](tmp_path / f"list.{kind}", ROWS)
    entries = list(open_source(str(path)).entries)
    assert all(isinstance(entry, Entry) and entry.quick_picture() for entry in entries)
    items = [entry.item for entry in entries if isinstance(entry, Entry)]
    assert [(item.source_id, item.name, item.tags) for item in items] == [
        ("a.png", "Stühl & <Co>", ("a", "b")),
        ("b.png", "Стул", ()),
    ]
    table = open_table(path)
    assert table.columns == ("picture", "Title", "Nr", "Tags") and table.total == 2
    assert [row[2] for row in table.head] == ["1", "2.5"]


def test_a_folder_with_a_spreadsheet_is_imported_as_its_table(
    tmp_path: Path, picture: MakePicture
) -> None:
    (tmp_path / "a.png").write_bytes(picture(1))
    write_xlsx(tmp_path / "list.xlsx", [["picture", "name"], ["a.png", "Chair"]])
    packed = tmp_path / "all.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        for name in ("a.png", "list.xlsx"):
            archive.write(tmp_path / name, name)
    [entry] = list(open_source(str(packed)).entries)
    assert isinstance(entry, Entry) and entry.item.name == "Chair"


def test_what_is_too_large_is_a_sentence(tmp_path: Path) -> None:
    bomb = write_xlsx(tmp_path / "bomb.xlsx", [["picture"], ["a.png"]], padding=500_000_000)
    assert bomb.stat().st_size < 1_000_000
    repeated = write_ods(tmp_path / "r.ods", [["picture"], ["x" * 2000]], repeated=1_000_000_000)
    for path in (bomb, repeated):
        with pytest.raises(LookalikeError, match=f"The table {path.name} cannot be read: .*CSV"):
            open_table(path)


@pytest.mark.parametrize("kind", WRITERS)
def test_a_damaged_one_is_read_or_refused_with_a_sentence(kind: str, tmp_path: Path) -> None:
    whole = WRITERS[kind](tmp_path / "whole", ROWS).read_bytes()
    damaged = tmp_path / f"damaged.{kind}"
    for seed in range(8):
        random = Random(seed)
        damaged.write_bytes(random.choice(DAMAGES)(random, whole))
        try:
            open_table(damaged)
        except LookalikeError as error:
            assert str(error).endswith((".", "'"))
