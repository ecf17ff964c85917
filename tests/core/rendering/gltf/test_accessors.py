"""Arrays are read as they were written, and not beyond their data."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.support.gltf_suite import FILES, UNPACKED
from core.rendering.files import Files
from core.rendering.gltf import accessors, nodes
from core.rendering.gltf.accessors import DTYPES, WIDTHS
from core.rendering.gltf.document import Document, InvalidGltfError
from tests.core.rendering.gltf.support import document

COMPONENTS = {dtype: number for number, dtype in DTYPES.items()}


@given(
    st.sampled_from(sorted(WIDTHS)),
    st.sampled_from(sorted(COMPONENTS)),
    st.integers(0, 9),
    st.integers(0, 3),
    st.integers(0, 5),
)
def test_an_array_is_read_as_it_was_written(
    kind: str, dtype: str, count: int, gap: int, start: int
) -> None:
    values = np.random.default_rng(count).integers(0, 100, (count, WIDTHS[kind])).astype(dtype)
    size = values.dtype.itemsize * WIDTHS[kind]
    rows = np.full((count, size + gap), 255, np.uint8)
    rows[:, :size] = np.ascontiguousarray(values).view(np.uint8).reshape(count, size)
    chunk = bytes(start) + rows.tobytes() + b"!"

    found = accessors.read(
        document(
            chunk,
            bufferViews=[{"buffer": 0, "byteLength": len(chunk), "byteStride": size + gap}],
            accessors=[
                {
                    "bufferView": 0,
                    "byteOffset": start,
                    "componentType": COMPONENTS[dtype],
                    "count": count,
                    "type": kind,
                }
            ],
        ),
        0,
    )

    np.testing.assert_array_equal(found, values)


def test_a_sparse_accessor_replaces_some_of_zeros() -> None:
    chunk = np.array([4, 1], "<u2").tobytes() + np.array([7, 8], "<f4").tobytes()
    sparse = {
        "count": 2,
        "indices": {"bufferView": 0, "componentType": 5123},
        "values": {"bufferView": 1},
    }
    views = [
        {"buffer": 0, "byteLength": 4},
        {"buffer": 0, "byteOffset": 4, "byteLength": 8},
    ]
    entry = {"componentType": 5126, "count": 5, "type": "SCALAR", "sparse": sparse}

    found = accessors.read(document(chunk, bufferViews=views, accessors=[entry]), 0)

    assert found.ravel().tolist() == [0, 8, 0, 0, 7]
    with pytest.raises(InvalidGltfError, match="replaces"):
        accessors.read(document(chunk, bufferViews=views, accessors=[entry | {"count": 3}]), 0)


@pytest.mark.parametrize(
    ("component", "stored", "expected"),
    [
        (5120, np.array([-128, -127, 0, 127], "<i1"), [-1, -1, 0, 1]),
        (5121, np.array([0, 51, 255], "<u1"), [0, 0.2, 1]),
        (5122, np.array([-32768, 32767], "<i2"), [-1, 1]),
        (5123, np.array([0, 65535], "<u2"), [0, 1]),
    ],
)
def test_normalised_numbers_are_scaled(
    component: int, stored: np.ndarray, expected: list[float]
) -> None:
    entry = {"bufferView": 0, "componentType": component, "count": len(stored), "type": "SCALAR"}
    views = [{"buffer": 0, "byteLength": stored.nbytes}]

    def read(**more: Any) -> Any:
        made = document(stored.tobytes(), bufferViews=views, accessors=[entry | more])
        return accessors.read_floats(made, 0, 1).ravel()

    np.testing.assert_allclose(read(normalized=True), expected)
    np.testing.assert_allclose(read(), stored)


@pytest.mark.parametrize(
    "change",
    [
        {"count": 4},
        {"count": -1},
        {"count": "3"},
        {"byteOffset": 2},
        {"type": "VEC5"},
        {"componentType": 5124},
        {"bufferView": 3},
        {"bufferView": None},
    ],
)
def test_what_reaches_beyond_its_data_is_an_error(change: dict[str, Any]) -> None:
    entry = {"bufferView": 0, "componentType": 5126, "count": 3, "type": "SCALAR"} | change
    made = document(bytes(12), bufferViews=[{"buffer": 0, "byteLength": 12}], accessors=[entry])

    with pytest.raises(InvalidGltfError):
        accessors.read(made, 0)


def test_more_elements_than_a_model_may_have_are_not_reserved() -> None:
    entry = {"componentType": 5126, "count": 1 << 40, "type": "VEC3"}

    with pytest.raises(MemoryError):
        accessors.read(document(accessors=[entry]), 0)


@pytest.mark.parametrize("name", [name for name in UNPACKED if name != "Draco"])
def test_compressed_arrays_are_unpacked(name: str) -> None:
    packed, plain = (
        next(nodes.read(Document.parse("glb", FILES[each](), Files("/", "/")))).primitive
        for each in (name, UNPACKED[name])
    )

    # A triangle may begin with another corner.
    np.testing.assert_array_equal(np.sort(packed.corners), np.sort(plain.corners))
    # A step of dark light is a large one on the screen.
    for attribute, error in (("positions", 0.01), ("normals", 0.01), ("uvs", 0), ("colours", 0.1)):
        one, other = getattr(packed, attribute), getattr(plain, attribute)
        if other is not None:
            np.testing.assert_allclose(one, other, atol=error)


@pytest.mark.parametrize(
    "changes",
    [
        {"byteLength": 9},
        {"byteLength": 4000},
        {"count": 5000},
        {"count": 1.5},
        {"byteStride": 3},
        {"mode": "TRIANGLES"},
        {"mode": 7},
        {"filter": "WHITEN"},
        {"buffer": 1},
    ],
)
def test_damaged_compression_is_an_error(changes: dict[str, Any]) -> None:
    found = Document.parse("glb", FILES["meshopt"](), Files("/", "/"))
    view = found.tree["bufferViews"][found.tree["accessors"][0]["bufferView"]]
    view["extensions"]["EXT_meshopt_compression"] |= changes

    with pytest.raises(InvalidGltfError):
        accessors.read(found, 0)


def test_more_than_memory_holds_is_not_unpacked() -> None:
    found = Document.parse("glb", FILES["meshopt"](), Files("/", "/"))
    view = found.tree["bufferViews"][found.tree["accessors"][0]["bufferView"]]
    view["extensions"]["EXT_meshopt_compression"]["count"] = 1 << 40

    with pytest.raises(MemoryError):
        accessors.read(found, 0)
