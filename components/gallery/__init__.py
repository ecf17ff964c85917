"""A grid or a strip of pictures to pick from, with the mouse or the keyboard."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import streamlit as st

from components.assets import register

_mount = register("gallery")

_SIZES = {"grid": 132, "strip": 72}


@dataclass(frozen=True, slots=True)
class Card:
    """One picture of a gallery.

    `src` is the picture's address, best one that Streamlit serves as a file
    (`app/static/...`). `note` is short and stands right of the name, such as
    the score "0.87"; `detail` is a second line for the tooltip and for screen
    readers, such as the category.
    """

    id: str
    src: str
    name: str
    note: str = ""
    detail: str = ""

    @property
    def label(self) -> str:
        """What a screen reader says; a note that is a number is a similarity."""
        note = self.note
        if note.replace(".", "", 1).isdecimal():
            note = f"similarity {note}"
        return ", ".join(part for part in (self.name, note, self.detail) if part)


def gallery(
    cards: Sequence[Card],
    *,
    key: str,
    label: str,
    selected: str | None = None,
    layout: Literal["grid", "strip"] = "grid",
    size: int | None = None,
    on_pick: Callable[[str], None] | None = None,
) -> None:
    """Show pictures to pick from.

    `label` names the gallery for screen readers and `selected` is the id of
    the card to mark. A grid fills the width; a strip is one row of small
    pictures that scrolls sideways, with names and notes in tooltips only.
    `size` is the least side of a picture in CSS pixels: 132 in a grid and 72
    in a strip, unless given.

    `on_pick` gets the id of a picked card before the script runs again, so it
    may change the session state and the page's address.
    """
    heard = f"{key}.heard"

    def picked() -> None:
        event = st.session_state[key]["picked"]
        st.session_state[heard] = event["number"]
        if on_pick is not None:
            on_pick(event["id"])

    _mount(
        key=key,
        data={
            "cards": [
                {
                    "id": card.id,
                    "src": card.src,
                    "name": card.name,
                    "note": card.note,
                    "detail": card.detail,
                    "label": card.label,
                }
                for card in cards
            ],
            "label": label,
            "selected": selected,
            "layout": layout,
            "size": size or _SIZES[layout],
            "heard": st.session_state.get(heard),
        },
        on_picked_change=picked,
    )
