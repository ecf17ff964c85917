"""The files of a model: which of them may be read, and what was."""

import hashlib
import os
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from urllib.parse import unquote

from core.errors import LookalikeError

# The most that one file may be, and how many a model may name. 300 MB of STL are 6 million
# triangles.
MAX_BYTES = 512_000_000
MAX_FILES = 100


class UnusableFileError(LookalikeError):
    """A file that cannot be shown: the text is a sentence that says why."""


@dataclass
class Files:
    """The files that a model names: read only where they lie in `root`, links followed.

    Attributes:
        root: a real path.
        folder: where the model lies.
        read: the SHA-256 of what was read, by its path from `root`; empty where nothing is there.
    """

    root: str
    folder: str
    read: dict[str, str] = field(default_factory=dict)

    def get(self, name: str) -> bytes:
        """Return a file's bytes; raises `OSError`."""
        candidates = list(self._candidates(name))
        for path in candidates:
            if os.path.exists(path):
                return self.open(path)
        if candidates:
            self._note(candidates[0], "")
        raise FileNotFoundError(name)

    def open(self, path: str) -> bytes:
        """Return the bytes of the file at a real path inside the root; raises `OSError`."""
        if len(self.read) >= MAX_FILES and os.path.relpath(path, self.root) not in self.read:
            raise OSError("It names too many files.")
        with open(path, "rb", opener=lambda name, flags: os.open(name, flags | os.O_NONBLOCK)) as f:
            status = os.fstat(f.fileno())
            if not stat.S_ISREG(status.st_mode):
                raise OSError("It is not a file.")
            if status.st_size > MAX_BYTES:
                raise UnusableFileError(
                    f"It is larger than {MAX_BYTES / 1e6:g} MB, the most that is read."
                )
            data = f.read()
        self._note(path, hashlib.sha256(data).hexdigest())
        return data

    def _note(self, path: str, digest: str) -> None:
        """Keep what was found at a path."""
        if len(self.read) < MAX_FILES:
            self.read[os.path.relpath(path, self.root)] = digest

    def _candidates(self, name: str) -> Iterator[str]:
        """Yield the real paths inside the root that a name may mean, the likeliest first."""
        name = name.strip().strip('"')
        if re.match(r"[a-z][a-z0-9+.-]+:", name, re.IGNORECASE) or "\0" in name:
            return
        slashed = name.replace("\\", "/")
        # MTL puts options before the name: -s 1 1 1 wood.jpg
        plain = slashed.split()[-1] if slashed.startswith("-") else slashed
        tried = set()
        for meant in (plain, unquote(plain), PurePosixPath(plain).name):
            path = os.path.realpath(os.path.join(self.folder, meant))
            for real in (path, _same_name(path)):
                if real not in tried and Path(real).is_relative_to(self.root):
                    tried.add(real)
                    yield real


def _same_name(path: str) -> str:
    """Return the file beside `path` whose name differs only in case, else `path`."""
    folder, name = os.path.split(path)
    try:
        with os.scandir(folder) as listing:
            same = sorted(e.name for e in listing if e.name.casefold() == name.casefold())
    except OSError:
        return path
    return os.path.realpath(os.path.join(folder, same[0])) if same else path
