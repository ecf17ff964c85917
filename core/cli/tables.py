"""Format the results of commands as text for people."""

from collections.abc import Callable, Sequence
from dataclasses import fields
from typing import Any

from core.catalogue import Damage, ImportCounts, PassedOver
from core.counting import counted
from core.evaluation import metrics
from core.workflows import checking


def format_list(catalogues: list[dict[str, Any]]) -> str:
    """Return a line for each catalogue."""
    if not catalogues:
        return "There are no catalogues yet. Download a demo: python -m core demo"
    rows = [
        f"{each['name']:<20} {each['error']}"
        if "error" in each
        else f"{each['name']:<20} {each['items']:>8,} models  {each['failures']:>5,} failed  "
        f"{each['bytes'] / 1e6:>8,.0f} MB  {each['title']}"
        for each in catalogues
    ]
    return "\n".join(rows)


def format_show(catalogue: dict[str, Any]) -> str:
    """Return what a catalogue contains, its imports and its failures, a line each."""
    vectors = ", ".join(f"{name} {count:,}" for name, count in catalogue["vectors"].items())
    categories = (
        f" in {counted(catalogue['categories'], 'category', 'categories')}"
        if catalogue["categories"]
        else ""
    )
    lines = [
        f"{catalogue['title']} ({catalogue['name']})",
        f"{counted(catalogue['items'], 'model')}{categories}",
        f"vectors: {vectors or 'none yet'}; on the map: {catalogue['mapped']:,}",
    ]
    lines += [str(Damage(**damage)) for damage in catalogue["damaged"]]
    for run in catalogue["imports"]:
        counts = ImportCounts(**{each.name: run[each.name] for each in fields(ImportCounts)})
        lines.append(f"{run['finished']}  {run['kind']} {run['source']}: {counts}")
        lines += [f"  {remark}" for remark in run["remarks"]]
        lines += [f"  passed over: {PassedOver(**each)}" for each in run["passed_over_kinds"]]
    lines += [
        f"nothing to see: {item['name'] or item['source_id']}"
        for item in catalogue["nothing_to_see"]
    ]
    lines += [
        f"failed to {failure['stage']}: {failure['name'] or failure['source_id']}: "
        f"{failure['reason']}"
        for failure in catalogue["failed"]
    ]
    return "\n".join(lines)


def format_check(result: dict[str, Any]) -> str:
    """Return a line for each finding, and the result."""
    findings = [str(checking.Finding(**each)) for each in result["findings"]]
    return "\n".join([*findings, *result["errors"], result["message"]])


def format_message(result: dict[str, Any]) -> str:
    """Return the sentence that says what was done."""
    return str(result["message"])


def format_clusters(result: dict[str, Any]) -> str:
    """Return a line for each cluster: how many models it has, and its name."""
    if not result["clusters"]:
        return "The map has no clusters."
    lines = []
    for each in result["clusters"]:
        renamed = each["name"] != each["automatic_name"] and each["automatic_name"]
        lines.append(
            f"{each['models']:>8,}  {each['name']}"
            + (f"  (automatic name: {each['automatic_name']})" if renamed else "")
        )
    return "\n".join(lines)


def format_compare(result: dict[str, Any]) -> str:
    """Return what is compared of how many pictures, and what a new choice needs."""
    descriptions = {
        "alpha": "the object, by the transparency of its file",
        "plain": "the object, by its plain background",
        "mask": "the object, by a mask that the network found",
        "whole": "the whole picture",
    }
    lines = [f"{count:>8,}  {descriptions[basis]}" for basis, count in result["compared"].items()]
    lines.append(f"Chosen for the catalogue: {result['choice']}.")
    if result["changed"]:
        lines.append(
            f"{counted(result['changed'], 'model')} to embed again: "
            f"python -m core index {result['name']}"
        )
    return "\n".join(lines)


def format_neighbours(results: dict[str, Any]) -> str:
    """Return a line for each result: rank, score, id and name."""
    return "\n".join(
        f"{each['rank']:>4}  {each['score']:>7.4f}  {each['id']}  {each['name']}"
        for each in results["neighbours"]
    )


def format_duplicates(report: dict[str, Any]) -> str:
    """Return the groups of near-duplicates, a line for each model."""
    name = report["name"]
    if "restored" in report:
        return f"{counted(report['restored'], 'model')} restored."
    lines = [report["message"]]
    for group in report["groups"]:
        for item in group["items"]:
            word = "keep" if item["id"] == group["kept"] else ""
            line = f"{word:>4}  {item['score']:>6.3f}  {item['id']}  {item['name']}"
            lines.append(f"{line}  ({item['difference']})" if item["difference"] else f"\n{line}")
    if report["hidden"]:
        lines.append(
            f"\n{counted(report['hidden'], 'model')} hidden. To restore: "
            f"python -m core duplicates {name} --restore"
        )
    return "\n".join(lines)


def format_evaluation(evaluation: dict[str, Any]) -> str:
    """Return a table with a row for each descriptor that was measured."""
    table = evaluation.get("descriptors", {"": evaluation})
    rows = table.values()
    columns = {
        "queries": [f"{row['queries']:,}" for row in rows],
        "R@1": [f"{row['r1']:.3f}" for row in rows],
        "R@10": [f"{row['r10']:.3f}" for row in rows],
        "MRR": [f"{row['mrr']:.3f}" for row in rows],
        "median rank": [f"{row['median_rank']:,.1f}" for row in rows],
    }
    shares = [row.get("same_category") for row in rows]
    if any(share is not None for share in shares):
        title = f"same category among {metrics.NEIGHBOURS} neighbours"
        columns[title] = ["–" if share is None else f"{share:.3f}" for share in shares]
    padded = [_pad(["descriptor", *table], str.ljust)] if "descriptors" in evaluation else []
    padded += [_pad([title, *cells], str.rjust) for title, cells in columns.items()]
    return "\n".join("  ".join(line) for line in zip(*padded, strict=True))


def _pad(cells: Sequence[str], pad: Callable[[str, int], str]) -> list[str]:
    """Return the cells of a column padded to the width of the widest."""
    width = max(map(len, cells))
    return [pad(cell, width) for cell in cells]
