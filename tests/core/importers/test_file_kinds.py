"""What files are that are passed over: by their bytes, or else by their names."""

import pytest

from core.importers.file_kinds import kind_of, passed_over
from tests.plain_picture import plain_picture


@pytest.mark.parametrize(
    ("path", "first", "kind"),
    [
        ("a.dat", plain_picture(1).original[:64], "picture"),
        ("a.bin", b"glTF\2\0\0\0", "3D file"),
        ("a", b"Kaydara FBX Binary", "3D file"),
        ("a.FBX", b"", "3D file"),
        ("a.jpg", b"\0\0\0\x18ftypheic", "picture"),
        ("a.stl", b"PK\3\4", "archive"),
        ("a.png", b"", "picture"),
        ("a.mov", b"\0\0\0\x18ftypqt  ", "video"),
        ("a.docx", b"PK\3\4", "text"),
        ("a.dat", b"PK\3\4", "archive"),
        ("a.3mf", b"PK\3\4", "3D file"),
        ("a.usdz", b"PK\3\4", "3D file"),
        ("a.usd", b"PXR-USDC", "3D file"),
        ("a.dat", b"PXR-USDC", "USD file"),
        ("a.STP", b"ISO-10303-21;", "3D file"),
        ("a.mtl", b"newmtl a", "unused material file"),
        ("b/.git/a.png", b"", "hidden file"),
        ("__MACOSX/a.png", b"", "hidden file"),
        ("Thumbs.db", b"", "hidden file"),
        ("a.Xyz", b"", ".xyz file"),
        ("a", b"", "other file"),
        ("a.\udcff\n", b"", r".\xff file"),
    ],
)
def test_each_file_has_a_kind(path: str, first: bytes, kind: str) -> None:
    assert kind_of(path, first).name == kind


def test_the_most_frequent_kind_comes_first_with_examples() -> None:
    names = ["b.txt", *(f"{number}.max" for number in range(4)), "c\n\udcff.txt", ".x"]
    found = passed_over({name: kind_of(name) for name in names})
    assert [str(each) for each in found] == [
        "4 3ds Max files (0.max, 1.max, 2.max, …): export as GLB from 3ds Max",
        r"2 texts (b.txt, c \xff.txt)",
        "1 hidden file (.x)",
    ]
