"""The types that every importer yields: entries with pictures, and what was skipped."""

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Self

from core.catalogue import Item
from core.errors import LookalikeError
from core.importers.file_kinds import FileKind
from core.viewpoints import UpChoice


class EntryError(LookalikeError):
    """The picture of an entry cannot be loaded: the text is a sentence that says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """The pictures and the 3D model of an item as received: neither decoded nor trusted.

    Attributes:
        picture: the bytes of its picture.
        version: the text that `Entry.load` receives next time, to tell whether anything changed.
        viewpoints: the bytes of pictures of the same model from other viewpoints, by name.
        model: the model itself as binary glTF, for the model viewer; None if there is none.
        missing_textures: the names of its textures that are missing or cannot be read.
        remark: a sentence on what of it cannot be shown; empty if there is nothing to say.
        up: which axis of a 3D file points up in its pictures, "y" or "z"; "" of other sources.
        up_basis: how what is detected of that is known, a `UpBasis`; "" of other sources.
    """

    picture: bytes
    version: str
    viewpoints: Mapping[str, bytes] = field(default_factory=dict)
    model: bytes | None = None
    missing_textures: tuple[str, ...] = ()
    remark: str = ""
    up: str = ""
    up_basis: str = ""

    @classmethod
    def of(cls, picture: bytes) -> Self:
        """Return a picture whose version is its SHA-256."""
        return cls(picture=picture, version=digest(picture))


class Entry(ABC):
    """An item of a source, and how to load its picture. Entries are used from several threads."""

    item: Item

    @abstractmethod
    def is_current(self, known: str) -> bool:
        """Say, as cheaply as possible, whether version `known` is still what is there.

        Raises `EntryError` if it is plain that the picture cannot be loaded.
        """

    @abstractmethod
    def load(self, known: str) -> Loaded | None:
        """Return what is there, or None if that is still version `known`.

        `known` is empty at the first import. Raises `EntryError` if the picture cannot be loaded.
        """

    def parts(self, version: str) -> Collection[str]:
        """Return those of `Source.others` that the item of this version was made of."""
        return ()

    def turned(self, up: UpChoice) -> "Entry":
        """Return the entry with what a person chose to be up in it, which matters for 3D files."""
        return self

    def quick_picture(self) -> bytes | None:
        """Return the picture as received, or None if it must be downloaded or rendered first.

        Raises `EntryError` if the picture cannot be loaded.
        """
        return None


@dataclass(frozen=True, slots=True)
class InMemoryEntry(Entry):
    """An item whose picture was in memory when the source was read. Its version is its SHA-256."""

    item: Item
    data: bytes

    def is_current(self, known: str) -> bool:
        """Compare digests."""
        return digest(self.data) == known

    def load(self, known: str) -> Loaded | None:
        """Return the picture unless it has the digest `known`."""
        loaded = Loaded.of(self.data)
        return None if loaded.version == known else loaded

    def quick_picture(self) -> bytes | None:
        """Return the picture."""
        return self.data


@dataclass(frozen=True, slots=True)
class TableColumns:
    """What an importer makes of the columns of a table.

    Attributes:
        fields: the column of each field that was recognised, such as `{"picture": "File"}`.
        unused: the names of the other columns.
        code_page: the encoding of its text if that is not Unicode; guessed, if it was not given.
        rows: the cells of its first rows, in the order of its columns.
    """

    fields: Mapping[str, str]
    unused: tuple[str, ...]
    code_page: str = ""
    rows: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class SkippedEntry:
    """Something in a source that is not an item, and a sentence that says why."""

    source_id: str
    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class ResumePoint:
    """A position in a long source: opened with this `text`, the source continues from there."""

    text: str


@dataclass(frozen=True, slots=True)
class Source:
    """A source opened by an importer.

    Attributes:
        kind: the importer's name.
        location: the text that opens the same source again, with the same `kind`.
        total: the expected number of entries; 0 if it is not known.
        entries: an iterator that is read once. Raises `LookalikeError` if the source cannot be
            read to its end.
        whole: whether all entries are listed, so that known items not among them are missing;
            False for a part of a source, such as its first hundred.
        workers: the number of pictures that are loaded at the same time.
        columns: what the columns of a table are, in a list of one or none. For an archive they are
            known when the first entry is read.
        others: the files that are no entries, by path, with what they are. As `parts` they are
            complete when all entries were read.
        parts: those of `others` that belong to the entries, as far as that is known without
            loading these.
    """

    kind: str
    location: str
    total: int
    entries: Iterator[Entry | SkippedEntry | ResumePoint]
    whole: bool = True
    workers: int = 2
    columns: Sequence[TableColumns] = ()
    others: Mapping[str, FileKind] = field(default_factory=dict)
    parts: Collection[str] = ()


def digest(data: bytes) -> str:
    """Return the SHA-256 of `data` in hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()
