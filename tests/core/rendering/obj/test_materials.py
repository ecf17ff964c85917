"""Materials of MTL files as programs write them."""

import io
from pathlib import Path

import pytest
from PIL import Image

from benchmarks.support.mesh_suite import CORNERS, FACES, lines, quarters, rows, textured_obj
from core.rendering.mesh_parts import Appearance, Textures
from core.rendering.obj.textures import Placement, TextureName
from tests.core.rendering.parts import GREY_ONLY, RED_AND_BLUE, colours, parts_of

ONE, TWO = rows("f", FACES[:3]), rows("f", FACES[3:])
RED, BLUE = "newmtl one\nKd 1 0 0\n", "newmtl two\nKd 0 0 1\n"


def look(folder: Path, mtl: str, **more: bytes) -> Appearance:
    """Return the appearance of a cube with a material."""
    [part] = parts_of(folder, textured_obj(mtl) | {"wood.png": quarters()} | more)
    return part.appearance


@pytest.mark.parametrize(
    ("named", "libraries"),
    [
        ("mtllib a.mtl b.mtl", {"a.mtl": RED, "b.mtl": BLUE}),
        ("mtllib a.mtl\nmtllib b.mtl", {"a.mtl": RED, "b.mtl": BLUE}),
        ("mtllib my materials.mtl", {"my materials.mtl": RED + BLUE}),
        ("mtllib my one.mtl my two.mtl", {"my one.mtl": RED, "my two.mtl": BLUE}),
        ("mtllib none.mtl a.mtl b.mtl", {"a.mtl": RED, "b.mtl": BLUE}),
        ("mtllib C:\\models\\A.MTL", {"a.mtl": RED + BLUE}),
        ("mtllib a.mtl", {"a.mtl": (RED + BLUE).replace("\n", "\r\n").replace(" ", "\t")}),
        ("mtllib a.mtl", {"a.mtl": (RED + BLUE).replace("Kd 1 0", "Kd 1 \\\n 0")}),
        ("mtllib a.mtl", {"a.mtl": (RED + BLUE).encode("utf-16")}),
        ("mtllib a.mtl", {"a.mtl": RED + "newmtl one\n" + BLUE + "# Kd 0 1 0\n"}),
        ("mtllib before.mtl", {"a.mtl": RED + BLUE}),
        ("", {"a.mtl": RED + BLUE}),
    ],
    ids=["on one line", "on two lines", "spaces", "spaces twice", "one missing", "another machine",
         "CRLF and tabs", "continued", "UTF-16", "repeated", "renamed", "not named"],
)  # fmt: skip
@pytest.mark.parametrize("is_late", [False, True])
def test_libraries_are_found(
    tmp_path: Path, named: str, libraries: dict[str, str | bytes], is_late: bool
) -> None:
    shape = [*rows("v", CORNERS), "usemtl one", *ONE, "usemtl two", *TWO]
    obj = lines(*shape, named) if is_late else lines(named, *shape)

    found = parts_of(tmp_path, {"a.obj": obj} | libraries)

    assert len(found) == 2 and colours(*found) == RED_AND_BLUE


def test_surfaces_without_a_material_have_the_only_one(tmp_path: Path) -> None:
    obj = lines("mtllib a.mtl", *rows("v", CORNERS), *ONE, *TWO)

    assert colours(*parts_of(tmp_path, {"a.obj": obj, "a.mtl": RED})) == {(1.0, 0.0, 0.0)}
    assert colours(*parts_of(tmp_path, {"a.obj": obj, "a.mtl": RED + BLUE})) == GREY_ONLY


def test_materials_that_are_not_there_are_one(tmp_path: Path) -> None:
    obj = lines(*rows("v", CORNERS), "usemtl x", *ONE, "usemtl y # why", *TWO)

    [found] = parts_of(tmp_path, {"a.obj": obj})

    assert colours(found) == GREY_ONLY


