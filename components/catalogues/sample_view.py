"""The first models of a source, with the columns of its table and what is skipped."""

import base64
from collections.abc import Iterable, Sequence
from html import escape

import streamlit as st

from components.catalogues import passed_over
from components.shared import url_state
from core.counting import counted
from core.importers import SkippedEntry, TableColumns
from core.importers.sample import Sample, SampledItem
from core.importers.text import CODE_PAGES

# How many files are named that are left out of an upload.
MAX_NAMES = 3
# What people call the fields that the columns of a table are recognised as.
FIELDS = {
    "picture": "picture",
    "source_id": "id",
    "name": "name",
    "category": "category",
    "tags": "tags",
    "creator": "creator",
    "licence": "licence",
    "page_url": "page URL",
    "embed_url": "embed URL",
}


def show(sample: Sample, *, left_out: Sequence[SkippedEntry] = ()) -> None:
    """Show what is recognised; `left_out` are the files of an upload that are not imported."""
    with st.container(key="sample"):
        st.markdown(f"**{_format_count(sample)}**")
        if sample.items:
            st.html(f'<ul class="sample">{"".join(map(_item, sample.items))}</ul>')
        if sample.columns is not None:
            st.caption(url_state.escape_markdown(_format_columns(sample.columns)))
            if page := sample.columns.code_page:
                name = CODE_PAGES.get(page, page)
                st.caption(
                    f"The table is not in Unicode and is read as {name} ({page}). If letters look "
                    "wrong in its first rows, choose another encoding."
                )
                st.html(_rows(sample.columns))
        problems = [
            f"“{one.item.name}” cannot be imported: {one.problem}" for one in sample.unreadable
        ]
        for line in [*problems, *_format_skipped(sample), *_format_left_out(left_out)]:
            st.caption(url_state.escape_markdown(line))
        if sample.parts:
            parts = counted(sample.parts, "texture or other part", "textures and other parts")
            st.caption(f"With {parts}.")
        passed_over.show(sample.passed_over)


def _format_count(sample: Sample) -> str:
    """Return how many models were recognised and how many not, as far as that is known."""
    shown = len(sample.items)
    failed = f", {counted(sample.failed, 'file')} cannot be read" if sample.failed else ""
    if sample.is_exact:
        first = f". The first {shown}:" if shown < sample.count else ""
        return f"{counted(sample.count, 'model')} found{failed}{first}"
    if sample.count:
        first = f". The first {shown}:" if shown else ""
        bound = "At least" if sample.is_minimum else "Up to"
        return f"{bound} {counted(sample.count, 'model')}{failed}{first}"
    return "The models will be counted during the import."


def _item(sampled: SampledItem) -> str:
    """Return a model as HTML: its picture or the format of its 3D file, its name and category."""
    name, category = escape(sampled.item.name), escape(sampled.item.category)
    if sampled.thumbnail is not None:
        data = base64.b64encode(sampled.thumbnail).decode()
        picture = f'<img src="data:image/webp;base64,{data}" alt="">'
    else:
        picture = f'<span class="none">{escape(sampled.format)}</span>'
    return (
        f'<li title="{name}">{picture}<span dir="auto">{name}</span>'
        f'<small dir="auto">{category}</small></li>'
    )


def _format_columns(columns: TableColumns) -> str:
    """Return which columns of a table hold what, and which are not used."""
    held = ", ".join(
        f"{FIELDS.get(field, field)} (“{column}”)" for field, column in columns.fields.items()
    )
    unused = ", ".join(f"“{column}”" for column in columns.unused)
    sentences = [f"Columns recognised: {held}." if held else "No columns recognised."]
    return " ".join([*sentences, f"Not used: {unused}." if unused else ""]).strip()


def _rows(columns: TableColumns) -> str:
    """Return the first rows of a table as HTML."""
    rows = ["".join(f'<td dir="auto">{escape(cell)}</td>' for cell in row) for row in columns.rows]
    return f'<div class="rows"><table><tr>{"</tr><tr>".join(rows)}</tr></table></div>'


def _format_skipped(sample: Sample) -> Iterable[str]:
    """Yield how many entries of the source are skipped for which reason."""
    others = sample.skipped - sum(count for _, count in sample.reasons)
    for reason, count in sample.reasons:
        yield f"{count:,} skipped: {reason}"
    if others:
        yield f"{others:,} skipped for other reasons."


def _format_left_out(left_out: Sequence[SkippedEntry]) -> Iterable[str]:
    """Yield which files of an upload are left out for which reason."""
    reasons: dict[str, list[str]] = {}
    for entry in left_out:
        reasons.setdefault(entry.reason, []).append(entry.source_id)
    for reason, names in reasons.items():
        more = len(names) - MAX_NAMES
        listed = ", ".join(f"“{name}”" for name in names[:MAX_NAMES])
        yield f"Left out: {listed}{f' and {more:,} more' if more > 0 else ''}. {reason}"
