"""How each descriptor prepares a picture for the network."""

from PIL import Image

from core.descriptors.base import PUBLISHED, PictureKind, QueryKind
from core.vision import drawing_detector, ink, preprocessing
from core.vision.cutout import Cutout
from core.vision.preprocessing import View


def interpretations(
    picture: Image.Image | Cutout, query_kind: QueryKind
) -> list[tuple[Image.Image | Cutout, PictureKind]]:
    """Return what `compact` compares for a query's RGB picture: two if it may be a drawing or not.

    Each comes with the ink of the drawing, or with the picture, whose object is still to be found.
    A picture that is surely no drawing, but is to be compared as one, has no ink: the edges of its
    object are drawn. Nor has a drawing that is nearly all ink, such as a black square. A cut-out is
    compared as it is.
    """
    if isinstance(picture, Cutout):
        return [(picture, picture_kind(picture, query_kind))]
    likely = "picture" if query_kind == "photo" else drawing_detector.detect(picture)
    drawing = None if likely == "picture" else ink.cut_out(picture)
    if drawing is not None and preprocessing.has_no_lines(
        drawing, preprocessing.line_drawing(drawing)
    ):
        drawing = None
    if query_kind == "drawing":
        return [(drawing or picture, "drawing")]
    if drawing is None:
        return [(picture, "picture")]
    if likely == "drawing":
        return [(drawing, "drawing")]
    return [(drawing, "drawing"), (picture, "picture")]


def model_input(name: str, cut: Cutout, *, query_kind: QueryKind = "auto") -> View:
    """Return the view of a query's picture that the descriptor `name` is computed from."""
    if name == PUBLISHED:
        return View(preprocessing.squash(cut.original))
    return view_for(picture_kind(cut, query_kind), cut)


def picture_kind(cut: Cutout, query_kind: QueryKind) -> PictureKind:
    """Return whether `compact` treats a query's picture as a picture or as a drawing."""
    is_drawing = query_kind == "drawing" or (query_kind == "auto" and cut.basis == "ink")
    return "drawing" if is_drawing else "picture"


def view_for(kind: PictureKind, cut: Cutout) -> View:
    """Return the view of a picture of this kind that `compact` is computed from."""
    if kind == "drawing":
        return preprocessing.line_drawing(cut)
    return preprocessing.crop_object(cut)
