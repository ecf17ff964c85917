"""Models as cards of a gallery, and the URLs of their pictures."""

import base64
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from components.shared import asset_urls, caches
from components.widgets.gallery import Action, Card
from core.catalogue import Catalogue, CutOutThumbnail, Item
from core.pictures import Box
from core.search import Neighbour
from core.viewpoints import VIEWPOINTS

# The viewpoint from which a model matches a picture, in words.
SEEN_FROM = {viewpoint.name: viewpoint.description for viewpoint in VIEWPOINTS}

# Says on a card that a picture matches when it is mirrored: the word would need a line of its own.
MIRRORED = "⇆"

# Using the model of a card as an example of a search, and the weight that the example gets.
MORE_LIKE_THIS = Action("more", "More like this", "plus", "+")
LESS_LIKE_THIS = Action("less", "Less like this", "minus", "-")
EXAMPLE_WEIGHTS = {MORE_LIKE_THIS.name: 1.0, LESS_LIKE_THIS.name: -1.0}

# What the data URL of a JPEG begins with.
JPEG_PREFIX = "data:image/jpeg;base64,"


def data_url(jpeg: bytes) -> str:
    """Return a JPEG as a data URL, for a picture that is not served as a file."""
    return f"{JPEG_PREFIX}{base64.b64encode(jpeg).decode()}"


# Returns the URL of what a click on the card of an item opens, given the item's id.
Link = Callable[[str], str]


def of_items(
    catalogue: Catalogue,
    items: Iterable[Item],
    *,
    link: Link | None = None,
    cut_outs: Mapping[str, CutOutThumbnail] = asset_urls.NO_CUT_OUTS,
) -> list[Card]:
    """Return a card for each item, with its own among `cut_outs`, by item id, if there is one.

    `link` returns the URL of what a click on a card opens, given the item's id; without it, cards
    are buttons.
    """
    return [
        Card(
            item.id,
            asset_urls.picture(catalogue, item, cut_outs=cut_outs),
            item.name,
            href=link(item.id) if link else "",
            detail=item.category,
        )
        for item in items
    ]


def of_neighbours(
    catalogue: Catalogue,
    neighbours: Iterable[Neighbour],
    *,
    link: Link | None = None,
    z_cutoff: float | None = None,
    cut_outs: Mapping[str, CutOutThumbnail] = asset_urls.NO_CUT_OUTS,
) -> list[Card]:
    """Return a card for each neighbour, with its score; for the rest see `of_items`.

    With a `z_cutoff`, the card also shows the z-score, and is faded if that is below the cutoff.
    """
    return [
        Card(
            neighbour.item.id,
            asset_urls.picture(catalogue, neighbour.item, cut_outs=cut_outs),
            neighbour.item.name,
            href=link(neighbour.item.id) if link else "",
            note=_note(neighbour, z_cutoff, MIRRORED),
            aloud=_note(neighbour, z_cutoff, "mirrored"),
            detail=neighbour.item.category,
            faded=z_cutoff is not None and neighbour.z_score < z_cutoff,
            box=neighbour.region and _on_thumbnail(catalogue, neighbour.item, neighbour.region),
        )
        for neighbour in neighbours
    ]


def _note(neighbour: Neighbour, z_cutoff: float | None, mirrored: str) -> str:
    return " · ".join(
        [
            f"{neighbour.score:.2f}",
            *([f"{neighbour.z_score:.1f}σ"] if z_cutoff is not None else []),
            *([mirrored] if neighbour.mirrored else []),
            *([SEEN_FROM[neighbour.viewpoint]] if neighbour.viewpoint else []),
        ]
    )


def _on_thumbnail(catalogue: Catalogue, item: Item, region: Box) -> Box:
    """Return where a region of a picture is on its thumbnail, a square with it in the centre."""
    width, height = caches.size(catalogue, item.id, item.digest)
    side = max(width, height)
    across, down = width / side, height / side
    left, top = (1 - across) / 2, (1 - down) / 2
    return Box(
        left + region.left * across,
        top + region.top * down,
        left + region.right * across,
        top + region.bottom * down,
    )


def at_step(card: Card, step: int, *, href: str) -> Card:
    """Return a card with an id of its own for `step` of a trail, which may repeat a model.

    `href` is the URL of the trail up to there.
    """
    return replace(card, id=f"{step}-{card.id}", href=href)
