"""The cut-outs and photographs that the decoder of masks is trained with, kept in the cache.

`training_material.json` beside this module lists the packages with their licences, how many icons
are taken of which, and the photographs, which were chosen by looking at each: rooms, landscapes and
patterns, without one thing in the middle. None is one that `benchmarks.photographs` uses. Those of
training and validation are of different packages, or of different panoramas.
"""

import hashlib
import io
import json
import os
import re
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path, PurePosixPath
from typing import Any, Literal

from PIL import Image

from benchmarks.support import cut_outs, panoramas, renders
from benchmarks.support.cut_outs import CutOut
from benchmarks.support.packages import Package, package_of
from benchmarks.support.renders import Models
from core.errors import LookalikeError
from core.settings import cache_folder

LIST = Path(__file__).with_suffix(".json")
Part = Literal["training", "validation"]
# Increased whenever the same packages would give different pictures.
RECIPE = 1
# How often a cut-out is of each group.
WEIGHTS: Mapping[str, float] = {
    "tuxpaint photographs": 3,
    "tuxpaint drawings": 1,
    "gcompris photographs": 1,
    "gcompris drawings": 1,
    "pysiogame": 0.3,
    "openclipart": 1.2,
    "icons": 1.6,
    "flightgear": 2.2,
    "metaworld": 0.6,
    "webxr": 0.6,
    "robosuite": 0.4,
    "furniture-bench": 0.4,
    "gymnasium-robotics": 0.3,
    "dm-control": 0.2,
    "gradio": 0.2,
}
# One of this many objects is for validation.
EVERY = 7
# The 3D models of each package.
MODELS: Mapping[str, Models] = {
    "robosuite": Models(group="robosuite", count=21, up="z"),
    "metaworld": Models(group="metaworld", count=25, up="z"),
    "dm-control": Models(group="dm-control", count=16, up="z"),
    "gymnasium-robotics": Models(group="gymnasium-robotics", count=15, up="z"),
    "furniture-bench": Models(group="furniture-bench", count=20),
    "gradio": Models(group="gradio", count=5),
    "@webxr-input-profiles/assets": Models(group="webxr", count=22),
}
FLIGHTGEAR = Models(group="flightgear", count=32, up="y")
# The longer side that a photograph is kept with, in pixels: larger than any composite.
PHOTOGRAPH_SIDE = 1_024
# A package with many photographs of one kind, and how often each of the others is there.
MANY, OTHERS = "endless-sky-data", 4
PANORAMAS = "@pmndrs/assets"


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Material:
    """What composites are made of.

    Attributes:
        cut_outs: RGBA pictures, by group.
        weights: how often a cut-out is of each group.
        photographs: RGB pictures; one that is there twice is used twice as often.
    """

    cut_outs: Mapping[str, Sequence[Path]]
    weights: Mapping[str, float]
    photographs: Sequence[Path]


def load() -> dict[Part, Material]:
    """Return the material of training and of validation, preparing what is not in the cache.

    Raises a `LookalikeError` that says which package could not be downloaded.
    """
    paths = [path for name, read in _sources().items() for path in _prepared(name, read)]
    return {part: _material(part, paths) for part in ("training", "validation")}


def is_for_validation(shows: str) -> bool:
    """Say whether the pictures of an object are for validation."""
    return cut_outs.share(shows) < 1 / EVERY


@cache
def listed() -> Mapping[str, Any]:
    """Return what the JSON file says."""
    loaded: Mapping[str, Any] = json.loads(LIST.read_text(encoding="utf-8"))
    return loaded


@cache
def packages() -> Mapping[str, Package]:
    """Return all packages, by name."""
    return {entry["name"]: package_of(entry) for entry in listed()["packages"]}


def _sources() -> Mapping[str, Callable[[], Iterator[CutOut]]]:
    """Return what yields the cut-outs, by the name of its folder in the cache."""
    package = packages()
    icons = {package[name]: count for name, count in listed()["icons"].items()}
    return {
        "tuxpaint": lambda: cut_outs.of_tuxpaint(package["tuxpaint-stamps-default"]),
        "gcompris": lambda: cut_outs.of_gcompris(package["gcompris-qt-data"]),
        "pysiogame": lambda: cut_outs.of_pysiogame(package["pysiogame"]),
        "openclipart": lambda: cut_outs.of_openclipart(package["openclipart-png"]),
        "icons": lambda: cut_outs.of_icons(icons),
        "flightgear": lambda: renders.of_flightgear(package["flightgear-data-models"], FLIGHTGEAR),
        **{
            models.group: partial(renders.of_models, package[name], models)
            for name, models in MODELS.items()
        },
    }


