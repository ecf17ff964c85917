"""Pictures in which there is no object, hardly one, or too much else: files as people have them."""

import io
from collections.abc import Mapping

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from core.importers.grounds import compose, generator

SIDE = 256


def noise(width: int, height: int) -> Image.Image:
    pixels = np.random.default_rng(0).integers(0, 256, (height, width, 3), np.uint8)
    return Image.fromarray(pixels)


def teapot() -> Image.Image:
    """Return a cut-out that looks like something: a body, a spout, a lid, and a handle's hole."""
    picture = Image.new("RGBA", (400, 300))
    draw = ImageDraw.Draw(picture)
    draw.ellipse((10, 90, 140, 220), outline=(150, 40, 30, 255), width=24)
    draw.polygon([(290, 190), (392, 90), (396, 110), (320, 240)], fill=(160, 45, 35, 255))
    draw.ellipse((80, 60, 320, 290), fill=(190, 60, 45, 255))
    draw.ellipse((150, 40, 250, 90), fill=(150, 40, 30, 255))
    draw.ellipse((185, 15, 215, 50), fill=(240, 210, 120, 255))
    draw.ellipse((120, 100, 200, 170), fill=(225, 120, 100, 255))
    return picture


def _pattern() -> Image.Image:
    tile = np.kron([[1, 0], [0, 1]], np.full((16, 16), 200, np.uint8))
    return Image.fromarray(np.tile(tile, (8, 8)).astype(np.uint8)).convert("RGB")


def _drawn(ground: int, thing: int, *, box: tuple[int, int, int, int]) -> Image.Image:
    picture = Image.new("RGB", (SIDE, SIDE), (ground,) * 3)
    ImageDraw.Draw(picture).ellipse(box, fill=(thing,) * 3)
    return picture


def _touching() -> Image.Image:
    whole = compose(teapot(), random=generator("edges"), kind="environment").picture
    return whole.crop((120, 60, 330, 250)).resize((SIDE, SIDE))


def _crowd() -> Image.Image:
    picture = noise(SIDE, SIDE).filter(ImageFilter.GaussianBlur(8))
    draw = ImageDraw.Draw(picture)
    for number in range(100):
        x, y = number % 10 * 25 + 4, number // 10 * 25 + 4
        draw.rectangle((x, y, x + 14, y + 14), fill=(number * 2, 200 - number, 90))
    return picture


def _framed() -> Image.Image:
    picture = compose(teapot(), random=generator("frame"), kind="gradient").picture
    draw = ImageDraw.Draw(picture)
    draw.rectangle((0, 0, picture.width - 1, picture.height - 1), outline=(250, 250, 250), width=9)
    draw.text((12, 14), "watermark © example", fill=(255, 255, 255))
    return picture


def _with_alpha(*, is_empty: bool) -> Image.Image:
    """Return the teapot with an alpha channel that hides all of it, or it and not its ground."""
    picture = teapot()
    shown = picture.getchannel("A").point(lambda value: 0 if is_empty else 255 - value)
    picture.putalpha(shown)
    return picture


def _saved(picture: Image.Image, **options: object) -> bytes:
    file = io.BytesIO()
    picture.save(file, "GIF" if options else "PNG", **options)
    return file.getvalue()


# The bytes of files, by what is in them.
BAD_PICTURES: Mapping[str, bytes] = {
    "one colour": _saved(Image.new("RGB", (64, 64), (90, 10, 200))),
    "noise": _saved(noise(200, 150)),
    "a pattern": _saved(_pattern()),
    "white on white": _saved(_drawn(255, 250, box=(60, 60, 180, 200))),
    "black on black": _saved(_drawn(0, 5, box=(60, 60, 180, 200))),
    "touches all edges": _saved(_touching()),
    "a hundred small objects": _saved(_crowd()),
    "a frame and a watermark": _saved(_framed()),
    "8 x 8": _saved(noise(8, 8)),
    "16,384 x 200": _saved(noise(16_384, 200)),
    "1 x 500": _saved(noise(1, 500)),
    # Its ground changes.
    "an animation": _saved(
        noise(120, 90),
        save_all=True,
        append_images=[noise(120, 90).filter(ImageFilter.GaussianBlur(3))],
    ),
    "an empty alpha channel": _saved(_with_alpha(is_empty=True)),
    "an inverted alpha channel": _saved(_with_alpha(is_empty=False)),
}
