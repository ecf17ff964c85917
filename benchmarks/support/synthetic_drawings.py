"""Drawings in pens of all kinds on plain and on photographed paper, made of line icons."""

import io
from random import Random

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from benchmarks.support.line_icons import LineIcon

PENS = (
    *("#000000", "#111111", "#1b1b2f", "#1a3fa8", "#c01818", "#1f7a3a", "#555555", "#6b4b2a"),
    *("#7a1fa0", "#e07000", "#0a8aa0"),
)
PAPERS = ("#fffdf5", "#f4f4f4", "#fdf6e3", "#eef2f7")
CHALKS = ((255, 255, 255), (245, 245, 220), (255, 240, 120), (180, 220, 255))
BOARDS = ("#000", "#111", "#1d3a2a", "#22303c", "#0b2a5b")
SIDES = (160, 224, 320, 480)
# How many times as wide as in the icons strokes are; there they are 4 to 8 % of the picture wide.
STROKES = (0.12, 0.2, 0.3, 0.5, 0.8, 1.0, 1.5, 2.0, 2.6)

Pixels = NDArray[np.floating]


def drawing(random: Random, icon: LineIcon) -> Image.Image:
    """Return a drawing of an icon, RGB: on paper, in chalk on a board, or photographed."""
    strokes = _strokes(random, icon)
    kind = random.random()
    if kind < 0.35:
        paper = "#ffffff" if random.random() < 0.7 else random.choice(PAPERS)
        return placed(random, strokes, paper, margin=_margin(random))
    if kind < 0.47:
        levels = np.asarray(strokes).copy()
        levels[..., :3] = random.choice(CHALKS)
        chalk = Image.fromarray(levels, "RGBA")
        return placed(random, chalk, random.choice(BOARDS), margin=_margin(random))
    return photographed(random, strokes)


def placed(random: Random, strokes: Image.Image, paper: str, *, margin: float) -> Image.Image:
    """Return RGBA strokes somewhere on a larger square of one colour, RGB."""
    side = round(strokes.width * (1 + 2 * margin))
    sheet = Image.new("RGB", (side, side), paper)
    free = side - strokes.width
    sheet.paste(strokes, (random.randint(0, free), random.randint(0, free)), strokes)
    return sheet


def photographed(random: Random, strokes: Image.Image) -> Image.Image:
    """Return a photograph of RGBA strokes on a sheet: lines, light, shadow, grain and a finger."""
    from scipy import ndimage

    side = strokes.width
    width, height = (round(side * (1.05 + 2 * _margin(random))) for _ in range(2))
    sheet = _sheet(random, width, height)
    noise = np.random.default_rng(random.getrandbits(32))
    layer = Image.new("RGBA", (width, height))
    turned = strokes.rotate(random.uniform(-8, 8), resample=Image.Resampling.BICUBIC)
    layer.paste(turned, (random.randint(0, width - side), random.randint(0, height - side)))
    levels = np.asarray(layer, np.float32) / 255
    opacity = levels[..., 3]
    if random.random() < 0.4:  # a pencil, which skips the paper's hollows
        grain = ndimage.gaussian_filter(noise.standard_normal((height, width)), 0.7)
        strength = random.uniform(0.45, 0.8) + 0.25 * grain / grain.std()
        opacity = opacity * np.clip(strength, 0, 1)
    else:
        opacity = opacity * random.uniform(0.75, 1)
    sheet *= 1 - opacity[..., None] * (1 - levels[..., :3] * 0.9 - 0.04)
    if random.random() < 0.12:
        _add_finger(random, sheet)
    sheet += noise.standard_normal(sheet.shape) * random.uniform(0.002, 0.02)
    photograph = Image.fromarray((sheet.clip(0, 1) * 255).astype(np.uint8))
    if random.random() < 0.5:
        photograph = photograph.filter(ImageFilter.GaussianBlur(random.uniform(0.3, 1.2)))
    file = io.BytesIO()
    photograph.save(file, "JPEG", quality=random.randint(60, 95))
    return Image.open(file).convert("RGB")


def _margin(random: Random) -> float:
    """Return how much paper is around the strokes: a share of their side."""
    return random.uniform(0, 0.25) if random.random() < 0.8 else random.uniform(0.25, 0.7)


