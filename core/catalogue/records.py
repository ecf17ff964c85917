"""The values that stores take and return besides items: pictures, failures, runs, sources."""

from collections.abc import Mapping
from dataclasses import astuple, dataclass, field
from operator import add
from typing import Any

from core.catalogue.item import Item


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """An item's picture, ready to be stored.

    `original` is the picture as received or, if `downscaled`, a smaller copy. The 2016 recipe
    samples the nearest pixels of the picture as received, which a copy does not have; its
    lossless `squashed` view is therefore stored too.

    Attributes:
        digest: the SHA-256 of the pictures as received, in hexadecimal digits.
        original: the picture to store.
        extension: of its file, without a dot.
        thumbnail: WebP, for galleries and the map.
        downscaled: whether `original` is a smaller copy.
        squashed: the `squashed` view of the picture as received, PNG.
        version: of the entry; an import compares it to detect changes.
        viewpoints: WebP pictures of the same model from other viewpoints, by viewpoint name.
        model: the 3D model itself, binary glTF.
    """

    digest: str
    original: bytes
    extension: str
    thumbnail: bytes
    downscaled: bool = False
    squashed: bytes | None = None
    version: str = ""
    viewpoints: Mapping[str, bytes] = field(default_factory=dict)
    model: bytes | None = None


@dataclass(frozen=True, slots=True)
class CutOutThumbnail:
    """A thumbnail without its background: which picture it was made of, and by which mask.

    Attributes:
        item_id: the item's.
        picture: the `short_digest` of the item when it was made.
        mask: 8 hexadecimal digits that another mask does not share.
    """

    item_id: str
    picture: str
    mask: str

    def is_of(self, item: Item) -> bool:
        """Return whether it was made of the item's current picture."""
        return item.id == self.item_id and item.short_digest == self.picture


@dataclass(frozen=True, slots=True)
class Failure:
    """A picture or row that failed to import or index, and why.

    Attributes:
        stage: "import" or "index".
        source_id: the importer's id of the item.
        name: of the item.
        reason: a sentence for people.
        source: the location of its source; empty if unknown.
    """

    stage: str
    source_id: str
    name: str
    reason: str
    source: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class ImportCounts:
    """How many items an import added, changed, left alone, failed on, or found missing."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    failed: int = 0
    missing: int = 0

    def __add__(self, other: "ImportCounts") -> "ImportCounts":
        """Return the sums."""
        return ImportCounts(*map(add, astuple(self), astuple(other)))

    def __str__(self) -> str:
        """Return the counts as a sentence."""
        return self.describe() or "The source is empty."

    def describe(self, *, added: str = "added", changed: str = "changed") -> str:
        """Return the counts that are not zero as a sentence, or nothing if all are zero."""
        words = {
            added: self.added,
            changed: self.changed,
            "unchanged": self.unchanged,
            "missing from the source": self.missing,
            "failed to import": self.failed,
        }
        listed = ", ".join(f"{count:,} {text}" for text, count in words.items() if count)
        return f"{listed}." if listed else ""


@dataclass(frozen=True, slots=True)
class ImportRun:
    """One finished import: its source, when it finished (ISO 8601, UTC), and its counts."""

    kind: str
    source: str
    finished: str
    counts: ImportCounts


@dataclass(frozen=True, slots=True)
class KnownItem:
    """An item that was imported earlier, with what the next import compares.

    Attributes:
        item: as stored.
        version: of the entry that was imported.
        source: the location of the source that it was last imported from; empty if unknown.
        missing: whether that source no longer has it.
    """

    item: Item
    version: str
    source: str
    missing: bool


@dataclass(frozen=True, slots=True)
class SourceRecord:
    """A source that was imported, with what is needed to open it again.

    Attributes:
        location: a path, a URL or a query.
        kind: the importer that reads it.
        options: further arguments for `core.importers.open_source`.
        resume_point: where an interrupted import continues; empty if it finished.
    """

    location: str
    kind: str
    options: Mapping[str, Any]
    resume_point: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What a catalogue holds, in numbers.

    Attributes:
        name: of the catalogue, as the command line takes it.
        title: what people read.
        items: how many are shown.
        categories: how many those have.
        failures: items that failed to import or index.
        vectors: how many shown items have an up-to-date vector, by descriptor.
        mapped: how many shown items are on the map.
        revision: a number that grows with every change.
        bytes: of the files in the catalogue's folder.
    """

    name: str
    title: str
    items: int
    categories: int
    failures: int
    vectors: dict[str, int]
    mapped: int
    revision: int
    bytes: int
