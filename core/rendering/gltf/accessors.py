"""The arrays in the data of a glTF file: vertices, indices, weights and matrices."""

from collections.abc import Collection
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.rendering.gltf.document import Document, InvalidGltfError, whole

# Numbers per element.
WIDTHS = {"SCALAR": 1, "VEC2": 2, "VEC3": 3, "VEC4": 4, "MAT2": 4, "MAT3": 9, "MAT4": 16}
DTYPES = {5120: "<i1", 5121: "<u1", 5122: "<i2", 5123: "<u2", 5125: "<u4", 5126: "<f4"}
# More elements than this are refused before they are reserved: the corners of the most triangles.
MAX_COUNT = 36_000_000


def read(document: Document, number: Any) -> NDArray[Any]:
    """Return an accessor as (count, numbers per element), in the dtype that it is stored in.

    Raises `InvalidGltfError` if it is invalid, and `OSError` if its file cannot be read.
    """
    entry = document.entry("accessors", number)
    width, dtype, count = _layout(entry)
    if "bufferView" in entry:
        values = _elements(document, entry, count, width, dtype)
    else:
        values = np.zeros((count, width), dtype)
    sparse = entry.get("sparse")
    if isinstance(sparse, dict):
        values = _with_sparse(document, values, sparse)
    return values


def read_floats(document: Document, number: Any, *widths: int) -> NDArray[np.float64]:
    """Return an accessor with one of some `widths` as float64 (count, width).

    Normalised integers are scaled to 0 to 1, or -1 to 1. What is not finite becomes NaN.

    Raises `InvalidGltfError` if it is invalid, and `OSError` if its file cannot be read.
    """
    values = read(document, number)
    is_normalised = document.entry("accessors", number).get("normalized") is True
    return as_floats(values, widths, is_normalised=is_normalised)


def as_floats(
    values: NDArray[Any], widths: Collection[int], *, is_normalised: bool
) -> NDArray[np.float64]:
    """Return values of one of some `widths` as float64 (count, width), as `read_floats` does.

    Raises `InvalidGltfError` if they have another width.
    """
    if values.ndim != 2 or values.shape[1] not in widths:
        raise InvalidGltfError("an array has the wrong type")
    floats = values.astype(np.float64)
    if values.dtype.kind != "f" and is_normalised:
        floats = np.maximum(floats / np.iinfo(values.dtype).max, -1)
    floats[~np.isfinite(floats)] = np.nan
    return floats


def read_indices(document: Document, number: Any) -> NDArray[np.int64]:
    """Return an accessor of whole numbers, int64 (count,).

    Raises `InvalidGltfError` if it is invalid, and `OSError` if its file cannot be read.
    """
    values = read(document, number)
    if values.shape[1] != 1 or values.dtype.kind != "u":
        raise InvalidGltfError("indices are not whole numbers")
    return values[:, 0].astype(np.int64)


def _layout(entry: Any) -> tuple[int, "np.dtype[Any]", int]:
    """Return the numbers per element of an accessor, their dtype, and how many elements."""
    width, dtype = WIDTHS.get(entry.get("type")), DTYPES.get(entry.get("componentType"))
    count = whole(entry.get("count"))
    if width is None or dtype is None:
        raise InvalidGltfError("an accessor has no known type")
    if count > MAX_COUNT:
        raise MemoryError
    return width, np.dtype(dtype), count


def _elements(
    document: Document, entry: Any, count: int, width: int, dtype: "np.dtype[Any]"
) -> NDArray[Any]:
    """Return `count` elements of a buffer view, (count, width), a copy."""
    data, stride = document.view(entry["bufferView"])
    start, size = whole(entry.get("byteOffset", 0)), width * dtype.itemsize
    stride = stride or size
    if not count:
        return np.zeros((0, width), dtype)
    if stride < size or start + stride * (count - 1) + size > len(data):
        raise InvalidGltfError("an accessor reaches beyond its buffer view")
    rows = np.ndarray((count, width), dtype, data, start, (stride, dtype.itemsize))
    return rows.copy()


def _with_sparse(document: Document, values: NDArray[Any], sparse: Any) -> NDArray[Any]:
    """Return values with those replaced that a sparse accessor lists."""
    count = whole(sparse.get("count"))
    places, replaced = sparse.get("indices"), sparse.get("values")
    if count > len(values) or not isinstance(places, dict) or not isinstance(replaced, dict):
        raise InvalidGltfError("a sparse accessor is invalid")
    dtype = DTYPES.get(places.get("componentType", 0), "<u4")
    rows = _elements(document, places, count, 1, np.dtype(dtype))[:, 0].astype(np.int64)
    if ((rows < 0) | (rows >= len(values))).any():
        raise InvalidGltfError("a sparse accessor replaces what is not there")
    values[rows] = _elements(document, replaced, count, values.shape[1], values.dtype)
    return values
