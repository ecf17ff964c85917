"""Grounds for measuring: those of `core.importers.grounds`, and photographs from npm packages.

The photographs are those of page templates by Start Bootstrap and Creative Tim, both MIT: rooms,
landscapes, cities, desks and tables. Those with a person or one object in the middle are left out,
because a mask of these would not be wrong. 48 MB are downloaded the first time.
"""

import io
import tarfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from PIL import Image

from core.importers.grounds import GROUNDS, Ground, MakeGround, Random, blurred, environment
from core.importers.npm import Archive, fetch

IMAGES = "package/dist/assets/img"
PORTFOLIO = f"{IMAGES}/portfolio/fullsize"
# The photographs of each archive.
PHOTOGRAPHS: Mapping[Archive, Sequence[str]] = {
    Archive(
        "startbootstrap-business-casual",
        "7.0.9",
        "08452cf16289bf733bb7712aa5dbc2a980ac1042b0bad5dd755029e3ca8a42a0",
    ): [f"{IMAGES}/{name}.jpg" for name in ("about", "bg", "products-01", "products-03")],
    Archive(
        "startbootstrap-clean-blog",
        "6.0.9",
        "5c65d4e2d5705e29c6a144b7fa301f8ead8e976f5c4575fb6f1023ec673018a9",
    ): [f"{IMAGES}/{name}.jpg" for name in ("about-bg", "home-bg")],
    Archive(
        "startbootstrap-creative",
        "7.0.7",
        "746c2e46c5292e797358c90533ed695fbeb6ceff58ad7fd43284d93e9c3d0555",
    ): [f"{IMAGES}/bg-masthead.jpg", *(f"{PORTFOLIO}/{number}.jpg" for number in range(1, 7))],
    Archive(
        "startbootstrap-landing-page",
        "6.0.6",
        "0e4a29e63274ec0435352b45a825af81ebce444bd6db7f4901f512425dbdc407",
    ): [f"{IMAGES}/{name}.jpg" for name in ("bg-masthead", "bg-showcase-2", "bg-showcase-3")],
    Archive(
        "startbootstrap-stylish-portfolio",
        "6.0.6",
        "6dad63cc98cf698d002eff7116ce454a3c04997ac1c41fab810cc5fecd7c1934",
    ): [f"{IMAGES}/{name}.jpg" for name in ("bg-callout", "portfolio-1")],
    Archive(
        "material-kit",
        "2.0.4",
        "543712c988b2697c61a7ef6c9527ebf850b21b56e1bdfd7258fc6d333f725602",
    ): [
        f"package/assets/img/{name}.jpg"
        for name in ("bg", "bg2", "bg3", "bg7", "city", "city-profile", "profile_city")
    ],
}
# The long side that a photograph is stored with, in pixels: larger than any ground.
LONG_SIDE = 1_200
# The part of a photograph that is shown: its width as a share of the widest that fits.
MIN_CROP = 0.6


@dataclass(frozen=True)
class Photographs:
    """Grounds made of photographs, which are loaded at the first one.

    Attributes:
        given: RGB pictures to use instead of `PHOTOGRAPHS`; for tests.
    """

    given: Sequence[Image.Image] = ()

    @cached_property
    def pictures(self) -> Sequence[Image.Image]:
        """The photographs, RGB."""
        return self.given or load()

    def photograph(self, random: Random, width: int, height: int) -> Ground:
        """Make a ground of a part of a photograph, as sharp as that is."""
        picture = self.pictures[int(random.integers(len(self.pictures)))]
        widest = min(picture.width, picture.height * width / height)
        across = widest * random.uniform(MIN_CROP, 1)
        down = across * height / width
        left, top = (
            random.uniform(0, side - taken)
            for side, taken in ((picture.width, across), (picture.height, down))
        )
        part = picture.resize(
            (width, height), Image.Resampling.LANCZOS, (left, top, left + across, top + down)
        )
        if random.random() < 0.5:
            part = part.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
        pixels = np.asarray(part, np.float32) / 255 * random.uniform(0.7, 1.05)
        return Ground(pixels=np.clip(pixels, 0, 1).astype(np.float32))

    def environment(self, random: Random, width: int, height: int) -> Ground:
        """Make a ground out of focus: half of them of photographs, half of them painted."""
        if random.random() < 0.5:
            return environment(random, width, height)
        ground = self.photograph(random, width, height)
        return replace(ground, pixels=blurred(ground.pixels, radius=random.uniform(0.008, 0.04)))

    def grounds(self) -> Mapping[str, MakeGround]:
        """Return all kinds of grounds, by kind: those of a demo, and with photographs."""
        return {**GROUNDS, "environment": self.environment, "photograph": self.photograph}


def load() -> list[Image.Image]:
    """Return the photographs, downloading their archives the first time."""
    pictures = []
    for path, names in zip(fetch(*PHOTOGRAPHS), PHOTOGRAPHS.values(), strict=True):
        with tarfile.open(path) as archive:
            for name in names:
                file = archive.extractfile(name)
                assert file is not None, f"{path.name} has no {name}"
                picture = Image.open(io.BytesIO(file.read())).convert("RGB")
                picture.thumbnail((LONG_SIDE, LONG_SIDE), Image.Resampling.LANCZOS)
                pictures.append(picture)
    return pictures
