"""The legend of the map: groups with colours, pictures and sizes, one of which can be selected."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

import streamlit as st

from components.widgets.assets import register

_mount = register(__file__)


@dataclass(frozen=True, slots=True)
class Entry:
    """A group of models.

    `group` is its number among the groups of the map, and `src` the URL of its picture, or empty.
    """

    key: str
    group: int
    name: str
    count: int
    colour: str
    src: str = ""


def legend(
    entries: Sequence[Entry],
    *,
    key: str,
    label: str,
    chosen: str,
    is_folded: bool,
    link: Callable[[str], str],
    on_choose: Callable[[str], None],
) -> None:
    """Show the groups as a list of links.

    `label` names the list for screen readers and `chosen` is the key of the selected group, or
    empty. A list that `is_folded` shows its first rows, and the others when it is scrolled. `link`
    returns the URL of what a click on a group leads to, given its key. `on_choose`
    gets the key of a group that is clicked, before the script runs again, and writes that URL.
    """

    def pressed() -> None:
        on_choose(st.session_state[key]["pressed"]["key"])

    _mount(
        key=key,
        data={
            "entries": [{**asdict(entry), "href": link(entry.key)} for entry in entries],
            "label": label,
            "chosen": chosen,
            "isFolded": is_folded,
        },
        on_pressed_change=pressed,
    )
