"""Put cut-outs on grounds: pictures like the thumbnails of sites where people share 3D models.

A ground is a background that is made up, and a cut-out is a picture whose alpha says what is the
object. Together they are a picture whose right mask is known. The grounds here are computed;
`benchmarks.support.compositing` adds photographs.

Everything random comes from one generator, so the same seed gives the same picture.
"""

import colorsys
import hashlib
import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from core.pictures import encoding

# RGB, float32 (height, width, 3), or a share, float32 (height, width); both from 0 to 1.
Pixels = NDArray[np.float32]
Random = np.random.Generator

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
class Ground:
    """A background without an object.

    Attributes:
        pixels: float32 (height, width, 3), RGB from 0 to 1.
        horizon: where the floor begins, as a share of the height from the top; None if there is
            no floor that the object could stand on.
        vignette: whether the corners may be darkened, as a lens does.
    """

    pixels: Pixels
    horizon: float | None = None
    vignette: bool = True


# Makes a ground of this width and height, in pixels.
MakeGround = Callable[[Random, int, int], Ground]


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


def plain(random: Random, width: int, height: int) -> Ground:
    """Make a ground of one colour: white, grey, black, or a pale or strong colour."""
    colour = {
        "white": (1.0, 1.0, 1.0),
        "grey": (random.uniform(0.15, 0.95),) * 3,
        "black": (0.0, 0.0, 0.0),
        "pale": _hsv(random, saturation=(0.03, 0.25), value=(0.8, 1.0)),
        "strong": _hsv(random, saturation=(0.4, 0.9), value=(0.3, 0.95)),
    }[str(random.choice(["white", "grey", "black", "pale", "strong"], p=[0.4, 0.2, 0.1, 0.2, 0.1]))]
    return Ground(pixels=_filled(colour, width, height), vignette=False)


def radial(random: Random, width: int, height: int) -> Ground:
    """Make a radial gradient: mostly dark, with a faint light behind the object."""
    light = random.random() < 0.15
    hue = random.uniform()
    saturation = random.uniform(0, 0.4) if random.random() < 0.7 else 0.0
    inner = random.uniform(0.85, 1.0) if light else random.uniform(0.2, 0.55)
    outer = inner * (random.uniform(0.55, 0.8) if light else random.uniform(0.08, 0.45))
    x, y = coordinates(width, height)
    centre = random.uniform(0.42, 0.58), random.uniform(0.35, 0.6)
    reach = random.uniform(0.45, 0.85)
    # In shares of the height, so that the light is round; a wide picture has a wide light.
    distance = np.hypot((x - centre[0]) * (width / height) * 0.8, y - centre[1]) / reach
    share = _smooth(1 - distance)
    return Ground(
        pixels=_mixed(
            np.array(colorsys.hsv_to_rgb(hue, min(1, saturation * 1.3), outer)),
            np.array(colorsys.hsv_to_rgb(hue, saturation, inner)),
            share,
        )
    )


def gradient(random: Random, width: int, height: int) -> Ground:
    """Make a gradient of two or three colours, from top to bottom or at an angle."""
    hue, spread = random.uniform(), random.uniform(-0.18, 0.18)
    count = int(random.integers(2, 4))
    value = random.uniform(0.35, 0.95)
    saturation = random.uniform(0.1, 0.75)
    stops = np.array(
        [
            colorsys.hsv_to_rgb(
                (hue + spread * number) % 1,
                float(np.clip(saturation + random.uniform(-0.2, 0.2), 0, 1)),
                float(np.clip(value + random.uniform(-0.35, 0.35), 0.05, 1)),
            )
            for number in range(count)
        ]
    )
    angle = 0.0 if random.random() < 0.55 else random.uniform(-1.2, 1.2)
    x, y = coordinates(width, height)
    along = (x - 0.5) * np.sin(angle) + (y - 0.5) * np.cos(angle)
    along = (along - along.min()) / np.ptp(along)
    at = np.linspace(0, 1, count)
    channels = [np.interp(along, at, stops[:, channel]) for channel in range(3)]
    return Ground(pixels=np.stack(channels, axis=2).astype(np.float32))


