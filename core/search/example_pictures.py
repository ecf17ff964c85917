"""The pictures that stand for the examples of a query."""

from PIL import Image

from core.catalogue import Catalogue
from core.pictures import Box, decoding
from core.search.query import Example, SearchError
from core.vision import preprocessing


def crop(picture: Image.Image, region: Box) -> Image.Image:
    """Return the part of the picture inside `region`.

    Raises `SearchError` if the region is not at least 8 pixels of the picture each way.
    """
    width, height = picture.size
    left, top = max(0.0, region.left) * width, max(0.0, region.top) * height
    right, bottom = min(1.0, region.right) * width, min(1.0, region.bottom) * height
    if right - left < 8 or bottom - top < 8:
        raise SearchError(
            "The region is too small or outside the picture. Choose one that holds at least "
            "8 x 8 pixels."
        )
    return picture.crop((round(left), round(top), round(right), round(bottom)))


def example_picture(example: Example, catalogue: Catalogue) -> Image.Image:
    """Return what is meant of the example's picture, or of its model's.

    Raises `SearchError` if that is too small, or of one colour, or if several are meant.
    """
    if example.items:
        raise SearchError("Several models have no picture in common.")
    picture = picture_of(example, catalogue)
    if example.region is not None:
        picture = crop(picture, example.region)
    if preprocessing.is_blank(picture):
        raise SearchError(
            "There is nothing to see in the picture: it is of one colour. Give another one."
            if example.region is None
            else "There is nothing to see in the region: it is of one colour. Choose another one."
        )
    return picture


def picture_of(example: Example, catalogue: Catalogue) -> Image.Image:
    """Return all of the example's picture, or of its model's."""
    if example.picture is not None:
        return example.picture
    return decoding.decode(catalogue.pictures.original(catalogue.items.get(str(example.item))))
