"""The trail: the models that were visited on the way to one, as links in one line."""

from collections.abc import Sequence
from html import escape

import streamlit as st

from components.shared import asset_urls, backgrounds, url_state
from components.widgets.page_history import IN_APP
from core.catalogue import Catalogue, Item

# How many models the trail holds: the URL stays short enough.
LENGTH = 24
# How many of them are shown, so that they fit into the line at a desk; those before are reached
# through "…", which leads to the last of them.
SHOWN = 7


def after(item: Item) -> str:
    """Return the trail, as in the URL, of a model that is opened from this one."""
    return ".".join([*_from_url(), item.id][-LENGTH:])


def show(catalogue: Catalogue, item: Item) -> None:
    """Show links to all models and to the models visited, and the name of this one.

    The line is as high without a trail as with one, and scrolls sideways where it is too long.
    """
    visited = _from_url()
    items = {one.id: one for one in catalogue.items.get_many(visited)}
    steps = [items[item_id] for item_id in visited if item_id in items]
    first = max(0, len(steps) - SHOWN)
    listed = [_step(catalogue, steps, number) for number in range(first, len(steps))]
    if first:
        listed.insert(0, _earlier(steps, first - 1))
    name = f'<span dir="auto">{escape(item.name)}</span>'
    listed.append(f'<li aria-current="page">{name}</li>')
    everything = escape(url_state.link(item=None, trail=None))
    # The box around the list is scrolled to its end from the beginning: see trail.css.
    st.html(
        '<nav class="trail below-bar" aria-label="Trail">'
        f'<a class="{IN_APP} all" href="{everything}">'
        f'<span dir="auto">{escape(catalogue.title)}</span></a>'
        f"<div><ol>{''.join(listed)}</ol></div></nav>"
    )


def _step(catalogue: Catalogue, steps: Sequence[Item], number: int) -> str:
    """Return the link back to a step, with its picture and name."""
    step = steps[number]
    href, name = _href(steps, number), escape(step.name)
    src = escape(asset_urls.picture(catalogue, step, cut_outs=backgrounds.cut_outs(catalogue)))
    return (
        f'<li><a class="{IN_APP}" href="{href}" title="{name}">'
        f'<img src="{src}" alt=""><span dir="auto">{name}</span></a></li>'
    )


def _earlier(steps: Sequence[Item], number: int) -> str:
    """Return the link back to the last step that is not shown, as three dots."""
    label = escape(f"Earlier: {steps[number].name}")
    return (
        f'<li><a class="{IN_APP}" href="{_href(steps, number)}" title="{label}" '
        f'aria-label="{label}">…</a></li>'
    )


def _href(steps: Sequence[Item], number: int) -> str:
    """Return the URL of a step with the trail before it, as HTML."""
    before = ".".join(one.id for one in steps[:number])
    return escape(url_state.link(item=steps[number].id, trail=before))


def _from_url() -> list[str]:
    return [part for part in url_state.text("trail").split(".") if part][-LENGTH:]
