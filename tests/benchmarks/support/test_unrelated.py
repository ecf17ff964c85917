"""Generated pictures in which nothing is to be found."""

import pytest

from benchmarks.support import unrelated
from core.vision import preprocessing


@pytest.mark.parametrize("number", range(len(unrelated.KINDS)))
def test_a_number_always_makes_the_same_picture(number: int) -> None:
    picture = unrelated.picture(number)
    assert picture.mode == "RGB"
    assert picture.tobytes() == unrelated.picture(number).tobytes()
    assert picture.tobytes() != unrelated.picture(number + len(unrelated.KINDS)).tobytes()


def test_no_picture_is_blank() -> None:
    assert not any(preprocessing.is_blank(unrelated.picture(number)) for number in range(100))
