"""What all tests share: data of their own, and small pictures that differ."""

import io
import random
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from PIL import Image, ImageDraw
from xdist.scheduler import LoadFileScheduling

from core import settings
from core.catalogue import Catalogue
from tests.served_files import served_folder

# How long an example takes depends on what else the machine does. The same examples each time: a
# red run should be due to the change. `make test-random` looks for others.
hypothesis.settings.register_profile("lookalike", deadline=None, derandomize=True)
hypothesis.settings.register_profile("random", deadline=None, max_examples=1000)
hypothesis.settings.load_profile("lookalike")

BROWSER = "tests/browser/"
# The files of the browser tests from this name on take as long as those before.
SECOND_HALF = f"{BROWSER}test_i"

MakePicture = Callable[..., bytes]
CopyCatalogue = Callable[[Catalogue], Catalogue]

# What may not be in a test's id: it would differ from run to run, or nobody could read it.
UNSTABLE = {
    "bytes": re.compile(r"\\x[0-9a-f]{2}|\\u[0-9a-f]{4}"),
    "an address in memory": re.compile(r"\b0x[0-9a-f]{6,}"),
    "a time": re.compile(r"\b\d{4}-\d\d-\d\d[T ]\d\d|\b1[789]\d{8}(\.\d+)?\b"),
    "something random": re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}|[0-9a-f]{32}"),
    "more than 160 characters": re.compile(r"^.{161}"),
}


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Name a parameter of bytes, or of text that would make an unstable id, after its argument.

    pytest numbers equal names, and gives all other parameters the names that it always does.
    """
    if isinstance(val, bytes | bytearray | memoryview):
        return argname
    if isinstance(val, str):
        readable = val.isascii() and val.isprintable() and "\\" not in val and len(val) <= 60
        if not readable or any(pattern.search(val) for pattern in UNSTABLE.values()):
            return argname
    return None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Order slow tests first, and refuse ids that differ from run to run.

    With such ids, the workers of a parallel run would collect different tests.
    """
    unstable = [
        f"{item.nodeid[:200]} holds {what}"
        for item in items
        for what, pattern in UNSTABLE.items()
        if pattern.search(item.nodeid.partition("::")[2])
    ]
    if unstable:
        listed = "\n".join(unstable)
        raise pytest.UsageError(f"These tests need ids of their own, by pytest.param:\n{listed}")
    # Slow tests start first, so that no worker waits for another at the end. Of the browser's
    # second half, those start first that need no library, which the first half makes meanwhile.
    files = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(
        key=lambda item: (
            not _in_browser(item.nodeid),
            item.nodeid >= SECOND_HALF and "library" in getattr(item, "fixturenames", ()),
            item.path not in files,
        )
    )


def _in_browser(nodeid: str) -> bool:
    return nodeid.startswith(BROWSER)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadFileScheduling | None:
    """Give the files of the browser tests to two workers with `--dist=loadfile`, half to each.

    The tests of a worker share a library, a server and a browser, which take 40 seconds to make.
    They wait as long as they compute.
    """

    class Scheduling(LoadFileScheduling):  # type: ignore[misc]
        def _split_scope(self, nodeid: str) -> str:
            if not _in_browser(nodeid):
                return super()._split_scope(nodeid)
            return f"{BROWSER} {nodeid < SECOND_HALF}"

    return Scheduling(config, log) if config.getvalue("dist") == "loadfile" else None


@pytest.fixture(autouse=True)
def data_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Keep each test's catalogues in its own folder, and delete its thumbnails afterwards."""
    monkeypatch.setenv("LOOKALIKE_DATA", str(tmp_path))
    thumbnails = settings.thumbnails_root()
    assert thumbnails.name.startswith("at-"), "these would be the product's own thumbnails"
    yield
    shutil.rmtree(thumbnails, ignore_errors=True)


@pytest.fixture
def copy_catalogue(data_of_its_own: None) -> CopyCatalogue:
    """Return what copies a catalogue of many tests into the data of this one, which may change it.

    A copy takes some milliseconds; to index 12 pictures takes 10 seconds of the processor.
    """

    def copy(made: Catalogue) -> Catalogue:
        shutil.copytree(made.folder, settings.data_root() / made.name)
        shutil.copytree(served_folder(made), settings.thumbnails_root() / made.name)
        return Catalogue(made.name)

    return copy


@pytest.fixture(scope="session")
def picture() -> MakePicture:
    """Return `picture(number, size=(64, 64))`: a PNG of a shape on white, another for each number.

    The shape is an ellipse, a rectangle or a triangle, of a colour, place and
    size that follow from the number alone.
    """

    def make(number: int, *, size: tuple[int, int] = (64, 64)) -> bytes:
        chance = random.Random(number)
        width, height = size
        left, right = chance.uniform(0.05, 0.3) * width, chance.uniform(0.7, 0.95) * width
        top, bottom = chance.uniform(0.05, 0.3) * height, chance.uniform(0.7, 0.95) * height
        colour = (number % 200, number // 200 % 200, 60)
        image = Image.new("RGB", size, "white")
        draw = ImageDraw.Draw(image)
        match number % 3:
            case 0:
                draw.ellipse((left, top, right, bottom), fill=colour)
            case 1:
                draw.rectangle((left, top, right, bottom), fill=colour)
            case _:
                corners = [(left, bottom), (right, bottom), ((left + right) / 2, top)]
                draw.polygon(corners, fill=colour)
        file = io.BytesIO()
        image.save(file, "PNG")
        return file.getvalue()

    return make
