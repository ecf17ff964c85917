"""Primitives are the triangles, lines and points that their modes make of their vertices."""

import numpy as np
import pytest

from core.rendering.gltf import primitives
from core.rendering.gltf.materials import Materials
from tests.core.rendering.gltf.support import document


@pytest.mark.parametrize(
    ("mode", "of_four"),
    [
        (primitives.POINTS, [[0], [1], [2], [3]]),
        (primitives.LINES, [[0, 1], [2, 3]]),
        (primitives.LINE_LOOP, [[0, 1], [1, 2], [2, 3], [3, 0]]),
        (primitives.LINE_STRIP, [[0, 1], [1, 2], [2, 3]]),
        (primitives.TRIANGLES, [[0, 1, 2]]),
        (primitives.TRIANGLE_STRIP, [[0, 1, 2], [2, 1, 3]]),
        (primitives.TRIANGLE_FAN, [[1, 2, 0], [2, 3, 0]]),
    ],
)
def test_a_mode_joins_vertices_and_leaves_out_what_lacks_some(
    mode: int, of_four: list[list[int]]
) -> None:
    def corners(count: int) -> np.ndarray:
        made = document(
            bytes(12 * count),
            bufferViews=[{"buffer": 0, "byteLength": 12 * count}],
            accessors=[{"bufferView": 0, "componentType": 5126, "count": count, "type": "VEC3"}],
        )
        entry = {"attributes": {"POSITION": 0}, "mode": mode}
        found = primitives.read(made, entry, Materials(made).get(None))
        assert found is not None
        return found.corners

    assert corners(4).tolist() == of_four
    assert corners(1).shape[1] == len(of_four[0])
