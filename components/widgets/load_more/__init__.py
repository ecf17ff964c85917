"""A link that makes a list longer, also by itself when a person scrolls to its end."""

from collections.abc import Callable

from components.widgets.assets import register

_mount = register(__file__)


def load_more(url: str, *, key: str, label: str, on_follow: Callable[[], None]) -> None:
    """Show a link to the same page with a longer list, relative to the page.

    Call it in a fragment, below the list. When the link is followed or comes near, its URL takes
    the place of that of the page, without a new entry in the browser's history: Back leads to where
    the person came from, and to this page as long as it was. Then `on_follow` is called, which must
    write the same URL, and the fragment runs again.
    """
    _mount(key=key, data={"url": url, "label": label}, on_followed_change=on_follow)
