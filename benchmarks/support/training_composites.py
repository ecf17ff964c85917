"""Composites to train the decoder of masks with: cut-outs on grounds, and grounds alone.

They vary more than those of `core.importers.grounds`, from which they take what fits: the object
may be small, cut off by the edge, turned or off colour, there may be two, or only grounds, textures
and crowds of small things. Half of the grounds are cluttered, a collage or a sharp photograph,
because the decoder must learn which of many things is the object. Rooms, landscapes and floors are
photographs here, and not painted: so `benchmarks.grounds` measures on grounds of kinds that the
decoder has not seen.
"""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter, ImageOps

from benchmarks.support.compositing import Photographs
from benchmarks.support.training_material import Material
from core.importers import grounds
from core.importers.grounds import Ground, Pixels, Random
from core.pictures import encoding

# The height of a composite, in pixels; width by height, and how often.
HEIGHT = 272
FRAMES = ((16 / 9, 0.4), (4 / 3, 0.25), (1.0, 0.2), (3 / 2, 0.1), (3 / 4, 0.05))
# How often a ground is of each kind.
KINDS: Mapping[str, float] = {
    "plain": 0.03,
    "gradient": 0.09,
    "radial": 0.095,
    "environment": 0.12,
    "floor": 0.12,
    "photograph": 0.263,
    "collage": 0.24,
    "pattern": 0.024,
    "noise": 0.018,
}
# How many parts a collage has, their sides as shares of the picture's, how often one is an ellipse,
# and how far one may be turned.
PARTS, PART_SIDES = (0, 7), (0.15, 0.65)
ELLIPSE, MAX_TURN = 0.4, 40
# How often the edge cuts off things in a collage, how many, by how much of their side, and how high
# they would be as shares of the picture's height.
THINGS, THING_COUNT = 0.6, (1, 6)
THING_CUT, THING_SIZES = (0.3, 0.7), (0.15, 0.9)
# The height of the object and of a second one, as shares of the picture's; the width that it has at
# most, and how far it is from the middle, as shares of the room that is left.
SIZES, SECOND_SIZES = (0.35, 1.0), (0.25, 0.6)
MAX_WIDTHS = (0.8, 1.05)
SHIFTS, SECOND_SHIFTS = (0.35, 0.25), (0.9, 0.9)
# How often there is a second object, and how often the edge cuts one off, by this much at most.
SECOND = 0.12
CUT_OFF, MAX_CUT = 0.06, 0.3
# How often an object throws a shadow.
SHADOW = 0.55
# How often a picture without an object is full of small things, how many, and their longer side.
CROWD, CROWD_COUNT, CROWD_SIDE = 0.25, (20, 60), 48
# The blur of some pictures, in pixels, and the quality of most as a JPEG file.
BLURRED, BLUR = 0.15, (0.3, 1.2)
COMPRESSED, QUALITY = 0.7, (55, 96)


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class TrainingComposite:
    """A picture whose right mask is known.

    Attributes:
        picture: RGB.
        mask: uint8 (height, width), how much of each pixel objects cover; 0 without an object.
        has_object: whether there is an object to be found.
    """

    picture: Image.Image
    mask: NDArray[np.uint8]
    has_object: bool


def compose(material: Material, random: Random, *, has_object: bool = True) -> TrainingComposite:
    """Return a composite, with one or two objects, or with none."""
    ratios, shares = zip(*FRAMES, strict=True)
    width = round(HEIGHT * float(random.choice(ratios, p=shares)))
    kind = str(random.choice(list(KINDS), p=list(KINDS.values())))
    ground = make_ground(kind, material, random, width)
    pixels, mask = ground.pixels, np.zeros((HEIGHT, width), np.uint8)
    if has_object:
        for number in range(2 if random.random() < SECOND else 1):
            placed = _placed(_cut_out(material, random), random, width, is_second=number > 0)
            if random.random() < SHADOW:
                horizon = ground.horizon if ground.horizon is not None else 0.0
                alpha = np.asarray(placed.getchannel("A"))
                pixels = pixels * (1 - grounds.shadow(alpha, random, horizon)[..., None])
            pixels = _over(placed, pixels)
            mask = np.maximum(mask, np.asarray(placed.getchannel("A")))
    elif random.random() < CROWD:
        pixels = _crowd(material, random, pixels)
    pixels = grounds.developed(pixels, random, vignette=ground.vignette)
    picture = _saved(grounds.as_picture(pixels), random)
    return TrainingComposite(picture=picture, mask=mask, has_object=has_object)


def make_ground(kind: str, material: Material, random: Random, width: int) -> Ground:
    """Make a ground of one of `KINDS`."""
    size = width, HEIGHT
    match kind:
        case "plain":
            return grounds.plain(random, *size)
        case "gradient":
            return grounds.gradient(random, *size)
        case "radial":
            return grounds.radial(random, *size)
        case "environment":
            ground = _photograph(material, random, *size)
            radius = random.uniform(0.011, 0.06)
            return replace(ground, pixels=grounds.blurred(ground.pixels, radius=radius))
        case "floor":
            return _floor(material, random, *size)
        case "photograph":
            return _photograph(material, random, *size)
        case "collage":
            return _collage(material, random, *size)
        case "pattern":
            return _pattern(random, *size)
        case _:
            return _noise(random, *size)


