"""Goes to another page of the app, as if a link had been clicked."""

import secrets

from components.widgets.assets import register

_mount = register(__file__)


def jump(url: str, *, key: str) -> None:
    """Go to a URL of the app with one new entry in the browser's history; stay if it is empty.

    Call it in every run, with an empty URL where there is nowhere to go: the elements below it
    would be drawn again if it came and went. Hide it by its `key`: it shows nothing.
    """
    # A call with the same number is the same jump: Streamlit repeats calls when the theme changes.
    number = secrets.token_hex(4) if url else ""
    _mount(key=key, data={"url": url, "number": number})