@pytest.mark.parametrize(
    ("values", "opacity"),
    [
        ("", 1), ("d 0.25", 0.25), ("d -halo 0.25", 0.25), ("d 7", 1), ("d nan", 1), ("d x", 1),
        ("Tr 0", 1), ("Tr 0.25", 0.75), ("Tr 1.000", 1), ("d 1\nTr 1", 1), ("d 1\nTr 0", 1),
        ("d 0.5\nTr 0.9", 0.5), ("Tr 0.25\nnewmtl other\nd 0.3\nTr 0.3", 0.25),
        ("Tr 0.25\nnewmtl other\nTr 1", 0.75), ("Tr 1\nnewmtl other\nTr 1", 1), ("d 0", 1),
        ("d 0\nnewmtl other\nd 1", 0), ("TR 0.25 # rest", 0.75),
    ],
)  # fmt: skip
def test_opacity_is_what_the_library_suggests(tmp_path: Path, values: str, opacity: float) -> None:
    assert look(tmp_path, f"Kd .2 .4 1\n{values}").colour == pytest.approx((0.2, 0.4, 1, opacity))


def test_the_colour_beside_a_texture_is_ignored(tmp_path: Path) -> None:
    assert look(tmp_path, "Kd 0 0 0\nmap_Kd quarters.png").colour == (1, 1, 1, 1)
    without = look(tmp_path, "Kd 1 0 0\nmap_Kd none.png")
    assert without.colour == (1, 0, 0, 1) and without.texture is None


@pytest.mark.parametrize(
    ("value", "name", "placement", "wrap"),
    [
        ("wood.png", "wood.png", Placement(), "repeat"),
        ('  "my wood.png" ', "my wood.png", Placement(), "repeat"),
        ("-s 4 4 1 wood.png", "wood.png", Placement((4, 4)), "repeat"),
        ("-s 4 my wood.png", "my wood.png", Placement((4, 1)), "repeat"),
        ("-o .25 -.5 0 -S 2 3 wood.png", "wood.png", Placement((2, 3), (0.25, -0.5)), "repeat"),
        (
            "-blendu off -blendv on -boost 2 -mm 0 1 -t 1 1 1 -texres 64 -clamp on -bm .3 "
            "-imfchan r -cc on -type sphere my wood 2.png",
            "my wood 2.png", Placement(), "clamp",
        ),
        ("-clamp off -mm .1 wood.png", "wood.png", Placement(), "repeat"),
        ("-odd.png", "-odd.png", Placement(), "repeat"),
        ("-s", "", Placement(), "repeat"),
        ("-s nan inf 1 wood.png", "nan inf 1 wood.png", Placement(), "repeat"),
        ("", "", Placement(), "repeat"),
    ],
)  # fmt: skip
def test_options_come_before_the_name(
    value: str, name: str, placement: Placement, wrap: str
) -> None:
    found = TextureName.parse(value)

    assert (found.name, found.placement, found.wrap) == (name, placement, wrap)


@pytest.mark.parametrize(
    "name",
    ["wood.png", "WOOD.PNG", "maps\\wood.png", "D:\\maps\\wood.png", "-s 4 4 1 wood.png",
     "wood.png # bark", "-bm 1 wood.png", "/home/ann/wood.png", "./wood.png", "wo%6Fd.png"],
)  # fmt: skip
def test_a_texture_is_found(tmp_path: Path, name: str) -> None:
    assert look(tmp_path, f"map_kd {name}").texture is not None


def test_options_stretch_and_move_a_texture(tmp_path: Path) -> None:
    [part] = parts_of(
        tmp_path,
        textured_obj("map_Kd -s 4 2 1 -o .25 0 -clamp on quarters.png\nmap_Ke quarters.png"),
    )

    look = part.appearance
    assert look.texture is not None and look.emissive_texture is not None
    assert (look.texture.layer, look.texture.wraps) == (0, ("clamp", "clamp"))
    assert (look.emissive_texture.layer, look.emissive_texture.wraps[0]) == (1, "repeat")
    assert part.uvs is not None and part.uvs.shape[1:] == (2, 2)
    assert part.uvs[:, 0].max(axis=0).tolist() == [4.25, 2] and part.uvs[:, 1].max() == 1


