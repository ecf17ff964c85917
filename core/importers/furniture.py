"""Import the demo catalogue of furniture: the libraries of a Debian package."""

import os
import shutil
import tempfile
from dataclasses import replace
from pathlib import Path

from core.errors import LookalikeError
from core.importers import sweethome3d
from core.importers.base import Source
from core.importers.package_managers import FetchError, run
from core.importers.sweethome3d import libraries_in
from core.importers.text import os_error_reason
from core.settings import cache_folder

PACKAGE = "sweethome3d-furniture"


def read(*, models: bool = True) -> Source:
    """Open the demo catalogue of furniture, downloading its libraries the first time."""
    source = sweethome3d.read(*fetch(), models=models)
    return replace(source, kind="furniture", location="furniture")


def fetch() -> list[Path]:
    """Return the five libraries in the Debian package, downloaded by apt the first time."""
    target = cache_folder() / "furniture"
    if libraries := libraries_in(target):
        return libraries
    try:
        if not (shutil.which("apt-get") and shutil.which("dpkg")):
            raise FetchError("this machine has no apt")
        with tempfile.TemporaryDirectory(dir=cache_folder(), prefix="furniture-") as name:
            folder = Path(name)
            run(["apt-get", "download", PACKAGE], folder=folder)
            for package in folder.glob("*.deb"):
                run(["dpkg", "-x", package, folder / "files"], folder=folder)
            # In one step: an incomplete folder would look complete at the next run.
            os.replace(folder / "files/usr/share/sweethome3d/furniture", target)
    except (FetchError, OSError) as error:
        raise LookalikeError(
            f"The Debian package {PACKAGE} could not be downloaded ({os_error_reason(error)}). On "
            "Debian or Ubuntu, run sudo apt-get update and try again. Elsewhere, download the "
            "libraries BlendSwap-CC-0, BlendSwap-CC-BY, KatorLegaz, Reallusion and Scopia from "
            "https://www.sweethome3d.com/importModels.jsp and import each into one catalogue."
        ) from error
    return libraries_in(target)
