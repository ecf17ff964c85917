"""A link that shows the progress of a background job, and polls Python."""

import secrets
from collections.abc import Callable

from components.widgets.assets import register

_mount = register(__file__)


def progress_link(
    *,
    key: str,
    label: str,
    share: float | None,
    detail: str,
    href: str,
    interval: float,
    run: str,
    on_tick: Callable[[], None] = lambda: None,
) -> None:
    """Show a progress bar with a label, as a link within the app.

    Call it in a fragment: the fragment runs again every `interval` seconds while the link is on the
    page and the tab is visible. Unlike `run_every`, this ends with the link: the page need not run
    again.

    Args:
        key: of the widget.
        label: what is going on, in a few words.
        share: how much of it is done, 0 to 1; None if that is unknown.
        detail: the same in more words, which pointers and screen readers get.
        href: the URL that the link leads to.
        interval: seconds between two runs of the fragment.
        run: what tells the run of the whole page, in which the fragment was defined, from others.
        on_tick: called before each of these runs.
    """
    # A call with equal data would not reach the browser, where the next run is scheduled.
    data = {
        "label": label,
        "share": share,
        "detail": detail,
        "href": href,
        "interval": interval,
        "run": run,
        "number": secrets.token_hex(4),
    }
    _mount(key=key, data=data, on_ticked_change=on_tick)
