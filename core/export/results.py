"""The results of a search to take away, for other programs: a table, and JSON."""

import json
from collections.abc import Mapping
from dataclasses import asdict, astuple
from typing import Any

from core.export.csv_table import table
from core.export.former_keys import with_former_keys
from core.search import Neighbour, Results

COLUMNS = (
    "rank",
    "score",
    "id",
    "source_id",
    "name",
    "category",
    "tags",
    "creator",
    "licence",
    "page_url",
)


def as_csv(results: Results) -> bytes:
    """Return the results as a table that a spreadsheet opens, tags parted by commas."""
    return table(
        COLUMNS,
        (
            (
                found.rank,
                round(found.score, 6),
                found.item.id,
                found.item.source_id,
                found.item.name,
                found.item.category,
                ", ".join(found.item.tags),
                found.item.creator,
                found.item.licence,
                found.item.page_url,
            )
            for found in results.neighbours
        ),
    )


def as_dict(found: Neighbour) -> dict[str, Any]:
    """Return a neighbour for JSON; `region` is there only if the query was for a region."""
    neighbour = {
        "id": found.item.id,
        "name": found.item.name,
        "score": round(found.score, 6),
        "rank": found.rank,
        "z_score": round(found.z_score, 6),
        "mirrored": found.mirrored,
        "viewpoint": found.viewpoint,
    }
    if found.region:
        neighbour["region"] = astuple(found.region)
    return with_former_keys(neighbour)


def as_json(results: Results, *, query: Mapping[str, Any]) -> bytes:
    """Return the results as the command line tells them, with all that is said of each item.

    UTF-8: `{"query": …, "neighbours": [{"id", "name", "score", "rank", …}, …]}`.
    """
    neighbours = [
        as_dict(found) | with_former_keys(asdict(found.item)) for found in results.neighbours
    ]
    answer = {"query": dict(query), "neighbours": neighbours}
    # Half a surrogate pair, which an address may bring in, has no bytes in UTF-8.
    return json.dumps(answer, ensure_ascii=False, indent=2).encode("utf-8", "replace")