def varied(cut_out: Image.Image, random: Random) -> Image.Image:
    """Return a cut-out mirrored, turned and in other colours, each in some composites only."""
    cut_out = cut_out.convert("RGBA")
    if random.random() < 0.5:
        cut_out = ImageOps.mirror(cut_out)
    if random.random() < 0.25:
        angle = random.uniform(-20, 20)
        cut_out = cut_out.rotate(angle, resample=Image.Resampling.BICUBIC, expand=True)
    if random.random() < 0.5:
        levels = np.asarray(cut_out, np.float32) / np.float32(255)
        colours, alpha = levels[..., :3], levels[..., 3:]
        colours = colours ** np.exp(random.uniform(-0.5, 0.5)) * random.uniform(0.75, 1.1)
        if random.random() < 0.3:
            colours = colours * random.uniform(0.8, 1.2, 3)
        if random.random() < 0.08:
            colours = np.repeat(colours.mean(axis=2, keepdims=True), 3, axis=2)
        pixels = np.concatenate([np.clip(colours, 0, 1), alpha], axis=2)
        cut_out = Image.fromarray((pixels * 255 + 0.5).astype(np.uint8))
    return grounds.trimmed(cut_out)


def _cut_out(material: Material, random: Random) -> Image.Image:
    weights = np.array(list(material.weights.values()))
    group = str(random.choice(list(material.weights), p=weights / weights.sum()))
    return varied(_opened(material.cut_outs[group], random), random)


def _opened(paths: Sequence[Path], random: Random) -> Image.Image:
    with Image.open(paths[int(random.integers(len(paths)))]) as picture:
        picture.load()
    return picture


def _placed(cut_out: Image.Image, random: Random, width: int, *, is_second: bool) -> Image.Image:
    """Return the object, scaled and placed in an otherwise transparent RGBA picture."""
    scale = min(
        random.uniform(*(SECOND_SIZES if is_second else SIZES)) * HEIGHT / cut_out.height,
        random.uniform(*MAX_WIDTHS) * width / cut_out.width,
    )
    size = max(4, round(cut_out.width * scale)), max(4, round(cut_out.height * scale))
    shifts = SECOND_SHIFTS if is_second else SHIFTS
    left, top = (
        (side - taken) * (0.5 + random.uniform(-shift, shift))
        for side, taken, shift in zip((width, HEIGHT), size, shifts, strict=True)
    )
    if random.random() < CUT_OFF:
        left += random.uniform(-MAX_CUT, MAX_CUT) * size[0]
        top += random.uniform(-MAX_CUT, MAX_CUT) * size[1]
    placed = Image.new("RGBA", (width, HEIGHT))
    placed.paste(cut_out.resize(size, Image.Resampling.LANCZOS), (round(left), round(top)))
    return placed


def _over(placed: Image.Image, behind: Pixels) -> Pixels:
    """Return what is seen with an RGBA picture in front of what is behind."""
    levels = np.asarray(placed, np.float32) / np.float32(255)
    alpha = levels[..., 3:]
    return np.asarray(levels[..., :3] * alpha + behind * (1 - alpha), np.float32)


def _crowd(material: Material, random: Random, pixels: Pixels) -> Pixels:
    """Return a ground full of small things, none of which is the object of the picture."""
    height, width = pixels.shape[:2]
    for _ in range(int(random.integers(*CROWD_COUNT))):
        cut_out = _cut_out(material, random)
        cut_out.thumbnail((CROWD_SIDE, CROWD_SIDE))
        placed = Image.new("RGBA", (width, height))
        left, top = (int(random.integers(-10, side - 10)) for side in (width, height))
        placed.paste(cut_out, (left, top))
        pixels = _over(placed, pixels)
    return pixels


def _saved(picture: Image.Image, random: Random) -> Image.Image:
    """Return a picture a little out of focus, and as a JPEG file has it, each in some cases."""
    if random.random() < BLURRED:
        picture = picture.filter(ImageFilter.GaussianBlur(random.uniform(*BLUR)))
    if random.random() < COMPRESSED:
        file = encoding.jpeg(picture, quality=int(random.integers(*QUALITY)))
        picture = Image.open(io.BytesIO(file)).convert("RGB")
    return picture


def _photograph(material: Material, random: Random, width: int, height: int) -> Ground:
    photograph = _opened(material.photographs, random).convert("RGB")
    return Photographs([photograph]).photograph(random, width, height)


