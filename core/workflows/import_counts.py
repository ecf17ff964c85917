"""What came of an import, and what one would do."""

from collections.abc import Mapping
from dataclasses import astuple, dataclass
from operator import add
from typing import Literal

# Names that a plan gives of each kind of change; all are counted.
MAX_NAMES = 100

ChangeKind = Literal["added", "changed", "unchanged", "missing", "failed"]


@dataclass(frozen=True, slots=True)
class ImportCounts:
    """What came of an import."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    failed: int = 0
    missing: int = 0

    def __add__(self, other: "ImportCounts") -> "ImportCounts":
        """Return what came of both."""
        return ImportCounts(*map(add, astuple(self), astuple(other)))

    def __str__(self) -> str:
        """Return the counts as a sentence."""
        return _format_counts(self, added="added", changed="changed") or "The source is empty."


@dataclass(frozen=True, slots=True)
class ImportPreview:
    """What an import would do, none of it done.

    Attributes:
        counts: how many items would be added, changed and so on.
        names: the first hundred names of those of each kind, but not of the unchanged ones.
    """

    counts: ImportCounts
    names: Mapping[ChangeKind, tuple[str, ...]]

    def __add__(self, other: "ImportPreview") -> "ImportPreview":
        """Return what both would do."""
        names = {kind: (*some, *other.names[kind])[:MAX_NAMES] for kind, some in self.names.items()}
        return ImportPreview(self.counts + other.counts, names)

    def __str__(self) -> str:
        """Return the counts as a sentence."""
        listed = _format_counts(self.counts, added="to add", changed="to change")
        if self.counts.added or self.counts.changed or self.counts.missing:
            return listed
        return f"Nothing to do: {listed}" if listed else "The source is empty."


def _format_counts(counts: ImportCounts, *, added: str, changed: str) -> str:
    """Return the counts that are not zero as a sentence; nothing if all are."""
    words = {
        added: counts.added,
        changed: counts.changed,
        "unchanged": counts.unchanged,
        "gone from the source": counts.missing,
        "could not be taken": counts.failed,
    }
    listed = ", ".join(f"{count:,} {text}" for text, count in words.items() if count)
    return f"{listed}." if listed else ""
