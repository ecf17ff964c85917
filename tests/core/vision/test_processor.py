"""The name of a processor, under which measurements are stored."""

import platform
from pathlib import Path

import pytest

from core.vision.processor import processor

INTEL = "processor\t: 0\nmodel name\t: Some CPU @ 2.5 GHz\nflags\t\t: fpu avx\ncpu MHz\t: {mhz}\n"
ARM = "processor\t: 0\nBogoMIPS\t: 50\nFeatures\t: fp {feature}\n"


def named(monkeypatch: pytest.MonkeyPatch, cpuinfo: str) -> str:
    monkeypatch.setattr(Path, "read_text", lambda path, encoding: cpuinfo)
    return processor()


def test_the_name_is_that_of_the_first_core_whatever_its_clock(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    one = INTEL.format(mhz=800)
    two = INTEL.format(mhz=3100) + "\n" + INTEL.format(mhz=2400).replace(" avx", "")

    assert named(monkeypatch, one) == named(monkeypatch, two)
    assert named(monkeypatch, one).startswith("Some CPU @ 2.5 GHz, features ")
    assert named(monkeypatch, one.replace("avx", "avx amx")) != named(monkeypatch, one)


def test_a_processor_of_arm_is_told_by_its_features(monkeypatch: pytest.MonkeyPatch) -> None:
    plain, other = (named(monkeypatch, ARM.format(feature=name)) for name in ("asimd", "bf16"))

    assert plain.startswith(f"{platform.machine()}, features ")
    assert plain != other


def test_a_machine_without_that_file_has_a_name_too(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(path: Path, encoding: str) -> str:
        raise FileNotFoundError(path)

    monkeypatch.setattr(Path, "read_text", missing)
    assert processor() == (platform.processor() or platform.machine())
