"""Models as cards of a gallery, and the URLs of their pictures."""

import base64
from collections.abc import Callable, Iterable, Mapping

from components.shared import asset_urls, caches
from components.widgets.gallery import Action, Card
from core.catalogue import Catalogue, CutOutThumbnail, Item
from core.pictures import Box
from core.search import Neighbour, Results
from core.viewpoints import VIEWPOINTS

# The viewpoint from which a model matches a picture, in words.
SEEN_FROM = {viewpoint.name: viewpoint.description for viewpoint in VIEWPOINTS}

# Says on a card that a picture matches when it is mirrored: the word would need a line of its own.
MIRRORED = "⇆"

# Using the model of a card as an example of a search, and the weight that the example gets.
MORE_LIKE_THIS = Action("more", "More like this", "plus", "+")
LESS_LIKE_THIS = Action("less", "Less like this", "minus", "-")
EXAMPLE_WEIGHTS = {MORE_LIKE_THIS.name: 1.0, LESS_LIKE_THIS.name: -1.0}

# Explaining why the model of a card is among the results.
WHY = Action("why", "Why?", "why", "?")

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
    results: Results,
    *,
    link: Link | None = None,
    cut_outs: Mapping[str, CutOutThumbnail] = asset_urls.NO_CUT_OUTS,
) -> list[Card]:
    """Return a card for each neighbour, with a bar and the figures; for the rest see `of_items`."""
    return [
        Card(
            neighbour.item.id,
            asset_urls.picture(catalogue, neighbour.item, cut_outs=cut_outs),
            neighbour.item.name,
            href=link(neighbour.item.id) if link else "",
            note=_note(neighbour, MIRRORED),
            aloud=_note(neighbour, "mirrored"),
            bar=bar(neighbour.score, results.median),
            detail=neighbour.item.category,
            box=neighbour.region and _on_thumbnail(catalogue, neighbour.item, neighbour.region),
        )
        for neighbour in results.neighbours
    ]


def bar(score: float, median: float) -> float:
    """Return how much of the bar of a score is filled, 0 to 1.

    It runs from the median of the query's scores, where a model stands that was picked at random,
    to 1, which only the same picture reaches. A bar from 0 would waste what all models have in
    common, and one that is full for the best neighbour would hide that even it is not alike.
    """
    return min(1.0, max(0.0, (score - median) / (1 - median))) if median < 1 else 0.0


def _note(neighbour: Neighbour, mirrored: str) -> str:
    return " · ".join(
        [
            f"{neighbour.score:.2f}",
            f"{neighbour.z_score:.1f}σ",
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
