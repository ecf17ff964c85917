"""How each descriptor prepares a picture for the network."""

from core.descriptors.base import PUBLISHED, PictureKind, QueryKind
from core.vision import preprocessing
from core.vision.cutout import Cutout
from core.vision.preprocessing import View


def model_input(name: str, cut: Cutout, *, query_kind: QueryKind = "auto") -> View:
    """Return the view of a query's picture that the descriptor `name` is computed from."""
    if name == PUBLISHED:
        return View(preprocessing.squash(cut.original))
    return view_for(picture_kind(cut, query_kind), cut)


def picture_kind(cut: Cutout, query_kind: QueryKind) -> PictureKind:
    """Return whether `compact` treats a query's picture as a picture or as a drawing."""
    is_drawing = query_kind == "drawing" or (query_kind == "auto" and preprocessing.is_drawing(cut))
    return "drawing" if is_drawing else "picture"


def view_for(kind: PictureKind, cut: Cutout) -> View:
    """Return the view of a picture of this kind that `compact` is computed from."""
    if kind == "drawing":
        return preprocessing.line_drawing(cut)
    return preprocessing.crop_object(cut)
