"""The values of arguments that are checked when they are parsed."""

import argparse

import pytest

from core.cli.parser import build_parser
from core.pictures import Box


def parse(*arguments: str) -> argparse.Namespace:
    return build_parser().parse_args(arguments)


def test_the_time_between_two_checks_is_a_number_of_seconds() -> None:
    assert parse("watch", "mine", "--every", "0.5").every == 0.5


@pytest.mark.parametrize("text", ["0", "-1", "nan", "inf", "soon"])
def test_a_time_that_is_none_is_refused(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parse("watch", "mine", "--every", text)

    assert "a number of seconds above 0 is needed" in capsys.readouterr().err


@pytest.mark.parametrize("text", ["0", "10001", "-1", "many", "1.5", "²"])
def test_a_number_of_results_is_a_whole_number_in_bounds(
    text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert parse("neighbours", "mine", "x", "-k", "10000").k == 10_000
    with pytest.raises(SystemExit):
        parse("neighbours", "mine", "x", "-k", text)
    assert "a whole number from 1 to 10000 is needed" in capsys.readouterr().err


def test_a_region_is_four_numbers(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ("search", "mine", "a.png", "--region")
    assert parse(*arguments, "0.1,0.2,0.6,0.8").region == Box(0.1, 0.2, 0.6, 0.8)
    for text in ("0.1,0.2,0.6", "0.1,0.2,0.6,x", ""):
        with pytest.raises(SystemExit):
            parse(*arguments, text)
        assert "a region is four shares of the picture" in capsys.readouterr().err
