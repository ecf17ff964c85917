"""Java properties files are read as Java reads them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.importers.sweethome3d.properties import parse_properties


@pytest.mark.parametrize(
    ("text", "properties"),
    [
        ("a=1\nb:2\nc 3\nd\t=\t4 \n", {"a": "1", "b": "2", "c": "3", "d": "4 "}),
        ("# x=1\n  ! y=2\n\n \t\nname#1=a#b!c\n", {"name#1": "a#b!c"}),
        ("a=one \\\n   two\\\r\n\tthree\rb=2", {"a": "one twothree", "b": "2"}),
        ("# comment \\\na=1\nb=2\\\n#no comment", {"a": "1", "b": "2#no comment"}),
        ("a=C:\\\\dir\\\\\nb=2", {"a": "C:\\dir\\", "b": "2"}),
        ("a\\ b\\==\\t\\n\\q", {"a b=": "\t\nq"}),
        ("a=\\u20ac \\uD83E\\uDE91 \\ud800", {"a": "€ 🪑 \ufffd"}),
        ("a=1\na=2\nb\nc=\n=d", {"a": "2", "b": "", "c": "", "": "d"}),
        ("a=\x85\xa0\x0b", {"a": "\x85\xa0\x0b"}),
        ("\\\n", {}),
        ("a=1\\", {"a": "1"}),
    ],
)
def test_properties_are_read_as_in_java(text: str, properties: dict[str, str]) -> None:
    assert parse_properties(text) == properties


@given(st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), st.text()))
def test_properties_are_unescaped(properties: dict[str, str]) -> None:
    def escaped(text: str) -> str:
        units = text.encode("utf-16-be")
        return "".join(f"\\u{units[i : i + 2].hex()}" for i in range(0, len(units), 2))

    lines = (f"{escaped(key)} = {escaped(value)}" for key, value in properties.items())
    assert parse_properties("\n".join(lines)) == properties
