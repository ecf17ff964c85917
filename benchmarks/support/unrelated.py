"""Pictures in which nothing is to be found: patterns, textures and noise. The seed is the number.

A model that is like many of them is a hub: it would be among the results of any picture.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Random = np.random.Generator
# RGB of a picture, float32 (HEIGHT, WIDTH, 3), about 0 to 1.
Pixels = NDArray[np.float32]
WIDTH, HEIGHT = 320, 240


def _colours(random: Random, count: int) -> Pixels:
    return random.random((count, 3)).astype(np.float32)


def _painted(colours: Pixels, numbers: NDArray[np.intp]) -> Pixels:
    """Return each pixel in its colour: `numbers` is (HEIGHT, WIDTH)."""
    painted: Pixels = colours[numbers]
    return painted


def _plane(random: Random) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return two coordinates of each pixel in periods, turned by an angle."""
    down, across = np.mgrid[:HEIGHT, :WIDTH].astype(np.float32)
    angle, period = random.uniform(0, np.pi), random.uniform(12, 80)
    x = (np.cos(angle) * across + np.sin(angle) * down) / period
    y = (np.cos(angle) * down - np.sin(angle) * across) / period
    return x.astype(np.float32), y.astype(np.float32)


def stripes(random: Random) -> Pixels:
    """Stripes of two to four colours."""
    x, _ = _plane(random)
    colours = _colours(random, int(random.integers(2, 5)))
    return _painted(colours, np.floor(x).astype(int) % len(colours))


def checks(random: Random) -> Pixels:
    """A board of two colours."""
    x, y = _plane(random)
    return _painted(_colours(random, 2), (np.floor(x) + np.floor(y)).astype(int) % 2)


def dots(random: Random) -> Pixels:
    """Dots in rows."""
    x, y = _plane(random)
    radius = random.uniform(0.15, 0.45)
    inside = np.hypot(x % 1 - 0.5, y % 1 - 0.5) < radius
    return _painted(_colours(random, 2), inside.astype(int))


def tiles(random: Random) -> Pixels:
    """Tiles of random colours with joints."""
    x, y = _plane(random)
    colours = _colours(random, 64)
    numbers = (np.floor(x).astype(int) * 7 + np.floor(y).astype(int) * 13) % len(colours)
    joint = (x % 1 < 0.08) | (y % 1 < 0.08)
    return np.where(joint[..., np.newaxis], _colours(random, 1), _painted(colours, numbers))


def noise(random: Random) -> Pixels:
    """Noise in every pixel or in larger squares, grey or in colour."""
    side, depth = int(random.integers(1, 9)), int(random.choice([1, 3]))
    small = random.random((-(-HEIGHT // side), -(-WIDTH // side), depth))
    large = small.repeat(side, axis=0).repeat(side, axis=1)[:HEIGHT, :WIDTH]
    return np.broadcast_to(large, (HEIGHT, WIDTH, 3)).astype(np.float32)


def clouds(random: Random) -> Pixels:
    """Noise with more of the large than of the small, between two colours."""
    frequencies = np.hypot(np.fft.fftfreq(HEIGHT)[:, np.newaxis], np.fft.fftfreq(WIDTH))
    frequencies[0, 0] = 1 / WIDTH
    spectrum = np.fft.fft2(random.standard_normal((HEIGHT, WIDTH)))
    field = np.fft.ifft2(spectrum / frequencies ** random.uniform(0.8, 2)).real
    share = 0.5 + (field - field.mean()) / (4 * field.std())
    first, second = _colours(random, 2)
    return np.asarray(first + share[..., np.newaxis] * (second - first), np.float32)


def fibres(random: Random) -> Pixels:
    """Noise drawn out in one direction, like wood or cloth."""
    width, height = (WIDTH, max(2, HEIGHT // int(random.integers(1, 4))))
    length = int(random.integers(3, 40))
    field = random.standard_normal((height, -(-width // length), 1)).astype(np.float32)
    drawn = np.asarray(
        Image.fromarray(field[..., 0]).resize((WIDTH, HEIGHT), Image.Resampling.BICUBIC)
    )
    if random.random() < 0.5:
        turned = Image.fromarray(drawn.T).resize((WIDTH, HEIGHT), Image.Resampling.BICUBIC)
        drawn = np.asarray(turned)
    share = 0.5 + drawn[..., np.newaxis] / 4
    first, second = _colours(random, 2)
    return np.asarray(first + share * (second - first), np.float32)


KINDS: tuple[Callable[[Random], Pixels], ...] = (
    stripes,
    checks,
    dots,
    tiles,
    noise,
    clouds,
    fibres,
)


def picture(number: int) -> Image.Image:
    """Return one of the pictures, RGB; the kinds take turns."""
    pixels = KINDS[number % len(KINDS)](np.random.default_rng(number))
    return Image.fromarray((255 * np.clip(pixels, 0, 1)).round().astype(np.uint8))