def _collage(material: Material, random: Random, width: int, height: int) -> Ground:
    """Make a cluttered place: parts of other grounds, and things that the edge cuts off."""
    ground = _photograph(material, random, width, height)
    radius = random.uniform(0, 0.022) if random.random() < 0.5 else 0.0
    picture = grounds.as_picture(grounds.blurred(ground.pixels, radius=radius))
    for _ in range(int(random.integers(*PARTS))):
        across, down = (round(side * random.uniform(*PART_SIDES)) for side in (width, height))
        part = _part(material, random, across, down)
        left = round(random.uniform(-across / 2, width - across / 3))
        top = round(random.uniform(-down / 2, height - down / 3))
        picture.paste(part, (left, top), part)
    for _ in range(int(random.integers(*THING_COUNT)) if random.random() < THINGS else 0):
        thing = _thing(material, random, width, height)
        picture.paste(thing, (0, 0), thing)
    radius = random.uniform(0.002, 0.015) if random.random() < 0.35 else 0.0
    pixels = np.asarray(picture, np.float32) / np.float32(255)
    pixels = grounds.blurred(pixels * np.float32(random.uniform(0.6, 1.1)), radius=radius)
    return Ground(pixels=pixels)


def _part(material: Material, random: Random, width: int, height: int) -> Image.Image:
    """Make a part of a collage, RGBA: a rectangle or an ellipse, which may be turned."""
    match str(random.choice(["photograph", "gradient", "pattern"], p=[0.6, 0.2, 0.2])):
        case "photograph":
            ground = _photograph(material, random, width, height)
        case "gradient":
            ground = grounds.gradient(random, width, height)
        case _:
            ground = _pattern(random, width, height)
    part = grounds.as_picture(ground.pixels).convert("RGBA")
    if random.random() < ELLIPSE:
        shape = Image.new("L", part.size)
        ImageDraw.Draw(shape).ellipse((0, 0, width - 1, height - 1), fill=255)
        part.putalpha(shape)
    if random.random() < 0.5:
        angle = random.uniform(-MAX_TURN, MAX_TURN)
        part = part.rotate(angle, resample=Image.Resampling.BICUBIC, expand=True)
    return part


def _thing(material: Material, random: Random, width: int, height: int) -> Image.Image:
    """Return a cut-out that one edge cuts off, in an otherwise transparent RGBA picture."""
    cut_out = _cut_out(material, random)
    scale = min(random.uniform(*THING_SIZES) * height / cut_out.height, 1.2 * width / cut_out.width)
    across, down = (max(3, round(side * scale)) for side in cut_out.size)
    left = round(random.uniform(0, width - across / 2))
    top = round(random.uniform(0, height - down / 2))
    cut = random.uniform(*THING_CUT)
    match str(random.choice(["left", "right", "top", "bottom"])):
        case "left":
            left = -round(cut * across)
        case "right":
            left = width - round((1 - cut) * across)
        case "top":
            top = -round(cut * down)
        case _:
            top = height - round((1 - cut) * down)
    placed = Image.new("RGBA", (width, height))
    placed.paste(cut_out.resize((across, down), Image.Resampling.LANCZOS), (left, top))
    return placed


def _floor(material: Material, random: Random, width: int, height: int) -> Ground:
    """Make a wall and a floor, each of one colour, a gradient or a photograph."""
    horizon = round(height * random.uniform(0.45, 0.85))
    parts = []
    for part in (horizon, height - horizon):
        kind = str(random.choice(["gradient", "plain", "photograph"], p=[0.4, 0.3, 0.3]))
        if kind == "photograph":
            ground = _photograph(material, random, width, part)
            radius = random.uniform(0, 0.015) * height / part
            parts.append(grounds.blurred(ground.pixels, radius=radius))
        else:
            make = grounds.gradient if kind == "gradient" else grounds.plain
            parts.append(make(random, width, part).pixels)
    pixels = np.concatenate(parts)
    if random.random() < 0.5:  # It bends up into the wall, as in a studio.
        pixels = grounds.blurred(pixels, radius=random.uniform(0.007, 0.11))
    return Ground(pixels=pixels, horizon=horizon / height)


def _pattern(random: Random, width: int, height: int) -> Ground:
    """Make a pattern of two colours: a chessboard, waves, dots or a grid."""
    x, y = grounds.coordinates(width, height)
    count = int(random.integers(4, 24))
    across, down = x * (width / height) * count, y * count
    match str(random.choice(["chessboard", "waves", "dots", "grid"])):
        case "chessboard":
            share = (np.floor(across) + np.floor(down)) % 2
        case "waves":
            angle = random.uniform(0, np.pi)
            share = 0.5 + 0.5 * np.sin((across * np.cos(angle) + down * np.sin(angle)) * 6)
        case "dots":
            share = np.hypot(across % 1 - 0.5, down % 1 - 0.5) < random.uniform(0.15, 0.45)
        case _:
            share = (across % 1 < 0.06) | (down % 1 < 0.06)
    first, second = random.uniform(0, 1, (2, 3))
    pixels = first + (second - first) * share.astype(np.float32)[..., None]
    return Ground(pixels=np.asarray(pixels, np.float32))


def _noise(random: Random, width: int, height: int) -> Ground:
    """Make patches of random colours, with sharp or soft edges."""
    count = int(random.integers(2, 60))
    patches = Image.fromarray(random.integers(0, 256, (count, count, 3), np.uint8))
    soft = random.random() < 0.5
    resample = Image.Resampling.BICUBIC if soft else Image.Resampling.NEAREST
    pixels = np.asarray(patches.resize((width, height), resample), np.float32)
    return Ground(pixels=pixels / np.float32(255))
