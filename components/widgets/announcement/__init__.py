"""Tells screen readers what has come of what a person did, and shows nothing."""

from components.widgets.assets import register

_mount = register(__file__)


def announcement(text: str, *, about: str, key: str) -> None:
    """Have screen readers say a text, after what they are saying; the focus stays where it is.

    The text is said when what it is about is another, even if it is the same text, and only then.
    Call it in every run: a place that is new may not be heard.
    """
    _mount(key=key, data={"text": text, "about": about})
