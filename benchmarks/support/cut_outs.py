"""Cut-outs to train the decoder of masks with: the objects of pictures that have alpha.

They are pictures of games for children, clip art, colour icons and rendered 3D models. Of each
package a share is taken that shows many different things: few of one kind and one activity, no
maps, puzzle pieces, buttons and plain boxes. The order in which they are looked at depends on their
names only, so the same packages give the same cut-outs.
"""

import gzip
import hashlib
import io
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

import numpy as np
from PIL import Image

from benchmarks.support.packages import Package
from benchmarks.support.qt_resources import Resources

# The longer side of a cut-out, in pixels: at most, and at least.
MAX_SIDE = 512
MIN_SIDE = 48
# In games for children, what is smaller is an icon of the interface.
MIN_SIDE_IN_GAMES = 90
# A cut-out is at most this many times as long as wide, and covers this share of its box.
MAX_RATIO = 12
MIN_COVERED, MAX_COVERED = 0.05, 0.98
# A picture with this share of pixels that differ a little from their neighbours is a photograph.
PHOTOGRAPHIC = 0.55
PIXMAPS = (".png", ".webp")
VECTORS = (".svg", ".svgz")
# The longer side that vector graphics are rendered with.
VECTOR_SIDE = 512
# The share of the clip art that is looked at, and its shortest longer side, in pixels.
CLIP_ART_SHARE = 0.23
CLIP_ART_SIDE = 200
# Colours of icons that have none of their own.
INKS = ("#222222", "#7a1f1f", "#1f3f7a", "#1f6b35", "#8a5a12", "#5a2a82", "#dddddd")
# Resource files of GCompris with maps, paintings and puzzle pieces.
WITHOUT = {"geography", "paintings", "crane", "geo-country"}
# Parts of the names of pictures in pySioGame that are buttons, backgrounds and ornaments.
INTERFACE = ("menu_", "ico_", "shapes", "_bg", "bg_plain", "decor")
# At most this many of one activity, of one folder, and whose names differ only in a number.
OF_ONE_ACTIVITY, OF_ONE_FOLDER, OF_ONE_NAME = 30, 40, 4


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class CutOut:
    """An object.

    Attributes:
        group: the kind of cut-outs that it belongs to; they are weighted by group.
        name: unique in the group.
        shows: the object's name; pictures of one object from several sides share it.
        picture: RGBA, cropped to what is not transparent.
    """

    group: str
    name: str
    shows: str
    picture: Image.Image


def cut_out(picture: Image.Image, *, min_side: int = MIN_SIDE) -> Image.Image | None:
    """Return a picture's object, RGBA, or None if it is not one to learn from."""
    picture = picture.convert("RGBA")
    alpha = np.asarray(picture.getchannel("A"))
    if alpha.max() < 128 or alpha.min() > 16:
        return None  # Nothing to see, or nothing transparent.
    picture = picture.crop(
        picture.getchannel("A").point(lambda level: 255 * (level > 16)).getbbox()
    )
    short, long = sorted(picture.size)
    covered = float((np.asarray(picture.getchannel("A")) > 128).mean())
    if long < min_side or long > MAX_RATIO * short or not MIN_COVERED <= covered <= MAX_COVERED:
        return None
    # Pillow resizes colours in proportion to their alpha, so that no edge gets dark.
    picture.thumbnail((MAX_SIDE, MAX_SIDE), Image.Resampling.LANCZOS)
    return picture


def is_photograph(picture: Image.Image) -> bool:
    """Say whether a picture with alpha is a photograph: it has noise, and a drawing has none."""
    pixels = np.asarray(picture.convert("RGBA")).astype(np.int16)
    opaque = (pixels[:, 1:, 3] > 250) & (pixels[:, :-1, 3] > 250)
    steps = np.abs(pixels[:, 1:, :3] - pixels[:, :-1, :3]).sum(axis=2)[opaque]
    return bool(steps.size and ((steps > 0) & (steps < 60)).mean() >= PHOTOGRAPHIC)


def shuffled(names: Iterable[str]) -> list[str]:
    """Return names in an order that says nothing about them, the same on every machine."""
    return sorted(names, key=lambda name: hashlib.sha256(name.encode()).digest())


