"""What all descriptors have in common."""

import numpy as np
import pytest

from core.descriptors import COMPACT, PUBLISHED, Embedded
from core.descriptors.base import columns, make_fingerprint

VECTORS = np.arange(12, dtype=np.float32).reshape(3, 2, 2)


def test_photographs_alone_are_compared_in_the_space_of_models() -> None:
    photographs = {row: -VECTORS[row] for row in range(3)}

    assert Embedded(VECTORS).space() == "pictures"
    assert Embedded(VECTORS, {1: -VECTORS[1]}).space() == "pictures"
    assert Embedded(VECTORS, photographs).space() == "models"


def test_one_picture_of_several_keeps_its_vectors_in_both_spaces() -> None:
    several = Embedded(VECTORS, {1: -VECTORS[1]})

    photograph, picture = several.only(1), several.only(2)

    assert (photograph.space(), picture.space()) == ("models", "pictures")
    np.testing.assert_array_equal(photograph.of(0, "models"), several.of(1, "models"))
    np.testing.assert_array_equal(photograph.of(0, "pictures"), VECTORS[1])
    np.testing.assert_array_equal(picture.of(0, "pictures"), VECTORS[2])
    with pytest.raises(KeyError):
        picture.of(0, "models")


def test_each_space_has_half_of_the_stored_columns_unless_there_is_only_one() -> None:
    row = np.arange(10)

    assert row[columns(COMPACT, "pictures", 10)].tolist() == [0, 1, 2, 3, 4]
    assert row[columns(COMPACT, "models", 10)].tolist() == [5, 6, 7, 8, 9]
    assert row[columns(PUBLISHED, "models", 10)].tolist() == row.tolist()


def test_a_fingerprint_depends_on_all_parts_and_not_on_their_order() -> None:
    fingerprint = make_fingerprint("w", layer="a", fit="b")

    assert fingerprint == make_fingerprint("w", fit="b", layer="a")
    others = [
        make_fingerprint("v", layer="a", fit="b"),
        make_fingerprint("w", layer="b", fit="a"),
        make_fingerprint("w", layer="a"),
    ]
    assert len({fingerprint, *others}) == 4
