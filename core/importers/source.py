"""What every importer yields: items with their pictures, and what it had to refuse."""

from collections.abc import Iterator
from dataclasses import dataclass

from core.items import Item


@dataclass(frozen=True, slots=True)
class Entry:
    """An item and its picture's bytes as received: not decoded, not trusted."""

    item: Item
    data: bytes


@dataclass(frozen=True, slots=True)
class Rejected:
    """Something of the source that is no item, and a sentence that says why."""

    source_id: str
    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class Source:
    """A source opened by an importer: `entries` is read once, a picture at a time."""

    kind: str
    location: str
    total: int
    entries: Iterator[Entry | Rejected]
