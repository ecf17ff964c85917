"""What Explore begins with: what it is, links to other ways in, and rows of models by cluster."""

from collections.abc import Callable
from dataclasses import replace
from html import escape

import streamlit as st

from components.explore import caches, listing
from components.shared import backgrounds, cards, links, navigation
from components.widgets.gallery import Card
from components.widgets.page_history import IN_APP
from core.catalogue import Catalogue

# Says what the app is and what to do.
LINE = "Find 3D models that look alike: click one to begin"
# The side of a picture in a row, in CSS pixels. In windows of 1,280 and 1,440 pixels the last one
# is cut, so that people see that there are more.
SIDE = 140


def show_line(random_id: str, *, heading: str = LINE) -> None:
    """Show the page's heading, and links to Search, to the map and to a random model.

    Without a `random_id` the last one is left out.
    """
    ways = [
        links.Link("Draw it", navigation.sketch_pad_url(), "draw"),
        links.Link("Use a photo", navigation.picture_url(), "photo_camera"),
        links.Link("See the map", navigation.url("map"), "scatter_plot"),
    ]
    if random_id:
        surprise = "Surprise me"
        ways.append(links.Link(surprise, listing.url_of(random_id), "casino", aloud=surprise))
    st.html(f'<div class="start"><h1 dir="auto">{escape(heading)}</h1>{links.html(ways)}</div>')


def show_rows(catalogue: Catalogue, *, show_gallery: Callable[..., None]) -> None:
    """Show a row of models for each of the largest clusters, which its heading opens on the map."""
    for row in caches.rows(catalogue):
        picks = row.picks
        href = navigation.url("map", sel=f"cluster:{picks.number}")
        count = f"<small>{picks.count:,}</small>"
        with st.container(key=f"row-{picks.number}", gap="xsmall"):
            st.html(
                f'<h2 class="row"><a class="{IN_APP}" href="{escape(href)}">'
                f'<span dir="auto">{escape(picks.name)}</span> {count}'
                f"{links.icon('chevron_right')}</a></h2>"
            )
            show_gallery(
                _cards(catalogue, row),
                key=f"picks-{picks.number}",
                label=picks.name,
                layout="strip",
                size=SIDE,
            )


def _cards(catalogue: Catalogue, row: caches.Row) -> list[Card]:
    """Return the cards of a row, with their parts of its strip for pictures."""
    cut_outs = backgrounds.cut_outs(catalogue)
    shown = cards.of_items(catalogue, row.items, link=listing.url_of, cut_outs=cut_outs)
    # The strip shows thumbnails with their backgrounds.
    if not row.strip or cut_outs:
        return shown
    return [
        replace(card, src=f"{row.strip}#{number}/{len(shown)}") for number, card in enumerate(shown)
    ]
