"""Training the decoder of masks: the parts that need neither VGG16 nor a download."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from benchmarks import mask_training
from benchmarks.mask_training import Examples, Trainer, initial, rate
from benchmarks.support.training_composites import TrainingComposite
from benchmarks.support.training_material import Material
from core.vision import mask_decoder


def squares(folder: Path, count: int, *, seed: int = 0) -> Examples:
    """Return examples of light squares on dark grounds, which the maps and the colours tell."""
    random = np.random.default_rng(seed)
    examples = Examples.in_folder(folder, count)
    for row in range(count):
        left, top = random.integers(0, 64, 2)
        mask = np.zeros((112, 112), np.uint8)
        mask[top : top + 48, left : left + 48] = 255
        examples.masks[row] = mask
        pixels = np.asarray(Image.fromarray(mask).resize((224, 224)))
        examples.pictures[row] = pixels[..., None] // 2 + random.integers(0, 60, (224, 224, 3))
        examples.has_object[row] = True
        for maps in examples.pooled:
            small = np.asarray(Image.fromarray(mask).resize(maps.shape[1:3]), np.float32) / 255
            maps[row] = small[..., None] * random.uniform(20, 60, maps.shape[3])
    return examples


def test_first_weights_are_those_of_the_decoder() -> None:
    first, known = initial(seed=1), mask_decoder.load()
    assert {name: array.shape for name, array in first.items()} == {
        name: array.shape for name, array in known.items()
    }
    assert all(array.dtype == np.float32 for array in first.values())
    again, other = initial(seed=1), initial(seed=2)
    assert all((again[name] == array).all() for name, array in first.items())
    assert (other["side5"] != first["side5"]).any()


def test_saved_weights_are_read_by_the_decoder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = initial(seed=3)
    mask_training.save(first, tmp_path / "weights.npz")
    monkeypatch.setattr(mask_decoder, "FILE", tmp_path / "weights.npz")
    read = mask_decoder.load()
    assert all((read[name] == array.astype(np.float16)).all() for name, array in first.items())


def test_the_rate_rises_and_falls() -> None:
    rates = [rate(step, 1_000) for step in range(1_000)]
    assert 0 < rates[0] < rates[50] < rates[99] > rates[500] > rates[-1] > 0
    assert max(rates) < 1.01 * mask_training.LEARNING_RATE
    assert rate(1, 10) > 0.9 * mask_training.LEARNING_RATE, "a short training has a short warm-up"
    assert rates[-1] < 0.02 * mask_training.LEARNING_RATE


def test_batches_are_mirrored_in_all_their_parts(tmp_path: Path) -> None:
    examples = squares(tmp_path / "examples", 3)
    plain, mirrored = (examples.batch([2, 0], mirrored=mirrored) for mirrored in (False, True))
    assert plain.pictures.dtype == np.uint8 and plain.masks.max() == 1
    assert (plain.pictures[0] == examples.pictures[2]).all()
    assert [maps.shape[1:] for maps in plain.pooled] == list(mask_training.POOLED)
    assert (plain.pictures[:, :, ::-1] == mirrored.pictures).all()
    assert (plain.masks[:, :, ::-1] == mirrored.masks).all()
    for ours, theirs in zip(plain.pooled, mirrored.pooled, strict=True):
        assert (ours[:, :, ::-1] == theirs).all()


def test_composites_are_the_same_in_any_order(monkeypatch: pytest.MonkeyPatch) -> None:
    def compose(_: Material, random: np.random.Generator, *, has_object: bool) -> TrainingComposite:
        mask = random.integers(0, 256, (20, 30), np.uint8)
        return TrainingComposite(picture=Image.fromarray(mask), mask=mask, has_object=has_object)

    monkeypatch.setattr(mask_training, "compose", compose)
    nothing = Material(cut_outs={}, weights={}, photographs=[])

    def makers(seed: int) -> list[TrainingComposite]:
        made = mask_training.composites(nothing, 200, seed=seed, without_object=0.25)
        return [make() for make in reversed(made)][::-1]

    first, again, other = makers(1), makers(1), makers(2)
    assert all((one.mask == two.mask).all() for one, two in zip(first, again, strict=True))
    assert any((one.mask != two.mask).any() for one, two in zip(first, other, strict=True))
    assert 0.15 < np.mean([not each.has_object for each in first]) < 0.35


def test_extracted_examples_have_the_maps_of_their_pictures(tmp_path: Path) -> None:
    def maker(number: int) -> TrainingComposite:
        mask = np.zeros((100, 200), np.uint8)
        mask[:, :100] = 255 * (number % 2)
        picture = Image.new("RGB", (200, 100), (number, 0, 0))
        return TrainingComposite(picture=picture, mask=mask, has_object=bool(number % 2))

    def pools(pictures: np.ndarray) -> list[np.ndarray]:
        red = pictures[:, 0, 0, 0].astype(np.float16)
        return [np.broadcast_to(red[:, None, None, None], (len(red), *s)) for s in POOLED]

    POOLED = mask_training.POOLED
    makers = [lambda number=number: maker(number) for number in range(19)]
    examples = mask_training.extract(makers, pools, tmp_path / "examples")
    assert len(examples) == 19
    assert examples.pictures[:, 0, 0, 0].tolist() == list(range(19))
    assert all((maps[:, 0, 0, 0] == range(19)).all() for maps in examples.pooled)
    assert examples.has_object.tolist() == [bool(number % 2) for number in range(19)]
    assert (examples.masks[1, :, :56] == 255).all() and not examples.masks[1, :, 56:].any()
    assert not examples.masks[0].any()


def test_scores_of_right_and_wrong_logits(tmp_path: Path) -> None:
    examples = squares(tmp_path / "examples", 4)
    examples.has_object[3], examples.masks[3] = False, 0
    opacity = np.where(examples.masks > 127, 5, -5).astype(np.float32)
    opacity[0] = -5
    row = mask_training.scores(opacity, np.array([-1, 1, 1, 1], np.float32), examples)
    assert row == {
        "mean IoU": 0.6667,
        "median IoU": 1.0,
        "IoU < .7": 0.3333,
        "missed": 0.3333,
        "false": 1.0,
    }


@pytest.mark.slow
def test_a_little_training_lowers_the_loss(tmp_path: Path) -> None:
    examples, others = squares(tmp_path / "a", 4), squares(tmp_path / "b", 2, seed=1)
    trainer = Trainer(initial(seed=0))
    before = mask_training.judge(trainer, others)
    losses = list(mask_training.train(trainer, examples, epochs=8, seed=0, batch=4))
    assert losses[-1] < 0.7 * losses[0]
    assert float(mask_training.judge(trainer, others)["mean IoU"]) > float(before["mean IoU"])
