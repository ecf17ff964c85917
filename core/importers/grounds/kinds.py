"""The kinds of grounds: backgrounds that are made up."""

import colorsys
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from core.importers.grounds.pixels import (
    Pixels,
    Random,
    blurred,
    coordinates,
    filled,
    hsv,
    mixed,
    resized,
    smooth,
)
from core.importers.grounds.scenes import landscape, room


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


def plain(random: Random, width: int, height: int) -> Ground:
    """Make a ground of one colour: white, grey, black, or a pale or strong colour."""
    colour = {
        "white": (1.0, 1.0, 1.0),
        "grey": (random.uniform(0.15, 0.95),) * 3,
        "black": (0.0, 0.0, 0.0),
        "pale": hsv(random, saturation=(0.03, 0.25), value=(0.8, 1.0)),
        "strong": hsv(random, saturation=(0.4, 0.9), value=(0.3, 0.95)),
    }[str(random.choice(["white", "grey", "black", "pale", "strong"], p=[0.4, 0.2, 0.1, 0.2, 0.1]))]
    return Ground(pixels=filled(colour, width, height), vignette=False)


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
    share = smooth(1 - distance)
    return Ground(
        pixels=mixed(
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
    paint = room if random.random() < 0.5 else landscape
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
    on_floor = smooth((y - horizon) / soft + 0.5)
    pattern = str(random.choice(["none", "boards", "tiles", "grid"], p=[0.45, 0.2, 0.15, 0.2]))
    texture = np.ones((height, width), np.float32)
    if soft < 0.05 and pattern != "none":
        texture = _pattern(pattern, random, x, y, horizon)
    pixels = mixed(wall, ground, on_floor)
    pixels *= (1 + (texture - 1) * on_floor)[..., None]
    # A lamp above: the wall is lighter around it, and the floor where its light falls.
    lamp = random.uniform(0.3, 0.7)
    glow = np.exp(-(((x - lamp) / 0.5) ** 2) - ((y - random.uniform(0.2, 0.9)) / 0.55) ** 2)
    pixels *= (random.uniform(0.55, 0.9) + random.uniform(0.2, 0.45) * glow)[..., None]
    return Ground(pixels=np.clip(pixels, 0, 1).astype(np.float32), horizon=horizon)


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


# The grounds that need no photograph, by kind.
GROUNDS: Mapping[str, MakeGround] = {
    "plain": plain,
    "radial": radial,
    "gradient": gradient,
    "environment": environment,
    "floor": floor,
}
