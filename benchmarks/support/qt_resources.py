"""Read compiled Qt resource files (`.rcc`), in which some Debian packages keep their pictures.

The format is that of `QResource`, versions 1 to 3: a header with the offsets of a tree, of the data
and of the names, all numbers big-endian.
"""

import struct
import zlib
from collections.abc import Iterator

MAGIC = b"qres"
COMPRESSED, FOLDER, ZSTANDARD = 1, 2, 4


class ResourceError(Exception):
    """A resource file that cannot be read: the text says why."""


class Resources:
    """The files in a compiled Qt resource file; raises `ResourceError` if it is none."""

    def __init__(self, data: bytes) -> None:
        """Read the header of `data`."""
        if data[:4] != MAGIC:
            raise ResourceError("it is not a compiled Qt resource file")
        self._data = data
        version, self._tree, self._contents, self._names = self._unpack(">4I", 4)
        # Since version 2 a node also says when its file was changed.
        self._node = 22 if version >= 2 else 14

    def __iter__(self) -> Iterator[str]:
        """Yield the paths of all files, such as `folder/name.webp`."""
        for path, _, _ in self._files(0, ""):
            yield path

    def __getitem__(self, path: str) -> bytes:
        """Return the contents of a file; raises `KeyError` if there is none of that path."""
        for name, flags, offset in self._files(0, ""):
            if name == path:
                return self._read(flags, offset)
        raise KeyError(path)

    def _files(self, node: int, folder: str) -> Iterator[tuple[str, int, int]]:
        """Yield the path, the flags and the offset of each file below a node of the tree."""
        start = self._tree + node * self._node
        name, flags = self._unpack(">IH", start)
        path = folder + (self._name(name) if node else "")
        if flags & FOLDER:
            count, first = self._unpack(">II", start + 6)
            for child in range(first, first + count):
                yield from self._files(child, f"{path}/" if node else "")
        else:
            # After the flags come the country and the language, which no picture needs.
            [offset] = self._unpack(">I", start + 10)
            yield path, flags, offset

    def _name(self, offset: int) -> str:
        """Return a name: its length in UTF-16 units, a hash, and its units."""
        start = self._names + offset
        [length] = self._unpack(">H", start)
        return self._data[start + 6 : start + 6 + 2 * length].decode("utf-16-be")

    def _read(self, flags: int, offset: int) -> bytes:
        if flags & ZSTANDARD:
            raise ResourceError("its files are compressed with Zstandard")
        start = self._contents + offset
        [length] = self._unpack(">I", start)
        data = self._data[start + 4 : start + 4 + length]
        # The length of what is compressed comes before it.
        return zlib.decompress(data[4:]) if flags & COMPRESSED else data

    def _unpack(self, what: str, start: int) -> tuple[int, ...]:
        try:
            return struct.unpack_from(what, self._data, start)
        except struct.error as error:
            raise ResourceError("it is incomplete") from error
