"""The picture on the Search page, kept in the session: given, drawn or traced."""

from dataclasses import replace

from PIL import Image

from components.search import network_loader
from components.shared import cards, navigation, url_state
from components.shared.query_picture import QueryPicture
from components.shared.session import PictureUrl, QueryCutout, SearchContents, session
from core.descriptors import QueryKind
from core.descriptors.model_input import interpretations
from core.pictures import Box, ImageError, decoding, encoding, resizing
from core.search import PictureExample
from core.vision import ink, segmentation
from core.vision.cutout import Cutout
from core.vision.drawing_detector import Likely

# The longer side of a traced picture in pixels: the side of the sketch pad.
TRACED_SIDE = 448
# The opacity of the white over what is not compared.
FADED = 0.75


def take_picture(data: bytes, *, starts_search: bool = False) -> None:
    """Search with a picture; if it cannot be used, record why and keep the earlier query.

    With `starts_search` it is the beginning of a new search, without the examples of the present
    one. Only in callbacks, as are all functions here that replace the picture.
    """
    try:
        picture = resizing.shrink(decoding.decode(data))
    except ImageError as error:
        session.query_error = str(error)
        return
    likely: Likely = "either"
    (compared, kind), *others = interpretations(picture, "auto")
    if not others:
        likely = "drawing" if kind == "drawing" else "picture"
    if starts_search and session.search != SearchContents():
        session.start_search()
    _search_with(QueryPicture(picture, from_sketch_pad=False, likely=likely))
    if isinstance(compared, Cutout):
        # The ink is kept: to find it takes 50 ms.
        session.query_cutout = QueryCutout(picture, "drawing", compared)
    session.query_error = ""
    stop_tracing()


def take_drawing(png: bytes | None) -> None:
    """Search with a drawing, or record why it cannot be used; None for an empty sketch pad."""
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
    png, before = session.drawing, session.query
    # A drawing keeps its weight from stroke to stroke.
    weight = before.weight if before is not None and before.from_sketch_pad else 1.0
    _search_with(
        None
        if png is None
        else QueryPicture(
            decoding.decode(png), from_sketch_pad=True, likely="drawing", weight=weight
        )
    )


def draw_instead() -> None:
    """Go back from a picture to the sketch pad, also where the search began with a picture."""
    url_state.change(**{navigation.BEGIN: None})
    use_drawing()


def draw_too() -> None:
    """Open the sketch pad, which a phone folds while it is empty beside examples."""
    session.draws_too = True


def begins_with_picture() -> bool:
    """Return whether the page invites a picture in the place of a drawing."""
    asked = url_state.text(navigation.BEGIN) == navigation.PICTURE
    return asked and session.search == SearchContents()


def add_to_examples(query: QueryPicture, chosen: QueryKind) -> None:
    """Add the picture to the examples, and clear the sketch pad for another one."""
    session.examples = (
        *session.examples,
        query.example(chosen, cut=query_cutout(query, chosen)),
    )
    _clear_pad()


def picture_name(picture: QueryPicture | PictureExample) -> str:
    """Return what the page calls a picture that is searched with; examples have a number."""
    name = "drawing" if picture.from_sketch_pad else "picture"
    numbers = [number for number, one in enumerate(session.examples, start=1) if one is picture]
    return f"{name.capitalize()} {numbers[0]}" if numbers else f"Your {name}"


def set_weight(weight: float) -> None:
    """Let the picture count more or less, or, below 0, against what is like it."""
    if session.query is not None:
        session.query = replace(session.query, weight=weight)


def remove_query() -> None:
    """Remove the picture, or the drawing from the sketch pad; a drawing before a picture stays."""
    if session.search.shows_sketch_pad:
        _clear_pad()
    else:
        use_drawing()


def remove_all() -> None:
    """Remove the picture, the drawing, and the examples of the session."""
    session.examples = ()
    _clear_pad()


def _clear_pad() -> None:
    _search_with(None)
    # A pad that is blank stays the same.
    if session.drawing is not None:
        del session.drawing
        session.sketch_pad_number += 1
    stop_tracing()


def _search_with(query: QueryPicture | None) -> None:
    """Replace the picture; the type that was chosen for the one before does not hold for it."""
    if session.query is not None:
        url_state.change(**{"as": None})
    session.query = query


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


def choose_whole(query: QueryPicture, *, whole: bool) -> None:
    """Search with the whole picture, or with the object in it."""
    session.query = replace(query, whole=whole)


def picture_url(picture: Image.Image, cut: Cutout | None) -> str:
    """Return the picture as a data URL; what lies outside its mask, if it has one, is faded.

    Each picture is encoded once.
    """
    is_faded = cut is not None and cut.mask is not None
    known = session.query_url
    if known is None or known.picture is not picture or known.is_faded != is_faded:
        shown = resizing.shrink(picture, side=2 * TRACED_SIDE)
        if cut is not None and cut.mask is not None:
            faded = Image.blend(shown, Image.new("RGB", shown.size, "white"), FADED)
            shown = Image.composite(shown, faded, cut.mask.resize(shown.size))
        url = cards.data_url(encoding.jpeg(shown, quality=88))
        known = session.query_url = PictureUrl(picture, is_faded, url)
    return known.url


def query_cutout(query: QueryPicture, chosen: QueryKind) -> Cutout | None:
    """Return the object or the drawing in a picture, as it is compared.

    It is the object if the picture is compared as both. None while it waits for the network.
    """
    kind = query.query_kind(chosen)
    known = session.query_cutout
    if known is not None and known.picture is query.picture and known.query_kind == kind:
        return known.cut
    cut = _cut_out(query, kind)
    if cut is not None:
        session.query_cutout = QueryCutout(query.picture, kind, cut)
    return cut


def _cut_out(query: QueryPicture, kind: QueryKind) -> Cutout | None:
    if query.from_sketch_pad:
        return ink.on_white(query.picture)
    if kind == "drawing":
        [(compared, _)] = interpretations(query.picture, kind)
        if isinstance(compared, Cutout):
            return compared
    cut = segmentation.without_network(query.picture)
    if cut is None and network_loader.network_is_ready():
        [cut] = segmentation.cut_out(network_loader.network(), [query.picture])
    return cut
