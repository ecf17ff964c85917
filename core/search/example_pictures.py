"""The pictures of a query's examples."""

from dataclasses import dataclass

from PIL import Image

from core.catalogue import Catalogue
from core.descriptors import item_cutouts
from core.descriptors.model_input import interpretations
from core.pictures import Box, decoding
from core.search.errors import SearchError
from core.search.query import (
    MAX_EXAMPLES,
    MAX_WEIGHT,
    Example,
    ItemExample,
    ItemsExample,
    PictureExample,
    Query,
)
from core.vision import Network, preprocessing, segmentation
from core.vision.cutout import Cutout

# The shortest side of a region, in pixels.
MIN_REGION_SIDE = 8


@dataclass(frozen=True, eq=False, slots=True)
class ResolvedExample:
    """An example of a valid query, with its picture if the answer needs it.

    Attributes:
        example: the example.
        picture: the whole picture, RGB, without regard to the example's region. None for a model
            or a set of models whose stored vectors are enough.
    """

    example: Example
    picture: Image.Image | None


def resolve(query: Query, catalogue: Catalogue) -> list[ResolvedExample]:
    """Validate a query and load what its examples refer to: each item and picture once.

    Every error of the query is raised here, before a network is needed. Models of a query
    without regions are not looked up: their stored vectors are enough.

    Raises:
        SearchError: there is no positive example, there are too many examples, a weight is out of
            range, examples contradict each other, or a picture or region is too small or shows
            nothing.
        UnknownItem: a model with a region, or beside one, is not in the catalogue.
        ImageError: the picture of such a model cannot be decoded.
    """
    _check(query, catalogue)
    pictures = _item_pictures(query, catalogue) if query.has_regions else {}
    resolved = []
    for example in query.examples:
        match example:
            case PictureExample():
                _visible_part(example.picture, example.region)
                picture: Image.Image | None = example.picture
            case ItemExample():
                picture = pictures.get(example.item_id)
                if picture is not None and example.region is not None:
                    _visible_part(picture, example.region)
            case ItemsExample():
                picture = None
        resolved.append(ResolvedExample(example, picture))
    return resolved


def example_picture(example: Example, catalogue: Catalogue) -> Image.Image:
    """Return the picture that an example stands for, RGB, cropped to the example's region.

    Raises `SearchError` if it is too small or of one colour, or if the example is a set of models,
    which has no picture. Raises `UnknownItem` if the catalogue does not have the model.
    """
    match example:
        case ItemsExample():
            raise SearchError("A set of models has no picture of its own.")
        case PictureExample():
            picture = example.picture
        case ItemExample():
            picture = _decode(example.item_id, catalogue)
    return _visible_part(picture, example.region)


def example_cutouts(example: Example, catalogue: Catalogue, network: Network) -> list[Cutout]:
    """Return what is compared of the picture that an example stands for.

    Two if it is compared both as a drawing and as a picture. Raises as `example_picture` does. The
    network is used only for the picture of a `PictureExample`: what is compared of a model is
    stored.
    """
    if isinstance(example, ItemExample) and example.region is None:
        return [item_cutouts.of_item(catalogue, catalogue.items.get(example.item_id))]
    picture = example_picture(example, catalogue)
    if not isinstance(example, PictureExample):
        return segmentation.cut_out(network, [picture])
    if example.cut is not None:
        return [example.cut]
    compared = interpretations(picture, example.query_kind)
    return segmentation.cut_out(network, [each for each, _ in compared])


def crop(picture: Image.Image, region: Box) -> Image.Image:
    """Return the part of the picture inside `region`.

    Raises `SearchError` if that part is smaller than 8 x 8 pixels.
    """
    width, height = picture.size
    left, top = max(0.0, region.left) * width, max(0.0, region.top) * height
    right, bottom = min(1.0, region.right) * width, min(1.0, region.bottom) * height
    if right - left < MIN_REGION_SIDE or bottom - top < MIN_REGION_SIDE:
        raise SearchError(
            "The region is too small or outside the picture. Choose one of at least "
            f"{MIN_REGION_SIDE} x {MIN_REGION_SIDE} pixels."
        )
    return picture.crop((round(left), round(top), round(right), round(bottom)))


def _check(query: Query, catalogue: Catalogue) -> None:
    """Raise `SearchError` if the examples make no valid query, whatever their pictures show."""
    examples = query.examples
    if not any(example.weight > 0 for example in examples):
        raise SearchError("There is nothing to search for: add a picture or a model as an example.")
    if len(examples) > MAX_EXAMPLES:
        raise SearchError(
            f"A search can combine {MAX_EXAMPLES} examples; this one has {len(examples)}. Remove "
            "some."
        )
    if any(not 0 < abs(example.weight) <= MAX_WEIGHT for example in examples):
        raise SearchError(f"The weight of an example must be between 0 and {MAX_WEIGHT:.0f}.")
    positive, negative = (
        {
            (example.item_id, example.region)
            for example in examples
            if isinstance(example, ItemExample) and example.weight * sign > 0
        }
        for sign in (1, -1)
    )
    for item_id, _ in positive & negative:
        raise SearchError(
            f"“{catalogue.items.get(item_id).name}” is both a positive and a negative example. "
            "Remove one of the two."
        )
    if query.has_regions and any(isinstance(example, ItemsExample) for example in examples):
        raise SearchError(
            "A set of models cannot be combined with a region of a picture. Remove one of the two."
        )


def _item_pictures(query: Query, catalogue: Catalogue) -> dict[str, Image.Image]:
    """Return the picture of each model among the examples, by id; raises as `resolve` does."""
    ids = (example.item_id for example in query.examples if isinstance(example, ItemExample))
    return {item_id: _decode(item_id, catalogue) for item_id in dict.fromkeys(ids)}


def _decode(item_id: str, catalogue: Catalogue) -> Image.Image:
    return decoding.decode(catalogue.pictures.original(catalogue.items.get(item_id)))


def _visible_part(picture: Image.Image, region: Box | None) -> Image.Image:
    """Return the picture or its region; raises `SearchError` if that is too small or blank."""
    part = picture if region is None else crop(picture, region)
    if preprocessing.is_blank(part):
        raise SearchError(
            "The picture has only one colour. Choose another picture."
            if region is None
            else "The region has only one colour. Choose another region."
        )
    return part
