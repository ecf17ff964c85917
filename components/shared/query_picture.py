"""The picture on the Search page, drawn or given, before it becomes an example."""

from dataclasses import dataclass

from PIL import Image

from core.descriptors import QueryKind
from core.pictures import Box
from core.search import PictureExample
from core.vision import cutout
from core.vision.cutout import Cutout


@dataclass(frozen=True)
class QueryPicture:
    """A picture to search with.

    Attributes:
        picture: RGB.
        from_sketch_pad: whether it was drawn on the page.
        is_drawing: whether it looks like a drawing, drawn on the page or not.
        region: the part of it to search with; None for all of it.
        whole: whether the person wants all of it to be compared, and not only its object.
    """

    picture: Image.Image
    from_sketch_pad: bool
    is_drawing: bool
    region: Box | None = None
    whole: bool = False

    def query_kind(self, chosen: QueryKind) -> QueryKind:
        """Return how the picture is compared if the person has chosen `chosen`."""
        if self.from_sketch_pad:
            return "drawing"
        if chosen == "auto":
            return "drawing" if self.is_drawing else "photo"
        return chosen

    def example(self, chosen: QueryKind, *, cut: Cutout | None = None) -> PictureExample:
        """Return the picture as an example of a query; `cut` is its object, where that is known."""
        if self.whole:
            cut = cutout.whole(self.picture)
        return PictureExample(
            self.picture, self.region, query_kind=self.query_kind(chosen), cut=cut
        )
