"""Addresses of the files that Streamlit serves: pictures, and what the map is made of."""

from pathlib import Path

from core import settings
from core.catalogue import Catalogue, Item


def file(path: Path) -> str:
    """Return the address of a file below the folder `static/`."""
    return f"app/static/{path.relative_to(settings.PROJECT / 'static').as_posix()}"


def picture(catalogue: Catalogue, item: Item) -> str:
    """Return where the browser finds the thumbnail; another picture has another address."""
    return f"{file(catalogue.pictures.thumbnail(item))}?v={item.digest[:8]}"


def model(path: Path) -> str:
    """Return where the browser finds a model; another one has another address."""
    return f"{file(path)}?v={path.stat().st_mtime_ns:x}"


def picture_template(catalogue: Catalogue) -> str:
    """Return the address of any thumbnail of the catalogue, with `{id}` and `{version}` to fill."""
    return f"{file(catalogue.pictures.served)}/{{id}}.webp?v={{version}}"
