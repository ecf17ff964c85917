"""A button that shares a link: by the phone's share sheet, or copied to the clipboard."""

from components.widgets.assets import register

_mount = register(__file__)


def share_link(url: str, *, title: str, key: str) -> None:
    """Show a button that shares a URL of this app, relative to the page, under a title.

    Where the browser has a share sheet and is used by touch, the sheet opens. Elsewhere the link is
    copied; where that is not allowed, it is shown to be copied by hand. None of this is sent to
    Python.
    """
    _mount(key=key, data={"url": url, "title": title}, width="content")
