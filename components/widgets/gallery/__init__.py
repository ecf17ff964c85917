"""A grid or strip of pictures to pick from or act on, with the mouse or the keyboard."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Literal

import streamlit as st

from components.widgets.assets import register
from core.pictures import Box

_mount = register(__file__)

_SIZES = {"grid": 132, "strip": 72}


@dataclass(frozen=True, slots=True)
class Card:
    """One picture of a gallery.

    Attributes:
        id: what `on_pick` and `on_act` get.
        src: the picture's URL, preferably of a file that Streamlit serves (`app/static/...`). It
            may end in "#3/12": the fourth of twelve squares that are side by side in one file.
        name: shown below the picture.
        note: a short text to the right of the name, such as the score "0.87"; of a card with a
            bar it is in the tooltip.
        aloud: the note as screen readers say it, where it has signs in place of words.
        detail: a second line for the tooltip and for screen readers, such as the category.
        box: outlined on the picture, such as where a match is.
        bar: how much of a thin bar below the picture is filled, 0 to 1; None for a card without.
        href: the URL of what a click opens; empty for a card that is a button and no link.
    """

    id: str
    src: str
    name: str
    note: str = ""
    detail: str = ""
    box: Box | None = None
    href: str = ""
    aloud: str = ""
    bar: float | None = None

    @property
    def label(self) -> str:
        """The text for screen readers: as it is seen, because people say it to voice control."""
        parts = (self.name, self.aloud or self.note, self.detail)
        return ", ".join(part for part in parts if part)

    @property
    def description(self) -> str:
        """What screen readers say of the label: a note that begins with a number is a score."""
        return "With its similarity score" if self.note[:1].isdecimal() else ""


@dataclass(frozen=True, slots=True)
class Action:
    """Something to do with a card other than picking it: a small button on its picture.

    `label` is the tooltip and, with the card's name, the text for screen readers. `key` is the
    character that presses the button while the card has the focus.
    """

    name: str
    label: str
    sign: Literal["plus", "minus", "why"]
    key: str


def gallery(
    cards: Sequence[Card],
    *,
    key: str,
    label: str,
    selected: str | None = None,
    layout: Literal["grid", "strip"] = "grid",
    size: int | None = None,
    on_pick: Callable[[str], None] | None = None,
    actions: Sequence[Action] = (),
    on_act: Callable[[str, str], None] | None = None,
) -> None:
    """Show pictures to pick from.

    `label` names the gallery for screen readers and `selected` is the id of the card to mark. A
    grid fills the width; a strip is one row of small pictures that scrolls sideways, with names
    and notes only in tooltips. The tooltip of a card with a bar has all that is known of it, and
    shows on the keyboard's focus too, until Escape. `size` is the smallest side of a picture in CSS
    pixels; by default it is 132 in a grid and 72 in a strip. Every card offers the `actions`.

    `on_pick` gets the id of a picked card, and `on_act` the name of an action and the id of its
    card. Both are called before the script runs again, so that they may change the session state
    and the URL.

    A card with an `href` is a link, which opens in a new tab with the middle button, Ctrl and the
    like. A plain click stays within the app: without `on_pick` it goes to the `href`, with one new
    entry in the browser's history; `on_pick` must write the same URL, for which a fragment is
    enough.
    """
    answered = f"{key}.answered"

    def pressed() -> None:
        event = st.session_state[key]["pressed"]
        st.session_state[answered] = event["number"]
        if event["action"]:
            if on_act is not None:
                on_act(event["action"], event["id"])
        elif on_pick is not None:
            on_pick(event["id"])

    _mount(
        key=key,
        data={
            "cards": [
                {**asdict(card), "label": card.label, "description": card.description}
                for card in cards
            ],
            "actions": [asdict(action) for action in actions],
            "label": label,
            "selected": selected,
            "layout": layout,
            "size": size or _SIZES[layout],
            "picks": on_pick is not None,
            "answered": st.session_state.get(answered),
        },
        on_pressed_change=pressed,
    )
