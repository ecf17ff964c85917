"""A strip of chips: small pictures, each with a weight, and buttons that crop and remove it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass

import streamlit as st

from components.widgets.assets import register

_mount = register(__file__)


@dataclass(frozen=True, slots=True)
class Chip:
    """One picture of a strip.

    Attributes:
        id: what the callbacks get.
        name: what it is called.
        src: the URL of its picture; empty for none.
        detail: a second, shorter line, such as the type of the picture.
        weight: how much it counts; negative for what should not be alike. None if that is unknown.
        can_crop: whether a region of it can be chosen.
        is_cropped: whether one is chosen.
    """

    id: str
    name: str
    src: str = ""
    detail: str = ""
    weight: float | None = None
    can_crop: bool = False
    is_cropped: bool = False


def chips(
    shown: Sequence[Chip],
    *,
    key: str,
    label: str,
    weights: Mapping[float, str],
    on_weight: Callable[[str, float], None],
    on_crop: Callable[[str], None],
    on_remove: Callable[[str], None],
    extras: Mapping[str, str],
    on_extra: Callable[[str], None],
) -> None:
    """Show chips beside each other, or on a phone below each other.

    `label` names the strip for screen readers. `weights` maps the weights to choose from, without
    signs, to what they are called; the weight of a chip may be any other. `extras` maps the names
    of buttons after the last chip to their labels.

    Each function is called before the script runs again, with the id of a chip, or the name of an
    extra button. What the chips do not offer is ignored, such as another weight.
    """
    ids = {chip.id for chip in shown}
    weighed = {chip.id: abs(chip.weight) for chip in shown if chip.weight is not None}
    cropped = {chip.id for chip in shown if chip.can_crop}

    def acted() -> None:
        match st.session_state[key]["acted"]:
            case {"action": "weight", "id": str(id), "weight": int() | float() as weight} if (
                id in weighed and abs(weight) in {*weights, weighed[id]}
            ):
                on_weight(id, float(weight))
            case {"action": "crop", "id": str(id)} if id in cropped:
                on_crop(id)
            case {"action": "remove", "id": str(id)} if id in ids:
                on_remove(id)
            case {"action": str(name)} if name in extras:
                on_extra(name)

    _mount(
        key=key,
        data={
            "chips": [asdict(chip) for chip in shown],
            "label": label,
            "weights": [{"weight": weight, "label": text} for weight, text in weights.items()],
            "extras": [{"name": name, "label": text} for name, text in extras.items()],
        },
        on_acted_change=acted,
    )
