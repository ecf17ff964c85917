"""Paint rooms and landscapes, which are seen out of focus behind an object."""

import numpy as np
from numpy.typing import NDArray

from core.importers.grounds.pixels import Pixels, Random, coordinates, hsv, mixed, smooth


def room(random: Random, width: int, height: int) -> Pixels:
    """Paint a room: walls, a floor, furniture, windows and lamps."""
    x, y = coordinates(width, height)
    warm = hsv(random, hue=(0.02, 0.14), saturation=(0.05, 0.45), value=(0.25, 0.75))
    dark = hsv(random, hue=(0.0, 0.16), saturation=(0.1, 0.5), value=(0.12, 0.45))
    horizon = random.uniform(0.55, 0.8)
    pixels = mixed(np.array(warm), np.array(dark), smooth((y - horizon) / 0.02 + 0.5))
    pixels *= (0.75 + 0.4 * (1 - y))[..., None]
    for _ in range(int(random.integers(4, 10))):  # cupboards, pictures and doors
        colour = hsv(random, saturation=(0.05, 0.5), value=(0.08, 0.7))
        base = random.uniform(horizon, horizon + 0.15) if random.random() < 0.7 else 0.45
        _box(pixels, random.uniform(-0.1, 1), base, random.uniform(0.06, 0.3), random, colour)
    for _ in range(int(random.integers(1, 4))):
        colour = hsv(random, hue=(0.5, 0.65), saturation=(0.0, 0.25), value=(0.95, 1.0))
        _window(pixels, random, colour)
    for _ in range(int(random.integers(0, 6))):
        lamp = np.array(hsv(random, hue=(0.08, 0.14), saturation=(0.1, 0.5), value=(1, 1)))
        _disc(pixels, x, y, random, lamp, top=(0.05, 0.5), size=(0.01, 0.04))
    return np.clip(pixels, 0, 1)


def landscape(random: Random, width: int, height: int) -> Pixels:
    """Paint a landscape or a street: sky, ground, trees or houses, sometimes lights at night."""
    x, y = coordinates(width, height)
    night = random.random() < 0.3
    horizon = random.uniform(0.42, 0.72)
    top, low = (
        np.array(hsv(random, hue=(0.53, 0.68), saturation=(0.2, 0.7), value=value))
        for value in (((0.05, 0.2), (0.1, 0.35)) if night else ((0.5, 0.95), (0.8, 1.0)))
    )
    if random.random() < 0.3:  # at sunset
        low = np.array(hsv(random, hue=(0.03, 0.12), saturation=(0.3, 0.7), value=(0.6, 1.0)))
    pixels = mixed(top, low, np.clip(y / horizon, 0, 1))
    value = (0.05, 0.2) if night else (0.2, 0.65)
    far, near = (
        np.array(hsv(random, hue=(0.05, 0.4), saturation=(0.1, 0.55), value=value))
        for _ in range(2)
    )
    ground = mixed(far, near, np.clip((y - horizon) / (1 - horizon), 0, 1))
    on_ground = smooth((y - horizon) / 0.02 + 0.5)[..., None]
    pixels = pixels * (1 - on_ground) + ground * on_ground
    houses = random.random() < 0.5
    for _ in range(int(random.integers(6, 22))):
        hue = (0.0, 0.15) if houses else (0.18, 0.4)
        colour = hsv(random, hue=hue, saturation=(0.1, 0.6), value=value)
        base = horizon + random.uniform(0.0, 0.05)
        if houses:
            _box(pixels, random.uniform(-0.1, 1), base, random.uniform(0.05, 0.2), random, colour)
        else:
            crown = (horizon - 0.25, horizon + 0.03)
            _disc(pixels, x, y, random, np.array(colour), top=crown, size=(0.03, 0.14))
    for _ in range(int(random.integers(8, 40)) if night else 0):
        lamp = np.array(hsv(random, hue=(0.02, 0.16), saturation=(0.2, 0.8), value=(0.9, 1)))
        _disc(pixels, x, y, random, lamp, top=(horizon - 0.3, horizon + 0.1), size=(0.006, 0.02))
    return np.clip(pixels, 0, 1)


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
