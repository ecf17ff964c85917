"""Composites to train with: right masks, all kinds of grounds, the same for a seed."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image, ImageDraw

from benchmarks.support import training_composites as support
from benchmarks.support.training_composites import KINDS, compose, make_ground, varied
from benchmarks.support.training_material import Material
from core.importers import grounds
from core.importers.grounds import Ground, plain


@pytest.fixture(scope="module")
def material(tmp_path_factory: pytest.TempPathFactory) -> Material:
    """Return a red disc, a green bar with soft edges, and a blue photograph of noise."""
    folder = tmp_path_factory.mktemp("material")
    disc = Image.new("RGBA", (120, 120))
    ImageDraw.Draw(disc).ellipse((10, 10, 110, 110), fill=(255, 0, 0, 255))
    disc.save(folder / "disc.png")
    bar = Image.new("RGBA", (200, 80), (0, 255, 0, 0))
    bar.putalpha(Image.linear_gradient("L").resize((200, 80)))
    bar.save(folder / "bar.png")
    pixels = np.random.default_rng(0).integers(0, 256, (300, 500, 3), np.uint8)
    pixels[..., :2] = 0
    Image.fromarray(pixels).save(folder / "photograph.png")
    return Material(
        cut_outs={"discs": [folder / "disc.png"], "bars": [folder / "bar.png"]},
        weights={"discs": 3, "bars": 1},
        photographs=[folder / "photograph.png"],
    )


def generator(number: int) -> np.random.Generator:
    return np.random.default_rng([0, number])


def as_it_is(monkeypatch: pytest.MonkeyPatch, *shares: str) -> None:
    """Switch off what happens in some composites only."""
    for name in (*shares, "BLURRED", "COMPRESSED", "SHADOW", "SECOND"):
        monkeypatch.setattr(support, name, 0)
    monkeypatch.setattr(support, "varied", lambda cut_out, random: cut_out)


@pytest.mark.parametrize("number", range(12))
def test_the_mask_is_the_alpha_of_the_object(
    number: int, material: Material, monkeypatch: pytest.MonkeyPatch
) -> None:
    as_it_is(monkeypatch)
    monkeypatch.setattr(support, "KINDS", {"plain": 1.0})
    black = Ground(pixels=np.zeros((272, 272, 3), np.float32), vignette=False)
    monkeypatch.setattr(support, "make_ground", lambda *_: black)
    monkeypatch.setattr(support, "FRAMES", ((1.0, 1.0),))
    monkeypatch.setattr(grounds, "developed", lambda pixels, *_, **__: pixels)
    made = compose(material, generator(number))
    assert made.has_object and made.mask.dtype == np.uint8
    # Red or green of full strength, as opaque as the mask says, on black.
    brightest = np.asarray(made.picture).max(axis=2)
    assert np.abs(brightest.astype(int) - made.mask).max() <= 1
    assert (made.mask > 127).any()


@pytest.mark.parametrize("number", range(8))
def test_without_an_object_the_mask_is_empty(number: int, material: Material) -> None:
    made = compose(material, generator(number), has_object=False)
    assert not made.has_object and not made.mask.any()
    assert made.picture.mode == "RGB" and made.mask.shape == made.picture.size[::-1]


def test_a_crowd_of_small_things_has_no_mask(
    material: Material, monkeypatch: pytest.MonkeyPatch
) -> None:
    as_it_is(monkeypatch)
    monkeypatch.setattr(support, "CROWD", 1)
    monkeypatch.setattr(
        support, "make_ground", lambda _, __, random, width: plain(random, width, 272)
    )
    made = compose(material, generator(3), has_object=False)
    pixels = np.asarray(made.picture).astype(int)
    red = (pixels[..., 0] - pixels[..., 1:].max(axis=2)) > 150
    assert red.mean() > 0.02 and not made.mask.any()


def test_the_same_seed_gives_the_same_composite(material: Material) -> None:
    first, again, other = (compose(material, generator(number)) for number in (1, 1, 2))
    assert first.picture.tobytes() == again.picture.tobytes() != other.picture.tobytes()
    assert (first.mask == again.mask).all()


@pytest.mark.parametrize("kind", KINDS)
def test_grounds_of_all_kinds_fill_the_picture(kind: str, material: Material) -> None:
    for number, width in enumerate((484, 272, 204)):
        ground = make_ground(kind, material, generator(number), width)
        assert ground.pixels.shape == (272, width, 3) and ground.pixels.dtype == np.float32
        assert ground.pixels.min() >= 0 and ground.pixels.max() <= 1
        assert (ground.horizon is None) == (kind != "floor")


@pytest.mark.parametrize("number", range(8))
def test_the_edge_cuts_off_the_things_in_a_collage(
    number: int, material: Material, monkeypatch: pytest.MonkeyPatch
) -> None:
    as_it_is(monkeypatch)
    monkeypatch.setattr(support, "PARTS", (0, 1))
    monkeypatch.setattr(support, "THINGS", 1)
    discs = replace(material, weights={"discs": 1})
    pixels = make_ground("collage", discs, generator(number), 400).pixels
    red = pixels[..., 0] > 0.3
    edges = (red[0], red[-1], red[:, 0], red[:, -1])
    assert red.any() and any(edge.any() for edge in edges)
    monkeypatch.setattr(support, "THINGS", 0)
    assert not make_ground("collage", discs, generator(number), 400).pixels[..., 0].any()


def test_the_parts_of_a_collage_cover_some_of_its_photograph(
    material: Material, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(support, "THINGS", 0)
    monkeypatch.setattr(support, "PARTS", (6, 7))
    covered = [
        (make_ground("collage", material, generator(number), 400).pixels[..., :2] > 0.05).mean()
        for number in range(12)
    ]
    assert 0.03 < np.mean(covered) < 0.8 and len(set(covered)) == 12


def test_kinds_come_as_often_as_they_should(
    material: Material, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert sum(KINDS.values()) == pytest.approx(1)
    seen: Counter[str] = Counter()
    ground = Ground(pixels=np.zeros((272, 272, 3), np.float32))

    def made(kind: str, *_: object) -> Ground:
        seen[kind] += 1
        return ground

    monkeypatch.setattr(support, "make_ground", made)
    monkeypatch.setattr(support, "FRAMES", ((1.0, 1.0),))
    monkeypatch.setattr(support, "CROWD", 0)
    monkeypatch.setattr(grounds, "developed", lambda pixels, *_, **__: pixels)
    for number in range(400):
        compose(material, generator(number), has_object=False)
    assert all(abs(seen[kind] / 400 - share) < 0.07 for kind, share in KINDS.items())


def test_cut_outs_vary_and_keep_their_alpha() -> None:
    cut_out = Image.new("RGBA", (60, 40), (200, 100, 50, 255))
    results = [varied(cut_out, generator(number)) for number in range(40)]
    assert len({picture.tobytes() for picture in results}) > 15
    for picture in results:
        alpha = np.asarray(picture.getchannel("A"))
        assert picture.mode == "RGBA" and (alpha > 127).sum() == pytest.approx(2400, rel=0.06)
