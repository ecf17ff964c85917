"""Objects that only the network can tell from their background, with the real weights."""

import io

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFilter

from core.importers.grounds import GROUNDS, compose, generator
from core.pictures import decoding
from core.vision import Network, cutout, precision, segmentation
from core.vision.cutout import Cutout

SIDE = 256


@pytest.fixture(scope="module")
def trained() -> Network:
    return precision.load(precision="float32")


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


def iou(first: np.ndarray, second: np.ndarray) -> float:
    return float((first & second).sum() / (first | second).sum())


def opacity(cut: Cutout, size: tuple[int, int]) -> np.ndarray:
    assert cut.mask is not None
    return np.asarray(cut.mask.resize(size)) >= 128


@pytest.mark.parametrize("kind", sorted(set(GROUNDS) - {"plain"}))
def test_an_object_is_cut_out_of_every_kind_of_ground(kind: str, trained: Network) -> None:
    composites = [
        compose(teapot(), random=generator(f"teapot {number}", seed=number), kind=kind)
        for number in range(4)
    ]
    cuts = segmentation.cut_out(trained, [composite.picture for composite in composites])

    ious = []
    for cut, composite in zip(cuts, composites, strict=True):
        assert cut.basis in ("mask", "plain")
        if cut.basis == "mask":
            found = opacity(cut, composite.picture.size)
            ious.append(iou(found, composite.mask >= 128))
            # Outside there is nothing left of the ground, and nothing is invented inside.
            outside = np.asarray(cut.mask) == 0
            small = np.asarray(cut.picture.resize((outside.shape[1], outside.shape[0])))
            assert small[outside].mean() > 245
    assert not ious or np.mean(ious) > 0.85


def test_the_mask_does_not_depend_on_the_rest_of_the_batch(trained: Network) -> None:
    pictures = [
        compose(teapot(), random=generator(str(number)), kind="environment").picture
        for number in range(3)
    ]
    together = segmentation.segment_all(trained, pictures)
    for picture, found in zip(pictures, together, strict=True):
        [alone] = segmentation.segment_all(trained, [picture])
        difference = np.asarray(alone.mask, np.int16) - np.asarray(found.mask, np.int16)
        assert np.abs(difference).max() <= 2
        assert alone.confidence == pytest.approx(found.confidence, abs=1e-3)


def test_an_object_that_the_network_is_not_sure_of_can_be_asked_for(trained: Network) -> None:
    picture = compose(teapot(), random=generator("teapot"), kind="floor").picture
    [found] = segmentation.segment_all(trained, [picture])
    unsure = segmentation.Segmentation(found.mask, 0.1)

    assert segmentation.apply(picture, unsure).basis == "whole"
    cut = segmentation.apply(picture, unsure, always=True)
    assert cut.basis == "mask"
    assert cut.original is picture
    nothing = segmentation.Segmentation(Image.new("L", found.mask.size), 0.9)
    assert segmentation.apply(picture, nothing, always=True).basis == "whole"


def test_pictures_that_are_cut_out_already_stay_as_they_are(trained: Network) -> None:
    given = cutout.whole(noise(40, 30))
    [cut] = segmentation.cut_out(trained, [given])
    assert cut is given


def gif() -> Image.Image:
    """Return the first frame of an animation whose ground changes."""
    frames = [noise(120, 90), noise(120, 90).filter(ImageFilter.GaussianBlur(3))]
    buffer = io.BytesIO()
    frames[0].save(buffer, "GIF", save_all=True, append_images=frames[1:])
    return decoding.decode(buffer.getvalue())


def pattern() -> Image.Image:
    tile = np.kron([[1, 0], [0, 1]], np.full((16, 16), 200, np.uint8))
    return Image.fromarray(np.tile(tile, (8, 8)).astype(np.uint8)).convert("RGB")


def drawn(ground: int, thing: int, *, box: tuple[int, int, int, int]) -> Image.Image:
    picture = Image.new("RGB", (SIDE, SIDE), (ground,) * 3)
    ImageDraw.Draw(picture).ellipse(box, fill=(thing,) * 3)
    return picture


def crowd() -> Image.Image:
    picture = noise(SIDE, SIDE).filter(ImageFilter.GaussianBlur(8))
    draw = ImageDraw.Draw(picture)
    for number in range(100):
        x, y = number % 10 * 25 + 4, number // 10 * 25 + 4
        draw.rectangle((x, y, x + 14, y + 14), fill=(number * 2, 200 - number, 90))
    return picture


def framed() -> Image.Image:
    picture = compose(teapot(), random=generator("frame"), kind="gradient").picture
    draw = ImageDraw.Draw(picture)
    draw.rectangle((0, 0, picture.width - 1, picture.height - 1), outline=(250, 250, 250), width=9)
    draw.text((12, 14), "watermark © example", fill=(255, 255, 255))
    return picture


BAD = {
    "one colour": Image.new("RGB", (64, 64), (90, 10, 200)),
    "noise": noise(200, 150),
    "a pattern": pattern(),
    "white on white": drawn(255, 250, box=(60, 60, 180, 200)),
    "black on black": drawn(0, 5, box=(60, 60, 180, 200)),
    "touches all edges": compose(teapot(), random=generator("edges"), kind="environment")
    .picture.crop((120, 60, 330, 250))
    .resize((SIDE, SIDE)),
    "a hundred small objects": crowd(),
    "a frame and a watermark": framed(),
    "8 x 8": noise(8, 8),
    "16,384 x 200": noise(16_384, 200),
    "1 x 500": noise(1, 500),
    "an animation": gif(),
}


@pytest.mark.parametrize("name", sorted(BAD))
def test_any_picture_gets_its_object_or_all_of_it(name: str, trained: Network) -> None:
    picture = BAD[name]
    before = picture.tobytes()
    [cut] = segmentation.cut_out(trained, [picture])

    assert picture.tobytes() == before
    assert cut.original is picture
    assert cut.box.left < cut.box.right
    assert cut.box.top < cut.box.bottom
    if cut.mask is not None:
        share = (np.asarray(cut.mask) >= 128).mean()
        assert segmentation.MIN_AREA <= share <= segmentation.MAX_AREA
    else:
        assert cut.picture is picture
