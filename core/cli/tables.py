"""Results as text for people."""

from collections.abc import Callable, Sequence
from typing import Any

from core.evaluation import metrics
from core.workflows.import_counts import ImportCounts


def format_list(found: list[dict[str, Any]]) -> str:
    if not found:
        return "There is no catalogue yet. Make one: python -m core demo"
    rows = [
        f"{one['name']:<20} {one['error']}"
        if "error" in one
        else f"{one['name']:<20} {one['items']:>8,} models  {one['failures']:>5,} failed  "
        f"{one['bytes'] / 1e6:>8,.0f} MB  {one['title']}"
        for one in found
    ]
    return "\n".join(rows)


def format_show(found: dict[str, Any]) -> str:
    vectors = ", ".join(f"{name} {count:,}" for name, count in found["vectors"].items())
    lines = [
        f"{found['title']} ({found['name']})",
        f"{found['items']:,} models in {found['categories']:,} categories",
        f"vectors: {vectors or 'none yet'}; on the map: {found['mapped']:,}",
    ]
    for run in found["imports"]:
        counts = ImportCounts(
            *(run[key] for key in ("added", "changed", "unchanged", "failed", "gone"))
        )
        lines.append(f"{run['finished']}  {run['kind']} {run['source']}: {counts}")
    lines += [f"not taken: {f['name'] or f['source_id']}: {f['reason']}" for f in found["failed"]]
    return "\n".join(lines)


def format_neighbours(found: dict[str, Any]) -> str:
    return "\n".join(
        f"{one['rank']:>4}  {one['score']:>7.4f}  {one['id']}  {one['name']}"
        for one in found["neighbours"]
    )


def format_duplicates(found: dict[str, Any]) -> str:
    name = found["name"]
    if "restored" in found:
        return f"{found['restored']:,} models are shown again."
    lines = [found["message"]]
    for group in found["groups"]:
        for one in group["items"]:
            word = "keep" if one["id"] == group["kept"] else ""
            told = f"{word:>4}  {one['score']:>6.3f}  {one['id']}  {one['name']}"
            lines.append(f"{told}  ({one['difference']})" if one["difference"] else f"\n{told}")
    if found["hidden"]:
        lines.append(
            f"\n{found['hidden']:,} are hidden now. To show them again: "
            f"python -m core duplicates {name} --restore"
        )
    return "\n".join(lines)


def format_evaluation(found: dict[str, Any]) -> str:
    table = found.get("descriptors", {"": found})
    rows = table.values()
    columns = {
        "queries": [f"{one['queries']:,}" for one in rows],
        "R@1": [f"{one['r1']:.3f}" for one in rows],
        "R@10": [f"{one['r10']:.3f}" for one in rows],
        "MRR": [f"{one['mrr']:.3f}" for one in rows],
        "median rank": [f"{one['median_rank']:,.1f}" for one in rows],
    }
    shares = [one.get("same_category") for one in rows]
    if any(share is not None for share in shares):
        title = f"same category among {metrics.NEIGHBOURS} neighbours"
        columns[title] = ["–" if share is None else f"{share:.3f}" for share in shares]
    padded = [_pad(["descriptor", *table], str.ljust)] if "descriptors" in found else []
    padded += [_pad([title, *cells], str.rjust) for title, cells in columns.items()]
    return "\n".join("  ".join(line) for line in zip(*padded, strict=True))


def _pad(cells: Sequence[str], pad: Callable[[str, int], str]) -> list[str]:
    width = max(map(len, cells))
    return [pad(cell, width) for cell in cells]
