"""A catalogue of 40 things, and the index of their vectors."""

import hashlib

import pytest

from core.catalogue import Catalogue, Item, Picture
from core.pictures import decoding, resizing
from core.similarity import Index
from tests.conftest import MakePicture
from tests.core.search.support import COUNT, VECTORS


def picture_of(data: bytes) -> Picture:
    return Picture(
        digest=hashlib.sha256(data).hexdigest(),
        original=data,
        extension="png",
        thumbnail=resizing.thumbnail(decoding.decode(data)),
    )


@pytest.fixture
def catalogue(picture: MakePicture) -> Catalogue:
    made = Catalogue.create("things", title="Things")
    made.items.add(
        (
            Item(
                source_id=str(number),
                name=f"Thing {number}",
                category="even" if number % 2 == 0 else "odd",
                creator="Ada" if number < 10 else "Bo",
                tags=("first",) if number < 3 else (),
            ),
            picture_of(picture(number)),
        )
        for number in range(COUNT)
    )
    return made


@pytest.fixture
def index(catalogue: Catalogue) -> Index:
    return Index(catalogue.items.ids(), [VECTORS])
