"""A 3D viewer for a model from a file that this server serves.

It uses Google's model-viewer, one file of 1.1 MB in `static/`, with its licence, that is loaded
with the first model. model-viewer is built on three.js, which alone would be larger: release 187
comes unminified, 2.1 MB in two modules and 200 kB for loader, controls and light, which need an
import map or a build step. This project would also have to do what model-viewer does: use one
WebGL context however many models a page has shown, frame models of any scale, light them evenly,
handle keys, describe them to screen readers, and let fingers scroll the page.
"""

from collections.abc import Callable

from components.widgets.assets import register

VERSION = "4.4.0"
LIBRARY = f"app/static/model-viewer/model-viewer.min.js?v={VERSION}"

_mount = register(__file__)


def model_viewer(
    url: str, *, poster: str, label: str, key: str, on_no_webgl: Callable[[], None]
) -> None:
    """Show the 3D model at `url`, a binary glTF.

    `poster` is the URL of a picture that is shown until the model is loaded, or if it cannot be
    loaded. `label` is the name of the model. The model may only use what is in its file: anything
    it refers to on another server is left out.

    Dragging and the arrow keys rotate the model; the wheel, two fingers and + and - zoom; a double
    click or 0 resets the view. None of this is sent to Python.

    A browser without WebGL shows the picture and says why; then `on_no_webgl` is called.
    """
    data = {"url": url, "poster": poster, "label": label, "library": LIBRARY}
    _mount(key=key, data=data, on_no_webgl_change=on_no_webgl)
