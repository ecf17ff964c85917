"""The files that pages serve, to look at and to break in tests."""

from pathlib import Path

from core import settings
from core.catalogue import Catalogue


def served_folder(catalogue: Catalogue) -> Path:
    """Return the folder of the files that pages serve of a catalogue, of any data folder."""
    return thumbnail_file(catalogue, "any").parent


def thumbnail_file(catalogue: Catalogue, item_id: str) -> Path:
    """Return the file of an item's thumbnail."""
    return file_at(catalogue.pictures.thumbnail_url(item_id))


def file_at(url: str) -> Path:
    """Return the file that the server delivers at a URL."""
    static = settings.PROJECT / "static"
    return static / url.removeprefix("app/static/").partition("?")[0]
