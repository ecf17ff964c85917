"""Pictures to look at, and code in processes of its own."""

import os
import subprocess
import sys

import numpy as np
from hypothesis import strategies as st
from PIL import Image

from core.settings import PROJECT

Colour = tuple[int, int, int]
WHITE, BLACK, RED = (255, 255, 255), (0, 0, 0), (200, 30, 30)
COLOURS = st.tuples(*[st.integers(0, 255)] * 3)


def blank(width: int = 256, height: int = 256, ground: Colour = WHITE) -> Image.Image:
    return Image.new("RGB", (width, height), ground)


def with_rectangle(
    corners: tuple[int, int, int, int],
    *,
    size: tuple[int, int] = (256, 256),
    ground: Colour = WHITE,
    colour: Colour = RED,
) -> Image.Image:
    """Draw a rectangle from left, top up to right, bottom, which it does not reach."""
    picture = blank(*size, ground)
    picture.paste(colour, corners)
    return picture


def noise(width: int, height: int, seed: int = 0) -> Image.Image:
    values = np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)
    return Image.fromarray(values)


def run(code: str, **environment: str) -> str:
    """Run Python code in a process of its own and return what it prints."""
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=PROJECT,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()
