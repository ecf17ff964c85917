"""The models of Explore: in which order, which of them are shown, and of which category."""

import random
from collections.abc import Mapping
from dataclasses import dataclass, replace
from html import escape
from typing import Any

import streamlit as st

from components.explore import caches
from components.shared import controls, links, url_state
from components.widgets.load_more import load_more
from components.widgets.page_history import IN_APP
from core.catalogue import Catalogue, Facet, Filters, Item

# How many models a page has.
PER_PAGE = 48
# How many pages are shown at once: the browser is sent all of them with each that is added, 280 kB
# for the last.
MAX_PAGES = 20
# With more categories than this there is a selection in place of chips, which would be a wall.
MAX_CHIPS = 12
# A longer text that is searched for is cut in the title.
MAX_QUOTED = 60
# The orders, and what the page calls them; the first is the default.
MIXED, CATALOGUE, NAME = "mixed", "catalogue", "name"
ORDERS = {MIXED: "Mixed", CATALOGUE: "Catalogue order", NAME: "Name"}
# The parameters of the URL that say which pages are shown.
PAGES = ("page", "first")


@dataclass(frozen=True, slots=True)
class Pages:
    """Which pages are shown: `first` to `page`, both counted from 1, of `last`."""

    first: int
    page: int
    last: int

    @property
    def may_grow(self) -> bool:
        """Whether one more page can be shown below."""
        return self.page < self.last and self.page - self.first + 1 < MAX_PAGES


def pages_from_url(count: int) -> Pages:
    """Return the pages of `count` models that the URL asks for: `page` alone, or from `first`."""
    last = max(1, -(-count // PER_PAGE))
    page = min(url_state.number("page", 1, minimum=1, maximum=1_000_000), last)
    first = url_state.number("first", page, minimum=1, maximum=1_000_000)
    return Pages(min(page, max(first, page - MAX_PAGES + 1)), page, last)


def order_from_url() -> str:
    """Return the order that the URL asks for, one of `ORDERS`."""
    return url_state.choice("sort", ORDERS, MIXED)


def models(catalogue: Catalogue, filters: Filters, order: str, pages: Pages) -> list[Item]:
    """Return the models of the pages that are shown; with words, the best match comes first."""
    offset = (pages.first - 1) * PER_PAGE
    limit = pages.page * PER_PAGE - offset
    if order == CATALOGUE or filters.text.strip():
        return catalogue.items.find(filters, offset=offset, limit=limit)
    ids = caches.ordered_ids(catalogue, filters.category, filters.collection, by_name=order == NAME)
    shown = ids[offset : offset + limit]
    items = {item.id: item for item in catalogue.items.get_many(shown)}
    return [items[item_id] for item_id in shown if item_id in items]


def described(filters: Filters) -> list[str]:
    """Return what is shown of the catalogue, as the browser's tab and its history name it."""
    text = " ".join(filters.text.split())
    shown = text if len(text) <= MAX_QUOTED else f"{text[:MAX_QUOTED]}…"
    parts = [f"“{shown}”" if text else "", filters.category, filters.collection]
    return [part for part in parts if part]


def matching(
    catalogue: Catalogue, filters: Filters, counts: Mapping[Facet, Mapping[str, int]]
) -> dict[Facet, Mapping[str, int]]:
    """Return how many models have each value of a facet, of those that match the other filters.

    `counts` is the same of all models. Values without models are left out, except the chosen one,
    so that people can see and clear it.
    """
    shown: dict[Facet, Mapping[str, int]] = {}
    for name, everything in counts.items():
        cleared: dict[str, Any] = {name: None}
        others = replace(filters, **cleared)
        found = catalogue.items.facet(name, others) if others else everything
        value = getattr(filters, name)
        kept = (one for one in everything if one in found or one == value)
        shown[name] = {one: found.get(one, 0) for one in kept}
    return shown


def random_id(catalogue: Catalogue, filters: Filters, count: int) -> str:
    """Return the id of any of the `count` models that match; empty if there is none."""
    found = catalogue.items.find(filters, offset=random.randrange(max(1, count)), limit=1)
    return found[0].id if found else ""


def open_model(item_id: str) -> None:
    """Show a model, at the beginning of a trail. Only in callbacks."""
    url_state.change(item=item_id, trail=None)


def url_of(item_id: str) -> str:
    """Return the URL that `open_model` leads to."""
    return url_state.link(item=item_id, trail=None)


def choose_order(order: str) -> None:
    """Show a choice of one of the `ORDERS`: `sort` in the URL."""
    controls.one_of("Order", "sort", ORDERS, order, default=MIXED, labelled=False, removed=PAGES)


def show_earlier(pages: Pages) -> None:
    """Show above the models the link to those before them, if there are any."""
    if pages.first > 1:
        earliest = pages.first - MAX_PAGES
        url = url_of_pages(max(1, earliest), pages.first - 1)
        links.row([links.Link("Earlier models", url, "arrow_upward")])


def show_more(pages: Pages) -> None:
    """Show below the models what adds the next page, or the link to it if no more are added."""
    if pages.page == pages.last:
        return
    with st.container(horizontal_alignment="center", key="more"):
        if pages.may_grow:
            longer = url_of_pages(pages.first, pages.page + 1)
            load_more(longer, page=url_state.link(), key="load-more", label="Show more")
        else:
            url = url_of_pages(pages.page + 1, pages.page + 1)
            links.row([links.Link("Next models", url, "arrow_downward")])


def url_of_pages(first: int, page: int) -> str:
    """Return the URL of the pages `first` to `page`, which leaves out the first page if alone."""
    if first == page:
        return url_state.link(page=page if page > 1 else None, first=None)
    return url_state.link(page=page, first=first)


def are_chips(categories: Mapping[str, int]) -> bool:
    """Return whether there are few enough categories to show all of them as chips."""
    return len(categories) <= MAX_CHIPS


def show_chips(categories: Mapping[str, int], chosen: str | None) -> None:
    """Show all categories as links with their number of models, and mark the one that is chosen."""
    if not categories:
        return
    chips = [_chip("All", None, is_chosen=chosen is None)]
    chips += [
        _chip(name, count, is_chosen=name == chosen, category=name)
        for name, count in categories.items()
    ]
    st.html(f'<nav class="chips" aria-label="Categories">{"".join(chips)}</nav>')


def _chip(label: str, count: int | None, *, is_chosen: bool, category: str | None = None) -> str:
    href = escape(url_state.link(category=category, **dict.fromkeys(PAGES)))
    current = ' aria-current="true"' if is_chosen else ""
    number = "" if count is None else f" <small>{count:,}</small>"
    name = escape(label)
    return (
        f'<a class="{IN_APP}" href="{href}"{current} title="{name}">'
        f'<span dir="auto">{name}</span>{number}</a>'
    )
