"""Items as gallery cards, and the addresses of their pictures."""

import base64
from collections.abc import Iterable
from dataclasses import replace

from components.shared import asset_urls, caches
from components.widgets.gallery import Card
from core.catalogue import Catalogue, Item
from core.pictures import Box
from core.search import Neighbour
from core.viewpoints import VIEWPOINTS

# The viewpoint from which a model matches a picture, in words.
SEEN_FROM = {viewpoint.name: viewpoint.description for viewpoint in VIEWPOINTS}


def data_url(jpeg: bytes) -> str:
    """Return a picture as its own address, for one that no file is served of."""
    return f"data:image/jpeg;base64,{base64.b64encode(jpeg).decode()}"


def of_items(catalogue: Catalogue, items: Iterable[Item]) -> list[Card]:
    """Return a card for each item."""
    return [
        Card(item.id, asset_urls.picture(catalogue, item), item.name, detail=item.category)
        for item in items
    ]


def of_neighbours(
    catalogue: Catalogue, neighbours: Iterable[Neighbour], *, z_cutoff: float | None = None
) -> list[Card]:
    """Return a card for each neighbour, with its score.

    With a `z_cutoff`, how far it stands out stands beside the score, and a card fades where
    that is less.
    """
    return [
        Card(
            found.item.id,
            asset_urls.picture(catalogue, found.item),
            found.item.name,
            note=" · ".join(
                [
                    f"{found.score:.2f}",
                    *([f"{found.z_score:.1f}σ"] if z_cutoff is not None else []),
                    *(["mirrored"] if found.mirrored else []),
                    *([SEEN_FROM[found.viewpoint]] if found.viewpoint else []),
                ]
            ),
            detail=found.item.category,
            faded=z_cutoff is not None and found.z_score < z_cutoff,
            box=found.region and _on_thumbnail(catalogue, found.item, found.region),
        )
        for found in neighbours
    ]


def _on_thumbnail(catalogue: Catalogue, item: Item, part: Box) -> Box:
    """Return where a part of the picture is on its thumbnail, a square with it in the middle."""
    width, height = caches.size(catalogue.name, item.id, item.digest)
    side = max(width, height)
    across, down = width / side, height / side
    left, top = (1 - across) / 2, (1 - down) / 2
    return Box(
        left + part.left * across,
        top + part.top * down,
        left + part.right * across,
        top + part.bottom * down,
    )


def at_step(card: Card, step: int) -> Card:
    """Return the card of a model visited at `step` of a trail: it may be visited again."""
    return replace(card, id=f"{step}-{card.id}")
