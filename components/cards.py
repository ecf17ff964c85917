"""Items as gallery cards, and the addresses of their pictures."""

from collections.abc import Iterable
from dataclasses import replace

from components.gallery import Card
from core import settings
from core.catalogue import Catalogue
from core.items import Item
from core.search import Neighbour


def picture_address(catalogue: Catalogue, item: Item) -> str:
    """Return where the browser finds the thumbnail; another picture has another address."""
    path = catalogue.thumbnail(item).relative_to(settings.PROJECT / "static")
    return f"app/static/{path.as_posix()}?v={item.digest[:8]}"


def picture_template(catalogue: Catalogue) -> str:
    """Return the address of any thumbnail of the catalogue, with `{id}` and `{version}` to fill."""
    folder = catalogue.thumbnails.relative_to(settings.PROJECT / "static")
    return f"app/static/{folder.as_posix()}/{{id}}.webp?v={{version}}"


def of_items(catalogue: Catalogue, items: Iterable[Item]) -> list[Card]:
    """Return a card for each item."""
    return [
        Card(item.id, picture_address(catalogue, item), item.name, detail=item.category)
        for item in items
    ]


def of_neighbours(catalogue: Catalogue, neighbours: Iterable[Neighbour]) -> list[Card]:
    """Return a card for each neighbour, with its score."""
    return [
        Card(
            found.item.id,
            picture_address(catalogue, found.item),
            found.item.name,
            note=f"{found.score:.2f}",
            detail=found.item.category,
        )
        for found in neighbours
    ]


def at_step(card: Card, step: int) -> Card:
    """Return the card of a model visited at `step` of a trail: it may be visited again."""
    return replace(card, id=f"{step}-{card.id}")
