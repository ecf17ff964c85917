"""A 3D model that a person turns in the page, from a file that this server serves.

Drawn by Google's model-viewer, one file of 1.1 MB that lies in `static/` with its licence and is
loaded with the first model. It is built on three.js, which by itself would be more: release 187
comes unminified, 2.1 MB in two modules and 200 kB for loader, controls and light, which need an
import map or a build step. And it would leave to this project what model-viewer does: one context
of WebGL however many models a page has shown, framing at any scale, even light, keys, words for
screen readers, and fingers that scroll the page.
"""

from components.widgets.assets import register

VERSION = "4.4.0"
LIBRARY = f"app/static/model-viewer/model-viewer.min.js?v={VERSION}"

_mount = register(__file__)


def model_viewer(url: str, *, poster: str, label: str, key: str) -> None:
    """Show the 3D model at the address `url`, a binary glTF.

    `poster` is the address of a picture of it, shown until the model is there, and if it cannot
    be. `label` is what the model is called. The model may only use what is in its file: whatever
    it asks another server for is left out.

    The model is turned by dragging or the arrow keys, and seen from nearer by the wheel, two
    fingers or + and -; a double click or 0 brings the first view back. Python hears of nothing.
    """
    _mount(key=key, data={"url": url, "poster": poster, "label": label, "library": LIBRARY})