def environment(random: Random, width: int, height: int) -> Ground:
    """Make a room or a landscape, out of focus: what a viewer shows around an object."""
    # Nothing in it is sharp, so that half the resolution is enough.
    small = width // 2, height // 2
    paint = _room if random.random() < 0.5 else _landscape
    pixels = blurred(paint(random, *small), radius=random.uniform(0.008, 0.04))
    return Ground(pixels=resized(pixels, width, height))


def floor(random: Random, width: int, height: int) -> Ground:
    """Make a floor and a wall: a studio, boards, tiles, or the grid of a 3D viewer."""
    horizon = random.uniform(0.5, 0.74)
    hue, saturation = random.uniform(), random.uniform(0, 0.35)
    wall_value = random.uniform(0.1, 0.98)
    floor_value = float(np.clip(wall_value + random.uniform(-0.3, 0.25), 0.08, 0.95))
    wall = np.array(colorsys.hsv_to_rgb(hue, saturation, wall_value))
    ground = np.array(
        colorsys.hsv_to_rgb((hue + random.uniform(-0.1, 0.1)) % 1, saturation, floor_value)
    )
    x, y = coordinates(width, height)
    # A studio's floor bends up into the wall; other floors end at a line.
    soft = random.uniform(0.05, 0.14) if random.random() < 0.4 else 1.5 / height
    on_floor = _smooth((y - horizon) / soft + 0.5)
    pattern = str(random.choice(["none", "boards", "tiles", "grid"], p=[0.45, 0.2, 0.15, 0.2]))
    texture = np.ones((height, width), np.float32)
    if soft < 0.05 and pattern != "none":
        texture = _pattern(pattern, random, x, y, horizon)
    pixels = _mixed(wall, ground, on_floor)
    pixels *= (1 + (texture - 1) * on_floor)[..., None]
    # A lamp above: the wall is lighter around it, and the floor where its light falls.
    lamp = random.uniform(0.3, 0.7)
    glow = np.exp(-(((x - lamp) / 0.5) ** 2) - ((y - random.uniform(0.2, 0.9)) / 0.55) ** 2)
    pixels *= (random.uniform(0.55, 0.9) + random.uniform(0.2, 0.45) * glow)[..., None]
    return Ground(pixels=np.clip(pixels, 0, 1).astype(np.float32), horizon=horizon)


# The grounds that need no photograph, by kind.
GROUNDS: Mapping[str, MakeGround] = {
    "plain": plain,
    "radial": radial,
    "gradient": gradient,
    "environment": environment,
    "floor": floor,
}


def blurred(pixels: Pixels, *, radius: float) -> Pixels:
    """Return pixels after a Gaussian blur; the radius is a share of the height."""
    # Two bytes a channel would be better in dark gradients; noise covers the steps of one.
    blur = ImageFilter.GaussianBlur(radius * pixels.shape[0])
    return np.asarray(as_picture(pixels).filter(blur), np.float32) / np.float32(255)


def resized(pixels: Pixels, width: int, height: int) -> Pixels:
    """Return pixels at another size."""
    picture = as_picture(pixels).resize((width, height), Image.Resampling.BICUBIC)
    return np.asarray(picture, np.float32) / np.float32(255)


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
    on_floor = _smooth((y - horizon) / 0.03 + 0.5)[:, None]
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


def _room(random: Random, width: int, height: int) -> Pixels:
    """Paint a room: walls, a floor, furniture, windows and lamps."""
    x, y = coordinates(width, height)
    warm = _hsv(random, hue=(0.02, 0.14), saturation=(0.05, 0.45), value=(0.25, 0.75))
    dark = _hsv(random, hue=(0.0, 0.16), saturation=(0.1, 0.5), value=(0.12, 0.45))
    horizon = random.uniform(0.55, 0.8)
    pixels = _mixed(np.array(warm), np.array(dark), _smooth((y - horizon) / 0.02 + 0.5))
    pixels *= (0.75 + 0.4 * (1 - y))[..., None]
    for _ in range(int(random.integers(4, 10))):  # cupboards, pictures and doors
        colour = _hsv(random, saturation=(0.05, 0.5), value=(0.08, 0.7))
        base = random.uniform(horizon, horizon + 0.15) if random.random() < 0.7 else 0.45
        _box(pixels, random.uniform(-0.1, 1), base, random.uniform(0.06, 0.3), random, colour)
    for _ in range(int(random.integers(1, 4))):
        colour = _hsv(random, hue=(0.5, 0.65), saturation=(0.0, 0.25), value=(0.95, 1.0))
        _window(pixels, random, colour)
    for _ in range(int(random.integers(0, 6))):
        lamp = np.array(_hsv(random, hue=(0.08, 0.14), saturation=(0.1, 0.5), value=(1, 1)))
        _disc(pixels, x, y, random, lamp, top=(0.05, 0.5), size=(0.01, 0.04))
    return np.clip(pixels, 0, 1)