def _material(part: Part, paths: Iterable[Path]) -> Material:
    """Return the material of a part: the cut-outs that are for it, and its photographs."""
    found: dict[str, list[Path]] = {}
    for path in paths:
        if is_for_validation(path.parent.name) == (part == "validation"):
            found.setdefault(path.parents[1].name, []).append(path)
    photographs = []
    for name, files in listed()[part].items():
        reads = _panoramas if name == PANORAMAS else _photographs
        times = 1 if name == MANY or part == "validation" else OTHERS
        photographs += list(reads(part, packages()[name], files)) * times
    weights = {group: weight for group, weight in WEIGHTS.items() if group in found}
    return Material(cut_outs=found, weights=weights, photographs=photographs)


def _photographs(part: Part, package: Package, files: Sequence[str]) -> Sequence[Path]:
    """Return photographs of a package, smaller than they are there."""

    def read() -> Iterator[tuple[Path, Image.Image]]:
        for path, data in _files(package, files):
            file = Image.open(io.BytesIO(data))
            # A JPEG file is decoded at a fraction of its size.
            file.draft("RGB", (PHOTOGRAPH_SIDE, PHOTOGRAPH_SIDE))
            picture = file.convert("RGB")
            picture.thumbnail((PHOTOGRAPH_SIDE, PHOTOGRAPH_SIDE), Image.Resampling.LANCZOS)
            yield Path(f"{safe(path)}.jpg"), picture

    return _kept(f"photographs/{part}/{package.name}", read)


def _panoramas(part: Part, package: Package, files: Sequence[str]) -> Sequence[Path]:
    """Return views of the panoramas of a package."""

    def read() -> Iterator[tuple[Path, Image.Image]]:
        for path, data in _files(package, files):
            with tempfile.NamedTemporaryFile(suffix=".exr") as file:
                file.write(panoramas.from_script(data))
                file.flush()
                light = panoramas.read_exr(file.name)
            for number, view in enumerate(panoramas.views(light)):
                yield Path(f"{safe(path)}-{number}.jpg"), view

    return _kept(f"photographs/{part}/{safe(package.name)}", read)


def _files(package: Package, paths: Sequence[str]) -> Iterator[tuple[str, bytes]]:
    """Yield files of a package; raises `LookalikeError` at the end if it lacks one."""
    missing = set(paths)
    for path, data in package.files(set(paths).__contains__):
        missing.discard(path)
        yield path, data
    if missing:
        raise LookalikeError(f"{package.file_name} has no file “{min(missing)}”.")


def _prepared(name: str, read: Callable[[], Iterator[CutOut]]) -> Sequence[Path]:
    """Return the cut-outs of a source, as `GROUP/OBJECT/NUMBER.png`."""

    def pictures() -> Iterator[tuple[Path, Image.Image]]:
        seen = set()
        for found in read():
            digest = hashlib.sha256(found.picture.tobytes()).digest()
            if digest not in seen:
                seen.add(digest)
                yield Path(found.group, safe(found.shows), f"{safe(found.name)}.png"), found.picture

    return _kept(f"cut-outs/{name}", pictures)


def _kept(name: str, read: Callable[[], Iterator[tuple[Path, Image.Image]]]) -> Sequence[Path]:
    """Return pictures in a folder of the cache, which is complete or does not exist."""
    cached = cache_folder("training-material") / str(RECIPE)
    folder = cached / name
    if not folder.is_dir():
        folder.parent.mkdir(parents=True, exist_ok=True)
        count = 0
        with tempfile.TemporaryDirectory(dir=cached, ignore_cleanup_errors=True) as temporary:
            complete = Path(temporary, "complete")
            complete.mkdir()
            for path, picture in read():
                (complete / path).parent.mkdir(parents=True, exist_ok=True)
                picture.save(complete / path, quality=90)
                count += 1
            os.rename(complete, folder)
        print(f"{name}: {count:,} pictures", file=sys.stderr)
    return sorted(path for path in folder.rglob("*") if path.is_file())


def safe(name: str) -> str:
    """Return a name for a file that is short, and different for each name."""
    stem = re.sub(r"[^A-Za-z0-9]+", "-", PurePosixPath(name).stem)[:40]
    return f"{stem}-{hashlib.sha256(name.encode()).hexdigest()[:8]}"
