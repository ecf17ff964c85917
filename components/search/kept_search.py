"""The pictures and sets of models of a search, kept by the browser's tab until it is closed.

The URL cannot hold them, and the server forgets them with the session, which ends with a reload.
"""

import base64
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any, get_args

import streamlit as st
from PIL import Image

from components.shared import cards, navigation, url_state
from components.shared.query_picture import QueryPicture
from components.shared.session import (
    EncodedPicture,
    KeptSearch,
    SearchContents,
    SessionExample,
    session,
)
from components.widgets import tab_storage
from core.descriptors import QueryKind
from core.errors import LookalikeError
from core.pictures import Box, decoding, encoding, resizing
from core.search import ItemsExample, PictureExample
from core.search.query import MAX_EXAMPLES, MAX_WEIGHT
from core.vision import cutout, ink
from core.vision.drawing_detector import Likely

_KEY = "kept-search"
# The key of the widget that asks; app.css hides all keys that begin like this.
_ASKING = f"{_KEY}-asked"
# The most models of one set that are taken back.
_MAX_ITEMS = 100_000
# Of the pictures, as JPEG without subsampling: one of 1,024 x 1,024 takes about 300 kB.
_QUALITY = 95


def keep() -> None:
    """Keep the present search in the tab, if there has been one. Once on a page."""
    text = _text()
    # A place of its own: what follows, such as the sketch pad, would start anew if it moved.
    with st.container(key=f"{_KEY}-place"):
        if text is not None:
            tab_storage.tab_storage("search", text, key=_KEY, on_found=_restore)


def ask() -> None:
    """Show the search that the tab has kept, if the session has had none yet. Once on a page.

    On every page, because links of the bar lead to the search, or take its drawing along.
    """
    with st.container(key=f"{_ASKING}-place"):
        if session.kept_search is None and session.search == SearchContents():
            tab_storage.tab_storage("search", None, key=_ASKING, on_found=_restore)


def is_full() -> bool:
    """Return whether the browser has no room for the pictures of the present search."""
    return tab_storage.is_full(_KEY)


def _text() -> str | None:
    """Return the present search as text; None if the session has had none yet."""
    contents, before = session.search, session.kept_search
    if before is None and contents == SearchContents():
        return None
    if before is not None and contents.is_same(before.contents):
        return before.text
    # Each picture is encoded once: JPEG takes 15 ms for 1,024 x 1,024.
    known = before.pictures if before is not None else ()
    pictures: list[EncodedPicture] = []

    def encoded(picture: Image.Image) -> str:
        found = next((one for one in known if one.picture is picture), None)
        pictures.append(found or EncodedPicture(picture, _jpeg(picture)))
        return pictures[-1].jpeg

    text = "" if contents == SearchContents() else encode(session.search_number, contents, encoded)
    session.kept_search = KeptSearch(contents, text, tuple(pictures))
    return text


def _jpeg(picture: Image.Image) -> str:
    """Return a picture as base64 of a JPEG."""
    file = encoding.jpeg(resizing.shrink(picture), quality=_QUALITY, subsampling=0)
    return base64.b64encode(file).decode()


def _restore(text: str) -> None:
    """Show the search that the tab has kept, unless there is another one. Only in callbacks."""
    found = decode(text)
    if found is None or session.search != SearchContents():
        return
    number, contents = found
    if url_state.text(navigation.SEARCH_NUMBER) in ("", number):
        session.restore_search(number, contents)


def encode(
    number: str, contents: SearchContents, encoded: Callable[[Image.Image], str] = _jpeg
) -> str:
    """Return a search and its number as text; `encoded` turns its pictures into base64."""
    query = contents.query
    given = None
    if query is not None and not query.from_sketch_pad:
        given = {
            "picture": encoded(query.picture),
            "region": _encode_region(query.region),
            "likely": query.likely,
            "whole": query.whole,
        }
    return json.dumps(
        {
            "number": number,
            "drawing": base64.b64encode(contents.drawing or b"").decode(),
            "traced": contents.traced_picture.removeprefix(cards.JPEG_PREFIX),
            "query": given,
            # Whether it is the drawing that is searched with.
            "is_drawn": query is not None and query.from_sketch_pad,
            "weight": 1.0 if query is None else query.weight,
            "examples": [_encode_example(one, encoded) for one in contents.examples],
        }
    )


