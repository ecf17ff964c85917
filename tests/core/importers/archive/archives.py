"""What the tests of archives share: packing them, and reading one to its end."""

import bz2
import gzip
import io
import lzma
import tarfile
import warnings
import zipfile
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from core.importers import (
    Entry,
    SkippedEntry,
    Source,
    archive,
    folder,
)

FORMATS = ("zip", "tar", "tar.gz", "tar.bz2", "tar.xz")
COMPRESSORS: Mapping[str, Callable[[bytes], bytes]] = {
    "tar": bytes,
    "tar.gz": gzip.compress,
    "tar.bz2": bz2.compress,
    "tar.xz": lzma.compress,
}
HOSTILE = [
    "../a.png",
    "x/../../a.png",
    "/a.png",
    "//host/a.png",
    "C:/a.png",
    "C:a.png",
    "..\\a.png",
    "\\a.png",
    "x\\..\\..\\..\\a.png",
    "n" * 300 + ".png",
    "d/" * 60 + "a.png",
    "long/" * 300 + "a.png",
]


def zipped(members: Iterable[tuple[str, bytes]], *, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Return a ZIP archive."""
    file = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(file, "w", method) as packed:
        warnings.simplefilter("ignore")  # about names that occur twice
        for name, data in members:
            info = zipfile.ZipInfo("a")
            # The constructor would change the name.
            info.filename = info.orig_filename = name
            info.compress_type = method
            packed.writestr(info, data)
    return file.getvalue()


def tarred(members: Iterable[tuple[str | tarfile.TarInfo, bytes]]) -> bytes:
    """Return a TAR archive; a member may be given by its complete header."""
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w", format=tarfile.PAX_FORMAT) as packed:
        for member, data in members:
            info = tarfile.TarInfo(member) if isinstance(member, str) else member
            if info.isreg():
                info.size = len(data)
            packed.addfile(info, io.BytesIO(data))
    return file.getvalue()


def pack(path: Path, members: Mapping[str, bytes]) -> Path:
    """Write an archive in the format of its name."""
    kind = path.name.partition(".")[2]
    data = zipped(members.items()) if kind == "zip" else COMPRESSORS[kind](tarred(members.items()))
    path.write_bytes(data)
    return path


def opened(path: Path, **options: object) -> Source:
    """Open an archive of pictures."""
    return archive.read(path, open_folder=folder.read, **options)  # type: ignore[arg-type]


def contents(source: Source) -> tuple[dict[str, bytes], dict[str, str]]:
    """Return the pictures of a source, and why the rest was skipped."""
    pictures: dict[str, bytes] = {}
    skipped: dict[str, str] = {}
    for each in source.entries:
        if isinstance(each, Entry):
            loaded = each.load("")
            assert loaded is not None
            pictures[each.item.source_id] = loaded.picture
        else:
            assert isinstance(each, SkippedEntry) and each.source_id not in skipped
            skipped[each.source_id] = each.reason
    return pictures, skipped


def left_in(cache: Path) -> list[Path]:
    """Return the unpacked folders that still exist."""
    return list(cache.iterdir()) if cache.exists() else []
