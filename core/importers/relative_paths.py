"""The paths that archives and uploads state for their files: their parts and their limits."""

import os
from collections.abc import Sequence
from dataclasses import dataclass

from core.importers.text import path_key

TOO_LONG = "Its path is too long. Use shorter names or fewer folders."


@dataclass(frozen=True, slots=True, kw_only=True)
class PathLimits:
    """How long a path may be.

    Attributes:
        part_bytes: bytes of one folder or file name.
        path_bytes: bytes of the path.
        depth: the folders and the file of a path.
    """

    part_bytes: int
    path_bytes: int
    depth: int

    def allow(self, parts: Sequence[str]) -> bool:
        """Say whether the path with these parts is short enough."""
        return (
            len(parts) <= self.depth
            and len(os.fsencode("/".join(parts))) <= self.path_bytes
            and all(len(os.fsencode(part)) <= self.part_bytes for part in parts)
        )


# What every file system takes in a temporary folder.
ARCHIVE_LIMITS = PathLimits(part_bytes=255, path_bytes=1_000, depth=50)
# The same, with room for the catalogue's folder in front and a number at the end.
UPLOAD_LIMITS = PathLimits(part_bytes=200, path_bytes=1_000, depth=20)


def split(path: str) -> tuple[str, ...]:
    """Return the parts of a path between slashes, which may be backslashes."""
    # Some Windows programs separate folders with backslashes.
    return tuple(part for part in path.replace("\\", "/").split("/") if part not in ("", "."))


def is_hidden(parts: Sequence[str]) -> bool:
    """Say whether a file or one of its folders is hidden, or what a Mac adds to archives."""
    return any(part.startswith(".") or part == "__MACOSX" for part in parts)


def path_keys(parts: Sequence[str]) -> list[str]:
    """Return the `path_key` of each folder of a path, and last that of the path itself."""
    return [path_key("/".join(parts[: end + 1])) for end in range(len(parts))]