class Quota:
    """Counts what was taken of each kind."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._taken: Counter[Any] = Counter()

    def take(self, limits: Mapping[Any, int]) -> bool:
        """Take one of several kinds, each with its limit, or say that there are enough of one."""
        if any(self._taken[kind] >= limit for kind, limit in limits.items()):
            return False
        self._taken.update(limits.keys())
        return True


def of_tuxpaint(package: Package) -> Iterator[CutOut]:
    """Yield the stamps of Tux Paint: photographs of things, and drawings."""
    folder = "usr/share/tuxpaint/stamps/"

    def wanted(path: str) -> bool:
        place = PurePosixPath(path)
        return (
            path.startswith(folder)
            and not path.startswith(f"{folder}symbols/")
            and place.suffix in (*PIXMAPS, ".svg")
            and not place.stem.endswith(("mirror", "flip"))
        )

    for path, data in package.files(wanted):
        picture = decoded(path, data)
        found = picture and cut_out(picture)
        if picture and found:
            drawn = "cartoon" in path or path.endswith(".svg") or not is_photograph(picture)
            name = path.removeprefix(folder)
            yield CutOut(group=_group("tuxpaint", drawn), name=name, shows=name, picture=found)


def of_gcompris(package: Package) -> Iterator[CutOut]:
    """Yield the pictures of GCompris: of each activity a few."""
    quota = Quota()
    for path, data in package.files(lambda path: path.endswith(".rcc")):
        activity = PurePosixPath(path).stem
        if activity in WITHOUT:
            continue
        resources = Resources(data)
        for name in shuffled(resources):
            picture = decoded(name, resources[name], side=384)
            found = picture and cut_out(picture, min_side=MIN_SIDE_IN_GAMES)
            if not (picture and found):
                continue
            group = _group("gcompris", not is_photograph(picture))
            kinds = {
                (group, activity): OF_ONE_ACTIVITY,
                (group, without_number(name)): OF_ONE_NAME,
            }
            if quota.take(kinds):
                name = f"{activity}/{name}"
                yield CutOut(group=group, name=name, shows=name, picture=found)


def of_pysiogame(package: Package) -> Iterator[CutOut]:
    """Yield the drawings of pySioGame."""
    quota = Quota()
    files = dict(package.files(lambda path: path.endswith(".png")))
    for path in shuffled(files):
        place = PurePosixPath(path)
        name = f"{place.parent.name}/{place.stem}"
        if any(part in name for part in INTERFACE):
            continue
        picture = decoded(path, files[path])
        found = picture and cut_out(picture, min_side=MIN_SIDE_IN_GAMES)
        is_drawing = picture and found and not is_photograph(picture)
        if found and is_drawing and quota.take({place.parent.name: OF_ONE_FOLDER}):
            yield CutOut(group="pysiogame", name=name, shows=name, picture=found)


def of_openclipart(package: Package) -> Iterator[CutOut]:
    """Yield a share of the clip art."""
    quota = Quota()

    def wanted(path: str) -> bool:
        return path.endswith(".png") and share(path) < CLIP_ART_SHARE

    for path, data in package.files(wanted):
        picture = decoded(path, data)
        found = picture and max(picture.size) >= CLIP_ART_SIDE and cut_out(picture)
        place = PurePosixPath(path)
        kind = f"{place.parent.name}/{'_'.join(place.stem.split('_')[:2])}"
        if found and quota.take({kind: OF_ONE_NAME}):
            name = f"{place.parent.name}/{place.stem}"
            yield CutOut(group="openclipart", name=name, shows=name, picture=found)


def of_icons(counts: Mapping[Package, int]) -> Iterator[CutOut]:
    """Yield so many colour icons of each package of Iconify."""
    for package, count in counts.items():
        [(_, data)] = package.files(lambda path: path == "package/icons.json")
        icons = json.loads(data)
        names = shuffled(name for name, icon in icons["icons"].items() if not icon.get("hidden"))
        for name in names:
            if not count:
                break
            picture = decoded("icon.svg", _svg(icons, name))
            if found := picture and cut_out(picture):
                count -= 1
                name = f"{package.name.rpartition('/')[2]}/{name}"
                yield CutOut(group="icons", name=name, shows=name, picture=found)


def decoded(path: str, data: bytes, *, side: int = VECTOR_SIDE) -> Image.Image | None:
    """Return a picture, vector graphics rendered with this width, or None if it is none."""
    suffix = PurePosixPath(path).suffix.lower()
    try:
        if suffix in VECTORS:
            return _rendered(data, side)
        if suffix in PIXMAPS:
            picture = Image.open(io.BytesIO(data))
            picture.load()
            return picture
    except (OSError, ValueError, SyntaxError):
        pass  # Damaged, or vector graphics without a size.
    return None


def without_number(path: str) -> str:
    """Return the name of a file without its folder, its extension and a number at the end."""
    return PurePosixPath(path).stem.rstrip("0123456789_-")


def share(name: str) -> float:
    """Return a number from 0 to 1 that depends on the name only, and is spread evenly."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8]) / 2**64


def _group(source: str, drawn: bool) -> str:
    return f"{source} {'drawings' if drawn else 'photographs'}"


def _svg(icons: Mapping[str, Any], name: str) -> bytes:
    """Return an icon of a package of Iconify as an SVG file, its longer side `VECTOR_SIDE`."""
    icon = icons["icons"][name]
    left, top, width, height = (
        icon.get(key, icons.get(key, default))
        for key, default in (("left", 0), ("top", 0), ("width", 16), ("height", 16))
    )
    scale = VECTOR_SIDE / max(width, height)
    colour = INKS[int(share(name) * len(INKS))]
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
        f'viewBox="{left} {top} {width} {height}" width="{width * scale}" '
        f'height="{height * scale}" color="{colour}">{icon["body"]}</svg>'
    ).encode()


def _rendered(data: bytes, side: int) -> Image.Image:
    """Return vector graphics as a picture of this width; raises `ValueError`."""
    import resvg_py

    if data[:2] == b"\x1f\x8b":
        data = gzip.decompress(data)
    svg = data.decode(errors="replace")
    return Image.open(io.BytesIO(bytes(resvg_py.svg_to_bytes(svg_string=svg, width=side))))
