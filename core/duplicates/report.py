"""Stores the near-duplicates of a catalogue, exports them as JSON and CSV, and hides them."""

import json
from dataclasses import asdict
from typing import Any

from core.catalogue import Catalogue
from core.duplicates.records import Difference, Duplicate, DuplicateReport, Group
from core.export import csv_table

# The name of the catalogue's note that holds the last report.
_NOTE = "duplicates"
COLUMNS = (
    "group",
    "kept",
    "score",
    "difference",
    "id",
    "source_id",
    "name",
    "category",
    "page_url",
)


def save(catalogue: Catalogue, report: DuplicateReport) -> None:
    """Store the report with the catalogue, for `load`."""
    catalogue.save_note(_NOTE, json.dumps(as_dict(report), ensure_ascii=False))


def load(catalogue: Catalogue) -> DuplicateReport | None:
    """Return the report that was stored last, or None if there is none.

    Items that have been hidden or have gone missing since are left out, and so are groups whose
    kept item is, or of which no other item is left.
    """
    text = catalogue.load_note(_NOTE)
    if text is None:
        return None
    stored = json.loads(text)
    ids = [entry["id"] for group in stored["groups"] for entry in group["items"]]
    items = {item.id: item for item in catalogue.items.get_many(ids)}
    groups = []
    for group in stored["groups"]:
        duplicates = tuple(
            Duplicate(
                items[entry["id"]],
                entry["score"],
                tuple(Difference(**difference) for difference in entry["differences"]),
            )
            for entry in group["items"]
            if entry["id"] in items and entry["id"] != group["kept"]
        )
        if duplicates and group["kept"] in items:
            groups.append(Group(items[group["kept"]], duplicates))
    return DuplicateReport(tuple(groups), stored["cut"], stored["models"], stored["pairs"])


def hide(catalogue: Catalogue, report: DuplicateReport) -> int:
    """Hide all models of each group but the kept one, and return how many were hidden.

    `catalogue.items.restore_hidden` shows them again.
    """
    for group in report.groups:
        catalogue.items.hide(
            [duplicate.item.id for duplicate in group.duplicates], kept=group.kept.id
        )
    return sum(len(group.duplicates) for group in report.groups)


def as_dict(report: DuplicateReport) -> dict[str, Any]:
    """Return the report for JSON: `{"cut", "models", "pairs", "groups": [{"kept", "items"}]}`.

    An item is `{"id", "name", "score", "difference", "differences"}`: what differs as a phrase,
    and one by one with `kind`, `amount` and `text`. The kept item comes first, with a score of
    1 and no difference. Catalogues store this, so `load` must be able to read every version.
    """
    return {
        "cut": round(report.cut, 6),
        "models": report.items,
        "pairs": report.pairs,
        "groups": [
            {
                "kept": group.kept.id,
                "items": [
                    {
                        "id": row.item.id,
                        "name": row.item.name,
                        "score": round(row.score, 6),
                        "difference": row.difference,
                        "differences": [asdict(difference) for difference in row.differences],
                    }
                    for row in _rows(group)
                ],
            }
            for group in report.groups
        ],
    }


def as_csv(report: DuplicateReport) -> bytes:
    """Return the groups as CSV, one row per model, in the same format as search results.

    `kept` is 1 for the kept model of a group, and 0 for the others.
    """
    return csv_table.table(
        COLUMNS,
        (
            (
                number,
                int(row.item is group.kept),
                round(row.score, 6),
                row.difference,
                row.item.id,
                row.item.source_id,
                row.item.name,
                row.item.category,
                row.item.page_url,
            )
            for number, group in enumerate(report.groups, start=1)
            for row in _rows(group)
        ),
    )


def _rows(group: Group) -> tuple[Duplicate, ...]:
    """Return all models of a group in the order of the output, the kept one first."""
    return (Duplicate(group.kept, 1.0, ()), *group.duplicates)
