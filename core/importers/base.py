"""What every importer yields: items whose pictures can be had, and what it had to refuse."""

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Self

from core.catalogue import Item
from core.errors import LookalikeError


class EntryError(LookalikeError):
    """A picture that cannot be had: the text is a sentence that says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """What belongs to an item, as received: not decoded, not trusted.

    Attributes:
        picture: the bytes of its picture.
        version: what `Entry.load` is given next time, to tell whether anything changed.
        sides: the bytes of pictures of the same model from other sides, by their names.
        model: the model itself as binary glTF, to be turned in the page; None if there is none.
    """

    picture: bytes
    version: str
    viewpoints: Mapping[str, bytes] = field(default_factory=dict)
    model: bytes | None = None

    @classmethod
    def of(cls, picture: bytes) -> Self:
        """Return a picture whose version is its SHA-256."""
        return cls(picture=picture, version=digest(picture))


class Entry(ABC):
    """An item of a source, and how to have its picture. Entries are used from several threads."""

    item: Item

    @abstractmethod
    def is_current(self, known: str) -> bool:
        """Say whether version `known` is still what is there, as cheaply as that can be told.

        Raises `EntryError` where it can be told that the picture cannot be had.
        """

    @abstractmethod
    def load(self, known: str) -> Loaded | None:
        """Return what is there, or None where that still is version `known` (empty: none yet).

        Raises `EntryError`.
        """


@dataclass(frozen=True, slots=True)
class InMemoryEntry(Entry):
    """An item whose picture was at hand when the source was read. Its version is its SHA-256."""

    item: Item
    data: bytes

    def is_current(self, known: str) -> bool:
        """Compare digests."""
        return digest(self.data) == known

    def load(self, known: str) -> Loaded | None:
        """Return the picture unless it has the digest `known`."""
        loaded = Loaded.of(self.data)
        return None if loaded.version == known else loaded


@dataclass(frozen=True, slots=True)
class SkippedEntry:
    """Something of the source that is no item, and a sentence that says why."""

    source_id: str
    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class ResumePoint:
    """A place in a long source: opened with this `text`, it goes on after what came before."""

    text: str


@dataclass(frozen=True, slots=True)
class Source:
    """A source opened by an importer.

    Attributes:
        kind: the importer's name.
        location: what opens the same source again, with the same `kind`.
        total: how many entries to expect; 0 where that is not known.
        entries: read once. Raises `LookalikeError` where the source cannot be read to its end.
        whole: whether what it does not list is gone: not so for a part, as the first hundred.
        workers: how many pictures are loaded at once.
    """

    kind: str
    location: str
    total: int
    entries: Iterator[Entry | SkippedEntry | ResumePoint]
    whole: bool = True
    workers: int = 2


def digest(data: bytes) -> str:
    """Return the SHA-256 of `data` in hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()
