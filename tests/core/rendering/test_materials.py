"""The appearance of surfaces, as the materials of files describe it."""

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from trimesh.visual.material import SimpleMaterial

from core.rendering.files import Files
from core.rendering.materials import appearance_of
from core.rendering.mesh_parts import GREY


def files_of(folder: Path) -> Files:
    return Files(str(folder.resolve()), str(folder.resolve()))


@pytest.mark.parametrize(
    ("options", "alpha"),
    [
        ({}, 0.4),
        ({"d": ["0.25"]}, 0.25),
        ({"tr": ["0.25"]}, 0.75),
        ({"d": ["0.5"], "tr": ["0.9"]}, 0.5),
        ({"d": ["-halo", "0.3"]}, 0.3),
        ({"d": ["7"]}, 1),
        ({"d": ["nan"]}, 0.4),
        ({"d": []}, 0.4),
        ({"d": ["x"]}, 0.4),
    ],
)
def test_opacity_of_an_obj_is_stated_in_two_ways(
    tmp_path: Path, options: dict[str, Any], alpha: float
) -> None:
    material = SimpleMaterial(diffuse=[51, 102, 255, 102], **options)

    found = appearance_of(material, files_of(tmp_path))

    assert found.colour == pytest.approx((0.2, 0.4, 1, alpha))


def test_the_colour_beside_a_texture_is_ignored(tmp_path: Path) -> None:
    texture = Image.new("RGB", (2, 2), "red")

    found = appearance_of(SimpleMaterial(image=texture, diffuse=[0, 0, 0, 255]), files_of(tmp_path))

    assert found.texture is not None and found.texture.picture is texture
    assert found.colour == (1, 1, 1, 1)


def test_transparency_may_be_in_a_picture_of_its_own(tmp_path: Path) -> None:
    file = io.BytesIO()
    Image.new("L", (4, 4), 64).save(file, "PNG")
    (tmp_path / "my holes.png").write_bytes(file.getvalue())
    texture = Image.new("RGB", (2, 2), "red")

    holes, none = (
        appearance_of(SimpleMaterial(image=texture, map_d=name), files_of(tmp_path)).texture
        for name in (["my", "holes.png"], ["none.png"])
    )

    assert holes is not None and none is not None
    assert (holes.picture.size, holes.picture.getpixel((0, 0))) == ((2, 2), (255, 0, 0, 64))
    assert none.picture is texture


def test_a_material_of_another_kind_is_grey(tmp_path: Path) -> None:
    assert appearance_of(object(), files_of(tmp_path)).colour == GREY
    assert np.ptp(GREY[:3]) == 0
