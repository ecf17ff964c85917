"""How a picture is prepared for a descriptor."""

from PIL import Image

from core.descriptors.base import PUBLISHED, As, Kind
from core.vision import preprocessing
from core.vision.preprocessing import View


def view_of(name: str, picture: Image.Image, *, shown_as: As = "auto") -> View:
    """Return what the descriptor `name` has the network see of a picture."""
    if name == PUBLISHED:
        return View(preprocessing.frame(picture))
    return seen_as(kind_of(picture, shown_as), picture)


def kind_of(picture: Image.Image, shown_as: As) -> Kind:
    """Return what `compact` takes a picture from elsewhere for."""
    drawn = shown_as == "line" or (shown_as == "auto" and preprocessing.is_drawing(picture))
    return "drawing" if drawn else "picture"


def seen_as(kind: Kind, picture: Image.Image) -> View:
    """Return what `compact` has the network see of a picture of that kind."""
    return preprocessing.line(picture) if kind == "drawing" else preprocessing.photo(picture)
