"""A link that makes a list longer, also by itself when a person scrolls to its end."""

from components.widgets.assets import register

_mount = register(__file__)


def load_more(url: str, *, page: str, key: str, label: str) -> None:
    """Show a link to the same page with a longer list. Both URLs are relative to the page.

    Call it below the list. When the link is followed or comes near, its URL takes the place of that
    of the page, without a new entry in the browser's history, and the page runs again: Back leads
    to where the person came from, and to this page as long as it was.
    """
    _mount(key=key, data={"url": url, "page": page, "label": label})
