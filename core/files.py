"""Files that are written whole or not at all, and the size of folders."""

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

T = TypeVar("T")


def write(path: Path, data: bytes | memoryview, *, sync: bool = True) -> None:
    """Write `data` to `path`, whole or not at all; `sync` waits until it is on the disk."""
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
    """Write `data` under a name that was never used, and return the name."""
    name = uuid.uuid4().hex + suffix
    write(folder / name, data)
    return name


def npz_bytes(arrays: Mapping[str, NDArray[Any]]) -> memoryview:
    """Return arrays as the bytes of an uncompressed `.npz` file."""
    buffer = BytesIO()
    np.savez(buffer, allow_pickle=False, **dict(arrays))
    return buffer.getbuffer()


def read_again(read: Callable[[], T]) -> T:
    """Call `read`, which opens files that a database names; twice if one was just replaced."""
    try:
        return read()
    except FileNotFoundError:
        return read()


def size(paths: Iterable[Path]) -> int:
    """Return the bytes of the files among `paths`, some of which may be deleted meanwhile."""
    total = 0
    for path in paths:
        with contextlib.suppress(FileNotFoundError):
            total += path.stat().st_size if path.is_file() else 0
    return total
