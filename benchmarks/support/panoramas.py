"""Views of panoramas: what a camera sees that looks around in a picture of all directions."""

import base64

import numpy as np
from numpy.typing import NDArray
from PIL import Image

# The side of a view, in pixels; it shows 90 degrees.
SIDE = 640
# How far each view looks up, in radians; each also looks a quarter to the right of the one before.
PITCHES = (-0.15, 0.1, -0.5, 0.0)
FIRST_YAW = 0.4
# The brightness that the median of a panorama gets before its tones are mapped to 0 to 1.
MIDDLE = 0.35
# What is brighter than this is as bright: the sun overflows the numbers of a panorama.
MAX_LIGHT = 1e4
GAMMA = 2.2


def read_exr(path: str) -> NDArray[np.float32]:
    """Return the light of an OpenEXR file, float32 (height, width, 3)."""
    import OpenEXR

    with OpenEXR.File(path) as file:
        channels = file.channels()
        if name := next((each for each in ("RGB", "RGBA") if each in channels), None):
            pixels = channels[name].pixels[..., :3]
        else:
            pixels = np.stack([channels[each].pixels for each in "RGB"], axis=2)
    return np.asarray(pixels, np.float32)


def from_script(script: bytes) -> bytes:
    """Return the file that a JavaScript module exports as a `data:` URL."""
    _, _, rest = script.partition(b";base64,")
    return base64.b64decode(rest.strip().rstrip(b";").strip(b"'\""))


def views(light: NDArray[np.float32]) -> list[Image.Image]:
    """Return four views of a panorama of light, (height, width, 3), as RGB pictures."""
    light = np.clip(np.nan_to_num(light, nan=0, posinf=MAX_LIGHT, neginf=0), 0, MAX_LIGHT)
    light = light * (MIDDLE / max(float(np.median(light.mean(axis=2))), 1e-6))
    levels = (light / (1 + light)) ** (1 / GAMMA)
    return [
        _view(levels, pitch=pitch, yaw=FIRST_YAW + number * np.pi / 2)
        for number, pitch in enumerate(PITCHES)
    ]


def _view(levels: NDArray[np.float32], *, pitch: float, yaw: float) -> Image.Image:
    """Return what is seen in a direction, both angles in radians."""
    height, width = levels.shape[:2]
    x, y = np.meshgrid(np.linspace(-1, 1, SIDE), np.linspace(1, -1, SIDE))
    length = np.sqrt(x * x + y * y + 1)
    up = y * np.cos(pitch) + np.sin(pitch)
    ahead = np.cos(pitch) - y * np.sin(pitch)
    longitude = np.arctan2(x, ahead) + yaw
    latitude = np.arcsin(np.clip(up / length, -1, 1))
    column = (longitude / (2 * np.pi) % 1) * (width - 1)
    row = np.clip((0.5 - latitude / np.pi) * (height - 1), 0, height - 1)
    left, top = column.astype(np.intp), np.minimum(row.astype(np.intp), height - 2)
    right = (left + 1) % width
    across, down = (column - left)[..., None], (row - top)[..., None]
    upper = levels[top, left] * (1 - across) + levels[top, right] * across
    lower = levels[top + 1, left] * (1 - across) + levels[top + 1, right] * across
    pixels = upper * (1 - down) + lower * down
    return Image.fromarray((pixels * 255 + 0.5).astype(np.uint8))