def test_textures_are_beside_their_library(tmp_path: Path) -> None:
    made = textured_obj("map_Kd wood.png", library="mtl/m.mtl", picture="mtl/wood.png")

    [part] = parts_of(tmp_path, made)

    assert part.appearance.texture is not None


def png(mode: str, colour: object, size: int = 2) -> bytes:
    file = io.BytesIO()
    Image.new(mode, (size, size), colour).save(file, "PNG")  # type: ignore[arg-type]
    return file.getvalue()


def test_opacity_may_be_in_a_picture_of_its_own(tmp_path: Path) -> None:
    pictures = {"red.png": png("RGB", "red"), "my holes.png": png("L", 64, 4)}

    def pixel(mtl: str) -> object:
        texture = look(tmp_path, mtl, **pictures).texture
        return texture and texture.picture.convert("RGBA").getpixel((0, 0))

    assert pixel("map_Kd red.png\nmap_d my holes.png") == (255, 0, 0, 64)
    assert pixel("map_d my holes.png") == (255, 255, 255, 64)
    assert pixel("map_Kd red.png\nmap_d none.png") == (255, 0, 0, 255)
    # Some programs repeat the picture of the colours.
    assert pixel("map_Kd red.png\nmap_d red.png") == (255, 0, 0, 255)


def test_metal_is_read(tmp_path: Path) -> None:
    pictures = {"m.png": png("L", 200), "r.png": png("L", 50)}

    plain = look(tmp_path, "Pm .75\nPr .25")
    assert (plain.metallic, plain.roughness, plain.metallic_texture) == (0.75, 0.25, None)
    assert look(tmp_path, "Pr .25").metallic == 0
    mapped = look(tmp_path, "Pm .1\nPr .1\nmap_Pm m.png\nmap_Pr r.png", **pictures)
    assert (mapped.metallic, mapped.roughness) == (1, 1)
    assert mapped.metallic_texture is not None
    assert mapped.metallic_texture.picture.getpixel((0, 0)) == (255, 50, 200)
    smooth = look(tmp_path, "Pr .1\nmap_Pm m.png", **pictures)
    assert (smooth.metallic, smooth.roughness) == (1, 0.1)


def test_glow_is_read(tmp_path: Path) -> None:
    assert look(tmp_path, "Ke 0 0 0").emissive is None
    assert look(tmp_path, "Ke .5 0 0").emissive == (0.5, 0, 0)
    # Without its picture it would hide everything.
    assert look(tmp_path, "Ke 1 1 1\nmap_Ke none.png").emissive is None
    mapped = look(tmp_path, "Ke 0 0 0\nmap_Ke quarters.png")
    assert mapped.emissive == (1, 1, 1) and mapped.emissive_texture is not None


@pytest.mark.parametrize("value", ["spectral file.rfl 1", "xyz .1 .1 .1", "1 2", "", "nan 0 0"])
def test_a_colour_that_is_none_is_grey(tmp_path: Path, value: str) -> None:
    assert look(tmp_path, f"Kd {value}").colour == (0.8, 0.8, 0.8, 1)


def test_a_single_number_is_grey(tmp_path: Path) -> None:
    assert look(tmp_path, "Kd .5").colour == (0.5, 0.5, 0.5, 1)


def test_pictures_that_are_damaged_are_missing(tmp_path: Path) -> None:
    data = quarters()[:60]
    mtl = "Kd 1 0 0\nmap_Kd quarters.png\nmap_d cut.png\nmap_Pm cut.png\nmap_Ke cut.png"

    found = look(tmp_path, mtl, **{"cut.png": data})

    assert found.material(Textures()).texture is not None
