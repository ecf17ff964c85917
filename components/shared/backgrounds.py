"""The switch that hides the backgrounds of pictures, in galleries and on the map."""

from collections.abc import Mapping

import streamlit as st

from components.shared import asset_urls, caches
from components.shared.session import session
from core.catalogue import Catalogue, CutOutThumbnail

# The smallest share of pictures with a background that is worth a switch: in the demo, only one
# picture of 1,599 has one.
MIN_SHARE = 0.02


def toggle(catalogue: Catalogue) -> None:
    """Show the switch, for a catalogue where it changes more than a few pictures.

    At most once on a page.
    """
    cut_outs = len(caches.cut_outs(catalogue))
    if not cut_outs or cut_outs < MIN_SHARE * catalogue.items.count():
        return
    # Streamlit drops a widget's key when a page without it is opened; the session keeps the value.
    key = "hide-backgrounds"
    # Only then: what is set again at each run undoes a second click that comes before its answer.
    st.session_state.setdefault(key, session.hides_backgrounds)
    st.toggle(
        "Hide backgrounds",
        key=key,
        on_change=lambda: _hide(st.session_state[key]),
    )


def cut_outs(catalogue: Catalogue) -> Mapping[str, CutOutThumbnail]:
    """Return the thumbnails to show in place of the ordinary ones, by item id.

    Empty if backgrounds are shown.
    """
    return caches.cut_outs(catalogue) if session.hides_backgrounds else asset_urls.NO_CUT_OUTS


def _hide(hides: bool) -> None:
    session.hides_backgrounds = hides
