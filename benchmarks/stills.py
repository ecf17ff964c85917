"""Compare the pictures of 3D files with what the viewer in the page shows of them.

Each file of `benchmarks.support.gltf_suite` is rendered as an import renders it, and is opened in
model-viewer in a real Chromium from the same direction. Of a compressed file, for which that would
need a decoder, the one that it was made of is opened instead. Both are cropped to what is seen.

- silhouette: the IoU of what is seen (the intersection's share of the union).
- colour: the mean difference of red, green and blue, 0 to 1, where both show something, after both
  are brought to the same mean brightness, because the two are lit differently.

Takes two minutes; `--save FOLDER` saves both pictures of each file, side by side:
python -m benchmarks.stills [--only WORDS] [--save FOLDER] [--json]
"""

import argparse
import base64
import contextlib
import functools
import hashlib
import http.server
import io
import re
import tempfile
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks.support import gltf_suite
from benchmarks.support.machine import Machine, Row, report
from core.rendering.renderer import MAIN, Renderer
from core.settings import PROJECT
from devtools.browser import CHROMIUM_FLAGS, find_chromium

# The side at which two pictures are compared, in pixels.
SIDE = 256
# The least alpha of what counts as seen, so that glass does.
SEEN = 16
LIBRARY = PROJECT / "static" / "model-viewer" / "model-viewer.min.js"

# The page shows one model at a time, lit as in `components/widgets/model_viewer`.
_PAGE = """<!doctype html>
<script type="module" src="model-viewer.js"></script>
<style>body { margin: 0 } model-viewer { width: 512px; height: 512px }
  model-viewer::part(default-progress-bar) { display: none }</style>
<script type="module">
  window.show = async (url, azimuth, elevation, angle) => {
    const viewer = document.createElement("model-viewer");
    Object.assign(viewer, {
      environmentImage: "legacy",
      exposure: 0.5,
      shadowIntensity: 0,
      interactionPrompt: "none",
      loading: "eager",
      minCameraOrbit: "auto 0deg 0m",
      minFieldOfView: "1deg",
    });
    const loaded = new Promise((resolve, reject) => {
      viewer.addEventListener("load", resolve, { once: true });
      viewer.addEventListener("error", (event) => reject(event.detail.type), { once: true });
    });
    viewer.src = url;
    document.body.replaceChildren(viewer);
    await loaded;
    const { x, y, z } = viewer.getDimensions();
    const distance = Math.hypot(x, y, z) / 2 / Math.sin((angle * Math.PI) / 360);
    // How near and far the camera sees depends on the greatest distance.
    viewer.maxCameraOrbit = `auto 180deg ${distance}m`;
    viewer.cameraOrbit = `${azimuth}deg ${90 - elevation}deg ${distance}m`;
    viewer.fieldOfView = `${angle}deg`;
    await viewer.updateComplete;
    viewer.jumpCameraToGoal();
    // What is drawn follows some frames later; it is there when it no longer changes.
    const pictures = [];
    while (pictures.length < 3 || pictures.at(-1) !== pictures.at(-3)) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      pictures.push(viewer.toDataURL());
    }
    return pictures.at(-1);
  };
</script>
"""
# The angle of view of the ray tracer's camera, in degrees.
ANGLE = 30


@dataclass(frozen=True, slots=True)
class Comparison:
    """How the picture of a file compares with what the viewer shows.

    Attributes:
        silhouette: the IoU of what is seen, 0 to 1.
        colour: the mean difference of colours, 0 to 1.
        still: the picture, cropped, RGBA.
        viewed: what the viewer shows, likewise.
    """

    silhouette: float
    colour: float
    still: Image.Image
    viewed: Image.Image


def compare(still: Image.Image, viewed: Image.Image) -> Comparison:
    """Compare two RGBA pictures of a model from the same direction."""
    still, viewed = _cropped(still), _cropped(viewed)
    one, other = (np.asarray(each, np.float64) / 255 for each in (still, viewed))
    seen = [each[..., 3] * 255 >= SEEN for each in (one, other)]
    both, either = seen[0] & seen[1], seen[0] | seen[1]
    colours = [_levelled(each[both][:, :3]) for each in (one, other)]
    difference = float(np.abs(colours[0] - colours[1]).mean()) if both.any() else 1.0
    return Comparison(float(both.sum() / max(1, either.sum())), difference, still, viewed)


