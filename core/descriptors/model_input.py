"""How each descriptor prepares a picture for the network."""

from PIL import Image

from core.descriptors.base import PUBLISHED, PictureKind, QueryKind
from core.vision import preprocessing
from core.vision.preprocessing import View


def model_input(name: str, picture: Image.Image, *, query_kind: QueryKind = "auto") -> View:
    """Return what the network is shown of a query's RGB picture for the descriptor `name`."""
    if name == PUBLISHED:
        return View(preprocessing.squash(picture))
    return view_for(picture_kind(picture, query_kind), picture)


def picture_kind(picture: Image.Image, query_kind: QueryKind) -> PictureKind:
    """Return whether `compact` treats a query's picture as a picture or as a drawing."""
    is_drawing = query_kind == "drawing" or (
        query_kind == "auto" and preprocessing.is_drawing(picture)
    )
    return "drawing" if is_drawing else "picture"


def view_for(kind: PictureKind, picture: Image.Image) -> View:
    """Return what the network is shown of a picture of that kind for `compact`."""
    if kind == "drawing":
        return preprocessing.line_drawing(picture)
    return preprocessing.crop_object(picture)
