"""The precision that is faster on this machine is found, stored, and can be chosen."""

import json
import platform
from pathlib import Path

import pytest

from core.errors import LookalikeError
from core.settings import cache_root
from core.vision import processor
from core.vision.precision import load
from core.vision.weights import Weights
from tests.core.vision.support import run

pytestmark = pytest.mark.slow


@pytest.fixture
def unmeasured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, trained: Weights) -> Path:
    """Use a cache without a stored precision, and return the file it will be stored in."""
    monkeypatch.setenv("LOOKALIKE_WEIGHTS", str(cache_root() / "vgg16-imagenet.npy"))
    monkeypatch.setenv("LOOKALIKE_CACHE", str(tmp_path))
    monkeypatch.delenv("LOOKALIKE_PRECISION", raising=False)
    (tmp_path / "vgg16-imagenet.npy").touch()  # spares the copying: it is not read
    return tmp_path / "precision.json"


def the_other(precision: str) -> str:
    return {"float32": "mixed_bfloat16", "mixed_bfloat16": "float32"}[precision]


def test_auto_stores_the_result_of_its_trial(unmeasured: Path) -> None:
    unmeasured.write_text('{"another machine": {"precision": "float32"}}')

    chosen = load().precision

    memory = json.loads(unmeasured.read_text())
    [other, here] = memory
    assert other == "another machine"
    assert processor.processor() in here
    trial = memory[here]
    assert trial["precision"] == chosen
    assert (trial["speed"] >= 1.3 and trial["cosine"] >= 0.9995) == (chosen == "mixed_bfloat16")

    # A network of the other precision can now only come from the file.
    trial["precision"] = the_other(chosen)
    unmeasured.write_text(json.dumps(memory))
    assert load().precision == the_other(chosen)


@pytest.mark.parametrize("harmed", ["{", "[]"])
def test_auto_repeats_the_trial_if_its_file_is_damaged(unmeasured: Path, harmed: str) -> None:
    unmeasured.write_text(harmed)
    chosen = load().precision
    [trial] = json.loads(unmeasured.read_text()).values()
    assert trial["precision"] == chosen


@pytest.mark.parametrize("forced", ["float32", "mixed_bfloat16"])
def test_the_environment_forces_a_precision(
    unmeasured: Path, monkeypatch: pytest.MonkeyPatch, forced: str
) -> None:
    monkeypatch.setenv("LOOKALIKE_PRECISION", forced)
    assert load().precision == forced
    assert not unmeasured.exists()


def test_an_argument_overrides_the_environment(
    unmeasured: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOOKALIKE_PRECISION", "mixed_bfloat16")
    assert load(precision="float32").precision == "float32"


def test_an_unknown_precision_is_an_error(
    unmeasured: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOOKALIKE_PRECISION", "fast")
    with pytest.raises(LookalikeError, match=r"LOOKALIKE_PRECISION is “fast”\. Set it to one of"):
        load()


def test_a_processor_without_bfloat16_gets_float32(unmeasured: Path) -> None:
    """On x86, oneDNN can be told not to use these instructions; Keras is not loaded either."""
    code = "import sys; from core.vision import precision; n = precision.load();"
    code += "print(n.precision, 'keras' in sys.modules)"
    chosen, needs_keras = run(code, ONEDNN_MAX_CPU_ISA="AVX2").split()
    assert chosen == "float32" or platform.machine() not in ("x86_64", "AMD64")
    assert needs_keras == "False"
