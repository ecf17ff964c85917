"""Keeps the browser's history as people expect it: links, scroll positions, and the focus."""

from components.widgets.assets import register

_mount = register(__file__)

# The class of the links, in HTML on the page, that a plain click follows within the app.
IN_APP = "in-app"


def page_history(*, key: str) -> None:
    """Follow links of the class `IN_APP` without loading the app again, and restore scrolling.

    On another page or model, the focus moves to the heading: screen readers say where they are, and
    Tab goes on from there. "Skip to main content" leads to it too. A closed dialog gives the focus
    back to what had it before.

    Call it once on every page, outside fragments, so that it stays mounted from page to page. Hide
    it by its `key`: it shows nothing.
    """
    _mount(key=key, data={"links": f"a.{IN_APP}"})
