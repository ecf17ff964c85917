"""URLs of the pictures of models; a changed picture has a new one."""

from collections.abc import Mapping
from types import MappingProxyType

from core.catalogue import Catalogue, CutOutThumbnail, Item

NO_CUT_OUTS: Mapping[str, CutOutThumbnail] = MappingProxyType({})


def picture(
    catalogue: Catalogue, item: Item, *, cut_outs: Mapping[str, CutOutThumbnail] = NO_CUT_OUTS
) -> str:
    """Return the URL of a model's thumbnail, or of its own among `cut_outs`, by item id.

    A changed picture has a new URL, and so has one that is cut out by another mask.
    """
    cut_out = own(item, cut_outs)
    # The name of a cut-out thumbnail holds its version already.
    url = (
        catalogue.pictures.cut_out_url(cut_out)
        if cut_out
        else catalogue.pictures.thumbnail_url(item.id)
    )
    return f"{url}?v={item.short_digest}"


def picture_template(catalogue: Catalogue) -> str:
    """Return the URL of any thumbnail of the catalogue, with `{id}` and `{version}` to fill in."""
    return f"{catalogue.pictures.thumbnail_url('{id}')}?v={{version}}"


def cut_out_template(catalogue: Catalogue) -> str:
    """Return the URL of any cut-out thumbnail, with `{id}`, `{version}` and `{mask}` to fill in."""
    any_of_them = CutOutThumbnail("{id}", "{version}", "{mask}")
    return f"{catalogue.pictures.cut_out_url(any_of_them)}?v={{version}}"


def own(item: Item, cut_outs: Mapping[str, CutOutThumbnail]) -> CutOutThumbnail | None:
    """Return a model's own among `cut_outs`, by item id, if it is of its current picture."""
    cut_out = cut_outs.get(item.id)
    return cut_out if cut_out and cut_out.is_of(item) else None