def _landscape(random: Random, width: int, height: int) -> Pixels:
    """Paint a landscape or a street: sky, ground, trees or houses, sometimes lights at night."""
    x, y = coordinates(width, height)
    night = random.random() < 0.3
    horizon = random.uniform(0.42, 0.72)
    top, low = (
        np.array(_hsv(random, hue=(0.53, 0.68), saturation=(0.2, 0.7), value=value))
        for value in (((0.05, 0.2), (0.1, 0.35)) if night else ((0.5, 0.95), (0.8, 1.0)))
    )
    if random.random() < 0.3:  # at sunset
        low = np.array(_hsv(random, hue=(0.03, 0.12), saturation=(0.3, 0.7), value=(0.6, 1.0)))
    pixels = _mixed(top, low, np.clip(y / horizon, 0, 1))
    value = (0.05, 0.2) if night else (0.2, 0.65)
    far, near = (
        np.array(_hsv(random, hue=(0.05, 0.4), saturation=(0.1, 0.55), value=value))
        for _ in range(2)
    )
    ground = _mixed(far, near, np.clip((y - horizon) / (1 - horizon), 0, 1))
    on_ground = _smooth((y - horizon) / 0.02 + 0.5)[..., None]
    pixels = pixels * (1 - on_ground) + ground * on_ground
    houses = random.random() < 0.5
    for _ in range(int(random.integers(6, 22))):
        hue = (0.0, 0.15) if houses else (0.18, 0.4)
        colour = _hsv(random, hue=hue, saturation=(0.1, 0.6), value=value)
        base = horizon + random.uniform(0.0, 0.05)
        if houses:
            _box(pixels, random.uniform(-0.1, 1), base, random.uniform(0.05, 0.2), random, colour)
        else:
            crown = (horizon - 0.25, horizon + 0.03)
            _disc(pixels, x, y, random, np.array(colour), top=crown, size=(0.03, 0.14))
    for _ in range(int(random.integers(8, 40)) if night else 0):
        lamp = np.array(_hsv(random, hue=(0.02, 0.16), saturation=(0.2, 0.8), value=(0.9, 1)))
        _disc(pixels, x, y, random, lamp, top=(horizon - 0.3, horizon + 0.1), size=(0.006, 0.02))
    return np.clip(pixels, 0, 1)


def _pattern(kind: str, random: Random, x: Pixels, y: Pixels, horizon: float) -> Pixels:
    """Return how light each point of a floor is that recedes to the horizon, (height, width)."""
    below = np.maximum(y - horizon, 1e-3)
    across, away = (x - 0.5) / below, 1 / below
    size = random.uniform(0.12, 0.35)
    column = across / size + random.uniform()
    row = away / (size * (6 if kind == "boards" else 1)) + random.uniform()
    # Near the horizon a pattern is finer than the pixels, so it fades.
    fade = np.clip(below / 0.15, 0, 1)
    if kind == "grid":
        lines = [np.abs(value - np.round(value)) for value in (column, row)]
        drawn = np.minimum(*lines) < 0.03
        contrast = np.where(drawn, random.choice([-0.4, 0.5]), 0.0)
    elif kind == "tiles":
        odd = (np.floor(column) + np.floor(row)) % 2
        contrast = (odd - 0.5) * random.uniform(0.15, 0.9)
    else:
        # A board is shifted against its neighbour, and each has a shade of its own.
        shades = random.uniform(-0.22, 0.22, 4096)
        numbers = np.floor(column) * 37 + np.floor(row + 0.37 * np.floor(column))
        contrast = shades[numbers.astype(np.int64) % len(shades)]
        contrast = np.where(np.abs(column - np.round(column)) < 0.03, -0.4, contrast)
    return np.asarray(1 + contrast * fade, np.float32)


