"""Archives, ZIP or TAR: of pictures, of a table with its pictures, or of 3D files.

Nothing that an archive says of itself is believed. Every member is written below a folder of
its own, under a name that was checked, as an ordinary file, and its bytes are counted as they
come. A member that breaks a rule is refused alone; an archive that would fill the disk, whole.
"""

import bz2
import codecs
import errno
import fcntl
import gzip
import io
import lzma
import os
import re
import shutil
import stat
import tarfile
import tempfile
import time
import unicodedata
import weakref
import zipfile
import zlib
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, cast

from core.errors import LookalikeError
from core.importers import folder, models, table
from core.importers.download import cache_folder
from core.importers.folder import LARGEST, one_line, readable, storable, why
from core.importers.source import Entry, Loaded, Refused, Rejected, Source
from core.items import Item

# How the names end that are opened here, for `str.endswith`.
SUFFIXES = (".zip", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz", ".txz")
# Those that are known for archives, and are not opened.
OTHERS = (".7z", ".rar", ".tar.zst", ".tzst", ".gz", ".bz2", ".xz", ".zst", ".sh3f")

# What 3D files refer to, beside pictures.
_PARTS = frozenset([".mtl", ".bin", ".tga"])
_KEPT = folder.SUFFIXES | table.SUFFIXES | models.SUFFIXES | _PARTS

MOST_MEMBERS = 100_000
MOST_BYTES = 20_000_000_000
RESERVE = 1_000_000_000  # bytes that are left free on the disk
LARGEST_FILE = 500_000_000  # bytes of a 3D file or a table; `LARGEST` is for pictures
# Pictures are packed already, and text packs to a tenth: a file of nothing but zeros packs to a
# thousandth, and archives are made of them to fill disks.
RATIO, RATIO_FROM = 200, 100_000_000

_LONGEST_PART, _LONGEST_NAME, _DEEPEST = 255, 1_000, 50
_LONGEST_LISTING = 32_000_000  # bytes that ZIP's directory may have
_LONGEST_HEADER = 32_000  # bytes that TAR may say of one member
_CHUNK = 1 << 20
_LOOKED_AT = 1 << 20  # bytes of a table that are searched for names of pictures
_STALE = 60.0  # seconds from which an unpacked folder that nobody holds is a dead process's


def read(
    path: str | Path,
    *,
    columns: Mapping[str, str] | None = None,
    sides: bool = False,
    open_folder: Callable[[str], Source],
) -> Source:
    """Open an archive: what `open_folder` makes of it, once it is unpacked.

    Only the listing of a ZIP is read at once, and the beginning of a TAR. The rest is unpacked
    when `entries` is first asked for, into a folder that goes when the last entry does. Where
    everything lies in one folder at the top, that folder is not part of any `source_id`.

    `columns` are refused where there is no table (see `table_in`). With `sides`, several
    pictures are one item, and their number is not told beforehand. Raises `LookalikeError`
    where there is nothing to read; `entries` raises it where the archive would fill the disk,
    before the first entry, or is cut short, after the last that it has.
    """
    file = Path(os.path.abspath(os.path.expanduser(path)))
    try:
        total = _look(file)
    except (OSError, ValueError) as error:
        raise _unreadable(file, error) from error
    entries = _entries(file, columns, open_folder)
    return Source("archive", storable(str(file)), 0 if sides else total, entries)


def is_archive(name: str) -> bool:
    """Say whether a file's name is that of an archive, be it of a kind that is opened or not."""
    return name.lower().endswith(SUFFIXES + OTHERS)


def table_in(place: str | Path) -> Path | None:
    """Return the table that describes the pictures of a folder, or None.

    It is the one table file of the folder, not of those below it, in which a cell is the path
    of a picture or 3D file, as seen from the folder. Where several are, it cannot be told which
    is meant, and none is.
    """
    tables = [path for path in Path(place).iterdir() if path.suffix.lower() in table.SUFFIXES]
    naming = [path for path in tables if _names_pictures(path)]
    return naming[0] if len(naming) == 1 else None


def _names_pictures(path: Path) -> bool:
    """Say whether a cell near the beginning of a table is the path of a picture or 3D file."""
    try:
        with path.open("rb") as file:
            data = file.read(_LOOKED_AT)
    except OSError:
        return False
    is_wide = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    text = data.decode("utf-16" if is_wide else "utf-8-sig", "replace")
    # JSON may write any letter as a number.
    text = re.sub(r"\\u([0-9a-fA-F]{4})", lambda code: chr(int(code[1], 16)), text)
    for cell in re.split(r'[,;\t|"\r\n]', text):
        place = PurePosixPath(cell.strip().replace("\\", "/"))
        if (
            place.suffix.lower() in folder.SUFFIXES | models.SUFFIXES
            and not place.is_absolute()
            and ".." not in place.parts
            and os.path.isfile(path.parent / place)
        ):
            return True
    return False


class _Broken(Exception):
    """An archive cannot be read on: the text says how it is, as in "is cut short"."""


@dataclass(frozen=True, slots=True)
class _Member:
    """Something that an archive holds, or says so.

    Attributes:
        name: its path, as the archive writes it.
        size: its bytes, as declared.
        is_listed: whether this is from a listing, and those to come cost no reading either.
        is_folder: whether it is one.
        obstacle: a sentence that says why it cannot be had, if so.
        chunks: its bytes; raises `Refused` or `_Broken`.
    """

    name: str
    size: int
    is_listed: bool
    is_folder: bool
    obstacle: str
    chunks: Callable[[], Iterator[bytes]]


@dataclass(frozen=True, slots=True)
class _Unpacked(Entry):
    """An entry of the folder, which is there as long as an entry is."""

    item: Item
    entry: Entry
    held: "_Folder"

    def is_current(self, known: str) -> bool:
        """Ask the entry."""
        return self.entry.is_current(known)

    def load(self, known: str) -> Loaded | None:
        """Ask the entry."""
        return self.entry.load(known)


class _Folder:
    """A temporary folder that goes when nobody holds this object.

    It is locked meanwhile: one that is not is left over from a process that was killed.
    """

    def __init__(self) -> None:
        parent = cache_folder("unpacked")
        for left in parent.iterdir():
            _remove_stale(left)
        self.path = Path(tempfile.mkdtemp(dir=parent))
        lock = os.open(self.path, os.O_RDONLY)
        fcntl.flock(lock, fcntl.LOCK_EX)
        weakref.finalize(self, _remove, self.path, lock)


def _remove(path: Path, lock: int) -> None:
    shutil.rmtree(path, ignore_errors=True)
    os.close(lock)


def _remove_stale(path: Path) -> None:
    """Remove an unpacked folder that nobody holds any more."""
    with suppress(OSError):
        if time.time() - path.stat().st_mtime < _STALE:
            return  # it may be about to be locked
        lock = os.open(path, os.O_RDONLY)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(path, ignore_errors=True)
        finally:
            os.close(lock)


# -- which members are taken --------------------------------------------------


class _Sorter:
    """Tells the members that are wanted from those that are passed over or refused."""

    def __init__(self) -> None:
        self._refused: list[Rejected] = []
        self._number = 0
        self._taken: dict[str, str] = {}
        self._folders: set[str] = set()
        self._tops: set[str] = set()
        self._is_deep = False

    @property
    def top(self) -> str:
        """The folder that everything lies in; empty if there is none such."""
        return next(iter(self._tops)) if len(self._tops) == 1 and self._is_deep else ""

    @property
    def rejected(self) -> list[Rejected]:
        """What was refused, under its path below `top`."""
        top = f"{one_line(storable(self.top))}/" if self.top else ""
        return [
            Rejected(each.source_id.removeprefix(top), each.name, each.reason)
            for each in self._refused
        ]

    def place(self, member: _Member) -> tuple[str, ...]:
        """Return the parts of the path of a member that is wanted; empty for one that is not."""
        self._number += 1
        try:
            return self._place(member)
        except Refused as error:
            path = "/".join(_split(member.name)) or member.name
            again = self._taken.get(_key(path)) == path
            self._refuse(path, error, note=f" (number {self._number:,})" if again else "")
            return ()

    def failed(self, parts: tuple[str, ...], error: Refused) -> None:
        """Note that a member that was wanted could not be had: another may take its place."""
        path = "/".join(parts)
        del self._taken[_key(path)]
        self._refuse(path, error)

    def _refuse(self, path: str, error: Refused, *, note: str = "") -> None:
        source_id = one_line(storable(path[:_LONGEST_NAME])) + note
        self._refused.append(Rejected(source_id, readable(source_id), str(error)))

    def _place(self, member: _Member) -> tuple[str, ...]:
        """Return what `place` does; raises `Refused`."""
        parts = _parts(member.name)
        if not parts or any(part.startswith(".") or part == "__MACOSX" for part in parts):
            return ()
        self._tops.add(parts[0])
        self._is_deep |= len(parts) > 1 or member.is_folder
        suffix = PurePosixPath(parts[-1]).suffix.lower()
        if member.is_folder:
            return ()
        # Links and devices have no suffix as a rule; nobody misses a text that is encrypted.
        if member.obstacle and (suffix in _KEPT or not suffix):
            raise Refused(member.obstacle)
        if is_archive(parts[-1]):
            raise Refused("It is an archive within the archive: unpack it first.")
        if suffix not in _KEPT:
            return ()
        if member.size > _largest(suffix):
            raise Refused(f"It is larger than {_largest(suffix) / 1e6:g} MB.")
        # On many disks, names that differ only so are one.
        keys = [_key("/".join(parts[: end + 1])) for end in range(len(parts))]
        if keys[-1] in self._folders or not self._taken.keys().isdisjoint(keys):
            raise Refused(
                "The archive has another file of this name, or of one that differs only in "
                "capitals or in how accents are written. Rename one of them."
            )
        self._taken[keys[-1]] = "/".join(parts)
        self._folders.update(keys[:-1])
        return parts


def _parts(name: str) -> tuple[str, ...]:
    """Return the parts of a member's path; raises `Refused` for one that is no path below."""
    parts = _split(name)
    if "\0" in name:
        raise Refused("Its name holds a NUL character.")
    if name.startswith(("/", "\\")) or ".." in parts or re.match("[A-Za-z]:", name):
        raise Refused("Its path leads out of the archive. Pack it again with a relative path.")
    sizes = [len(os.fsencode(part)) for part in parts]
    if len(parts) > _DEEPEST or sum(sizes) > _LONGEST_NAME or max(sizes, default=0) > _LONGEST_PART:
        raise Refused("Its name is too long. Give it a shorter one, in fewer folders.")
    return parts


def _split(name: str) -> tuple[str, ...]:
    """Return what a member's name has between slashes."""
    # Some programs of Windows write backslashes, and mean folders by them.
    path = name.replace("\\", "/")
    return tuple(part for part in path.split("/") if part not in ("", "."))


def _key(path: str) -> str:
    """Return what two paths have in common that some disks take for one."""
    return unicodedata.normalize("NFD", unicodedata.normalize("NFD", path).casefold())


def _largest(suffix: str) -> int:
    """Return the most bytes that a file may have."""
    return LARGEST if suffix in folder.SUFFIXES else LARGEST_FILE


# -- looking and unpacking ----------------------------------------------------


class _Meter:
    """Counts what is unpacked of an archive, and stops it where that is too much."""

    def __init__(self, file: Path) -> None:
        self.name = file.name
        self.packed = file.stat().st_size
        self.room = shutil.disk_usage(cache_folder()).free - RESERVE
        self.bytes = 0

    def add(self, size: int) -> None:
        """Count bytes; raises `LookalikeError`."""
        self.bytes += size
        self.check(self.bytes)
        if self.bytes > MOST_BYTES:
            raise LookalikeError(
                f"{self.name} unpacks to more than {MOST_BYTES / 1e9:g} GB, the most that is "
                "taken at once. Pack it in parts."
            )
        if self.bytes > self.room:
            raise LookalikeError(
                f"There is no room to unpack {self.name}: the disk of the cache has "
                f"{max(0, self.room) / 1e9:.1f} GB to spare. Free some, or set LOOKALIKE_CACHE "
                "to a folder on another disk."
            )

    def check(self, size: int) -> None:
        """Raise `LookalikeError` if no honest archive unpacks to so many bytes."""
        if size > max(RATIO_FROM, RATIO * self.packed):
            raise LookalikeError(
                f"{self.name} unpacks to more than {RATIO} times its size, as archives do that "
                "are made to fill a disk, and is not taken. If it is none, unpack it yourself "
                "and give the folder."
            )


def _look(file: Path) -> int:
    """Return how many entries an archive seems to have, or 0; raises `LookalikeError`."""
    meter = _Meter(file)
    sorter = _Sorter()
    meshes = pictures = 0
    try:
        with closing(_members(file, meter)) as members:
            for member in members:
                if not member.is_listed:
                    return 0
                if parts := sorter.place(member):
                    meter.add(member.size)
                    suffix = PurePosixPath(parts[-1]).suffix.lower()
                    meshes += suffix in models.SUFFIXES
                    pictures += suffix in folder.SUFFIXES
    except _Broken as error:
        raise LookalikeError(
            f"{file.name} {error}. Fetch it again, and import it again."
        ) from error
    if not meshes and not pictures:
        raise _nothing(file.name, sorter.rejected)
    # The pictures beside 3D files are as a rule what these are covered with.
    return (meshes or pictures) + len(sorter.rejected)


def _entries(
    file: Path, columns: Mapping[str, str] | None, open_folder: Callable[[str], Source]
) -> Iterator[Entry | Rejected]:
    """Unpack an archive, then yield what is in it."""
    held = _Folder()
    sorter = _Sorter()
    broken = _unpack(file, held.path, sorter)
    root = held.path / sorter.top
    if any(path.suffix.lower() in folder.SUFFIXES | models.SUFFIXES for path in root.rglob("*")):
        if columns and table_in(root) is None:
            raise LookalikeError(
                f"Columns can be mapped only for a table, and {file.name} has not one table at "
                "its top that names its pictures."
            )
        yield from sorter.rejected
        try:
            for found in open_folder(str(root)).entries:
                if isinstance(found, Entry):
                    yield _Unpacked(found.item, found, held)
                elif isinstance(found, Rejected):
                    yield found
        except LookalikeError as error:
            # Nobody knows the folder, or can look into it.
            raise LookalikeError(str(error).replace(str(root), file.name)) from error
    elif not broken:
        raise _nothing(file.name, sorter.rejected)
    if broken:
        raise LookalikeError(
            f"{file.name} {broken}: only what came before that was read. Fetch it again, and "
            "import it again."
        )


def _unpack(file: Path, target: Path, sorter: _Sorter) -> str:
    """Write what is wanted of an archive below `target`; return how it is broken, if so."""
    try:
        meter = _Meter(file)
        with closing(_members(file, meter)) as members:
            for member in members:
                if parts := sorter.place(member):
                    try:
                        _write(member, target.joinpath(*parts), meter)
                    except Refused as error:
                        sorter.failed(parts, error)
    except _Broken as error:
        return str(error)
    except OSError as error:
        raise _unreadable(file, error) from error
    return ""


def _write(member: _Member, path: Path, meter: _Meter) -> None:
    """Write a member; raises `Refused`, and leaves no half of a file."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("xb") as file:
            try:
                _copy(member, file, meter, largest=_largest(path.suffix.lower()))
            except BaseException:
                path.unlink()
                raise
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise LookalikeError(
                f"The disk is full: {meter.name} cannot be unpacked. Free some room, or set "
                "LOOKALIKE_CACHE to a folder on another disk."
            ) from error
        raise Refused(f"It cannot be written: {why(error)}.") from error


def _copy(member: _Member, file: IO[bytes], meter: _Meter, *, largest: int) -> None:
    """Write the bytes of a member, counting them."""
    size = 0
    for chunk in member.chunks():
        size += len(chunk)
        if size > largest:
            raise Refused(f"It is larger than {largest / 1e6:g} MB.")
        meter.add(len(chunk))
        file.write(chunk)


def _nothing(name: str, refused: list[Rejected]) -> LookalikeError:
    """Say that nothing can be taken from an archive."""
    if not refused:
        return LookalikeError(f"{name} holds no pictures, and no 3D files.")
    first = refused[0]
    return LookalikeError(
        f'Nothing in {name} can be taken. Of "{first.source_id}", the first: {first.reason}'
    )


def _unreadable(file: Path, error: Exception) -> LookalikeError:
    """Say that the system does not let an archive be read."""
    return LookalikeError(
        f'The archive "{file}" cannot be read ({why(error)}). Check its name and its rights.'
    )


# -- formats ------------------------------------------------------------------


def _members(file: Path, meter: _Meter) -> Generator[_Member, None, None]:
    """Yield what an archive holds; raises `LookalikeError` for no archive, `_Broken`."""
    with file.open("rb") as packed:
        head = packed.read(tarfile.BLOCKSIZE)
    if not head:
        raise LookalikeError(f"{file.name} is empty. Fetch it again.")
    for mark, name in _FOREIGN.items():
        if head.startswith(mark):
            raise LookalikeError(
                f"{file.name} is packed as {name}, which is not read. Unpack it and give the "
                "folder, or pack it as ZIP."
            )
    for mark, opened in _COMPRESSIONS.items():
        if head.startswith(mark):
            return _tar_members(file, opened, meter)
    # A TAR may end in a ZIP, but not begin as one.
    if not head.startswith(b"PK") and (_is_tar(head) or not zipfile.is_zipfile(file)):
        return _tar_members(file, open, meter)
    return _zip_members(file)


# How files begin that are TAR archives, compressed, and what unpacks them as they are read.
_COMPRESSIONS: Mapping[bytes, Callable[..., IO[bytes]]] = {
    b"\x1f\x8b": cast(Callable[..., IO[bytes]], gzip.open),
    b"BZh": cast(Callable[..., IO[bytes]], bz2.open),
    b"\xfd7zXZ\0": cast(Callable[..., IO[bytes]], lzma.open),
}
_FOREIGN: Mapping[bytes, str] = {
    b"7z\xbc\xaf\x27\x1c": "7-Zip",
    b"Rar!": "RAR",
    b"\x28\xb5\x2f\xfd": "Zstandard",
}


def _counted(number: int, name: str) -> None:
    """Raise `LookalikeError` if an archive has too many members."""
    if number > MOST_MEMBERS:
        raise LookalikeError(
            f"{name} holds more than {MOST_MEMBERS:,} files, the most that is taken at once. "
            "Pack it in parts."
        )


# -- ZIP ----------------------------------------------------------------------


class _Wary(io.FileIO):
    """A file of which not much is read at once: `zipfile` reads a listing as long as it says."""

    def read(self, size: int | None = -1, /) -> bytes:
        """Read; raises `LookalikeError`."""
        if size is not None and size > _LONGEST_LISTING:
            _counted(MOST_MEMBERS + 1, Path(os.fsdecode(self.name)).name)
        return super().read(-1 if size is None else size)


def _zip_members(file: Path) -> Generator[_Member, None, None]:
    """Yield what a ZIP archive lists."""
    with _Wary(file) as packed:
        try:
            archive = zipfile.ZipFile(cast(IO[bytes], packed))
        except LookalikeError:
            raise
        except Exception as error:
            # Deliberately all: on hostile bytes zipfile raises whatever it stumbles over.
            raise LookalikeError(
                f"{file.name} is not a ZIP archive, or is damaged or cut short. Fetch it again."
            ) from error
        _counted(len(archive.filelist), file.name)
        for info in archive.filelist:
            name = _zip_name(info)
            yield _Member(
                name=name,
                size=info.file_size,
                is_listed=True,
                is_folder=name.endswith("/"),
                obstacle=_zip_obstacle(info),
                chunks=lambda info=info: _zip_chunks(archive, info),  # type: ignore[misc]
            )


def _zip_name(info: zipfile.ZipInfo) -> str:
    """Return a member's name; that of the `ZipInfo` ends at a NUL character."""
    name = info.orig_filename
    if not info.flag_bits & 0x800:
        # Macs write UTF-8 without saying so. Other text is hardly ever valid as such.
        with suppress(UnicodeError):
            return name.encode("cp437").decode("utf-8")
    return name


def _zip_obstacle(info: zipfile.ZipInfo) -> str:
    """Return why a member is not taken, as a sentence; empty if it can be."""
    if obstacle := _obstacle(info.external_attr >> 16):
        return obstacle
    if info.flag_bits & 1:
        return "It is encrypted. Pack it again without a password."
    # bzip2 and LZMA may unpack to any size at once in zipfile, and the rest it does not know.
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        return "It is packed by a method that is not supported. Pack it again as ordinary ZIP."
    return ""


def _obstacle(mode: int) -> str:
    """Return why something of a file mode is not taken; empty for files and what says nothing."""
    if stat.S_ISLNK(mode):
        return "It is a link. Pack the file itself."
    if stat.S_IFMT(mode) not in (0, stat.S_IFREG, stat.S_IFDIR):
        return "It is a device or the like, not a file."
    return ""


def _zip_chunks(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Iterator[bytes]:
    """Yield the bytes of a member, at most as many as declared; raises `Refused`."""
    size = 0
    try:
        with archive.open(info) as file:
            while chunk := file.read(_CHUNK):
                size += len(chunk)
                yield chunk
        if size != info.file_size:
            raise EOFError
    except Exception as error:  # as above
        raise Refused("It is damaged. Fetch the archive again.") from error


# -- TAR ----------------------------------------------------------------------


class _Stream:
    """The bytes of a TAR archive, unpacked as they are read, and only ever forwards.

    `tarfile` reads the headers through `read`, which `allow` bounds: they may claim to be of any
    size, number and place. What it passes over is counted as well.
    """

    def __init__(self, file: IO[bytes], *, is_packed: bool, meter: _Meter) -> None:
        self._file = file
        self._is_packed = is_packed
        self._meter = meter
        self._at = 0
        self._allowed = 0
        self._last = b""

    @property
    def has_ended(self) -> bool:
        """Whether what was read last marks the end of an archive."""
        return self._last == bytes(tarfile.BLOCKSIZE)

    def allow(self) -> None:
        """Let the headers of the next member be read."""
        self._allowed = _LONGEST_HEADER

    def tell(self) -> int:
        """Return how many bytes lie behind."""
        return self._at

    def read(self, size: int) -> bytes:
        """Return bytes of a header; raises `_Broken`."""
        self._allowed -= size
        if size < 0 or self._allowed < 0:
            raise _Broken("is damaged")
        self._last = self.take(size)
        # Python 3.11.9 and older take hours to find no number in these (CVE-2024-6232).
        if size > tarfile.BLOCKSIZE and re.search(rb"\d{50}", self._last):
            raise _Broken("is damaged")
        return self._last

    def seek(self, place: int) -> None:
        """Go forward to a place, or to the end; raises `_Broken`."""
        if place < self._at:
            raise _Broken("is damaged")
        if not self._is_packed:
            self._at = self._file.seek(place)
        while self._at < place and self.take(min(_CHUNK, place - self._at)):
            pass

    def take(self, size: int) -> bytes:
        """Return the next bytes, fewer only at the end; raises `_Broken`, `LookalikeError`."""
        try:
            data = self._file.read(size)
        except EOFError as error:
            raise _Broken("is cut short") from error
        except (OSError, ValueError, zlib.error, lzma.LZMAError) as error:
            raise _Broken("is damaged") from error
        self._at += len(data)
        if self._is_packed:
            self._meter.check(self._at)
        return data

    def drain(self) -> None:
        """Read on to the end, which a compressed archive proves itself by; raises `_Broken`."""
        while self._is_packed and self.take(_CHUNK):
            pass


def _is_tar(head: bytes) -> bool:
    """Say whether a file's first bytes are a header of TAR."""
    try:
        tarfile.TarInfo.frombuf(head, "utf-8", "surrogateescape")
    except (tarfile.TarError, ValueError):
        return False
    return True


def _tar_members(
    file: Path, opened: Callable[..., IO[bytes]], meter: _Meter
) -> Generator[_Member, None, None]:
    """Yield what a TAR archive holds, each to be read before the next."""
    with opened(file, "rb") as packed:
        stream = _Stream(packed, is_packed=opened is not open, meter=meter)
        stream.allow()
        try:
            archive = tarfile.TarFile(
                fileobj=cast(IO[bytes], stream), encoding="utf-8", errors="surrogateescape"
            )
        except (_Broken, LookalikeError):
            raise
        except Exception as error:  # as below
            raise LookalikeError(
                f"{file.name} is not a ZIP or TAR archive. Give one, or a folder."
            ) from error
        number = 0
        while info := _tar_next(archive, stream):
            number += 1
            _counted(number, file.name)
            yield _Member(
                name=info.name,
                size=info.size,
                is_listed=False,
                is_folder=info.isdir(),
                obstacle=_tar_obstacle(info),
                chunks=lambda info=info: _tar_chunks(stream, info),  # type: ignore[misc]
            )
        if not stream.has_ended:
            raise _Broken("is cut short")
        stream.drain()


def _tar_next(archive: tarfile.TarFile, stream: _Stream) -> tarfile.TarInfo | None:
    """Return what comes next in a TAR archive; raises `_Broken`, `LookalikeError`."""
    stream.allow()
    try:
        info = archive.next()
    except (_Broken, LookalikeError):
        raise
    except Exception as error:
        # Deliberately all: on hostile bytes tarfile raises whatever it stumbles over.
        cut = isinstance(error, tarfile.ReadError) and "end of data" in str(error)
        raise _Broken("is cut short" if cut else "is damaged") from error
    archive.members.clear()  # type: ignore[attr-defined]  # it would keep them all
    return info


def _tar_obstacle(info: tarfile.TarInfo) -> str:
    """Return why a member is not taken, as a sentence; empty if it can be."""
    if info.islnk() or info.issym():
        return _obstacle(stat.S_IFLNK)
    if info.issparse():
        return "It is a sparse file. Pack it again with --format=pax, without --sparse."
    return "" if info.isreg() or info.isdir() else _obstacle(stat.S_IFBLK)


def _tar_chunks(stream: _Stream, info: tarfile.TarInfo) -> Iterator[bytes]:
    """Yield the bytes of a member; raises `_Broken`."""
    stream.seek(info.offset_data)
    left = info.size
    while left > 0:
        chunk = stream.take(min(_CHUNK, left))
        if not chunk:
            raise _Broken("is cut short")
        left -= len(chunk)
        yield chunk
