"""Files written whole or not at all, and the size of folders."""

import contextlib
import os
import tempfile
import uuid
from pathlib import Path


def _size(folder: Path) -> int:
    """Return the bytes of the files below `folder`, some of which may vanish meanwhile."""
    total = 0
    for path in folder.rglob("*"):
        with contextlib.suppress(FileNotFoundError):
            total += path.stat().st_size if path.is_file() else 0
    return total


def _write(path: Path, data: bytes | memoryview, *, sync: bool = True) -> None:
    """Write `path` whole or not at all."""
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


def _write_new(folder: Path, data: memoryview, suffix: str) -> str:
    """Write `data` under a name that was never used, and return the name."""
    name = uuid.uuid4().hex + suffix
    _write(folder / name, data)
    return name
