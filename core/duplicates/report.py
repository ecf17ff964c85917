"""A search for near-duplicates as JSON, as a table, and applied to the catalogue."""

import json
from dataclasses import asdict
from typing import Any

from core.catalogue import Catalogue
from core.duplicates.groups import Difference, Duplicate, DuplicateReport, Group
from core.export import csv_table

# The key under which a catalogue remembers what was found.
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


def save(catalogue: Catalogue, found: DuplicateReport) -> None:
    """Keep what was found with the catalogue, for `load`."""
    catalogue.save_note(_NOTE, json.dumps(as_dict(found), ensure_ascii=False))


def load(catalogue: Catalogue) -> DuplicateReport | None:
    """Return what was last found, or None before that.

    Without the items that are hidden or gone by now, and without groups of which the one to
    keep is, or no other is left.
    """
    text = catalogue.load_note(_NOTE)
    if text is None:
        return None
    found = json.loads(text)
    ids = [one["id"] for group in found["groups"] for one in group["items"]]
    items = {item.id: item for item in catalogue.items.get_many(ids)}
    groups = []
    for group in found["groups"]:
        there = tuple(
            Duplicate(
                items[one["id"]],
                one["score"],
                tuple(Difference(**difference) for difference in one["differences"]),
            )
            for one in group["items"]
            if one["id"] in items and one["id"] != group["kept"]
        )
        if there and group["kept"] in items:
            groups.append(Group(items[group["kept"]], there))
    return DuplicateReport(tuple(groups), found["cut"], found["models"], found["pairs"])


def hide(catalogue: Catalogue, found: DuplicateReport) -> int:
    """Hide all but one of each group, and return how many were; `Catalogue.restore` shows them."""
    for group in found.groups:
        catalogue.items.hide([one.item.id for one in group.duplicates], kept=group.kept.id)
    return sum(len(group.duplicates) for group in found.groups)


def as_dict(found: DuplicateReport) -> dict[str, Any]:
    """Return what programs are told: `{"cut", "models", "pairs", "groups": [{"kept", "items"}]}`.

    An item is `{"id", "name", "score", "difference", "differences"}`: what differs as a phrase,
    and one by one with `kind`, `amount` and `text`. The one to keep comes first, with a score of
    1 and no difference.
    """
    return {
        "cut": round(found.cut, 6),
        "models": found.items,
        "pairs": found.pairs,
        "groups": [
            {
                "kept": group.kept.id,
                "items": [
                    {
                        "id": one.item.id,
                        "name": one.item.name,
                        "score": round(one.score, 6),
                        "difference": one.difference,
                        "differences": [asdict(difference) for difference in one.differences],
                    }
                    for one in _rows(group)
                ],
            }
            for group in found.groups
        ],
    }


def as_csv(found: DuplicateReport) -> bytes:
    """Return the groups as a table that a spreadsheet opens, a row an item, as results are.

    `kept` is 1 for the one to keep of a group, and 0 for the others.
    """
    return csv_table.table(
        COLUMNS,
        (
            (
                number,
                int(one.item is group.kept),
                round(one.score, 6),
                one.difference,
                one.item.id,
                one.item.source_id,
                one.item.name,
                one.item.category,
                one.item.page_url,
            )
            for number, group in enumerate(found.groups, start=1)
            for one in _rows(group)
        ),
    )


def _rows(group: Group) -> tuple[Duplicate, ...]:
    """Return the items of a group as they are told, the one to keep first."""
    return (Duplicate(group.kept, 1.0, ()), *group.duplicates)
