"""The network against Keras's own VGG16."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFilter

from core.settings import PROJECT
from core.vision import Network, weights
from core.vision.network import PICTURES_PER_BATCH
from core.vision.precision import load
from core.vision.weights import Weights
from tests.core.vision.support import run

pytestmark = pytest.mark.slow

SIZES = [(224, 224), (640, 480), (97, 311), (1200, 800), (33, 20), (500, 500)]


@pytest.fixture(scope="module")
def exact(trained: Weights) -> Network:
    return load(precision="float32")


@pytest.fixture(scope="module")
def quick(trained: Weights) -> Network:
    return load(precision="mixed_bfloat16")


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Draw pictures of several sizes, colour modes and formats: shades, shapes and noise."""
    folder = tmp_path_factory.mktemp("pictures")
    modes = ["RGB", "RGB", "L", "RGB", "RGBA", "P"]
    paths = []
    for number, (size, mode) in enumerate(zip(SIZES, modes, strict=True)):
        image = photograph(number, size).convert(mode)
        path = folder / f"{number}.{'jpg' if mode in ('RGB', 'L') else 'png'}"
        image.save(path)
        paths.append(path)
    return paths


def photograph(seed: int, size: tuple[int, int]) -> Image.Image:
    """Draw something with shades, edges, texture and grain."""
    chance = np.random.default_rng(seed)
    shades = Image.fromarray(chance.integers(0, 256, (3, 4, 3), np.uint8))
    image = shades.resize(size, Image.Resampling.BICUBIC)
    draw = ImageDraw.Draw(image)
    for _ in range(12):
        x0, x1 = sorted(chance.integers(0, size[0], 2).tolist())
        y0, y1 = sorted(chance.integers(0, size[1], 2).tolist())
        colour = tuple(chance.integers(0, 256, 3).tolist())
        draw.ellipse((x0, y0, x1, y1), fill=colour, outline="black")
        draw.line((x0, y1, x1, y0), fill=colour, width=3)
    grain = Image.fromarray(chance.integers(0, 256, (*size[::-1], 3), np.uint8))
    return Image.blend(image.filter(ImageFilter.GaussianBlur(0.7)), grain, 0.08)


@pytest.fixture(scope="module")
def pictures(files: list[Path]) -> np.ndarray:
    """The files as in the 2016 recipe: squashed to 224 x 224 by nearest neighbour."""
    nearest = Image.Resampling.NEAREST
    return np.stack(
        [np.asarray(Image.open(f).convert("RGB").resize((224, 224), nearest)) for f in files]
    )


@dataclass(frozen=True)
class Oracle:
    """The output of Keras itself for the files, by layer."""

    block4_pool: np.ndarray
    block5_pool: np.ndarray


@pytest.fixture(scope="module")
def oracle(files: list[Path], trained: Weights) -> Oracle:
    import keras

    vgg16 = keras.applications.VGG16(include_top=False, weights=None)
    vgg16.set_weights(list(trained.arrays))
    loaded = [keras.utils.load_img(file, target_size=(224, 224)) for file in files]
    batch = np.stack([keras.utils.img_to_array(image) for image in loaded])
    prepared = keras.applications.vgg16.preprocess_input(batch)
    both = keras.Model(vgg16.input, [vgg16.get_layer("block4_pool").output, vgg16.output])
    return Oracle(*both.predict(prepared, verbose=0))