def _cropped(picture: Image.Image) -> Image.Image:
    """Return what is seen of a picture, in a square of `SIDE` pixels."""
    box = picture.getchannel("A").point(lambda level: 255 * (level >= SEEN)).getbbox()
    seen = picture.crop(box) if box else picture
    scale = SIDE / max(seen.size)
    size = (max(1, round(seen.width * scale)), max(1, round(seen.height * scale)))
    square = Image.new("RGBA", (SIDE, SIDE))
    square.paste(seen.resize(size, Image.Resampling.BOX), (0, 0))
    return square


def _levelled(colours: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return colours, (n, 3), scaled to a mean brightness of one half."""
    return np.asarray(colours * (0.5 / max(float(colours.mean()), 1e-3)))


class Viewer:
    """Shows binary glTF files in model-viewer, in a page of a browser."""

    def __init__(self, page: Page, folder: Path, url: str) -> None:
        """Use a page; `folder` is served at `url`."""
        self._page, self._folder, self._url = page, folder, url
        page.goto(f"{url}/index.html")
        page.wait_for_function("!!window.show && !!customElements.get('model-viewer')")

    def picture(self, model: bytes) -> Image.Image:
        """Return what the viewer shows of a model from where `MAIN` is, RGBA."""
        name = f"{hashlib.sha256(model).hexdigest()}.glb"
        (self._folder / name).write_bytes(model)
        url = self._page.evaluate("(values) => window.show(...values)", [name, *MAIN, ANGLE])
        return Image.open(io.BytesIO(base64.b64decode(url.partition(",")[2]))).convert("RGBA")


@contextlib.contextmanager
def viewer(browser: Browser) -> Iterator[Viewer]:
    """Open model-viewer in a page of a browser."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "index.html").write_text(_PAGE)
        (folder / "model-viewer.js").write_bytes(LIBRARY.read_bytes())
        handler = functools.partial(_Handler, directory=name)
        with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
            threading.Thread(target=server.serve_forever, daemon=True).start()
            page = browser.new_page(viewport={"width": 512, "height": 512})
            try:
                yield Viewer(page, folder, f"http://127.0.0.1:{server.server_port}")
            finally:
                page.close()
                server.shutdown()


class _Handler(http.server.SimpleHTTPRequestHandler):
    """Serves a folder, silently."""

    def log_message(self, *_: object) -> None:
        """Write nothing."""


def comparisons(names: Iterable[str]) -> Iterator[tuple[str, Comparison]]:
    """Yield how each file of the suite compares, by its name."""
    with (
        tempfile.TemporaryDirectory() as folder,
        Renderer() as renderer,
        sync_playwright() as playwright,
        playwright.chromium.launch(
            executable_path=str(find_chromium()), args=[*CHROMIUM_FLAGS]
        ) as browser,
        viewer(browser) as shown,
    ):
        path = Path(folder) / "a.glb"
        for name in names:
            path.write_bytes(gltf_suite.FILES[name]())
            made = renderer.render(path)
            assert made.model is not None, made.remark
            still = Image.open(io.BytesIO(made.picture))
            plain = gltf_suite.UNPACKED.get(name)
            model = gltf_suite.FILES[plain]() if plain else made.model
            yield name, compare(still, shown.picture(model))


def main() -> None:
    """Compare, and print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--json", action="store_true", help="print JSON, for machines")
    parser.add_argument("--only", default="", metavar="WORDS", help="files whose names have them")
    parser.add_argument("--save", type=Path, metavar="FOLDER", help="save the pictures there")
    options = parser.parse_args()
    machine = Machine.here()
    rows: list[Row] = []
    for name, found in comparisons(each for each in gltf_suite.FILES if options.only in each):
        rows.append(
            {
                "file": name,
                "silhouette": round(found.silhouette, 3),
                "colour": round(found.colour, 3),
            }
        )
        if options.save:
            options.save.mkdir(parents=True, exist_ok=True)
            sheet = Image.new("RGBA", (2 * SIDE, SIDE), "white")
            for place, picture in enumerate((found.still, found.viewed)):
                sheet.paste(picture, (place * SIDE, 0), picture)
            sheet.convert("RGB").save(
                options.save / f"{re.sub(r'[^a-z0-9]+', '-', name.lower())}.png"
            )
    report(machine, {"stills beside the viewer": rows}, as_json=options.json)


if __name__ == "__main__":
    main()
