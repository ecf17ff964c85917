"""The neighbours of a model, and the options by which they are found."""

import operator
from collections.abc import Callable
from dataclasses import astuple, dataclass

import streamlit as st

from components.model import trail
from components.shared import backgrounds, caches, cards, controls, messages, url_state
from components.widgets.gallery import gallery
from core.catalogue import Catalogue, Item
from core.descriptors import COMPACT, PUBLISHED
from core.errors import LookalikeError
from core.search import Results

BOTH = "both"
DESCRIPTORS = controls.DESCRIPTORS | {BOTH: "Side by side"}
# What the category of neighbours was called in earlier URLs.
_OLD_CATEGORY = "within"
ACTIONS = (cards.MORE_LIKE_THIS, cards.LESS_LIKE_THIS, cards.WHY)

# Gets the descriptor that found a neighbour, the name of an action, and the neighbour's id.
Act = Callable[[str, str, str], None]


@dataclass(frozen=True, slots=True)
class Options:
    """How neighbours are found, as in the URL.

    Attributes:
        descriptor: the descriptor, or `BOTH`.
        k: how many are shown.
        category: the only category they may have; None for all.
    """

    descriptor: str
    k: int
    category: str | None

    @property
    def changed(self) -> int:
        """How many of them are not what they are by default."""
        defaults = (COMPACT, controls.DEFAULT_COUNT, None)
        return sum(map(operator.ne, astuple(self), defaults))


def options_from_url(catalogue: Catalogue) -> Options:
    """Return the options of the URL; warn about what makes no sense."""
    return Options(
        url_state.choice("by", DESCRIPTORS, COMPACT),
        controls.count_from_url(),
        # Not Explore's category: a model that was opened from one category has neighbours in all.
        url_state.choice(_category_parameter(), list(_categories(catalogue)), "") or None,
    )


def _category_parameter() -> str:
    """Return the name of the neighbours' category in the URL, which may still be the old one."""
    name = "neighbour_category"
    return _OLD_CATEGORY if not url_state.text(name) and url_state.text(_OLD_CATEGORY) else name


def find(catalogue: Catalogue, item: Item, options: Options, *, descriptor: str) -> Results:
    """Return the neighbours of a model by one of the descriptors of the options."""
    return caches.neighbours(catalogue, descriptor, item.id, options.k, options.category)


def show(catalogue: Catalogue, item: Item, options: Options, *, on_act: Act) -> None:
    """Show the options and the neighbours of a model, by one descriptor or side by side."""
    with st.container(
        horizontal=True,
        horizontal_alignment="distribute",
        vertical_alignment="center",
        key="above-neighbours",
    ):
        st.header("Neighbours", anchor=False, width="content")
        _show_options(catalogue, options)
    if options.descriptor != BOTH:
        _show_neighbours(catalogue, item, options, options.descriptor, on_act=on_act)
        return
    for column, descriptor in zip(st.columns(2, gap="large"), (COMPACT, PUBLISHED), strict=True):
        with column:
            st.subheader(DESCRIPTORS[descriptor], anchor=False)
            _show_neighbours(catalogue, item, options, descriptor, on_act=on_act)


def _show_options(catalogue: Catalogue, options: Options) -> None:
    with controls.options(changed=options.changed):
        controls.one_of("Compare by", "by", DESCRIPTORS, options.descriptor, default=COMPACT)
        controls.count_select("Neighbours", options.k)
        controls.facet(
            "Category",
            _categories(catalogue),
            options.category,
            everything="All categories",
            on_change=lambda value: url_state.change(neighbour_category=value, within=None),
            width="stretch",
        )
        backgrounds.toggle(catalogue)


def _show_neighbours(
    catalogue: Catalogue, item: Item, options: Options, descriptor: str, *, on_act: Act
) -> None:
    try:
        results = find(catalogue, item, options, descriptor=descriptor)
    except LookalikeError as error:
        icon = ":material/visibility_off:" if item.is_blank else ":material/update:"
        st.info(messages.error_message(error), icon=icon)
        messages.show_way_out(error)
        return
    if not results.neighbours:
        st.info("There are no other models to compare with.", icon=":material/search_off:")
        return
    visited = trail.after(item)
    gallery(
        cards.of_neighbours(
            catalogue,
            results,
            link=lambda item_id: url_state.link(item=item_id, trail=visited),
            cut_outs=backgrounds.cut_outs(catalogue),
        ),
        key=f"neighbours-{descriptor}",
        label=f"Neighbours of {item.name}",
        on_pick=lambda item_id: url_state.change(item=item_id, trail=visited),
        actions=ACTIONS,
        on_act=lambda action, item_id: on_act(descriptor, action, item_id),
    )


def _categories(catalogue: Catalogue) -> dict[str, int]:
    """Return the categories, with how many models have each."""
    return caches.facets(catalogue, ("category",))["category"]
