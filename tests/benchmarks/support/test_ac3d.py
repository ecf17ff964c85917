"""AC3D files as OBJ: vertices where their objects are, textures, and clear words otherwise."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from benchmarks.support import ac3d
from benchmarks.support.ac3d import Ac3dError

HEAD = """AC3Db
MATERIAL "red" rgb 1 0 0 amb 0.2 0.2 0.2 emis 0 0 0 spec 0.5 0.5 0.5 shi 10 trans 0.25
"""
SURFACE = "SURF 0x20\nmat 0\nrefs 3\n0 0 0\n1 1 0\n2 1 1\n"
LINE = "SURF 0x22\nmat 0\nrefs 2\n0 0 0\n1 1 0\n"


def poly(*, texture: str = "", surfaces: int = 8) -> str:
    named = f'texture "{texture}"\ntexrep 2 1\n' if texture else ""
    return (
        f'OBJECT poly\nname "a"\ndata 3\nabc\n{named}rot 0 1 0 -1 0 0 0 0 1\nloc 0 0 5\n'
        f"numvert 3\n1 0 0\n0 1 0\n0 0 1\nnumsurf {surfaces + 1}\n"
        f"{SURFACE * surfaces}{LINE}kids 0\n"
    )


def file(*objects: str) -> str:
    return f"{HEAD}OBJECT world\nkids 1\nOBJECT group\nloc 10 0 0\nkids {len(objects)}\n" + "".join(
        objects
    )


def test_vertices_are_turned_and_moved_with_their_objects() -> None:
    scene = ac3d.parse(file(poly(), poly()))
    assert np.allclose(scene.vertices[:3], [[10, 1, 5], [9, 0, 5], [10, 0, 6]])
    assert len(scene.faces) == 16, "lines are left out"
    assert [corner[0] for corner in scene.faces[-1].corners] == [3, 4, 5]
    assert scene.materials == [(1, 0, 0, 0.75)]


def test_an_obj_file_with_its_materials_and_textures(tmp_path: Path) -> None:
    textures, folder = tmp_path / "textures", tmp_path / "model"
    textures.mkdir()
    folder.mkdir()
    Image.new("RGB", (4, 4), "green").save(textures / "wall.png")
    path = ac3d.write_obj(ac3d.parse(file(poly(texture="wall.png"), poly())), textures, folder)
    lines = path.read_text().splitlines()
    assert lines.count("usemtl m0") == lines.count("usemtl m1") == 1
    assert "f 1/1 2/2 3/3" in lines and "f 4/25 5/26 6/27" in lines and "vt 2 0" in lines
    material = (folder / "model.mtl").read_text()
    assert "Kd 1 0 0\nd 0.75\nmap_Kd wall.png" in material and (folder / "wall.png").is_file()


@pytest.mark.parametrize(
    "text, reason",
    [
        ("", "not AC3D"),
        ("glTF", "not AC3D"),
        (file(poly(surfaces=2)), "too few faces"),
        (file(poly())[:-40], "damaged"),
        (file(poly()).replace("numvert 3", "numvert many"), "damaged"),
    ],
)
def test_other_files_are_refused(text: str, reason: str) -> None:
    with pytest.raises(Ac3dError, match=reason):
        ac3d.parse(text)


@pytest.mark.parametrize("damaged", [False, True])
def test_a_missing_or_damaged_texture_is_told(damaged: bool, tmp_path: Path) -> None:
    (tmp_path / "model").mkdir()
    if damaged:
        (tmp_path / "wall.png").write_bytes(b"\x01\xda\x01\x01\x00\x03")
    with pytest.raises(Ac3dError, match="texture is missing"):
        ac3d.write_obj(ac3d.parse(file(poly(texture="wall.png"))), tmp_path, tmp_path / "model")
