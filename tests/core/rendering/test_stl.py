"""STL files as programs write them."""

from pathlib import Path

import pytest

from benchmarks.support.mesh_suite import binary_stl, text_stl
from core.rendering.stl import InvalidStlError
from tests.core.rendering.parts import CUBE, GREY_ONLY, RED_AND_BLUE, area, colours, parts_of

BINARY, TEXT = binary_stl()["a.stl"], text_stl()["a.stl"]
RED, BLUE = 31, 31 << 10
OWN = 0x8000


@pytest.mark.parametrize(
    "data",
    [
        BINARY,
        binary_stl(header=b"solid of a facet")["a.stl"],
        binary_stl(count=0)["a.stl"],
        BINARY + bytes(60),
        TEXT,
        TEXT.upper().replace(b"\n", b"\r\n"),
        TEXT.replace(b"\n", b"\r"),
        b"\n\n  " + TEXT,
        TEXT.replace(b"endsolid", b""),
        b"\xef\xbb\xbf" + TEXT,
        TEXT.decode().encode("utf-16"),
        TEXT.replace(b" -1.0", b" -1.0e+00"),
    ],
    ids=["binary", "binary like text", "no number", "more behind", "text", "upper case", "CR",
         "blank lines", "no end", "BOM", "UTF-16", "exponents"],
)  # fmt: skip
def test_a_cube_is_read_however_it_is_written(tmp_path: Path, data: bytes) -> None:
    found = parts_of(tmp_path, {"a.stl": data})

    assert area(*found) == pytest.approx(CUBE) and colours(*found) == GREY_ONLY


def test_what_is_there_of_a_file_that_is_cut_short_is_shown(tmp_path: Path) -> None:
    [found] = parts_of(tmp_path, {"a.stl": BINARY[:-50]})
    assert len(found.faces) == 11
    [found] = parts_of(tmp_path, {"a.stl": TEXT[: TEXT.rindex(b"vertex")]})
    assert len(found.faces) == 11
    with pytest.raises(InvalidStlError):
        parts_of(tmp_path, {"a.stl": BINARY[:200]})


def test_triangles_have_colours_as_viscam_writes_them(tmp_path: Path) -> None:
    found = parts_of(tmp_path, binary_stl(bits=(OWN | BLUE, OWN | RED)))

    # Red is in its highest bits.
    assert colours(*found) == RED_AND_BLUE
    assert colours(*parts_of(tmp_path, binary_stl(bits=(OWN | BLUE, BLUE)))) == {
        (1.0, 0.0, 0.0),
        (1.0, 1.0, 1.0),
    }


def test_triangles_and_the_whole_have_colours_as_magics_writes_them(tmp_path: Path) -> None:
    header = b"COLOR=\xff\x80\x00\xff,MATERIAL="

    own = parts_of(tmp_path, binary_stl(header=header, bits=(RED, BLUE)))
    whole = parts_of(tmp_path, binary_stl(header=header, bits=(OWN, BLUE)))
    none = parts_of(tmp_path, binary_stl(header=header))

    assert colours(*own) == RED_AND_BLUE
    assert colours(*whole) == {(1.0, 0.5, 0.0), (0.0, 0.0, 1.0)}
    assert colours(*none) == {(1.0, 0.5, 0.0)}
