"""Moves the focus to an element of the page when the one that had it was removed."""

import secrets

from components.widgets.assets import register

_mount = register(__file__)


def focus(selector: str, *, key: str) -> None:
    """Give the focus to the first element that a CSS selector finds, or to none if it is empty.

    For what a person was in and Python has closed, such as a popover whose form was sent. Whoever
    has gone on meanwhile keeps the focus. Call it in every run, and hide it by its `key`, as
    `jump`.
    """
    number = secrets.token_hex(4) if selector else ""
    _mount(key=key, data={"selector": selector, "number": number})
