"""Cleaning up text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.importers.text import guess_code_page, one_line, storable


@given(st.text(st.characters()))
def test_one_line_can_be_stored_and_shown(text: str) -> None:
    line = one_line(text)
    assert one_line(line) == line == line.strip()
    assert line.encode("utf-8").decode("utf-8") == line
    assert not set(line) & set("\0\t\r\n\x1b\x85\u2028\u202e\u2066")


@pytest.mark.parametrize(
    ("encoding", "names"),
    [
        ("cp1252", ["Küchenstuhl", "Étagère", "Niño"]),
        ("cp1250", ["krzesło", "łóżko", "światło"]),
        ("cp1251", ["Стул", "Лампа", "Мебель", "Диван угловой"]),
        ("cp1253", ["καρέκλα", "τραπέζι"]),
        ("cp932", ["椅子", "照明", "ランプ"]),
        ("gb18030", ["椅子", "桌子", "台灯", "家具", "厨房用品"]),
        ("cp949", ["의자", "책상"]),
    ],
)
def test_the_code_page_of_rows_is_guessed(encoding: str, names: list[str]) -> None:
    rows = "".join(f"a.png,{name},{number}\n" for number, name in enumerate(names))
    data = f"picture,name,id\n{rows}".encode(encoding)

    assert data.decode(guess_code_page(data, usual="cp1252")) == data.decode(encoding)


@pytest.mark.parametrize(
    ("encoding", "paths"),
    [
        ("cp437", ["Stühle/Küchenstuhl.png", "Möbel/Esstisch.png"]),
        ("cp932", ["家具/椅子.png", "家具/ソファ.png", "照明/ランプ.png"]),
        ("cp1251", ["Мебель/Стул.png", "Мебель/Стол письменный.png", "Свет/Лампа.png"]),
        ("gb18030", ["家具/椅子.png", "家具/桌子.png", "灯具/台灯.png"]),
    ],
)
def test_the_code_page_of_paths_is_guessed(encoding: str, paths: list[str]) -> None:
    data = "\n".join(paths).encode(encoding)

    assert data.decode(guess_code_page(data, usual="cp437")).split("\n") == paths


def test_every_path_can_be_stored_and_stays_different() -> None:
    paths = ["a/é.png", "\udce9.png", "\ud800.png", "\ud800\udce9.png"]
    stored = [storable(path) for path in paths]
    assert stored[:3] == ["a/é.png", r"\xe9.png", r"\ud800.png"]
    assert len(set(stored)) == 4 and all(each.encode() for each in stored)
