"""The values that stores take and return besides items: pictures, failures, runs, sources."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass, field
from itertools import chain
from operator import add
from typing import Any

from core.catalogue.item import Item
from core.counting import counted
from core.viewpoints import UpChoice


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
        missing_textures: the names of its textures that are missing or cannot be read.
        remark: a sentence on what of it cannot be shown; empty if there is nothing to say.
        up: which axis of the 3D file points up in the pictures; "" if they were not rendered here.
        up_basis: how what is detected of that is known, a `UpBasis`; as above.
        is_blank: whether there is nothing to see in it.
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
    missing_textures: tuple[str, ...] = ()
    remark: str = ""
    up: str = ""
    up_basis: str = ""
    is_blank: bool = False


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
class Damage:
    """A file of a catalogue that is lost or not as it was written.

    Attributes:
        file: its path within the catalogue's folder, with slashes.
        is_missing: whether it is lost.
        meaning: a sentence on what cannot be done without it, and how it is made again.
    """

    file: str
    is_missing: bool
    meaning: str

    def __str__(self) -> str:
        """Return the damage as sentences."""
        return f"{self.file} is {'missing' if self.is_missing else 'damaged'}. {self.meaning}"


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
    """How many items an import added, changed, left alone, failed on, or found missing.

    Attributes:
        added: items that are new.
        changed: items of which the picture or what is said of them changed.
        unchanged: items as they were.
        failed: entries that could not be imported.
        missing: items that are no longer in the source.
        parts: files that belong to items, such as textures.
        passed_over: files that are neither items nor parts of one.

    Each file of a source is in one of these counts. A row of a table is counted as the picture
    that it names.
    """

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    failed: int = 0
    missing: int = 0
    parts: int = 0
    passed_over: int = 0

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
            "textures and other parts": self.parts,
            "passed over": self.passed_over,
        }
        listed = ", ".join(f"{count:,} {text}" for text, count in words.items() if count)
        return f"{listed}." if listed else ""


@dataclass(frozen=True, slots=True)
class PassedOver:
    """Files of one kind that an import passed over.

    Attributes:
        kind: what one of them is called, such as "FBX file".
        advice: how to have what is in them, as in "export as GLB"; empty if there is no way.
        count: how many they are.
        names: the paths of the first.
    """

    kind: str
    advice: str
    count: int
    names: tuple[str, ...]

    def __str__(self) -> str:
        """Return them with examples and the advice, without a full stop."""
        listed = ", ".join(self.names) + (", …" if self.count > len(self.names) else "")
        advice = f": {self.advice}" if self.advice else ""
        return f"{counted(self.count, self.kind)} ({listed}){advice}"


def merge_passed_over(lists: Iterable[Sequence[PassedOver]]) -> tuple[PassedOver, ...]:
    """Return what several imports passed over, by kind, the most frequent first."""
    kinds: dict[tuple[str, str], PassedOver] = {}
    for each in chain.from_iterable(lists):
        key = (each.kind, each.advice)
        known = kinds.get(key, PassedOver(*key, 0, ()))
        names = (*known.names, *each.names)[: max(len(known.names), len(each.names))]
        kinds[key] = PassedOver(*key, known.count + each.count, names)
    return tuple(sorted(kinds.values(), key=lambda each: (-each.count, each.kind)))


@dataclass(frozen=True, slots=True)
class ImportRun:
    """One finished import.

    Attributes:
        kind: of the source.
        source: its location.
        finished: when it finished: ISO 8601, UTC.
        counts: of its entries and files.
        passed_over: the files that are neither items nor parts of one, by kind.
        remarks: sentences on items of which something could not be shown.
    """

    kind: str
    source: str
    finished: str
    counts: ImportCounts
    passed_over: tuple[PassedOver, ...] = ()
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class KnownItem:
    """An item that was imported earlier, with what the next import compares.

    Attributes:
        item: as stored.
        version: of the entry that was imported.
        source: the location of the source that it was last imported from; empty if unknown.
        missing: whether that source no longer has it.
        up: what a person chose to be up in its 3D file; None if nobody chose for it alone.
    """

    item: Item
    version: str
    source: str
    missing: bool
    up: UpChoice | None = None


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
        blank: how many of these have nothing to see in their pictures.
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
    blank: int
    categories: int
    failures: int
    vectors: dict[str, int]
    mapped: int
    revision: int
    bytes: int
