"""Writing files atomically, reading files that may be replaced, and the size of files."""

import contextlib
import os
import tempfile
import uuid
from collections.abc import Callable, Iterable, Mapping
from io import BytesIO
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

# An array of any dtype, which is known to whoever reads it back.
AnyArray = NDArray[Any]

T = TypeVar("T")


def write(
    path: Path, data: bytes | memoryview, *, sync: bool = True, make_folder: bool = True
) -> None:
    """Write `data` to `path`, completely or not at all.

    Args:
        path: the file, which is replaced if it exists.
        data: what it will hold.
        sync: wait until the data is on the disk, so that it survives a power cut.
        make_folder: create the folder of `path` if there is none.

    Raises:
        FileNotFoundError: there is no such folder, and `make_folder` is False.
        OSError: the file cannot be written; what was there before stays.
    """
    if make_folder:
        path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".new-")
    try:
        with open(handle, "wb") as file:
            file.write(data)
            if sync:
                file.flush()
                os.fsync(file.fileno())
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def write_new(folder: Path, data: memoryview, suffix: str) -> str:
    """Write `data` to `folder` under a new random name with `suffix`, and return the name.

    Raises `OSError` as `write` does.
    """
    name = uuid.uuid4().hex + suffix
    write(folder / name, data)
    return name


def npy_bytes(array: AnyArray) -> memoryview:
    """Return an array as the bytes of an `.npy` file."""
    buffer = BytesIO()
    np.save(buffer, array)
    return buffer.getbuffer()


def npz_bytes(arrays: Mapping[str, AnyArray]) -> memoryview:
    """Return arrays as the bytes of an uncompressed `.npz` file."""
    buffer = BytesIO()
    np.savez(buffer, allow_pickle=False, **dict(arrays))
    return buffer.getbuffer()


def read_again(read: Callable[[], T]) -> T:
    """Return what `read` returns, calling it again if a file was replaced in between.

    `read` looks up a file name in a database and opens the file; between the two another process
    may replace both.
    """
    try:
        return read()
    except FileNotFoundError:
        return read()


def size(paths: Iterable[Path]) -> int:
    """Return the total size in bytes of the files in `paths`; files may be deleted meanwhile."""
    total = 0
    for path in paths:
        with contextlib.suppress(FileNotFoundError):
            total += path.stat().st_size if path.is_file() else 0
    return total
