"""How a picture is prepared for a descriptor."""

from PIL import Image

from core.descriptors.base import PUBLISHED, PictureKind, QueryKind
from core.vision import preprocessing
from core.vision.preprocessing import View


def model_input(name: str, picture: Image.Image, *, query_kind: QueryKind = "auto") -> View:
    """Return what the descriptor `name` has the network see of a picture."""
    if name == PUBLISHED:
        return View(preprocessing.squash(picture))
    return view_for(picture_kind(picture, query_kind), picture)


def picture_kind(picture: Image.Image, query_kind: QueryKind) -> PictureKind:
    """Return what `compact` takes a picture from elsewhere for."""
    drawn = query_kind == "drawing" or (query_kind == "auto" and preprocessing.is_drawing(picture))
    return "drawing" if drawn else "picture"


def view_for(kind: PictureKind, picture: Image.Image) -> View:
    """Return what `compact` has the network see of a picture of that kind."""
    return (
        preprocessing.line_drawing(picture)
        if kind == "drawing"
        else preprocessing.crop_object(picture)
    )
