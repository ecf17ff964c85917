"""Put a cut-out on a ground: its frame, place, shadow and light, and the JPEG file of it all."""

import hashlib
import io
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from core.importers.grounds.kinds import GROUNDS, MakeGround
from core.importers.grounds.pixels import Pixels, Random, as_picture, coordinates, smooth
from core.pictures import encoding

# Increased whenever the same seed would give different pictures.
RECIPE = 1
# Width by height, and how often: most sites show wide pictures.
FRAMES = ((16 / 9, 0.6), (4 / 3, 0.25), (1.0, 0.15))
# Heights of the picture, in pixels. A small cut-out is put into a small picture, because it would
# be blurred among what is sharp.
HEIGHTS = (288, 320, 360, 405)
MAX_ENLARGED = 1.5
# The object's height as a share of the picture's; one that would be wider than `MAX_WIDTH` of the
# picture is made smaller.
MIN_HEIGHT, MAX_HEIGHT = 0.55, 0.9
MAX_WIDTH = 0.94
# How far the object's centre may be from the picture's, as a share of the side.
MAX_SHIFT = 0.2
# The quality of the JPEG file.
MIN_QUALITY, MAX_QUALITY = 70, 95


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Composite:
    """A cut-out on a ground.

    Attributes:
        kind: of the ground.
        file: the picture as a JPEG file.
        picture: RGB, as decoded from `file`.
        mask: uint8 (height, width), how much of each pixel the object covers, 0 to 255; shadows
            do not belong to the object.
    """

    kind: str
    file: bytes
    picture: Image.Image
    mask: NDArray[np.uint8]


def generator(name: str, *, seed: int = 0) -> Random:
    """Return a generator of its own for each name, such as the source id of an item."""
    return np.random.default_rng([seed, *hashlib.sha256(name.encode()).digest()])


def compose(
    cut_out: Image.Image,
    *,
    random: Random,
    grounds: Mapping[str, MakeGround] | None = None,
    kind: str | None = None,
) -> Composite:
    """Put a cut-out on a ground.

    Args:
        cut_out: a picture whose alpha covers the object; a picture without alpha covers all.
        random: the source of everything random.
        grounds: what makes the grounds, by kind; `GROUNDS` by default.
        kind: one of `grounds`; a random one by default.

    Raises `ValueError` if the cut-out is transparent everywhere.
    """
    cut_out = trimmed(cut_out)
    grounds = GROUNDS if grounds is None else grounds
    chosen = str(random.choice(list(grounds)))  # Also if `kind` is given: the rest stays the same.
    kind = chosen if kind is None else kind
    width, height = _frame(random, max_height=round(MAX_ENLARGED * max(cut_out.size)))
    ground = grounds[kind](random, width, height)
    placed = _placed(cut_out, random, width, height, ground.horizon)
    colours = np.asarray(placed.convert("RGB"), np.float32) / np.float32(255)
    mask = np.asarray(placed.getchannel("A"))
    behind = ground.pixels
    if ground.horizon is not None:
        behind = behind * (1 - shadow(mask, random, ground.horizon)[..., None])
    alpha = np.asarray(mask, np.float32)[..., None] / np.float32(255)
    pixels = _lit(colours, random, behind) * alpha + behind * (1 - alpha)
    file = encoding.jpeg(
        as_picture(developed(pixels, random, vignette=ground.vignette)),
        quality=int(random.integers(MIN_QUALITY, MAX_QUALITY + 1)),
    )
    picture = Image.open(io.BytesIO(file)).convert("RGB")
    return Composite(kind=kind, file=file, picture=picture, mask=mask)


def trimmed(cut_out: Image.Image) -> Image.Image:
    """Return the object, RGBA, without the transparent border; raises `ValueError`."""
    cut_out = cut_out.convert("RGBA")
    box = cut_out.getchannel("A").point(lambda level: 255 * (level > 8)).getbbox()
    if box is None:
        raise ValueError("the cut-out is transparent everywhere")
    return cut_out.crop(box)


def _frame(random: Random, *, max_height: int) -> tuple[int, int]:
    """Return a width and a height, in pixels."""
    ratios, shares = zip(*FRAMES, strict=True)
    height = min(int(random.choice(HEIGHTS)), max(max_height, 32))
    return round(height * float(random.choice(ratios, p=shares))), height


