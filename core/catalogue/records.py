"""What a catalogue keeps beside its items: pictures, failures, imports, sources."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from core.catalogue.item import Item


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """An item's picture, ready to be stored.

    `original` is the picture as received or, if `downscaled`, a smaller copy.
    The copy cannot give the 2016 recipe's nearest-neighbour samples any more,
    so `frame`, the lossless `frame` view of the picture as received, is kept
    with it.

    Attributes:
        digest: the SHA-256 of the pictures as received, in hexadecimal digits.
        original: the picture to keep.
        extension: of its file, without a dot.
        thumbnail: WebP.
        downscaled: whether `original` is a smaller copy.
        frame: PNG.
        version: what the importer compares to tell whether anything changed.
        sides: WebP pictures of the same model from other sides, by their names.
        model: the model itself, binary glTF.
    """

    digest: str
    original: bytes
    extension: str
    thumbnail: bytes
    downscaled: bool = False
    frame: bytes | None = None
    version: str = ""
    sides: Mapping[str, bytes] = field(default_factory=dict)
    model: bytes | None = None


@dataclass(frozen=True, slots=True)
class Failure:
    """A picture or row that could not be taken, and why; `origin` is the source it is of."""

    stage: str
    source_id: str
    name: str
    reason: str
    origin: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Run:
    """One import: what it read and what came of it."""

    kind: str
    source: str
    finished: str
    added: int
    changed: int
    unchanged: int
    failed: int
    gone: int = 0


@dataclass(frozen=True, slots=True)
class Known:
    """An item that the catalogue has taken, and how.

    Attributes:
        item: as it is stored.
        version: of what was taken.
        origin: the location of the source that it came from last; empty if that is not known.
        gone: whether that source has it no more.
    """

    item: Item
    version: str
    origin: str
    gone: bool


@dataclass(frozen=True, slots=True)
class Origin:
    """A source that was imported: what opens it again.

    Attributes:
        location: where it is.
        kind: the importer that reads it.
        options: what else the importer was told, as `open_source` takes it.
        bookmark: where an import that did not end goes on; empty if it did.
    """

    location: str
    kind: str
    options: Mapping[str, Any]
    bookmark: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What a catalogue holds, in numbers."""

    name: str
    title: str
    items: int
    categories: int
    failures: int
    vectors: dict[str, int]
    mapped: int
    generation: int
    bytes: int
