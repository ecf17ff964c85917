"""The folders of data, caches and served files, from environment variables."""

import hashlib
import os
from pathlib import Path

import platformdirs

from core.errors import LookalikeError

PROJECT = Path(__file__).resolve().parent.parent


def data_root() -> Path:
    """Return the folder that holds the catalogues: `LOOKALIKE_DATA`, else `data/`."""
    return Path(os.environ.get("LOOKALIKE_DATA") or PROJECT / "data").expanduser().resolve()


def cache_root() -> Path:
    """Return the folder for what can be downloaded or measured again.

    `LOOKALIKE_CACHE`, else `lookalike` in the user's cache folder, so that the
    weights and the demos' archives are downloaded once per user, not once per clone.
    """
    if named := os.environ.get("LOOKALIKE_CACHE"):
        return Path(named).expanduser().resolve()
    # Earlier versions used this folder on every system. On Linux it is still the default; on macOS
    # and Windows it is used if it exists, so that nothing is downloaded twice.
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache").expanduser()
    if (home / "lookalike").is_dir():
        return (home / "lookalike").resolve()
    return platformdirs.user_cache_path("lookalike", appauthor=False).resolve()


def thumbnails_root() -> Path:
    """Return the folder of the files that pages serve, with a folder for each catalogue.

    Streamlit serves only the folder `static/` beside `app.py`, so thumbnails are stored there
    wherever the data is. Each other data folder has a separate folder in it, because two data
    folders may hold catalogues of the same name.
    """
    served = PROJECT / "static" / "thumbnails"
    if data_root() == PROJECT / "data":
        return served
    digest = hashlib.sha256(str(data_root()).encode()).hexdigest()
    return served / f"at-{digest[:12]}"


def static_url(path: Path) -> str:
    """Return the URL at which Streamlit serves a file or folder below `static/`."""
    return f"app/static/{path.relative_to(PROJECT / 'static').as_posix()}"


def cache_folder(name: str = "") -> Path:
    """Return the folder `name` of the cache, and create it if there is none.

    Raises `LookalikeError` if it cannot be created.
    """
    folder = cache_root() / name
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise LookalikeError(
            f'The cache folder "{folder}" cannot be created ({error.strerror}). '
            "Set LOOKALIKE_CACHE to a folder that can be written to."
        ) from error
    return folder
