"""Exports the results of a search for other programs, as CSV and as JSON."""

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
    """Return the results as CSV for spreadsheets, tags separated by commas."""
    return table(
        COLUMNS,
        (
            (
                neighbour.rank,
                round(neighbour.score, 6),
                neighbour.item.id,
                neighbour.item.source_id,
                neighbour.item.name,
                neighbour.item.category,
                ", ".join(neighbour.item.tags),
                neighbour.item.creator,
                neighbour.item.licence,
                neighbour.item.page_url,
            )
            for neighbour in results.neighbours
        ),
    )


def as_dict(neighbour: Neighbour) -> dict[str, Any]:
    """Return a neighbour for JSON; `region` is there only if the query was for a region."""
    result = {
        "id": neighbour.item.id,
        "name": neighbour.item.name,
        "score": round(neighbour.score, 6),
        "rank": neighbour.rank,
        "z_score": round(neighbour.z_score, 6),
        "mirrored": neighbour.mirrored,
        "viewpoint": neighbour.viewpoint,
    }
    if neighbour.region:
        result["region"] = astuple(neighbour.region)
    return with_former_keys(result)


def as_json(results: Results, *, query: Mapping[str, Any]) -> bytes:
    """Return the results as JSON in UTF-8, with all the metadata of each item.

    `{"query": …, "neighbours": [{"id", "name", "score", "rank", …}, …]}`, as the command line
    prints them.
    """
    neighbours = [
        as_dict(neighbour) | with_former_keys(asdict(neighbour.item))
        for neighbour in results.neighbours
    ]
    document = {"query": dict(query), "neighbours": neighbours}
    # Half of a surrogate pair, which a URL may contain, cannot be encoded in UTF-8.
    return json.dumps(document, ensure_ascii=False, indent=2).encode("utf-8", "replace")
