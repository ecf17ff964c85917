"""Pictures of every format, from every viewpoint."""

import io
import json
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import trimesh

from core.errors import LookalikeError
from core.rendering import renderer as renderer_module
from core.rendering.renderer import (
    Crashed,
    Renderer,
    Rendering,
    Unavailable,
    check,
    parse_answer,
)
from tests.core.rendering.support import (
    BLUE,
    RED,
    TRIANGLE,
    alike,
    box,
    exported,
    extent,
    needs_proc,
    obj,
    pixels,
    shape,
    worker_of,
    write,
)

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def boxes(renderer: Renderer, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Rendering]:
    """Return renderings of a tall box in each format."""
    folder = tmp_path_factory.mktemp("boxes")
    upright, lying = box(1, 2, 1.5), box(1, 1.5, 2)  # where z is up
    (folder / "a.obj").write_text(obj(upright))
    (folder / "a.glb").write_bytes(exported(upright, "glb"))
    for name, data in trimesh.Scene(upright).export(file_type="gltf").items():
        (folder / name).write_bytes(data)
    (folder / "model.gltf").rename(folder / "a.gltf")
    (folder / "a.stl").write_bytes(exported(lying, "stl"))
    (folder / "ascii.stl").write_bytes(exported(lying, "stl_ascii"))
    (folder / "a.ply").write_bytes(exported(lying, "ply"))
    (folder / "ascii.ply").write_bytes(trimesh.exchange.ply.export_ply(lying, encoding="ascii"))
    names = ("a.obj", "a.glb", "a.gltf", "a.stl", "ascii.stl", "a.ply", "ascii.ply")
    return {name: renderer.render(folder / name) for name in names}


@pytest.mark.parametrize("name", ["a.glb", "a.gltf", "a.stl", "ascii.stl", "a.ply", "ascii.ply"])
def test_each_format_shows_the_same_box(boxes: dict[str, Rendering], name: str) -> None:
    assert (shape(boxes[name].picture) ^ shape(boxes["a.obj"].picture)).mean() < 0.002


def test_each_format_gives_one_binary_gltf_that_stands_upright(
    boxes: dict[str, Rendering], renderer: Renderer, tmp_path: Path
) -> None:
    for name, made in boxes.items():
        assert made.model is not None and made.remark == ""
        scene = trimesh.load_scene(io.BytesIO(made.model), file_type="glb")
        assert scene.extents == pytest.approx([1, 2, 1.5], abs=1e-5), name
        again = renderer.render(write(tmp_path, again_glb=made.model))
        assert alike(again.picture, made.picture) < 1, name


def test_files_that_were_read_are_reported(boxes: dict[str, Rendering]) -> None:
    assert set(boxes["a.gltf"].files) == {"a.gltf", "gltf_buffer_0.bin", "gltf_buffer_1.bin"}
    assert all(len(digest) == 64 for digest in boxes["a.gltf"].files.values())


def test_object_fills_the_picture_and_is_not_cut_off(boxes: dict[str, Rendering]) -> None:
    left, right, top, bottom = extent(boxes["a.obj"].picture)
    assert top == pytest.approx(511 * 0.03, abs=2) and bottom == pytest.approx(511 * 0.97, abs=2)
    assert left > 15 and right < 496
    # In the centre.
    assert left + right == pytest.approx(511, abs=3)


def test_background_is_transparent_and_edges_are_smooth(boxes: dict[str, Rendering]) -> None:
    alpha = pixels(boxes["a.obj"].picture)[..., 3]
    assert alpha[0].max() == alpha[:, 0].max() == 0 and alpha[256, 256] == 255
    assert ((alpha > 0) & (alpha < 255)).sum() > 500


def test_light_is_neutral_and_differs_between_faces(boxes: dict[str, Rendering]) -> None:
    seen = pixels(boxes["a.obj"].picture)
    solid = seen[seen[..., 3] == 255][:, :3]
    assert np.ptp(solid, axis=1).max() <= 1
    values, counts = np.unique(solid[:, 0], return_counts=True)
    broad = values[counts > 5000]
    assert len(broad) >= 3 and broad.min() > 90 and broad.max() < 250