def averaged(maps: np.ndarray) -> np.ndarray:
    n, height, width, channels = maps.shape
    cells = maps.reshape(n, height // 2, 2, width // 2, 2, channels)
    return np.asarray(cells.mean(axis=(2, 4)))


def error(found: np.ndarray, right: np.ndarray) -> float:
    """Return the largest relative error of a picture."""
    rows = (len(right), -1)
    difference = np.linalg.norm((found - right).reshape(rows), axis=1)
    return float((difference / np.linalg.norm(right.reshape(rows), axis=1)).max())


def cosine(a: np.ndarray, b: np.ndarray) -> float:
    """Return the smallest cosine of a picture's maps."""
    a, b = (maps.reshape(len(maps), -1).astype(np.float64) for maps in (a, b))
    norms = np.linalg.norm(a, axis=1) * np.linalg.norm(b, axis=1)
    return float(((a * b).sum(axis=1) / norms).min())


def test_float32_is_keras(exact: Network, pictures: np.ndarray, oracle: Oracle) -> None:
    features = exact.features(pictures)
    assert features.block4.shape == features.block5.shape == (len(pictures), 7, 7, 512)
    assert features.block4.dtype == features.block5.dtype == np.float32
    for found, right in (
        (features.block5, oracle.block5_pool),
        (features.block4, averaged(oracle.block4_pool)),
    ):
        assert error(found, right) <= 1e-3
        np.testing.assert_allclose(found, right, rtol=1e-3, atol=1e-5 * right.max())


def test_bfloat16_is_close_to_keras(quick: Network, pictures: np.ndarray, oracle: Oracle) -> None:
    features = quick.features(pictures)
    assert features.block4.dtype == features.block5.dtype == np.float32
    assert cosine(features.block5, oracle.block5_pool) >= 0.9995
    assert cosine(features.block4, averaged(oracle.block4_pool)) >= 0.9995


def test_the_network_names_its_precision_and_weights(exact: Network, quick: Network) -> None:
    assert (exact.precision, quick.precision) == ("float32", "mixed_bfloat16")
    assert exact.weights_digest == quick.weights_digest == weights.DIGEST


def test_features_do_not_depend_on_the_rest_of_the_batch(
    exact: Network, pictures: np.ndarray
) -> None:
    many = np.resize(pictures, (PICTURES_PER_BATCH + 1, *pictures.shape[1:]))
    whole = exact.features(many)
    for part in (
        slice(0, 0),
        slice(0, 1),
        slice(0, 3),
        slice(PICTURES_PER_BATCH, PICTURES_PER_BATCH + 1),
    ):
        features = exact.features(many[part])
        assert features.block4.shape == whole.block4[part].shape
        np.testing.assert_allclose(features.block4, whole.block4[part], rtol=1e-4, atol=1e-2)
        np.testing.assert_allclose(features.block5, whole.block5[part], rtol=1e-4, atol=1e-2)


def test_several_threads_get_the_same_features_as_one(quick: Network, pictures: np.ndarray) -> None:
    batches = [pictures[n : n + 2] for n in range(len(pictures) - 1)]
    one_by_one = [quick.features(batch) for batch in batches]
    with ThreadPoolExecutor(len(batches)) as pool:
        at_once = list(pool.map(quick.features, batches))
    for found, right in zip(at_once, one_by_one, strict=True):
        assert cosine(found.block4, right.block4) >= 0.9999
        assert cosine(found.block5, right.block5) >= 0.9999


def test_a_view_into_a_larger_array_is_accepted(exact: Network) -> None:
    large = np.random.default_rng(0).integers(0, 256, (1, 448, 448, 3), np.uint8)
    view = large[:, ::2, ::-2]
    found, right = exact.features(view), exact.features(view.copy())
    np.testing.assert_array_equal(found.block5, right.block5)


@pytest.mark.parametrize(
    "wrong",
    [
        np.zeros((1, 224, 224, 3), np.float32),
        np.zeros((224, 224, 3), np.uint8),
        np.zeros((1, 224, 224, 4), np.uint8),
        np.zeros((1, 200, 224, 3), np.uint8),
        np.zeros((0,), np.uint8),
    ],
    ids=lambda wrong: f"{wrong.dtype}-{wrong.shape}",
)
def test_other_shapes_and_dtypes_are_rejected(exact: Network, wrong: np.ndarray) -> None:
    with pytest.raises(ValueError, match="must be uint8"):
        exact.features(wrong)


def test_importing_the_module_does_not_import_tensorflow() -> None:
    assert run("import sys, core.vision.network; print('tensorflow' in sys.modules)") == "False"


def printed_by_the_import(**environment: str) -> str:
    """Return what importing TensorFlow prints to standard error."""
    done = subprocess.run(
        [sys.executable, "-c", "from core.vision import network; network.load_tensorflow()"],
        cwd=PROJECT,
        env=os.environ | environment,
        capture_output=True,
        text=True,
    )
    return done.stderr


def test_importing_tensorflow_prints_nothing() -> None:
    assert printed_by_the_import() == ""


def test_what_tensorflow_says_before_it_ends_the_process_is_printed(tmp_path: Path) -> None:
    (tmp_path / "tensorflow.py").write_text(
        """
import os
os.write(2, b"I0000 00:00:1.0 1 port.cc:153] oneDNN custom operations are on. You may see\\n")
os.write(2, b"F0000 00:00:1.0 1 guard.cc:20] TensorFlow was compiled to use AVX instructions\\n")
os.abort()
"""
    )

    printed = printed_by_the_import(PYTHONPATH=str(tmp_path))

    assert printed.splitlines()[0].startswith("F0000")
    assert "oneDNN" not in printed