def _box(
    pixels: Pixels,
    left: float,
    base: float,
    wide: float,
    random: Random,
    colour: tuple[float, float, float],
) -> None:
    """Draw a rectangle that stands at `base`; all in shares of the width and height."""
    height, width = pixels.shape[:2]
    tall = random.uniform(0.1, 0.5)
    rows = slice(max(0, round((base - tall) * height)), max(0, round(base * height)))
    columns = slice(max(0, round(left * width)), max(0, round((left + wide) * width)))
    pixels[rows, columns] = np.array(colour, np.float32) * random.uniform(0.7, 1.1)


def _window(pixels: Pixels, random: Random, colour: tuple[float, float, float]) -> None:
    """Draw a bright window with its bars, and the light around it."""
    height, width = pixels.shape[:2]
    x, y = coordinates(width, height)
    left, top = random.uniform(0, 0.85), random.uniform(0.05, 0.3)
    wide, tall = random.uniform(0.08, 0.3), random.uniform(0.2, 0.45)
    glow = np.exp(-(((x - left - wide / 2) / wide) ** 2) - ((y - top - tall / 2) / tall) ** 2)
    pixels += 0.25 * glow[..., None]
    inside = (x > left) & (x < left + wide) & (y > top) & (y < top + tall)
    bars = np.abs((x - left) / wide * random.integers(1, 4) % 1) < 0.06
    pixels[inside & ~bars] = colour


def _disc(
    pixels: Pixels,
    x: Pixels,
    y: Pixels,
    random: Random,
    colour: NDArray[np.float64],
    *,
    top: tuple[float, float],
    size: tuple[float, float],
) -> None:
    """Draw a disc of one colour, its radius in shares of the height."""
    height, width = pixels.shape[:2]
    across = (x - random.uniform(-0.05, 1.05)) * width / height
    inside = np.hypot(across, y - random.uniform(*top)) < random.uniform(*size)
    pixels[inside] = colour * random.uniform(0.75, 1.0)


def coordinates(width: int, height: int) -> tuple[Pixels, Pixels]:
    """Return x and y of every pixel, float32 (height, width), 0 to 1 from the top left."""
    y, x = np.mgrid[0:height, 0:width].astype(np.float32) + 0.5
    return x / width, y / height


def _filled(colour: tuple[float, float, float], width: int, height: int) -> Pixels:
    return np.full((height, width, 3), colour, np.float32)


def _mixed(first: NDArray[np.float64], second: NDArray[np.float64], share: Pixels) -> Pixels:
    """Return two colours mixed: `share`, (height, width), of the second."""
    return np.asarray(first + (second - first) * share[..., None], np.float32)


def _smooth(share: Pixels) -> Pixels:
    """Return 0 below 0, 1 above 1, and an even transition between them."""
    share = np.clip(share, 0, 1)
    return share * share * (3 - 2 * share)


def _hsv(
    random: Random,
    *,
    hue: tuple[float, float] = (0.0, 1.0),
    saturation: tuple[float, float],
    value: tuple[float, float],
) -> tuple[float, float, float]:
    """Return a random colour, RGB from 0 to 1."""
    return colorsys.hsv_to_rgb(*(random.uniform(*each) for each in (hue, saturation, value)))


def _blurred_mask(mask: Image.Image, radius: float) -> Pixels:
    """Return a mask from 0 to 1 after a blur; the radius is a share of the height."""
    blur = ImageFilter.GaussianBlur(radius * mask.height)
    return np.asarray(mask.filter(blur), np.float32) / np.float32(255)


def as_picture(pixels: Pixels) -> Image.Image:
    """Return float pixels, 0 to 1, as a picture."""
    return Image.fromarray((np.clip(pixels, 0, 1) * 255 + 0.5).astype(np.uint8))
