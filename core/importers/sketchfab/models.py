"""What the API says of a model: its item and its thumbnail.

Any field may be missing, null or of another type.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from core import web
from core.catalogue import Item
from core.importers import table
from core.importers.base import Entry, Loaded, SkippedEntry
from core.importers.sketchfab.api import HOME, as_mapping, as_text
from core.importers.sketchfab.location import uid_in

# Pixels on the short side of a thumbnail that is large enough: the network sees 224.
MIN_THUMBNAIL_SIDE = 256


@dataclass(frozen=True, slots=True)
class Thumbnail(Entry):
    """A model and its thumbnail. A changed thumbnail has another URL."""

    item: Item
    url: str
    client: web.Client

    def is_current(self, known: str) -> bool:
        """Compare the URLs, without a request."""
        return web.final_url(known) == self.url

    def load(self, known: str) -> Loaded | None:
        """Return the thumbnail unless it is still the version `known`."""
        with table.as_entry_error():
            fetched = self.client.picture(self.url, known=known)
        return None if fetched is None else Loaded(picture=fetched.data, version=fetched.version)


def entry_of(model: object, position: str, pictures: web.Client) -> Entry | SkippedEntry:
    """Return a model of a list, or why it is skipped; `position` says where it is in the list."""
    description = as_mapping(model)
    name = as_text(description.get("name"))
    uid = uid_in(as_text(description.get("uid")))
    if not uid:
        return SkippedEntry(
            position, name, "Sketchfab lists it without a uid. Import it by its URL."
        )
    url = _thumbnail_url(description)
    if not url:
        return SkippedEntry(uid, name, f"Sketchfab has no thumbnail of it. See {HOME}/models/{uid}")
    return Thumbnail(_item(description, uid), url, pictures)


def _item(model: Mapping[str, object], uid: str) -> Item:
    """Return the item that the description of a model gives."""
    user = as_mapping(model.get("user"))
    licence = model.get("license")
    categories = _names(model.get("categories"))
    return Item(
        source_id=uid,
        name=as_text(model.get("name")) or "Untitled",
        category=categories[0] if categories else "",
        tags=tuple(_names(model.get("tags"))),
        creator=as_text(user.get("displayName")) or as_text(user.get("username")),
        licence=as_text(licence) or as_text(as_mapping(licence).get("label")),
        page_url=_sketchfab_url(model.get("viewerUrl")) or f"{HOME}/models/{uid}",
        embed_url=_sketchfab_url(model.get("embedUrl")) or f"{HOME}/models/{uid}/embed",
    )


def _thumbnail_url(model: Mapping[str, object]) -> str:
    """Return the URL of the smallest thumbnail that is large enough, else of the largest."""
    sizes: dict[int, str] = {}
    images = as_mapping(model.get("thumbnails")).get("images")
    for each in map(as_mapping, images if isinstance(images, list) else []):
        url = each.get("url")
        side = min(_number(each.get("width")) or 0, _number(each.get("height")) or 0)
        if isinstance(url, str) and re.match("https?://", url, re.IGNORECASE):
            sizes.setdefault(side, url.encode("utf-8", "replace").decode("utf-8"))
    enough = [side for side in sizes if side >= MIN_THUMBNAIL_SIDE]
    return sizes[min(enough) if enough else max(sizes)] if sizes else ""


def likes_of(model: object) -> int | None:
    """Return the number of likes of a model; None if that is not told."""
    return _number(as_mapping(model).get("likeCount"))


def _number(value: object) -> int | None:
    return int(value) if type(value) is int and 0 <= value < 10**12 else None


def _names(values: object) -> list[str]:
    """Return the names of tags or categories, without repetitions."""
    names = [
        as_text(value)
        or as_text(as_mapping(value).get("name"))
        or as_text(as_mapping(value).get("slug"))
        for value in (values if isinstance(values, list) else [])
    ]
    return list(dict.fromkeys(name for name in names if name))


def _sketchfab_url(value: object) -> str:
    """Return a URL of sketchfab.com, and an empty text for any other: it is opened in the page."""
    text = as_text(value)
    return text if re.match(r"https://(www\.)?sketchfab\.com/\S*$", text) else ""
