"""The strip of chips above the lookalikes: the picture and the examples of the search.

Pictures and sets of models are kept in the session, single models in the URL.
"""

from collections.abc import Sequence
from dataclasses import replace

import streamlit as st
from PIL import Image

from components.search import query_state, url_examples
from components.shared import asset_urls, caches, cards, url_state
from components.shared.query_picture import QueryPicture
from components.shared.session import SessionExample, session
from components.widgets.chips import Chip, chips
from components.widgets.region_box import region_box
from core import search
from core.catalogue import Catalogue, Item
from core.counting import counted
from core.descriptors import QueryKind
from core.errors import LookalikeError
from core.pictures import Box, decoding, encoding, resizing
from core.search import ItemExample, PictureExample, SearchError

# The weights to choose from, without their signs, and what the page calls them.
WEIGHTS = {0.5: "× ½", 1.0: "× 1", 2.0: "× 2"}
# What the page calls the types of pictures.
TYPES: dict[QueryKind, str] = {
    "photo": "Photo",
    "drawing": "Drawing",
    "auto": "Drawing and photo",
}
# The longer side of a chip's picture, in pixels.
_SIDE = 96
_KEEP, _CLEAR = "keep", "clear"
_REGION = "Region"


class _Strip:
    """What the chips stand for: by the ids of the chips, as they were when they were shown."""

    def __init__(
        self, models: Sequence[ItemExample], picture: QueryPicture | None, chosen: QueryKind
    ) -> None:
        self.models = list(models)
        self.picture = picture
        self.chosen = chosen
        self.pictures = list(session.examples)

    def set_weight(self, chip: str, weight: float) -> None:
        kind, number = _parts(chip)
        if kind == "query":
            query_state.set_weight(weight)
        elif kind == "picture":
            self._put(number, replace(self.pictures[number], weight=weight))
        else:
            self._put_model(number, replace(self.models[number], weight=weight))

    def set_region(self, chip: str, region: Box | None) -> None:
        kind, number = _parts(chip)
        if kind == "picture":
            example = self.pictures[number]
            assert isinstance(example, PictureExample)
            self._put(number, replace(example, region=region))
        else:
            self._put_model(number, replace(self.models[number], region=region))

    def remove(self, chip: str) -> None:
        kind, number = _parts(chip)
        if kind == "query":
            query_state.remove_query()
        elif kind == "picture":
            self._put(number, None)
        else:
            self._put_model(number, None)

    def do_extra(self, name: str) -> None:
        if name == _KEEP and self.picture is not None:
            query_state.add_to_examples(self.picture, self.chosen)
        elif name == _CLEAR:
            query_state.remove_all()
            url_examples.put([])

    def _put(self, number: int, example: SessionExample | None) -> None:
        new = [] if example is None else [example]
        self.pictures[number : number + 1] = new
        session.examples = tuple(self.pictures)

    def _put_model(self, number: int, model: ItemExample | None) -> None:
        new = [] if model is None else [model]
        self.models[number : number + 1] = new
        url_examples.put(self.models)


def show(
    catalogue: Catalogue,
    models: Sequence[ItemExample],
    picture: QueryPicture | None,
    chosen: QueryKind,
) -> None:
    """Show a chip for the present picture and for each example.

    `models` are those of the URL, all of which the catalogue has.
    """
    strip = _Strip(models, picture, chosen)
    items = {item.id: item for item in catalogue.items.get_many([one.item_id for one in models])}
    shown = [] if picture is None else [_of_query(picture, chosen)]
    shown += [_of_example(catalogue, *each) for each in enumerate(strip.pictures)]
    shown += [
        _of_model(catalogue, number, model, items[model.item_id])
        for number, model in enumerate(models)
    ]
    extras = {} if picture is None else {_KEEP: "Keep and add another"}
    if len(shown) > 1:
        extras[_CLEAR] = "Remove all"

    def crop(chip: str) -> None:
        session.cropped_example = chip

    chips(
        shown,
        key="strip",
        label="Examples of this search",
        weights=WEIGHTS,
        on_weight=strip.set_weight,
        on_crop=crop,
        on_remove=strip.remove,
        extras=extras,
        on_extra=strip.do_extra,
    )
    if chip := session.cropped_example:
        del session.cropped_example
        _choose_region(catalogue, strip, chip)


