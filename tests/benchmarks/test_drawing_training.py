"""Training the detector of drawings: the parts that need no download."""

import json
from pathlib import Path
from random import Random

import numpy as np
import pytest
from PIL import Image, ImageDraw
from sklearn.ensemble import GradientBoostingClassifier

from benchmarks import drawing_training
from benchmarks.support import line_icons, synthetic_drawings
from core.vision import drawing_detector
from core.vision.drawing_detector import Trees

STATISTICS = 16


def strokes() -> Image.Image:
    """Return a thick cross, RGBA."""
    picture = Image.new("RGBA", (160, 160))
    draw = ImageDraw.Draw(picture)
    for line in ((20, 20, 140, 140), (140, 20, 20, 140)):
        draw.line(line, fill="black", width=12)
    return picture


@pytest.fixture(scope="module")
def rows() -> tuple[np.ndarray, np.ndarray]:
    """Return statistics of drawings and of other pictures, which overlap."""
    random = np.random.default_rng(4)
    drawings, others = (
        random.normal(mean, 1, (count, STATISTICS)).astype(np.float32)
        for mean, count in ((0.4, 200), (-0.4, 150))
    )
    return drawings, others


@pytest.fixture(scope="module")
def trees(rows: tuple[np.ndarray, np.ndarray]) -> Trees:
    return drawing_training.fit(*rows, seed=0)


def test_trees_give_the_probabilities_of_scikit_learn(
    rows: tuple[np.ndarray, np.ndarray], trees: Trees
) -> None:
    drawings, others = rows
    oracle = GradientBoostingClassifier(
        n_estimators=drawing_training.TREES,
        max_depth=drawing_training.DEPTH,
        subsample=drawing_training.SUBSAMPLE,
        random_state=0,
    ).fit(np.concatenate(rows), np.repeat([True, False], [len(drawings), len(others)]))

    new = np.random.default_rng(5).normal(0, 1, (50, STATISTICS)).astype(np.float32)
    found = [trees.probability(row) for row in new]

    np.testing.assert_allclose(found, oracle.predict_proba(new)[:, 1], atol=1e-6)


def test_saved_trees_are_read_by_the_detector(
    trees: Trees,
    rows: tuple[np.ndarray, np.ndarray],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    drawing_detector.save(trees, tmp_path / "trees.npz")
    monkeypatch.setattr(drawing_detector, "FILE", tmp_path / "trees.npz")
    read = drawing_detector.load.__wrapped__()
    for row in rows[0][:20]:
        assert read.probability(row) == trees.probability(row)


def test_shares_of_what_pictures_are_taken_for_add_up(
    trees: Trees, rows: tuple[np.ndarray, np.ndarray]
) -> None:
    [found] = drawing_training.rows(trees, {"drawings": rows[0]})
    assert (found["pictures"], found["n"]) == ("drawings", 200)
    shares = [found[each] for each in ("drawing", "either", "picture")]
    assert sum(float(str(share)) for share in shares) == pytest.approx(1, abs=0.002)


@pytest.mark.parametrize(
    ("colours", "is_of_ink"),
    [
        pytest.param(["black", "white"], True, id="black and white"),
        pytest.param(["#c01818"], True, id="one colour"),
        pytest.param(["#c01818", "#1f7a3a"], False, id="two colours"),
    ],
)
def test_what_is_of_one_colour_is_of_ink(colours: list[str], is_of_ink: bool) -> None:
    picture = Image.new("RGBA", (40, 40))
    draw = ImageDraw.Draw(picture)
    for number, colour in enumerate(colours):
        draw.rectangle((5 + 10 * number, 5, 14 + 10 * number, 30), fill=colour)
    assert drawing_training._is_of_ink(picture) == is_of_ink


def test_packages_of_icons_are_named_with_their_licences_and_used_once() -> None:
    entries = json.loads(line_icons.LIST.read_text(encoding="utf-8"))
    assert len({entry["name"] for entry in entries}) == len(entries)
    assert {entry["part"] for entry in entries} == {"training", "validation", "test"}
    assert all(entry["licence"] and len(entry["sha256"]) == 64 for entry in entries)


def test_the_same_seed_photographs_the_same_sheet() -> None:
    first, again, other = (
        synthetic_drawings.photographed(Random(seed), strokes()).tobytes() for seed in "aab"
    )
    assert first == again != other
