"""Objects that only the network can tell from their background, with the real weights."""

import numpy as np
import pytest
from PIL import Image

from core.importers.grounds import GROUNDS, compose, generator
from core.pictures import decoding
from core.vision import Network, cutout, precision, segmentation
from core.vision.cutout import Cutout
from tests.bad_pictures import BAD_PICTURES, noise, teapot


@pytest.fixture(scope="module")
def trained() -> Network:
    return precision.load(precision="float32")


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


@pytest.mark.parametrize("name", sorted(BAD_PICTURES))
def test_any_picture_gets_its_object_or_all_of_it(name: str, trained: Network) -> None:
    picture = decoding.decode(BAD_PICTURES[name])
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
