"""The picture on the Search page, kept in the session: taking, drawing and tracing one."""

from dataclasses import replace

from PIL import Image

from components.search import example_tray, network_loader
from components.shared import cards
from components.shared.query_picture import QueryPicture
from components.shared.session import PictureUrl, ProposedRegion, session
from core.descriptors import QueryKind
from core.pictures import Box, ImageError, decoding, encoding, resizing
from core.vision import preprocessing, saliency

# The longer side of a traced picture in pixels: the side of the sketch pad.
TRACED_SIDE = 448


def take_picture(data: bytes) -> None:
    """Search with a picture, or record what is wrong with it; then the earlier query stays."""
    try:
        picture = resizing.shrink(decoding.decode(data))
    except ImageError as error:
        session.query_error = str(error)
        return
    is_drawing = preprocessing.is_drawing(picture)
    session.query = QueryPicture(picture, from_sketch_pad=False, is_drawing=is_drawing)
    session.query_error = ""
    stop_tracing()


def take_drawing(png: bytes | None) -> None:
    """Search with a drawing, or record what is wrong with it; None for an empty sketch pad."""
    try:
        if png is not None:
            decoding.decode(png)
    except ImageError as error:
        session.query_error = str(error)
        return
    session.drawing = png
    session.query_error = ""
    use_drawing()


def use_drawing() -> None:
    """Go back from a picture to what is on the sketch pad."""
    png = session.drawing
    session.query = (
        None
        if png is None
        else QueryPicture(decoding.decode(png), from_sketch_pad=True, is_drawing=True)
    )


def add_to_examples(query: QueryPicture, chosen: QueryKind) -> None:
    """Add the picture to the examples, and clear the sketch pad for another one."""
    example_tray.add_picture(query.example(chosen))
    del session.query
    del session.drawing
    session.sheet += 1
    stop_tracing()


def choose_region(query: QueryPicture, region: Box | None) -> None:
    """Search with a region of the picture, or with all of it."""
    session.query = replace(query, region=region)


def trace(picture: Image.Image) -> None:
    """Put a picture under the sketch pad, to be traced."""
    data = encoding.jpeg(resizing.shrink(picture, side=TRACED_SIDE), quality=85)
    session.traced_picture = cards.data_url(data)
    use_drawing()


def stop_tracing() -> None:
    """Remove the picture under the sketch pad."""
    del session.traced_picture


def picture_url(picture: Image.Image) -> str:
    """Return the picture as a data URL, which is encoded once for each picture."""
    known = session.query_url
    if known is None or known.picture is not picture:
        data = encoding.jpeg(resizing.shrink(picture, side=2 * TRACED_SIDE), quality=88)
        known = session.query_url = PictureUrl(picture, cards.data_url(data))
    return known.url


def proposed_region(query: QueryPicture) -> Box | None:
    """Return a box around the object in a cluttered picture, once the network is loaded."""
    known = session.proposed_region
    if known is not None and known.picture is query.picture:
        return known.region
    if (
        query.is_drawing
        or preprocessing.find_object(query.picture)
        or not network_loader.network_is_ready()
    ):
        return None
    box = saliency.propose(query.picture, network_loader.network())
    session.proposed_region = ProposedRegion(query.picture, box)
    return box