def _placed(
    cut_out: Image.Image, random: Random, width: int, height: int, horizon: float | None
) -> Image.Image:
    """Return the object, scaled and placed in an otherwise transparent RGBA picture."""
    scale = min(
        random.uniform(MIN_HEIGHT, MAX_HEIGHT) * height / cut_out.height,
        MAX_WIDTH * width / cut_out.width,
    )
    size = max(1, round(cut_out.width * scale)), max(1, round(cut_out.height * scale))
    free = [(side - taken) / 2 for side, taken in zip((width, height), size, strict=True)]
    shifts = [
        random.uniform(-1, 1) * min(room * 0.95, MAX_SHIFT * side)
        for room, side in zip(free, (width, height), strict=True)
    ]
    left, top = (round(room + shift) for room, shift in zip(free, shifts, strict=True))
    if horizon is not None:
        # It stands on the floor, in front of the line where the wall begins.
        base = random.uniform(min(0.97, horizon + 0.12), 0.97)
        top = max(round(base * height) - size[1], 2)
    placed = Image.new("RGBA", (width, height))
    # Pillow resizes colours in proportion to their alpha, so that no edge gets dark.
    placed.paste(cut_out.resize(size, Image.Resampling.LANCZOS), (left, top))
    return placed


def shadow(mask: NDArray[np.uint8], random: Random, horizon: float) -> Pixels:
    """Return how much the object darkens the floor, float32 (height, width), 0 to 1."""
    height, width = mask.shape
    rows = np.flatnonzero(mask.max(axis=1) > 127)
    top, base = (int(rows[0]), int(rows[-1])) if rows.size else (0, height - 1)
    lean, depth = random.uniform(-1.1, 1.1), random.uniform(0.12, 0.3)
    # The outline, laid down on the floor: what is high in the picture falls far behind the object.
    laid = Image.fromarray(mask).transform(
        (width, height),
        Image.Transform.AFFINE,
        (1, lean, -lean * base, 0, 1 / depth, base - base / depth),
        Image.Resampling.BILINEAR,
    )
    cast = _blurred_mask(laid, random.uniform(0.01, 0.035))
    # Close to where it stands, hardly any light gets under the object.
    strip = max(3, round(0.06 * (base - top)))
    foot = np.zeros_like(mask)
    thickness = max(2, round(0.022 * height))
    columns = mask[max(0, base - strip) : base + 1].max(axis=0)
    foot[max(0, base - thickness) : base + thickness // 2] = columns
    contact = _blurred_mask(Image.fromarray(foot), 0.012)
    y = (np.arange(height, dtype=np.float32) + 0.5) / height
    on_floor = smooth((y - horizon) / 0.03 + 0.5)[:, None]
    darkness = np.maximum(random.uniform(0.25, 0.6) * cast, random.uniform(0.5, 0.85) * contact)
    return np.asarray(darkness * on_floor, np.float32)


def _lit(colours: Pixels, random: Random, behind: Pixels) -> Pixels:
    """Return the object's colours, lit a little by its surroundings."""
    around = behind.mean(axis=(0, 1))
    tint = around / max(float(around.max()), 0.05)
    share = random.uniform(0, 0.14)
    lit = colours * (1 - share + share * tint) * random.uniform(0.88, 1.08)
    return np.asarray(np.clip(lit, 0, 1), np.float32)


def developed(pixels: Pixels, random: Random, *, vignette: bool) -> Pixels:
    """Return the picture with darker corners and noise, each in some pictures only."""
    height, width = pixels.shape[:2]
    strength = random.uniform(0.1, 0.45) if random.random() < 0.35 else 0.0
    sigma = random.uniform(0.003, 0.02) if random.random() < 0.4 else 0.0
    if vignette and strength:
        x, y = coordinates(width, height)
        corner = ((x - 0.5) ** 2 + (y - 0.5) ** 2) / 0.5
        pixels = np.asarray(pixels * (1 - strength * corner**1.4)[..., None], np.float32)
    # Half a level at least: it dissolves the steps that 8 bits leave in a dark gradient.
    noise = random.standard_normal(pixels.shape, dtype=np.float32)
    return pixels + noise * np.float32(max(sigma, 0.5 / 255))


def _blurred_mask(mask: Image.Image, radius: float) -> Pixels:
    """Return a mask from 0 to 1 after a blur; the radius is a share of the height."""
    blur = ImageFilter.GaussianBlur(radius * mask.height)
    return np.asarray(mask.filter(blur), np.float32) / np.float32(255)