def decode(text: str) -> tuple[str, SearchContents] | None:
    """Return the number and the contents of an encoded search; None for any other text."""
    try:
        stored = json.loads(text)
        drawing = base64.b64decode(stored["drawing"], validate=True) or None
        query = None
        if stored["query"] is not None:
            query = _decode_query(stored["query"])
        elif stored["is_drawn"] and drawing is not None:
            query = QueryPicture(decoding.decode(drawing), from_sketch_pad=True, likely="drawing")
        if query is not None:
            # A tab may have kept its search before pictures had weights.
            query = replace(query, weight=_decode_weight(stored.get("weight", 1.0)))
        if stored["traced"]:
            _decode_picture(stored["traced"])
        traced = stored["traced"] and cards.JPEG_PREFIX + stored["traced"]
        examples = tuple(_decode_example(one) for one in stored["examples"][:MAX_EXAMPLES])
        return str(stored["number"]), SearchContents(query, drawing, traced, examples)
    except (LookalikeError, ValueError, TypeError, LookupError, AttributeError, RecursionError):
        return None


def _decode_query(stored: Any) -> QueryPicture:
    likely: Likely = stored["likely"]
    if likely not in get_args(Likely):
        raise ValueError(f"no likely kind: {likely}")
    return QueryPicture(
        _decode_picture(stored["picture"]),
        from_sketch_pad=False,
        likely=likely,
        region=_decode_region(stored["region"]),
        whole=bool(stored["whole"]),
    )


def _encode_example(
    example: SessionExample, encoded: Callable[[Image.Image], str]
) -> dict[str, object]:
    if isinstance(example, ItemsExample):
        return {"items": example.item_ids, "weight": example.weight}
    return {
        "picture": encoded(example.picture),
        "region": _encode_region(example.region),
        "kind": example.query_kind,
        "weight": example.weight,
        "whole": example.cut is not None and example.cut.basis == "whole",
        "is_drawn": example.from_sketch_pad,
    }


def _decode_example(stored: Any) -> SessionExample:
    weight = _decode_weight(stored["weight"])
    if "items" in stored:
        ids = tuple(str(item_id) for item_id in stored["items"][:_MAX_ITEMS])
        return ItemsExample(ids, weight)
    kind: QueryKind = stored["kind"]
    if kind not in get_args(QueryKind):
        raise ValueError(f"no kind of picture: {kind}")
    picture = _decode_picture(stored["picture"])
    # A tab may have kept its search before it said which examples were drawn.
    is_drawn = bool(stored.get("is_drawn"))
    cut = None
    if is_drawn:
        cut = ink.on_white(picture)
    elif stored["whole"]:
        cut = cutout.whole(picture)
    return PictureExample(picture, _decode_region(stored["region"]), kind, weight, cut, is_drawn)


def _decode_weight(stored: Any) -> float:
    weight = float(stored)
    if not 0 < abs(weight) <= MAX_WEIGHT:
        raise ValueError(f"no weight: {weight}")
    return weight


def _decode_picture(jpeg: str) -> Image.Image:
    return decoding.decode(base64.b64decode(jpeg, validate=True))


def _encode_region(region: Box | None) -> tuple[float, float, float, float] | None:
    return None if region is None else (region.left, region.top, region.right, region.bottom)


def _decode_region(edges: Any) -> Box | None:
    if edges is None:
        return None
    left, top, right, bottom = (float(edge) for edge in edges)
    if not (0 <= left < right <= 1 and 0 <= top < bottom <= 1):
        raise ValueError(f"no region: {edges}")
    return Box(left, top, right, bottom)
