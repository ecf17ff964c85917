"""The models that are examples of a search, in its address.

`like=ID~ID.x-1~ID.x2.r10-20-60-80` reads: like the first, less like the second, and twice
as much like a part of the third, from 10 % and 20 % to 60 % and 80 % of its width and height.
"""

import re
from collections.abc import Sequence
from math import ceil, floor

from components.shared import url_state
from components.widgets.gallery import Action
from core.pictures import Box
from core.search import Example
from core.search.query import MAX_EXAMPLES, MAX_WEIGHT

# What a card of a gallery offers: the model as an example, and what it then counts.
ACTIONS = (
    Action("more", "More like this", "plus", "+"),
    Action("less", "Less like this", "minus", "-"),
)
ACTS = {"more": 1.0, "less": -1.0}

_PARAMETER = "like"
# An id, a weight and a region, for each of the most examples there can be, and one too many.
_MAX_LENGTH = (MAX_EXAMPLES + 1) * 40
_WRITTEN = re.compile(
    r"(?P<item>[a-z2-7]{13})(?:\.x(?P<weight>-?\d(?:\.\d)?))?"
    r"(?:\.r(?P<region>\d{1,3}-\d{1,3}-\d{1,3}-\d{1,3}))?"
)


def from_url() -> list[Example]:
    """Return the models that the address names; what it says otherwise is left out, and told."""
    models: list[Example] = []
    for part in filter(None, url_state.text(_PARAMETER, longest=_MAX_LENGTH).split("~")):
        model = decode(part)
        if model is None:
            url_state.warn_invalid(_PARAMETER, part, "the search without it")
        else:
            models.append(model)
    return models


def decode(text: str) -> Example | None:
    """Return the model that `text` writes, or None where it writes none."""
    found = _WRITTEN.fullmatch(text)
    if found is None:
        return None
    weight = float(found["weight"] or 1)
    if not 0 < abs(weight) <= MAX_WEIGHT:
        return None
    if found["region"] is None:
        return Example(item=found["item"], weight=weight)
    left, top, right, bottom = (int(edge) / 100 for edge in found["region"].split("-"))
    if not (left < right <= 1 and top < bottom <= 1):
        return None
    return Example(item=found["item"], weight=weight, region=Box(left, top, right, bottom))


def encode(models: Sequence[Example]) -> str:
    """Return what the address says of the models."""
    return "~".join(map(_encode_one, models))


def put(models: Sequence[Example]) -> None:
    """Put the models into the address in place of those that it names. Only in callbacks."""
    url_state.change(**{_PARAMETER: encode(models)})


def add(item_id: str, *, weight: float) -> None:
    """Add a model to the address; one that is there is counted anew. Only in callbacks."""
    others = [one for one in from_url() if one.item != item_id or one.region is not None]
    put([*others, Example(item=item_id, weight=weight)])


def _encode_one(model: Example) -> str:
    weight = "" if model.weight == 1 else f".x{model.weight:g}"
    if model.region is None:
        return f"{model.item}{weight}"
    box = model.region
    # Outwards, so that something is left of a narrow box; a hundredth off is float's.
    low = (floor(100 * edge + 0.01) for edge in (box.left, box.top))
    high = (ceil(100 * edge - 0.01) for edge in (box.right, box.bottom))
    return f"{model.item}{weight}.r{'-'.join(map(str, (*low, *high)))}"
