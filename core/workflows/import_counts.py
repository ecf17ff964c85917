"""What an import did, and what one would do: counts, names and the preview as it is stored."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any, Literal, get_args

from core.catalogue import ImportCounts

__all__ = ["ChangeKind", "ImportCounts", "ImportPreview", "NamedKind", "StoredPreview"]

# The key of the note in which a catalogue stores its last preview, as earlier versions called it.
PREVIEW_NOTE = "plan"
# Names that a preview lists of each kind of change; all are counted.
MAX_NAMES = 100

ChangeKind = Literal["added", "changed", "unchanged", "missing", "failed"]
# The kinds of change whose items a preview lists by name.
NamedKind = Literal["added", "changed", "missing", "failed"]
NAMED_KINDS: tuple[NamedKind, ...] = get_args(NamedKind)

# What earlier versions called a kind of change in the previews that they stored.
_FORMER_KINDS = {"missing": "gone"}
_COUNTS = fields(ImportCounts)


@dataclass(frozen=True, slots=True)
class ImportPreview:
    """What an import would do; nothing of it is done.

    Attributes:
        counts: how many items would be added, changed and so on.
        names: the first hundred names of each kind of change that is listed by name.
    """

    counts: ImportCounts
    names: Mapping[NamedKind, tuple[str, ...]]

    def __add__(self, other: "ImportPreview") -> "ImportPreview":
        """Return what both would do."""
        names = {
            kind: (*self.names.get(kind, ()), *other.names.get(kind, ()))[:MAX_NAMES]
            for kind in NAMED_KINDS
        }
        return ImportPreview(self.counts + other.counts, names)

    def __str__(self) -> str:
        """Return the counts as a sentence."""
        listed = self.counts.describe(added="to add", changed="to change")
        if self.has_changes:
            return f"Preview: {listed}"
        if self.counts.failed:
            return f"Nothing to do: {listed}"
        return "Nothing to do: everything is up to date." if listed else "The source is empty."

    @property
    def has_changes(self) -> bool:
        """Whether the import would change the catalogue."""
        return bool(self.counts.added or self.counts.changed or self.counts.missing)

    def as_dict(self) -> dict[str, dict[str, Any]]:
        """Return the preview for JSON: `{"counts": {kind: int}, "names": {kind: [str]}}`."""
        names: dict[str, Any] = {kind: list(self.names.get(kind, ())) for kind in NAMED_KINDS}
        return {"counts": asdict(self.counts), "names": names}


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
            )
            return cls(preview, tuple(map(str, stored["arguments"])))
        except (ValueError, TypeError, KeyError, AttributeError):
            return None


def _value(stored: Mapping[str, Any], kind: str, default: Sequence[str] | int) -> Any:
    """Return what is stored for a kind of change, also under its former name."""
    return stored.get(kind, stored.get(_FORMER_KINDS.get(kind, kind), default))
