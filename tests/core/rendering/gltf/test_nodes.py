"""Meshes are where the nodes of a scene put them; pictures of that are in `test_stills`."""

from typing import Any

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from core.rendering.gltf import nodes
from core.rendering.gltf.document import InvalidGltfError
from tests.core.rendering.gltf.support import document

CORNERS = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0]], "<f4")


def with_nodes(*entries: dict[str, Any], **tree: Any) -> list[Any]:
    """Return what is placed by nodes that refer to one triangle, mesh 0; the first is the root."""
    made = document(
        CORNERS.tobytes(),
        bufferViews=[{"buffer": 0, "byteLength": CORNERS.nbytes}],
        accessors=[{"bufferView": 0, "componentType": 5126, "count": 3, "type": "VEC3"}],
        meshes=[{"primitives": [{"attributes": {"POSITION": 0}}]}],
        nodes=list(entries),
        **{"scenes": [{"nodes": [0]}], **tree},
    )
    return list(nodes.read(made))


def test_a_node_scales_then_turns_then_moves() -> None:
    turn = Rotation.from_euler("xyz", [20, -40, 70], degrees=True)
    inner = {
        "mesh": 0,
        "translation": [1, 2, 3],
        "rotation": turn.as_quat().tolist(),
        "scale": [2, 3, 0.5],
    }

    [placed] = with_nodes({"children": [1], "scale": [2, 2, 2]}, inner)

    [matrix] = placed.matrices
    expected = 2 * (turn.apply(CORNERS * [2, 3, 0.5]) + np.array([1, 2, 3]))
    np.testing.assert_allclose(CORNERS @ matrix[:3, :3].T + matrix[:3, 3], expected, atol=1e-6)


def test_the_scene_that_is_named_is_shown() -> None:
    scenes = [{"nodes": [0]}, {"nodes": [1, 0]}]
    moved = {"mesh": 0, "translation": [5, 0, 0]}

    assert len(with_nodes({"mesh": 0}, moved)) == 1
    assert len(with_nodes({"mesh": 0}, moved, scenes=scenes, scene=1)) == 2
    # Without scenes, everything is.
    assert len(with_nodes({"mesh": 0, "children": [1]}, moved, scenes=[])) == 2


def test_what_is_in_a_hidden_node_is_hidden_too() -> None:
    hidden = {"KHR_node_visibility": {"visible": False}}

    placed = with_nodes({"children": [1, 2]}, {"extensions": hidden, "children": [3]}, {"mesh": 0},
                        {"mesh": 0})  # fmt: skip

    assert len(placed) == 1


def test_nodes_that_contain_themselves_are_an_error() -> None:
    with pytest.raises(InvalidGltfError, match="contains itself"):
        with_nodes({"mesh": 0, "children": [1]}, {"children": [0]})


def test_a_node_in_two_others_is_shown_once() -> None:
    assert len(with_nodes({"children": [1, 2]}, {"children": [2]}, {"mesh": 0})) == 1


def test_nodes_that_are_too_deep_are_an_error() -> None:
    chain = [{"children": [number + 1]} for number in range(nodes.MAX_DEPTH + 2)]

    with pytest.raises(InvalidGltfError, match="too many"):
        with_nodes(*chain, {"mesh": 0})


@pytest.mark.parametrize(
    "skin", [{"joints": []}, {}, {"joints": [1], "inverseBindMatrices": 9}, {"joints": "1"}]
)
def test_a_skin_without_joints_or_matrices_is_an_error(skin: dict[str, Any]) -> None:
    with pytest.raises(InvalidGltfError):
        with_nodes({"mesh": 0, "skin": 0}, {}, skins=[skin])
