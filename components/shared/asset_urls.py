"""URLs of the files that Streamlit serves: pictures, 3D models and the data of the map."""

from pathlib import Path

from core import settings
from core.catalogue import Catalogue, Item


def file(path: Path) -> str:
    """Return the URL of a file below the folder `static/`."""
    return f"app/static/{path.relative_to(settings.PROJECT / 'static').as_posix()}"


def picture(catalogue: Catalogue, item: Item) -> str:
    """Return the URL of a model's thumbnail; a changed picture has a new URL."""
    return f"{file(catalogue.pictures.thumbnail(item))}?v={item.digest[:8]}"


def model(path: Path) -> str:
    """Return the URL of a 3D model; a changed file has a new URL."""
    return f"{file(path)}?v={path.stat().st_mtime_ns:x}"


def picture_template(catalogue: Catalogue) -> str:
    """Return the URL of any thumbnail of the catalogue, with `{id}` and `{version}` to fill in."""
    return f"{file(catalogue.pictures.served)}/{{id}}.webp?v={{version}}"
