"""Recognise the format of an archive by its first bytes, and read its members."""

import bz2
import gzip
import lzma
import tarfile
import zipfile
from collections.abc import Callable, Generator, Mapping
from pathlib import Path
from typing import IO, cast

from core.errors import LookalikeError
from core.importers.archive.members import Member, Meter
from core.importers.archive.tar_format import is_tar, tar_members
from core.importers.archive.zip_format import zip_members

# The first bytes of compressed TAR archives, and the functions that decompress them.
_COMPRESSIONS: Mapping[bytes, Callable[..., IO[bytes]]] = {
    b"\x1f\x8b": cast(Callable[..., IO[bytes]], gzip.open),
    b"BZh": cast(Callable[..., IO[bytes]], bz2.open),
    b"\xfd7zXZ\0": cast(Callable[..., IO[bytes]], lzma.open),
}
_UNSUPPORTED: Mapping[bytes, str] = {
    b"7z\xbc\xaf\x27\x1c": "7-Zip",
    b"Rar!": "RAR",
    b"\x28\xb5\x2f\xfd": "Zstandard",
}


def read_members(file: Path, meter: Meter) -> Generator[Member, None, None]:
    """Yield the members of an archive.

    Raises `LookalikeError` for a file that is not an archive, and `BrokenArchive`.
    """
    with file.open("rb") as packed:
        head = packed.read(tarfile.BLOCKSIZE)
    if not head:
        raise LookalikeError(f"{file.name} is empty. Download it again.")
    for mark, name in _UNSUPPORTED.items():
        if head.startswith(mark):
            raise LookalikeError(
                f"{file.name} is packed as {name}, which is not supported. Unpack it and import "
                "the folder, or pack it as ZIP."
            )
    for mark, open_file in _COMPRESSIONS.items():
        if head.startswith(mark):
            return tar_members(file, open_file, meter)
    # A TAR may end with a ZIP, but not begin like one.
    if not head.startswith(b"PK") and (is_tar(head) or not zipfile.is_zipfile(file)):
        return tar_members(file, open, meter)
    return zip_members(file)