def _strokes(random: Random, icon: LineIcon) -> Image.Image:
    """Return an icon as RGBA strokes of some width and colour.

    Half of them are unsteady; some have hard edges, as programs to paint with draw them.
    """
    if random.random() < 0.25:
        icon = icon.in_pens(random.sample(PENS, 4))
    stroke = random.choice(STROKES)
    ink = random.choice(PENS) if random.random() < 0.5 else "#000"
    strokes = icon.render(random.choice(SIDES), ink=ink, stroke=stroke)
    if random.random() < 0.5:
        strokes = _unsteady(random, strokes)
    if random.random() < 0.15:
        strokes.putalpha(strokes.getchannel("A").point([255 * (each > 127) for each in range(256)]))
    return strokes


def _unsteady(random: Random, strokes: Image.Image) -> Image.Image:
    """Return strokes that a smooth random field has moved."""
    from scipy import ndimage

    noise = np.random.default_rng(random.getrandbits(32))
    levels, side = np.asarray(strokes, np.float32), strokes.width
    reach, smoothness = side * random.uniform(0.005, 0.03), side * random.uniform(0.05, 0.15)
    fields = [
        ndimage.gaussian_filter(noise.standard_normal((side, side)), smoothness) for _ in range(2)
    ]
    down, across = (field / (np.abs(field).max() + 1e-6) * reach for field in fields)
    y, x = np.mgrid[:side, :side]
    moved = [
        ndimage.map_coordinates(levels[..., channel], [y + down, x + across], order=1)
        for channel in range(4)
    ]
    return Image.fromarray(np.stack(moved, 2).clip(0, 255).astype(np.uint8), "RGBA")


def _sheet(random: Random, width: int, height: int) -> Pixels:
    """Return paper in uneven light, blank, lined or squared: float (height, width, 3), 0 to 1."""
    from scipy import ndimage

    noise = np.random.default_rng(random.getrandbits(32))
    tint = np.array([1, random.uniform(0.93, 1.0), random.uniform(0.8, 1.03)])
    y, x = np.mgrid[:height, :width] / max(width, height)
    angle = random.uniform(0, 2 * np.pi)
    slope = x * np.cos(angle) + y * np.sin(angle) - min(0, np.cos(angle)) - min(0, np.sin(angle))
    light = 1 - random.uniform(0, 0.45) * slope / 1.5
    if random.random() < 0.35:  # a shadow with a soft edge
        angle = random.uniform(0, 2 * np.pi)
        away = (x - 0.5) * np.cos(angle) + (y - 0.5) * np.sin(angle) - random.uniform(-0.3, 0.3)
        shadow = 1 / (1 + np.exp(-away / random.uniform(0.01, 0.08)))
        light = light * (1 - random.uniform(0.1, 0.45) * shadow)
    sheet = light[..., None] * random.uniform(0.55, 0.98) * tint
    ruling = random.random()
    if ruling < 0.4:
        step = max(4, round(height / random.uniform(12, 45)))
        lines = (np.arange(height) % step < max(1, height // 300))[:, None]
        if ruling >= 0.2:
            lines = lines | (np.arange(width) % step < max(1, width // 300))[None]
        sheet[np.broadcast_to(lines, (height, width))] *= np.array([0.81, 0.875, 0.95])
    grain = ndimage.gaussian_filter(noise.standard_normal((height, width)), random.uniform(0.5, 2))
    sheet *= 1 + random.uniform(0.003, 0.02) * (grain / grain.std())[..., None]
    return np.asarray(sheet)


def _add_finger(random: Random, sheet: Pixels) -> None:
    """Put a finger at an edge of the sheet."""
    height, width = sheet.shape[:2]
    y, x = np.mgrid[:height, :width]
    edge = random.choice(("left", "right", "bottom"))
    centre = {"left": 0.0, "right": width, "bottom": width * random.random()}[edge]
    middle = height if edge == "bottom" else height * random.uniform(0.4, 1)
    finger = ((x - centre) / (width * 0.13)) ** 2 + ((y - middle) / (height * 0.2)) ** 2 < 1
    skin = np.array([0.75, 0.55, 0.45]) * random.uniform(0.5, 1.1)
    sheet[finger] = skin * (0.8 + 0.2 * (y[finger] / height))[:, None]
