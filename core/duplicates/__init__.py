"""Near-duplicates: models whose pictures are the same, or nearly so."""

from core.duplicates.records import Difference, DifferenceKind, Duplicate, DuplicateReport, Group

__all__ = ["Difference", "DifferenceKind", "Duplicate", "DuplicateReport", "Group"]
