"""STEP files, which are read if the package for them is installed."""

import sys
from pathlib import Path

import numpy as np
import pytest

from benchmarks.support.mesh_suite import CORNERS, FACES, lines, rows
from benchmarks.support.step import solid
from core.importers import file_kinds, model_files
from core.rendering import step
from core.rendering.files import Files, UnusableFileError
from core.rendering.mesh_reader import _gltf_parts
from core.rendering.renderer import Renderer, RenderError
from tests.core.rendering.support import alike

TALL = [(x, y, z * 3) for x, y, z in CORNERS]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["a.step", "a.STP"])
def test_a_solid_stands_as_it_does_in_stl(renderer: Renderer, tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(solid(TALL, FACES, colour=(0.5, 0.1, 0.1)))
    (tmp_path / "a.obj").write_bytes(
        lines("mtllib a.mtl", *rows("v", TALL), "usemtl m", *rows("f", FACES))
    )
    (tmp_path / "a.mtl").write_bytes(b"newmtl m\nKd .5 .1 .1\n")

    found = renderer.render(tmp_path / name)

    assert alike(found.picture, renderer.render(tmp_path / "a.obj", up="z").picture) < 2
    assert found.model is not None


def test_it_is_in_metres_and_grey_without_a_colour(tmp_path: Path) -> None:
    document = step.read(solid(TALL, FACES), Files(str(tmp_path), str(tmp_path)))
    [found] = _gltf_parts(document)
    assert found.vertices.max(axis=0) == pytest.approx([0.001, 0.001, 0.003])
    assert np.allclose(found.appearance.colour, (0.8, 0.8, 0.8, 1), atol=0.01)
    assert not found.appearance.metallic


@pytest.mark.slow
@pytest.mark.parametrize("data", [b"ISO-10303-21;stub", b"stub", solid(TALL, FACES)[:3000]])
def test_what_is_damaged_is_said(renderer: Renderer, tmp_path: Path, data: bytes) -> None:
    (tmp_path / "a.step").write_bytes(data)
    with pytest.raises(RenderError, match="damaged, not STEP, or too detailed"):
        renderer.render(tmp_path / "a.step")


def test_without_the_package_it_is_said_what_would_read_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "cascadio", None)
    with pytest.raises(UnusableFileError, match="pip install cascadio"):
        step.read(b"", Files(str(tmp_path), str(tmp_path)))
    assert "pip install cascadio" in file_kinds._STEP.advice
    assert {".step", ".stp"} <= model_files.SUFFIXES
