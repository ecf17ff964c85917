"""The program that damages 3D files reports what must not happen."""

import sys

import pytest

from benchmarks import fuzz
from core.rendering.renderer import Crashed, Renderer, RenderError, TimedOut


def test_a_crash_or_timeout_is_reported_with_its_seed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    errors = iter([Crashed(), RenderError("It contains no surface."), TimedOut(20)])

    def render(*_: object) -> None:
        raise next(errors)

    monkeypatch.setattr(Renderer, "render", render)
    monkeypatch.setattr(sys, "argv", ["fuzz", "--files", "3", "--seed", "5"])

    assert fuzz.main() == 1
    first, second, *_ = capsys.readouterr().out.splitlines()
    assert first.startswith("seed 5,") and second.startswith("seed 7,")
