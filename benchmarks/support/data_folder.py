"""A data folder of their own for the catalogues of a benchmark."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from core import settings


@contextmanager
def data_folder(keep: Path | None = None) -> Iterator[Path]:
    """Use another data folder, also in processes that are started meanwhile, and yield its path.

    It is `keep`, which stays, or a temporary folder, which is deleted with its thumbnails.
    """
    previous = os.environ.get("LOOKALIKE_DATA")
    with tempfile.TemporaryDirectory(prefix="lookalike-") as name:
        folder = keep or Path(name)
        os.environ["LOOKALIKE_DATA"] = str(folder)
        thumbnails = settings.thumbnails_root()
        try:
            yield folder
        finally:
            if keep is None:
                shutil.rmtree(thumbnails, ignore_errors=True)
            if previous is None:
                del os.environ["LOOKALIKE_DATA"]
            else:
                os.environ["LOOKALIKE_DATA"] = previous
