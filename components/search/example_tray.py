"""The examples of a search: how much each counts, what part of it is meant, and away with it.

Pictures are kept in the session, models in the address.
"""

import contextlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

import streamlit as st
from PIL import Image
from streamlit.delta_generator import DeltaGenerator

from components.search import url_examples
from components.shared import caches, cards, url_state
from components.widgets.region_box import region_box
from core import search
from core.catalogue import Catalogue, Item
from core.errors import LookalikeError
from core.pictures import Box, decoding, resizing
from core.search import Example, SearchError

# What an example counts, and how the page calls it.
WEIGHTS = {
    2.0: "Much like this",
    1.0: "Like this",
    0.5: "A little like this",
    -1.0: "Less like this",
    -2.0: "Much less like this",
}
# The side of an example's picture, in CSS pixels.
_SIDE = 40

# Puts a list of examples where it is kept.
TrayPicture = Callable[[Sequence[Example]], None]


def pictures() -> list[Example]:
    """Return the pictures, and the sets of models, kept in this session."""
    return list(st.session_state.get("kept", ()))


def add_picture(picture: Example) -> None:
    """Keep a picture, or a set of models, as an example. Only in callbacks."""
    _tray_pictures([*pictures(), picture])


def start_with(example: Example) -> None:
    """Begin a new search with an example in place of all that was drawn or kept."""
    for name in ("query", "drawing", "traced"):
        st.session_state.pop(name, None)
    _tray_pictures([example])


def show(catalogue: Catalogue, models: list[Example]) -> None:
    """Each example: its picture, how much it counts, its part, and away with it.

    `models` are those in the address.
    """
    kept = pictures()
    if not (kept or models):
        return
    items = {item.id: item for item in catalogue.items.get_many([str(one.item) for one in models])}
    with st.container(horizontal=True, vertical_alignment="center", key="tray"):
        for place in range(len(kept)):
            _show_picture(catalogue, kept, place)
        for place, model in enumerate(models):
            _show_model(catalogue, models, place, items.get(str(model.item)))
        st.button("Take all away", icon=":material/clear_all:", type="tertiary", on_click=_clear)


def _clear() -> None:
    _tray_pictures([])
    url_examples.put([])


def _tray_pictures(kept: Sequence[Example]) -> None:
    st.session_state["kept"] = kept


def _show_picture(catalogue: Catalogue, kept: list[Example], place: int) -> None:
    one = kept[place]
    key = f"kept-{place}"
    name = "your picture" if one.picture is not None else f"the set of {len(one.items):,} models"
    with _row(key):
        if one.picture is not None:
            part = _part(one.picture, one.region)
            st.image(resizing.shrink(part, side=2 * _SIDE), width=_SIDE, alt="Your picture")
        else:
            for item in catalogue.items.get_many(one.items[:1]):
                if (thumbnail := catalogue.pictures.thumbnail(item)).exists():
                    st.image(str(thumbnail), width=_SIDE, alt=item.name)
            st.caption(f"{len(one.items):,} models")
        _set_weight(name, key, kept, place, _tray_pictures)
        _remove(name, key, kept, place, _tray_pictures)


def _show_model(catalogue: Catalogue, models: list[Example], place: int, item: Item | None) -> None:
    model = models[place]
    key = f"{place}-{model.item}"
    with _row(key):
        if item is None:
            st.caption("A model that this catalogue does not have")
            _remove("it", key, models, place, url_examples.put)
            return
        try:
            st.image(_thumbnail(catalogue, item, model.region), width=_SIDE, alt=item.name)
        except (LookalikeError, OSError):
            st.caption(url_state.escape_markdown(item.name))
        _set_weight(item.name, key, models, place, url_examples.put)
        if st.button(
            "",
            key=f"part-{key}",
            icon=":material/crop:",
            help=f"Search with a part of {url_state.escape_markdown(item.name)}",
            type="primary" if model.region else "tertiary",
        ):
            _choose_part(catalogue, models, place, item)
        _remove(item.name, key, models, place, url_examples.put)


def _row(key: str) -> DeltaGenerator:
    return st.container(
        horizontal=True,
        vertical_alignment="center",
        gap="small",
        border=True,
        width="content",
        key=f"example-{key}",
    )


def _set_weight(
    name: str, key: str, all_of_them: list[Example], place: int, put: TrayPicture
) -> None:
    """Let it be chosen how much an example counts."""
    now = all_of_them[place].weight
    options = {**WEIGHTS, now: WEIGHTS.get(now, f"Counts {now:g} times")}
    key = f"weight-{key}"
    st.session_state[key] = now
    st.selectbox(
        f"How {name} counts",
        options,
        key=key,
        format_func=options.__getitem__,
        label_visibility="collapsed",
        width=190,
        on_change=lambda: put(_replaced(all_of_them, place, weight=st.session_state[key])),
    )


def _remove(name: str, key: str, all_of_them: list[Example], place: int, put: TrayPicture) -> None:
    st.button(
        "",
        key=f"away-{key}",
        icon=":material/close:",
        help=f"Take {url_state.escape_markdown(name)} away",
        type="tertiary",
        on_click=partial(put, all_of_them[:place] + all_of_them[place + 1 :]),
    )


@st.dialog("Search with a part", width="medium", on_dismiss="rerun")
def _choose_part(catalogue: Catalogue, models: list[Example], place: int, item: Item) -> None:
    st.caption("Draw a box around what counts. Without a box, all of the model does.")
    region_box(
        key=f"part-of-{item.id}",
        src=cards.data_url(caches.picture(catalogue.name, item.id, item.digest)),
        alt=item.name,
        region=models[place].region,
        on_change=lambda box: url_examples.put(_replaced(models, place, region=box)),
    )


def _replaced(
    all_of_them: list[Example], place: int, **changes: float | Box | None
) -> list[Example]:
    """Return the examples with the one at `place` changed."""
    changed = replace(all_of_them[place], **changes)  # type: ignore[arg-type]
    return [*all_of_them[:place], changed, *all_of_them[place + 1 :]]


def _thumbnail(catalogue: Catalogue, item: Item, region: Box | None) -> str | Image.Image:
    """Return the picture of an example, or the part of it that is meant."""
    if region is None:
        return str(catalogue.pictures.thumbnail(item))
    picture = decoding.decode(caches.picture(catalogue.name, item.id, item.digest))
    return resizing.shrink(_part(picture, region), side=2 * _SIDE)


def _part(picture: Image.Image, region: Box | None) -> Image.Image:
    """Return the part that is meant, or all of the picture where that is too small to show."""
    if region is not None:
        with contextlib.suppress(SearchError):
            return search.crop(picture, region)
    return picture
