"""Line icons of npm packages: what drawings are made of, to train and to measure their detector.

`line_icons.json` beside this module lists the packages with their licences: for training, for
validation and for tests. No artist is in two of the three.
"""

import io
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

from PIL import Image

from benchmarks.support.packages import Package, package_of

LIST = Path(__file__).with_suffix(".json")
Part = Literal["training", "validation", "test"]
DOODLES = "doodle-icons"


@dataclass(frozen=True, slots=True)
class LineIcon:
    """An icon of strokes.

    Attributes:
        name: in its package.
        body: its SVG elements, in `currentColor`.
        box: the view box.
    """

    name: str
    body: str
    box: str

    def render(self, side: int, *, ink: str = "#000", stroke: float = 1.0) -> Image.Image:
        """Return the icon as RGBA, `side` pixels wide, with strokes `stroke` times as wide."""
        import resvg_py

        body = self.body
        if stroke != 1:
            body = re.sub(
                r'stroke-width="([\d.]+)"', lambda m: f'stroke-width="{float(m[1]) * stroke}"', body
            )
        text = (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{self.box}" fill="none">'
            f"{body.replace('currentColor', ink)}</svg>"
        )
        data = bytes(resvg_py.svg_to_bytes(svg_string=text, width=side, height=side))
        return Image.open(io.BytesIO(data)).convert("RGBA")

    def in_pens(self, inks: Sequence[str]) -> "LineIcon":
        """Return the icon with the elements in the colours of several pens, one after another."""
        parts = re.split(r"(?=<(?:path|g|circle|rect|line|poly|ellipse))", self.body)
        coloured = [
            part.replace("currentColor", inks[number % len(inks)])
            for number, part in enumerate(parts)
        ]
        return LineIcon(self.name, "".join(coloured), self.box)


@cache
def load(part: Part) -> dict[str, list[LineIcon]]:
    """Return the icons of a part by package, downloading packages that are not in the cache."""
    listed: list[dict[str, Any]] = json.loads(LIST.read_text(encoding="utf-8"))
    return {
        entry["name"]: list(_icons(package_of(entry), entry.get("without", "")))
        for entry in listed
        if entry["part"] == part
    }


def _icons(package: Package, without: str) -> Iterator[LineIcon]:
    if package.name == DOODLES:
        yield from _doodles(package)
        return
    path = "package/icons.json"
    icons = json.loads(package.read([path])[path])
    width, height = icons.get("width", 24), icons.get("height", 24)
    for name, icon in sorted(icons["icons"].items()):
        if without and without in name:
            continue
        box = f"0 0 {icon.get('width', width)} {icon.get('height', height)}"
        yield LineIcon(name, icon["body"], box)


def _doodles(package: Package) -> Iterator[LineIcon]:
    """Yield drawings by hand, which the package has as components of JavaScript."""
    path = "package/build/index.es.js"
    for line in package.read([path])[path].decode().splitlines():
        name, box = re.match(r"var Svg(\w+)", line), re.search(r'viewBox: "([^"]+)"', line)
        paths = [each for each in re.findall(r'[{ ]d: "([^"]+)"', line) if not _is_frame(each)]
        if name and box and paths:
            body = "".join(f'<path d="{each}" fill="currentColor"/>' for each in paths)
            yield LineIcon(name[1], body, box[1])


def _is_frame(path: str) -> bool:
    """Return whether a path is a rectangle, by which an icon is clipped."""
    return re.fullmatch(r"[Mm][-\d. ,]+(?:[hHvV][-\d. ]+)+z?", path) is not None
