"""The examples of a search: their weights and regions, and buttons to remove them.

Pictures and sets of models are kept in the session, single models in the URL.
"""

import contextlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import TypeVar

import streamlit as st
from PIL import Image
from streamlit.delta_generator import DeltaGenerator

from components.search import url_examples
from components.shared import caches, cards, url_state
from components.shared.session import SessionExample, session
from components.widgets.region_box import region_box
from core import search
from core.catalogue import Catalogue, Item
from core.errors import LookalikeError
from core.pictures import Box, decoding, resizing
from core.search import Example, ItemExample, PictureExample, SearchError

# The weights to choose from, and what the page calls them.
WEIGHTS = {
    2.0: "Much more like this",
    1.0: "More like this",
    0.5: "Slightly more like this",
    -1.0: "Less like this",
    -2.0: "Much less like this",
}
# The side of an example's picture, in CSS pixels.
_SIDE = 40

E = TypeVar("E", bound=Example)
# Stores a list of examples, in the session or in the URL.
Put = Callable[[Sequence[E]], None]


def pictures() -> list[SessionExample]:
    """Return the pictures and sets of models that are examples in this session."""
    return list(session.examples)


def add_picture(picture: SessionExample) -> None:
    """Add a picture, or a set of models, to the examples. Only in callbacks."""
    _put_pictures([*pictures(), picture])


def show(catalogue: Catalogue, models: list[ItemExample]) -> None:
    """Show each example with its picture, weight and region; `models` are those of the URL."""
    in_session = pictures()
    if not (in_session or models):
        return
    items = {item.id: item for item in catalogue.items.get_many([one.item_id for one in models])}
    with st.container(horizontal=True, vertical_alignment="center", key="tray"):
        for number in range(len(in_session)):
            _show_picture(catalogue, in_session, number)
        for number, model in enumerate(models):
            _show_model(catalogue, models, number, items.get(model.item_id))
        st.button("Remove all", icon=":material/clear_all:", type="tertiary", on_click=_clear)


def _clear() -> None:
    _put_pictures([])
    url_examples.put([])


def _put_pictures(examples: Sequence[SessionExample]) -> None:
    session.examples = tuple(examples)


def _show_picture(catalogue: Catalogue, examples: list[SessionExample], number: int) -> None:
    example = examples[number]
    key = f"picture-{number}"
    name = (
        "your picture"
        if isinstance(example, PictureExample)
        else f"the set of {len(example.item_ids):,} models"
    )
    with _row(key):
        if isinstance(example, PictureExample):
            region = _crop(example.picture, example.region)
            st.image(resizing.shrink(region, side=2 * _SIDE), width=_SIDE, alt="Your picture")
        else:
            for item in catalogue.items.get_many(example.item_ids[:1]):
                if (thumbnail := catalogue.pictures.thumbnail(item)).exists():
                    st.image(str(thumbnail), width=_SIDE, alt=item.name)
            st.caption(f"{len(example.item_ids):,} models")
        _weight_select(name, key, examples, number, _put_pictures)
        _remove_button(name, key, examples, number, _put_pictures)


def _show_model(
    catalogue: Catalogue, models: list[ItemExample], number: int, item: Item | None
) -> None:
    model = models[number]
    key = f"{number}-{model.item_id}"
    with _row(key):
        if item is None:
            st.caption("This model is not in this catalogue")
            _remove_button("this example", key, models, number, url_examples.put)
            return
        try:
            st.image(_thumbnail(catalogue, item, model.region), width=_SIDE, alt=item.name)
        except (LookalikeError, OSError):
            st.caption(url_state.escape_markdown(item.name))
        _weight_select(item.name, key, models, number, url_examples.put)
        if st.button(
            "",
            key=f"crop-{key}",
            icon=":material/crop:",
            help=f"Search with a region of {url_state.escape_markdown(item.name)}",
            type="primary" if model.region else "tertiary",
        ):
            _choose_region(catalogue, models, number, item)
        _remove_button(item.name, key, models, number, url_examples.put)


def _row(key: str) -> DeltaGenerator:
    return st.container(
        horizontal=True,
        vertical_alignment="center",
        gap="small",
        border=True,
        width="content",
        key=f"example-{key}",
    )


def _weight_select(name: str, key: str, examples: list[E], number: int, put: Put[E]) -> None:
    weight = examples[number].weight
    options = {**WEIGHTS, weight: WEIGHTS.get(weight, f"Weight {weight:g}")}
    key = f"weight-{key}"
    st.session_state[key] = weight
    st.selectbox(
        f"Weight of {name}",
        options,
        key=key,
        format_func=options.__getitem__,
        label_visibility="collapsed",
        width=190,
        on_change=lambda: put(_changed(examples, number, weight=st.session_state[key])),
    )


def _remove_button(name: str, key: str, examples: list[E], number: int, put: Put[E]) -> None:
    st.button(
        "",
        key=f"remove-{key}",
        icon=":material/close:",
        help=f"Remove {url_state.escape_markdown(name)}",
        type="tertiary",
        on_click=partial(put, examples[:number] + examples[number + 1 :]),
    )


@st.dialog("Search with a region", width="medium", on_dismiss="rerun")
def _choose_region(
    catalogue: Catalogue, models: list[ItemExample], number: int, item: Item
) -> None:
    st.caption("Draw a box around the region to search with. Without a box, all of it is used.")
    region_box(
        key=f"region-of-{item.id}",
        src=cards.data_url(caches.picture(catalogue, item.id, item.digest)),
        alt=item.name,
        region=models[number].region,
        on_change=lambda box: url_examples.put(_changed(models, number, region=box)),
    )


def _changed(examples: list[E], number: int, **changes: float | Box | None) -> list[E]:
    """Return the examples with one of them changed."""
    changed = replace(examples[number], **changes)  # type: ignore[arg-type]
    return [*examples[:number], changed, *examples[number + 1 :]]


def _thumbnail(catalogue: Catalogue, item: Item, region: Box | None) -> str | Image.Image:
    """Return the picture of an example, or its region; raises `OSError` if its file is lost."""
    if region is None:
        # Resolved here: Streamlit would raise an error of its own for a lost file.
        return str(catalogue.pictures.thumbnail(item).resolve(strict=True))
    picture = decoding.decode(caches.picture(catalogue, item.id, item.digest))
    return resizing.shrink(_crop(picture, region), side=2 * _SIDE)


def _crop(picture: Image.Image, region: Box | None) -> Image.Image:
    """Return the region, or the whole picture if the region is too small to show."""
    if region is not None:
        with contextlib.suppress(SearchError):
            return search.crop(picture, region)
    return picture
