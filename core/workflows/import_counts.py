"""What an import did, and what one would do: counts, names and the preview as it is stored."""

import json
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any, Literal, get_args

from core.catalogue import ImportCounts, ImportRun, Item, PassedOver, merge_passed_over
from core.counting import counted
from core.importers import Source
from core.importers.file_kinds import FileKind, passed_over

__all__ = [
    "ChangeKind",
    "ImportCounts",
    "ImportPreview",
    "NamedKind",
    "StoredPreview",
    "Tally",
    "list_passed_over",
    "summarise",
]

# The key of the note in which a catalogue stores its last preview, as earlier versions called it.
PREVIEW_NOTE = "plan"
# Names that a preview lists of each kind of change; all are counted.
MAX_NAMES = 100
# Textures that are named which are missing, different remarks that a run has, and models that are
# named which show nothing.
MAX_TEXTURES, MAX_REMARKS, MAX_BLANK = 3, 5, 3

ChangeKind = Literal["added", "changed", "unchanged", "missing", "failed"]
# The kinds of change whose items a preview lists by name.
NamedKind = Literal["added", "changed", "missing", "failed"]
NAMED_KINDS: tuple[NamedKind, ...] = get_args(NamedKind)

# What earlier versions called a kind of change in the previews that they stored.
_FORMER_KINDS = {"missing": "gone"}
_COUNTS = fields(ImportCounts)


class Tally:
    """Counts what became of the entries and the other files of a source."""

    def __init__(self, source: Source) -> None:
        """Begin to count; `source` tells of other files as it is read."""
        self.seen: set[str] = set()
        self.failed: set[str] = set()
        self._source = source
        self._kinds: Counter[ChangeKind] = Counter()
        self._parts: set[str] = set()
        self._missing: dict[str, tuple[str, ...]] = {}
        self._remarks: Counter[str] = Counter()
        self._blank: list[str] = []

    def add(self, source_id: str, kind: ChangeKind, *, parts: Collection[str] = ()) -> None:
        """Count an entry; `parts` are the other files that its item was made of."""
        self._kinds[kind] += 1
        self.seen.add(source_id)
        if kind == "failed":
            self.failed.add(source_id)
        self._parts.update(parts)

    def remark(self, item: Item) -> None:
        """Note what is missing in an item, or that there is nothing to see in it."""
        if item.is_blank:
            self._blank.append(item.name)
        if item.missing_textures:
            self._missing[item.source_id] = item.missing_textures
        if item.remark:
            self._remarks[item.remark] += 1

    def counts(self, *, missing: int) -> ImportCounts:
        """Return the counts, with how many items the source no longer has."""
        left = self._left()
        return ImportCounts(
            **{str(kind): count for kind, count in self._kinds.items()},
            missing=missing,
            parts=len(self._source.others) - len(left),
            passed_over=len(left),
        )

    def passed_over(self) -> tuple[PassedOver, ...]:
        """Return the files that are neither items nor parts of one, by kind."""
        return passed_over(self._left())

    def remarks(self) -> tuple[str, ...]:
        """Return sentences on what is missing in items."""
        sentences = []
        if self._missing:
            names = [name for each in self._missing.values() for name in each]
            shown = ", ".join(list(dict.fromkeys(names))[:MAX_TEXTURES])
            more = ", …" if len(set(names)) > MAX_TEXTURES else ""
            verb = "misses" if len(self._missing) == 1 else "miss"
            sentences.append(
                f"{counted(len(self._missing), 'model')} {verb} "
                f"{counted(len(names), 'texture')}: {shown}{more}."
            )
        sentences += [
            f"{counted(count, 'model')}: {remark}"
            for remark, count in self._remarks.most_common(MAX_REMARKS)
        ]
        if self._blank:
            listed = ", ".join(self._blank[:MAX_BLANK]) + ", …" * (len(self._blank) > MAX_BLANK)
            models = counted(len(self._blank), "model")
            sentences.append(f"{models} with nothing to see in the picture: {listed}.")
        return tuple(sentences)

    def _left(self) -> dict[str, FileKind]:
        """Return the files that are neither items nor parts of one."""
        parts = self._parts.union(self._source.parts)
        return {path: kind for path, kind in self._source.others.items() if path not in parts}


