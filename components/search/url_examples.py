"""The models that are examples of a search, in the URL of the page.

`like=ID~ID.x-1~ID.x2.r10-20-60-80` means: like the first, not like the second, and with weight 2
like a region of the third, from 10 % and 20 % to 60 % and 80 % of its width and height.
"""

import re
from collections.abc import Sequence
from math import ceil, floor

import streamlit as st

from components.shared import url_state
from core.catalogue import Catalogue
from core.counting import counted
from core.pictures import Box
from core.search import ItemExample
from core.search.query import MAX_EXAMPLES, MAX_WEIGHT

_PARAMETER = "like"
# An id, a weight and a region for each example, and for one more than is allowed.
_MAX_LENGTH = (MAX_EXAMPLES + 1) * 40
_ENCODED = re.compile(
    r"(?P<item>[a-z2-7]{13})(?:\.x(?P<weight>-?\d(?:\.\d)?))?"
    r"(?:\.r(?P<region>\d{1,3}-\d{1,3}-\d{1,3}-\d{1,3}))?"
)


def from_url() -> list[ItemExample]:
    """Return the models that the URL names; warn about what cannot be read, and leave it out."""
    models: list[ItemExample] = []
    for part in filter(None, url_state.text(_PARAMETER, max_length=_MAX_LENGTH).split("~")):
        model = decode(part)
        if model is None:
            url_state.warn_invalid(_PARAMETER, part, "the search without it")
        else:
            models.append(model)
    return models


def known(catalogue: Catalogue, models: Sequence[ItemExample]) -> list[ItemExample]:
    """Return the models that the catalogue has; say how many it lacks, and leave them out."""
    found = {item.id for item in catalogue.items.get_many([one.item_id for one in models])}
    missing = len({one.item_id for one in models} - found)
    if missing:
        verb = "is" if missing == 1 else "are"
        st.warning(
            f"{counted(missing, 'model')} in this link {verb} not in this catalogue.",
            icon=":material/link_off:",
        )
    return [one for one in models if one.item_id in found]


def decode(text: str) -> ItemExample | None:
    """Return the model that `text` encodes, or None if it encodes none."""
    parts = _ENCODED.fullmatch(text)
    if parts is None:
        return None
    weight = float(parts["weight"] or 1)
    if not 0 < abs(weight) <= MAX_WEIGHT:
        return None
    if parts["region"] is None:
        return ItemExample(parts["item"], weight=weight)
    left, top, right, bottom = (int(edge) / 100 for edge in parts["region"].split("-"))
    if not (left < right <= 1 and top < bottom <= 1):
        return None
    return ItemExample(parts["item"], Box(left, top, right, bottom), weight)


def encode(models: Sequence[ItemExample]) -> str:
    """Return the models as the URL's parameter `like`."""
    return "~".join(map(_encode_one, models))


def put(models: Sequence[ItemExample]) -> None:
    """Replace the models in the URL. Only in callbacks."""
    url_state.change(**{_PARAMETER: encode(models)})


def add(item_id: str, *, weight: float) -> None:
    """Add a model to the URL, or give it a new weight if it is there. Only in callbacks."""
    others = [one for one in from_url() if one.item_id != item_id or one.region is not None]
    put([*others, ItemExample(item_id, weight=weight)])


def _encode_one(model: ItemExample) -> str:
    weight = "" if model.weight == 1 else f".x{model.weight:g}"
    if model.region is None:
        return f"{model.item_id}{weight}"
    box = model.region
    # Rounded outwards, so that a narrow box does not vanish; 0.01 allows for float errors.
    low = (floor(100 * edge + 0.01) for edge in (box.left, box.top))
    high = (ceil(100 * edge - 0.01) for edge in (box.right, box.bottom))
    return f"{model.item_id}{weight}.r{'-'.join(map(str, (*low, *high)))}"
