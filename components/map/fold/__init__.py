"""A button that folds what floats over the map, so that the map is seen below it."""

from components.widgets.assets import register

_mount = register(__file__)


def fold(*, key: str, label: str, opens: str = "") -> None:
    """Show the button as the first element of a container, whose other elements it hides.

    On a phone and in a low window they are hidden at first. `label` names what is folded. Whenever
    `opens` becomes another text that is not empty, as for a new selection, it unfolds. Folding runs
    nothing on the server, and outlasts a visit to another page.
    """
    _mount(key=key, data={"name": key, "label": label, "opens": opens})