def summarise(runs: Sequence[ImportRun]) -> str:
    """Return what some imports did as sentences: the counts and remarks."""
    counts = sum((run.counts for run in runs), ImportCounts())
    return " ".join([str(counts), *(remark for run in runs for remark in run.remarks)])


def list_passed_over(*lists: Sequence[PassedOver]) -> str:
    """Return what some imports passed over as a sentence; empty if nothing."""
    passed = merge_passed_over(lists)
    return f"Passed over: {'; '.join(map(str, passed))}." if passed else ""


@dataclass(frozen=True, slots=True)
class ImportPreview:
    """What an import would do; nothing of it is done.

    Attributes:
        counts: how many items would be added, changed and so on.
        names: the first hundred names of each kind of change that is listed by name.
        passed_over: the files that would be neither items nor parts of one, by kind. Textures of
            3D files that are not read yet are told by their names.
    """

    counts: ImportCounts
    names: Mapping[NamedKind, tuple[str, ...]]
    passed_over: tuple[PassedOver, ...] = ()

    def __add__(self, other: "ImportPreview") -> "ImportPreview":
        """Return what both would do."""
        names = {
            kind: (*self.names.get(kind, ()), *other.names.get(kind, ()))[:MAX_NAMES]
            for kind in NAMED_KINDS
        }
        passed = merge_passed_over([self.passed_over, other.passed_over])
        return ImportPreview(self.counts + other.counts, names, passed)

    def __str__(self) -> str:
        """Return the counts as a sentence."""
        listed = self.counts.describe(added="to add", changed="to change")
        if self.has_changes:
            return f"Preview: {listed}"
        if self.counts.failed or self.counts.passed_over:
            return f"Nothing to do: {listed}"
        return "Nothing to do: everything is up to date." if listed else "The source is empty."

    @property
    def has_changes(self) -> bool:
        """Whether the import would change the catalogue."""
        return bool(self.counts.added or self.counts.changed or self.counts.missing)

    def as_dict(self) -> dict[str, Any]:
        """Return the preview for JSON: counts and names by kind, and what is passed over."""
        return {
            "counts": asdict(self.counts),
            "names": {kind: list(self.names.get(kind, ())) for kind in NAMED_KINDS},
            "passed_over_kinds": [asdict(each) for each in self.passed_over],
        }


@dataclass(frozen=True, slots=True)
class StoredPreview:
    """The last preview of a catalogue, as it is stored with it.

    Attributes:
        preview: what the import would do.
        arguments: the command line that imports, without the program.
    """

    preview: ImportPreview
    arguments: tuple[str, ...]

    def to_json(self) -> str:
        """Return the text to store."""
        stored = {"plan": self.preview.as_dict(), "arguments": self.arguments}
        return json.dumps(stored, ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str | None) -> "StoredPreview | None":
        """Return what `to_json` or an earlier version stored, or None if that cannot be read."""
        try:
            stored = json.loads(text or "null")
            counts, names = stored["plan"]["counts"], stored["plan"]["names"]
            preview = ImportPreview(
                ImportCounts(**{each.name: int(_value(counts, each.name, 0)) for each in _COUNTS}),
                {kind: tuple(map(str, _value(names, kind, ()))) for kind in NAMED_KINDS},
                tuple(
                    PassedOver(
                        str(each["kind"]),
                        str(each["advice"]),
                        int(each["count"]),
                        tuple(map(str, each["names"])),
                    )
                    for each in stored["plan"].get("passed_over_kinds", ())
                ),
            )
            return cls(preview, tuple(map(str, stored["arguments"])))
        except (ValueError, TypeError, KeyError, AttributeError):
            return None


def _value(stored: Mapping[str, Any], kind: str, default: Sequence[str] | int) -> Any:
    """Return what is stored for a kind of change, also under its former name."""
    return stored.get(kind, stored.get(_FORMER_KINDS.get(kind, kind), default))