def _parts(chip: str) -> tuple[str, int]:
    """Return what a chip stands for and its number: "model-2-ID" is the third model."""
    kind, _, rest = chip.partition("-")
    return kind, int(rest.partition("-")[0] or 0)


def _of_query(query: QueryPicture, chosen: QueryKind) -> Chip:
    return Chip(
        "query",
        query_state.picture_name(query),
        _small(query.picture, query.region),
        detail=_detail(query.query_kind(chosen), query.region),
        weight=query.weight,
    )


def _of_example(catalogue: Catalogue, number: int, example: SessionExample) -> Chip:
    chip = f"picture-{number}"
    if isinstance(example, PictureExample):
        return Chip(
            chip,
            query_state.picture_name(example),
            _small(example.picture, example.region),
            detail=_detail(example.query_kind, example.region),
            weight=example.weight,
            can_crop=True,
            is_cropped=example.region is not None,
        )
    first = catalogue.items.get_many(example.item_ids[:1])
    return Chip(
        chip,
        counted(len(example.item_ids), "model"),
        asset_urls.picture(catalogue, first[0]) if first else "",
        detail="Set",
        weight=example.weight,
    )


def _of_model(catalogue: Catalogue, number: int, model: ItemExample, item: Item) -> Chip:
    return Chip(
        f"model-{number}-{model.item_id}",
        item.name,
        _thumbnail(catalogue, item, model.region),
        detail=_REGION if model.region else "Model",
        weight=model.weight,
        can_crop=True,
        is_cropped=model.region is not None,
    )


def _detail(kind: QueryKind, region: Box | None) -> str:
    return TYPES[kind] if region is None else _REGION


def _thumbnail(catalogue: Catalogue, item: Item, region: Box | None) -> str:
    """Return the URL of the picture of a model, or of its region; empty if its file is lost."""
    if region is None:
        return asset_urls.picture(catalogue, item)
    try:
        return _small(decoding.decode(caches.picture(catalogue, item.id, item.digest)), region)
    except (LookalikeError, OSError):
        return ""


def _small(picture: Image.Image, region: Box | None) -> str:
    """Return a picture, or its region unless that is too small to show, as a small data URL."""
    part = picture
    if region is not None:
        try:
            part = search.crop(picture, region)
        except SearchError:
            part = picture
    return cards.data_url(encoding.jpeg(resizing.shrink(part, side=_SIDE), quality=85))


@st.dialog("Search with a region", width="medium", on_dismiss="rerun")
def _choose_region(catalogue: Catalogue, strip: _Strip, chip: str) -> None:
    kind, number = _parts(chip)
    st.caption(
        "Draw a box around the region to search with. Without a box, the whole picture is used."
    )
    if kind == "picture":
        example = strip.pictures[number]
        assert isinstance(example, PictureExample)
        shown = encoding.jpeg(resizing.shrink(example.picture, side=896), quality=88)
        src, name = cards.data_url(shown), query_state.picture_name(example)
        region = example.region
    else:
        model = strip.models[number]
        item = catalogue.items.get(model.item_id)
        try:
            src = cards.data_url(caches.picture(catalogue, item.id, item.digest))
        except LookalikeError as error:
            st.warning(url_state.escape_markdown(str(error)))
            return
        name, region = item.name, model.region
    region_box(
        key=f"region-of-{chip}",
        src=src,
        alt=name,
        region=region,
        on_change=lambda box: strip.set_region(chip, box),
    )