def test_same_file_gives_the_same_bytes(renderer: Renderer, tmp_path: Path) -> None:
    ball = trimesh.creation.icosphere(subdivisions=3)
    path = write(tmp_path, ball_ply=ball.export(file_type="ply"))
    one, other = renderer.render(path, viewpoints=True), renderer.render(path, viewpoints=True)
    assert one == other


def test_viewpoints_are_rendered_on_request(renderer: Renderer, tmp_path: Path) -> None:
    # Its front is red, its right side blue.
    mesh = box(2, 4, 1)
    colours = np.full((12, 4), 255, np.uint8)
    normals = mesh.face_normals
    colours[normals[:, 2] > 0.5] = (*RED, 255)
    colours[normals[:, 0] > 0.5] = (*BLUE, 255)
    mesh.visual = trimesh.visual.ColorVisuals(mesh, face_colors=colours)
    path = write(tmp_path, a_ply=exported(mesh, "ply"))
    assert renderer.render(path).viewpoints == {}
    viewpoints = renderer.render(path, viewpoints=True, up="y").viewpoints
    assert list(viewpoints) == ["front", "side", "back", "top"]

    def middle(name: str) -> np.ndarray:
        return pixels(viewpoints[name])[256, 256, :3]

    assert middle("front")[0] > 150 and middle("front")[2] < 80
    assert middle("side")[2] > 150 and middle("side")[0] < 80
    assert np.ptp(middle("back")) < 20 and np.ptp(middle("top")) < 20
    # Seen from above, the front is at the bottom.
    left, right, top, bottom = extent(viewpoints["top"])
    assert right - left > 1.8 * (bottom - top)


def test_two_threads_render_in_parallel(renderer: Renderer, tmp_path: Path) -> None:
    paths = [write(tmp_path, **{f"b{i}_obj": obj(box(1, 1 + i % 3, 1))}) for i in range(6)]
    with ThreadPoolExecutor(3) as pool:
        made = list(pool.map(renderer.render, paths))
    for i in range(3):
        assert made[i].picture == made[i + 3].picture
    assert made[0].picture != made[1].picture


@needs_proc
def test_unreferenced_renderer_ends_its_worker(tmp_path: Path) -> None:
    renderer = Renderer()
    renderer.render(write(tmp_path, a_obj=TRIANGLE))
    worker = worker_of(renderer)
    del renderer
    assert not Path(f"/proc/{worker}").exists()


def answer(parts: object, rest: bytes, **facts: object) -> bytes:
    known: dict[str, object] = {
        "files": {}, "unreadable": [], "remark": "",
        "up": "y", "detected_up": "z", "up_basis": "shape",
    }  # fmt: skip
    return json.dumps({"parts": parts, **known, **facts}).encode() + b"\n" + rest


def test_a_valid_answer_is_parsed() -> None:
    found = parse_answer(answer([["picture", 3]], b"abc"), {"picture": ()})

    assert found.picture == b"abc"
    assert (found.up, found.detected_up, found.up_basis) == ("y", "z", "shape")


@pytest.mark.parametrize(
    "answer",
    [
        b"", b"{}", b"[]\n", b"\x80\x04]\n", b'{"parts": [], "files": {}}\n',
        answer([["picture", 99]], b"abc"),
        answer([["picture", -1]], b""),
        answer([["../x", 1], ["picture", 1]], b"ab"),
        answer([["picture", 3]], b"abc", up="x"),
        answer([["picture", 3]], b"abc", up_basis=["shape"]),
        b"[" * 100_000 + b"\n",
    ],
)  # fmt: skip
def test_invalid_answer_counts_as_a_crash(answer: bytes) -> None:
    with pytest.raises(Crashed, match="damaged or malicious"):
        parse_answer(answer, {"picture": ()})


def test_missing_packages_give_a_sentence_that_says_how_to_install_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(renderer_module, "_NEEDED", ("embreex", "no_such_package"))
    with Renderer() as renderer, pytest.raises(Unavailable) as caught:
        renderer.render(write(tmp_path, a_obj=TRIANGLE))
    assert isinstance(caught.value, LookalikeError)
    assert "-m pip install -r" in str(caught.value) and "not installed" in str(caught.value)
    monkeypatch.setattr(os, "uname", lambda: os.uname_result(("Linux", "", "", "", "aarch64")))
    with pytest.raises(Unavailable, match="x86-64"):
        check()
