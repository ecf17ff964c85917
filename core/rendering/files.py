"""Reads the files of a model, but only those inside the folder that is allowed."""

import contextlib
import hashlib
import os
import re
import stat
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from urllib.parse import unquote

from PIL import Image

from core.errors import LookalikeError

# The size of one file, and the number of files that a model may refer to. 300 MB of STL are
# 6 million triangles.
MAX_BYTES = 512_000_000
MAX_FILES = 100
# Where a model's files may be: downloads have a folder for textures in or beside the model's.
PLACES = ("", "textures", "../textures")
# How programs write names that are not in UTF-8.
CODE_PAGES = ("cp1252", "cp1251", "gb18030", "cp932")


class UnusableFileError(LookalikeError):
    """A file that cannot be rendered: the text is a sentence that says why."""


@dataclass
class Files:
    """The files that a model refers to. Only files inside `root` are read, after following links.

    Attributes:
        root: the allowed folder, as a real path.
        folder: the folder of the model, as a real path.
        stem: the name of the model's file, without its extension.
        read: the SHA-256 of each file that was read, by its path from `root`; "" for a file that
            does not exist.
        unreadable: the names of textures that cannot be shown, some with the reason; at most
            `MAX_FILES`.
        remarks: sentences on what of the model cannot be shown, each once.
    """

    root: str
    folder: str
    stem: str = ""
    read: dict[str, str] = field(default_factory=dict)
    unreadable: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)

    def get(self, name: str, *, beside: str = "") -> bytes:
        """Return the bytes of the file that `find` finds.

        Raises:
            OSError: there is no such file inside the root, or it cannot be read.
            UnusableFileError: it is too large.
        """
        return self.open(self.find(name, beside=beside))

    def find(self, name: str, *, beside: str = "") -> str:
        """Return the real path of the file with a name as the model gives it.

        Args:
            name: it may be that of another machine: its folder need not exist.
            beside: the name of another file of the model, beside which it is looked for first.

        Raises `FileNotFoundError` if there is no such file inside the root.
        """
        first = None
        for path in self._candidates(name, beside):
            if os.path.exists(path):
                return path
            first = first or path
        if first:
            self._record(first, "")
        raise FileNotFoundError(name)

    def has(self, name: str) -> bool:
        """Tell whether there is a file with a name, without recording that it was looked for."""
        return any(map(os.path.exists, self._candidates(name, "")))

    def open(self, path: str) -> bytes:
        """Return the bytes of the file at a real path inside the root.

        Raises:
            OSError: it cannot be read, or the model refers to too many files.
            UnusableFileError: it is too large.
        """
        if len(self.read) >= MAX_FILES and os.path.relpath(path, self.root) not in self.read:
            raise OSError("the model refers to too many files")
        with open(path, "rb", opener=lambda name, flags: os.open(name, flags | os.O_NONBLOCK)) as f:
            status = os.fstat(f.fileno())
            if not stat.S_ISREG(status.st_mode):
                raise OSError("it is not a regular file")
            if status.st_size > MAX_BYTES:
                raise UnusableFileError(
                    f"The file is larger than {MAX_BYTES / 1e6:g} MB, which is the limit."
                )
            data = f.read()
        self._record(path, hashlib.sha256(data).hexdigest())
        return data

    def note_unreadable(self, name: str, error: BaseException | None = None) -> None:
        """Note that the texture with a name cannot be shown, because of `error` or of damage."""
        plain = PurePosixPath(unquote(name).replace("\\", "/")).name[:200]
        if isinstance(error, Image.DecompressionBombWarning | Image.DecompressionBombError):
            plain += " (too large)"
        if len(self.unreadable) < MAX_FILES and plain not in self.unreadable:
            self.unreadable.append(plain)

    def remark(self, sentence: str) -> None:
        """Note that something of the model cannot be shown."""
        if sentence not in self.remarks:
            self.remarks.append(sentence)

    def _record(self, path: str, digest: str) -> None:
        """Store the digest of the file at a path."""
        if len(self.read) < MAX_FILES:
            self.read[os.path.relpath(path, self.root)] = digest

    def _candidates(self, name: str, beside: str) -> Iterator[str]:
        """Yield the real paths inside the root that a name may refer to, the most likely first."""
        name = name.strip().strip('"')
        if re.match(r"[a-z][a-z0-9+.-]+:", name, re.IGNORECASE) or "\0" in name:
            return
        plain = name.replace("\\", "/")
        names = [plain, unquote(plain), PurePosixPath(plain).name]
        for spelling in _spellings(plain):
            names += [spelling, PurePosixPath(spelling).name]
        tried = set()
        for place in (str(PurePosixPath(beside.replace("\\", "/")).parent), *PLACES):
            folder = os.path.join(self.folder, place)
            for candidate in names:
                exact = os.path.join(folder, candidate)
                for find in (os.path.realpath, self._in_another_case):
                    real = find(exact)
                    if real not in tried and Path(real).is_relative_to(self.root):
                        tried.add(real)
                        yield real

    def _in_another_case(self, path: str) -> str:
        """Return the real path of a file of which folders and name may be in another case."""
        found = self.root
        for part in PurePosixPath(os.path.relpath(path, self.root)).parts:
            exact = os.path.realpath(os.path.join(found, part))
            is_inside = Path(found).is_relative_to(self.root)
            found = exact if os.path.exists(exact) or not is_inside else _same_name(found, part)
        return found


def _spellings(name: str) -> Iterator[str]:
    """Yield what a name that is not in UTF-8 may be."""
    data = name.encode("utf-8", "surrogateescape")
    if data != name.encode("utf-8", "replace"):
        for page in CODE_PAGES:
            with contextlib.suppress(UnicodeDecodeError):
                yield data.decode(page)


def _same_name(folder: str, name: str) -> str:
    """Return the real path of what has a name in a folder, or else one that differs in case.

    Letters with marks may be written as one character, or as macOS does, as two.
    """
    plain = _plain(name)
    try:
        with os.scandir(folder) as listing:
            same = sorted(each.name for each in listing if _plain(each.name) == plain)
    except OSError:
        same = []
    return os.path.realpath(os.path.join(folder, same[0] if same else name))


def _plain(name: str) -> str:
    """Return a name as it is compared."""
    return unicodedata.normalize("NFC", name).casefold()
