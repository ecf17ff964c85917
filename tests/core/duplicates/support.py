"""Pictures of things, catalogues of them, and their near-duplicates."""

import io
import random
from collections.abc import Callable, Iterable

import numpy as np
from PIL import Image, ImageDraw, ImageOps

from core.catalogue import Catalogue, Item
from core.duplicates import finder
from core.duplicates.records import DuplicateReport
from core.importers import Loaded
from core.similarity import Index
from core.workflows import importing

SIDE = 200


def thing(number: int) -> Image.Image:
    """Draw shapes on white, different ones for each number."""
    chance = random.Random(number)
    picture = Image.new("RGB", (SIDE, SIDE), "white")
    draw = ImageDraw.Draw(picture)
    for _ in range(7):
        left, top = chance.randint(20, 120), chance.randint(20, 120)
        box = (left, top, left + chance.randint(25, 60), top + chance.randint(25, 60))
        colour = tuple(chance.randint(0, 200) for _ in range(3))
        [draw.ellipse, draw.rectangle][chance.randint(0, 1)](box, fill=colour, outline="black")
    return picture


def png(picture: Image.Image) -> bytes:
    file = io.BytesIO()
    picture.save(file, "PNG")
    return file.getvalue()


def jpeg(picture: Image.Image, quality: int = 60) -> bytes:
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=quality)
    return file.getvalue()


def cropped(picture: Image.Image) -> Image.Image:
    away = round(0.03 * SIDE)
    return picture.crop((away, away, SIDE - away, SIDE - away))


def recoloured(picture: Image.Image) -> Image.Image:
    """Swap red and blue of everything but the background, and darken it."""
    red, green, blue = (Image.eval(one, lambda v: v * 3 // 4) for one in picture.split())
    ground = Image.eval(picture.convert("L"), lambda value: 255 * (value > 250)).convert("1")
    changed = Image.merge("RGB", (blue, green, red))
    changed.paste("white", mask=ground)
    return changed


MADE: dict[str, Callable[[Image.Image], bytes]] = {
    "identical": png,
    "re-encoded": jpeg,
    "resized": lambda one: png(one.resize((120, 120), Image.Resampling.LANCZOS)),
    "cropped": lambda one: png(cropped(one)),
    "wider": lambda one: png(ImageOps.expand(one, 60, "white")),
    "mirrored": lambda one: png(ImageOps.mirror(one)),
    "recoloured": lambda one: png(recoloured(one)),
}


def filled(pictures: Iterable[bytes], **words: str) -> Catalogue:
    made = Catalogue.create("things")
    made.items.add(
        (
            Item(source_id=f"{number}", name=f"Thing {number}", **words),  # type: ignore[arg-type]
            importing.prepare(Loaded.of(data)),
        )
        for number, data in enumerate(pictures)
    )
    return made


def index_of_equal_vectors(catalogue: Catalogue) -> Index:
    """Return an index in which all vectors are equal."""
    return Index(catalogue.items.ids(), [np.ones((catalogue.items.count(), 3), np.float32)])


def find(catalogue: Catalogue, index: Index | None = None) -> DuplicateReport:
    return finder.find(
        catalogue, index=index_of_equal_vectors(catalogue) if index is None else index
    )


def numbers(found: DuplicateReport) -> set[frozenset[int]]:
    """Return the groups by the numbers of their pictures."""
    return {frozenset(int(item.source_id) for item in group.items) for group in found.groups}
