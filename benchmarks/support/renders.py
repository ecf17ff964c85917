"""Cut-outs rendered from 3D models: of robot simulators, WebXR's controllers and FlightGear."""

import io
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import numpy as np
from PIL import Image

from benchmarks.support import ac3d
from benchmarks.support.ac3d import Ac3dError
from benchmarks.support.cut_outs import CutOut, cut_out, share, shuffled
from benchmarks.support.packages import Package
from core.rendering.renderer import Renderer, RenderError
from core.viewpoints import VIEWPOINT_NAMES, Axis

MODELS = (".glb", ".gltf", ".obj", ".stl", ".ply")
# What is smaller is hardly a model, and what is larger takes long to render; in bytes.
MIN_BYTES, MAX_BYTES = 2_000, 12_000_000
# Simulators have a second, coarse model of each thing, for collisions.
COARSE = "collision"
# Beside the main picture of a model, from this many of the viewpoints.
VIEWPOINTS = 2
# A picture with fewer colours, of 32 levels each, is a plain box or plate.
MIN_COLOURS = 6
# The scenery of FlightGear in its package.
FLIGHTGEAR = "usr/share/games/flightgear/Models/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Models:
    """The 3D models of a package.

    Attributes:
        group: of their cut-outs.
        count: how many are rendered.
        up: the axis that points up, "y" or "z"; None to detect it.
    """

    group: str
    count: int
    up: Axis | None = None


def of_models(package: Package, models: Models) -> Iterator[CutOut]:
    """Yield three pictures of each model, spread over the folders of the package."""
    with tempfile.TemporaryDirectory(prefix="lookalike-models-") as name, Renderer() as renderer:
        folder = Path(name)
        for path, data in package.files(lambda _: True):
            unpack(folder, path, data)
        found = [path for path in map(str, folder.rglob("*")) if _is_model(Path(path))]
        paths = spread(path.removeprefix(f"{folder}/") for path in found)
        rendered = 0
        for path in paths:
            if rendered == models.count:
                break
            if pictures := _pictures(renderer, folder / path, folder, models.up):
                rendered += 1
                yield from _cut_outs(pictures, models.group, path)


def of_flightgear(package: Package, models: Models) -> Iterator[CutOut]:
    """Yield three pictures of each model of FlightGear's scenery, converted from AC3D."""
    with tempfile.TemporaryDirectory(prefix="lookalike-models-") as name, Renderer() as renderer:
        folder = Path(name)
        for path, data in package.files(lambda path: path.startswith(FLIGHTGEAR)):
            unpack(folder, path, data)
        paths = spread(str(path.relative_to(folder)) for path in folder.rglob("*.ac"))
        rendered = 0
        for number, path in enumerate(paths):
            if rendered == models.count:
                break
            converted = folder / f"converted-{number}"
            converted.mkdir()
            text = (folder / path).read_text("latin-1")
            try:
                model = ac3d.write_obj(ac3d.parse(text), (folder / path).parent, converted)
            except Ac3dError:
                continue
            if pictures := _pictures(renderer, model, converted, models.up):
                rendered += 1
                yield from _cut_outs(pictures, models.group, path)


def spread(paths: Iterable[str]) -> list[str]:
    """Return paths in an order that takes one of each folder, then a second of each, ..."""
    turns: Counter[str] = Counter()
    ordered = []
    for path in shuffled(paths):
        folder = str(PurePosixPath(path).parent)
        ordered.append((turns[folder], path))
        turns[folder] += 1
    return [path for _, path in sorted(ordered, key=lambda each: each[0])]


def unpack(folder: Path, path: str, data: bytes) -> None:
    """Write a file of a package below a folder; one that would be outside of it is left out."""
    place = folder / path
    if ".." not in PurePosixPath(path).parts and place.is_relative_to(folder):
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data)


def has_colours(picture: Image.Image) -> bool:
    """Say whether an RGBA picture has more colours than a plain box in the light."""
    pixels = np.asarray(picture)
    colours = pixels[pixels[..., 3] > 250][:, :3] // 8
    return len(np.unique(colours, axis=0)) >= MIN_COLOURS


def _is_model(path: Path) -> bool:
    return (
        path.suffix.lower() in MODELS
        and path.is_file()
        and MIN_BYTES < path.stat().st_size < MAX_BYTES
        and COARSE not in str(path).lower()
    )


def _pictures(renderer: Renderer, path: Path, root: Path, up: Axis | None) -> list[Image.Image]:
    """Return the cut-outs of a model: the main picture, and two viewpoints that its path says."""
    try:
        rendering = renderer.render(path, root=root, viewpoints=True, up=up)
    except RenderError:
        return []
    relative = str(path.relative_to(root))
    chosen = sorted(VIEWPOINT_NAMES, key=lambda name: share(f"{relative}/{name}"))[:VIEWPOINTS]
    files = [rendering.picture, *(rendering.viewpoints[name] for name in chosen)]
    found = (cut_out(Image.open(io.BytesIO(file))) for file in files)
    return [picture for picture in found if picture and has_colours(picture)]


def _cut_outs(pictures: Iterable[Image.Image], group: str, path: str) -> Iterator[CutOut]:
    for number, picture in enumerate(pictures):
        yield CutOut(group=group, name=f"{path}/{number}", shows=path, picture=picture)
