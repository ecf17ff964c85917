"""URLs of the files that Streamlit serves: pictures, 3D models and the data of the map."""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from core import settings
from core.catalogue import Catalogue, CutOutThumbnail, Item

NO_CUT_OUTS: Mapping[str, CutOutThumbnail] = MappingProxyType({})


def file(path: Path) -> str:
    """Return the URL of a file below the folder `static/`."""
    return f"app/static/{path.relative_to(settings.PROJECT / 'static').as_posix()}"


def path(
    catalogue: Catalogue, item: Item, *, cut_outs: Mapping[str, CutOutThumbnail] = NO_CUT_OUTS
) -> Path:
    """Return the file of a model's thumbnail, or of its own among `cut_outs`, by item id."""
    cut_out = cut_outs.get(item.id)
    if cut_out is None or not cut_out.is_of(item):
        return catalogue.pictures.thumbnail(item.id)
    return catalogue.pictures.cut_out(cut_out)


def picture(
    catalogue: Catalogue, item: Item, *, cut_outs: Mapping[str, CutOutThumbnail] = NO_CUT_OUTS
) -> str:
    """Return the URL of a model's thumbnail, or of its own among `cut_outs`, by item id.

    A changed picture has a new URL, and so has one that is cut out by another mask.
    """
    # The name of a cut-out thumbnail holds its version already.
    return f"{file(path(catalogue, item, cut_outs=cut_outs))}?v={item.short_digest}"


def model(path: Path) -> str:
    """Return the URL of a 3D model; a changed file has a new URL."""
    return f"{file(path)}?v={path.stat().st_mtime_ns:x}"


def picture_template(catalogue: Catalogue) -> str:
    """Return the URL of any thumbnail of the catalogue, with `{id}` and `{version}` to fill in."""
    return f"{file(catalogue.pictures.thumbnail('{id}'))}?v={{version}}"


def cut_out_template(catalogue: Catalogue) -> str:
    """Return the URL of any cut-out thumbnail, with `{id}`, `{version}` and `{mask}` to fill in."""
    any_of_them = CutOutThumbnail("{id}", "{version}", "{mask}")
    return f"{file(catalogue.pictures.cut_out(any_of_them))}?v={{version}}"
