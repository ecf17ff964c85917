"""The picture on the Search page, drawn or given, before it becomes an example."""

from dataclasses import dataclass

from PIL import Image

from core.descriptors import QueryKind
from core.pictures import Box
from core.search import PictureExample
from core.vision import cutout
from core.vision.cutout import Cutout
from core.vision.drawing_detector import Likely


@dataclass(frozen=True)
class QueryPicture:
    """A picture to search with.

    Attributes:
        picture: RGB.
        from_sketch_pad: whether it was drawn on the page.
        likely: what it is taken for; "drawing" if it was drawn on the page.
        region: the part of it to search with; None for all of it.
        whole: whether the person wants all of it to be compared, and not only its object.
        weight: of the example that it is; negative for a picture that results should not resemble.
    """

    picture: Image.Image
    from_sketch_pad: bool
    likely: Likely
    region: Box | None = None
    whole: bool = False
    weight: float = 1.0

    def query_kind(self, chosen: QueryKind) -> QueryKind:
        """Return how the picture is compared if the person has chosen `chosen`.

        "auto" if it may be a drawing or not, and is compared as both.
        """
        if self.from_sketch_pad:
            return "drawing"
        if chosen != "auto":
            return chosen
        if self.likely == "either" and not self.whole:
            return "auto"
        return "drawing" if self.likely == "drawing" else "photo"

    def example(self, chosen: QueryKind, *, cut: Cutout | None = None) -> PictureExample:
        """Return the picture as an example of a query.

        `cut` is what `query_kind` compares of it, where that is known.
        """
        kind = self.query_kind(chosen)
        if self.whole:
            cut = cutout.whole(self.picture)
        elif kind == "auto":
            # The object is only one of the two that are compared.
            cut = None
        return PictureExample(
            self.picture, self.region, kind, self.weight, cut, self.from_sketch_pad
        )
