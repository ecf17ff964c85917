"""Which files 3D files name, whatever way they write it."""

from pathlib import Path

import pytest

from benchmarks.support.mesh_suite import dae, fbx_file
from core.importers.references import find_parts


def parts(tmp_path: Path, files: dict[str, str], *others: str) -> set[str]:
    for path in others:
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).touch()
    for path, text in files.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    models = [path for path in files if not path.endswith(".mtl")]
    return set(find_parts(str(tmp_path), models, [*(files.keys() - {*models}), *others]))


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("map_Kd wood.png", "wood.png"),
        ("  map_Kd -s 4 4 1 -o 0 0 0 wood.png", "wood.png"),
        ("bump old wood.png", "old wood.png"),
        ("map_d C:\\Users\\me\\Wood.PNG", "wood.png"),
        ('MAP_KA "textures/wood.png"', "wood.png"),
    ],
)
def test_the_textures_of_an_obj_file_are_found(tmp_path: Path, line: str, name: str) -> None:
    files = {"a/source/a.obj": "mtllib x.mtl b c.mtl\nv 0 0 0\n", "a/source/b c.mtl": f"{line}\n"}
    near = {f"a/source/{name}", f"a/textures/{name}", f"a/source/deep/{name}"}
    far = {f"b/{name}", name, f"a/textures/my{name}"}
    assert parts(tmp_path, files, *near, *far) == near | {"a/source/b c.mtl"}


def test_the_files_of_gltf_and_ply_are_found(tmp_path: Path) -> None:
    gltf = (
        '{"buffers": [{"uri": "a%20b.bin"}], "images": [{"uri" : "maps/wood.png"}, {"uri": "x"}]}'
    )
    ply = "ply\ncomment TextureFile skin.jpg\n"
    found = parts(
        tmp_path, {"a.gltf": gltf, "b.ply": ply}, "a b.bin", "wood.png", "skin.jpg", "c.png"
    )
    assert found == {"a b.bin", "wood.png", "skin.jpg"}


def test_the_textures_of_collada_and_fbx_are_found(tmp_path: Path) -> None:
    made = {"a/a.dae": dae(texture="a%20b.png"), "a/b.fbx": fbx_file(texture="maps\\c.png"),
            "a/c.fbx": fbx_file(texture="d.png", in_text=True)}  # fmt: skip
    texts = {path: next(iter(files.values())).decode("latin-1") for path, files in made.items()}
    found = parts(tmp_path, texts, "a/maps/a b.png", "c.png", "a/d.png", "a/e.png")
    assert found == {"a/maps/a b.png", "c.png", "a/d.png"}


@pytest.mark.parametrize("text", ["\n" * (1 << 20), "mtllib" + " " * (1 << 20) + "x" * 2000 + "\n"])
def test_long_blanks_do_not_take_minutes(tmp_path: Path, text: str) -> None:
    assert parts(tmp_path, {"a.dae": text}, "wood.png") == set()


def test_materials_that_no_model_names_are_none_of_its_parts(tmp_path: Path) -> None:
    files = {"a.obj": "v 0 0 0\n", "b.mtl": "map_Kd wood.png\n"}
    assert parts(tmp_path, files, "wood.png") == set()


def test_materials_of_the_name_of_a_model_are_its_parts(tmp_path: Path) -> None:
    files = {"Chair.obj": "mtllib 1a2b.mtl\n", "chair.mtl": "map_Kd wood.png\n"}
    assert parts(tmp_path, files, "wood.png") == {"chair.mtl", "wood.png"}


def test_long_lines_name_nothing(tmp_path: Path) -> None:
    files = {"a.obj": f"mtllib {'b.mtl ' * 100_000}\n", "b.mtl": ""}
    assert parts(tmp_path, files) == set()
