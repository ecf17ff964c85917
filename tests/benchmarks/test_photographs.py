"""The yardstick of photographs: what it counts."""

import hashlib
from collections.abc import Sequence

import pytest
from PIL import Image

from benchmarks import photographs
from benchmarks.photographs import Answer, Hub, chance, hubs
from benchmarks.support.photographs import photographs as listed
from core.catalogue import Catalogue, Item, Picture
from core.pictures import decoding, resizing
from core.search import SearchError
from tests.conftest import MakePicture

PICTURE = Image.new("RGB", (8, 8))


def item(name: str) -> Item:
    return Item(source_id=name, name=name)


def answer(rank: int | None) -> Answer:
    return Answer(listed()[0], [], rank, right=1)


def test_hits_are_counted_up_to_a_rank() -> None:
    answered = [answer(1), answer(2), answer(10), answer(None)]
    assert photographs.share_within(answered, 1) == 0.25
    assert photographs.share_within(answered, 10) == 0.75


def test_chance_is_that_of_drawing_without_putting_back() -> None:
    assert chance(right=1, models=100) == pytest.approx(0.1)
    assert chance(right=2, models=4, k=2) == pytest.approx(5 / 6)
    assert chance(right=4, models=4, k=2) == 1


def test_hubs_are_counted_once_an_answer_and_named_by_frequency() -> None:
    found = [
        [item("moon"), item("sun"), item("sun")],
        [item("sun"), item("car")],
        [item("sun"), item("moon")],
        [item("cloud")],
    ]
    assert hubs(found) == [Hub("sun", 0.75), Hub("moon", 0.5), Hub("car", 0.25)]


def test_two_models_of_one_name_are_two_hubs() -> None:
    twins = [Item(source_id=source_id, name="Chair") for source_id in "ab"]
    assert hubs([[twins[0]], [twins[1]]]) == [Hub("Chair", 0.5), Hub("Chair", 0.5)]


def stored(data: bytes) -> Picture:
    return Picture(
        digest=hashlib.sha256(data).hexdigest(),
        original=data,
        extension="png",
        thumbnail=resizing.thumbnail(decoding.decode(data)),
    )


def test_answers_tell_the_rank_of_the_first_right_model(picture: MakePicture) -> None:
    catalogue = Catalogue.create("fluent", title="Two cats")
    cat = next(each for each in listed() if "cat" in each.words["fluent"])
    tulip = next(each for each in listed() if "flower" in each.words["fluent"])
    for number, name in enumerate(["Dog", "Black cat", "Cat"]):
        catalogue.items.add([(item(name), stored(picture(number)))])

    def ask(picture: Image.Image) -> Sequence[Item]:
        return list(catalogue.items.find())

    [found] = photographs.answers([(cat, PICTURE), (tulip, PICTURE)], catalogue, ask)
    assert (found.photograph, found.rank, found.right) == (cat, 2, 2)


def test_pictures_that_a_search_refuses_are_left_out() -> None:
    def ask(picture: Image.Image) -> Sequence[Item]:
        if picture.width == 1:
            raise SearchError("blank")
        return [item("Cat")]

    found = photographs.search_with_unrelated([PICTURE, Image.new("RGB", (1, 1))], ask)
    assert [[each.name for each in items] for items in found] == [["Cat"]]
