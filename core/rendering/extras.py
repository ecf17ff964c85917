"""What is read only if a package or program is installed that most people do without."""

import importlib.util
import shutil
import sys

STEP_SUFFIXES = (".step", ".stp")
STEP_PACKAGE = "cascadio"
USD_SUFFIXES = (".usd", ".usda", ".usdc", ".usdz")
USD_PACKAGE = "usd-core"
BLENDER_SUFFIXES = (".blend",)
# Of 3D files that are read through a program which hands over its result as a file: its size.
MAX_RESULT_BYTES = 512_000_000


def reads_step() -> bool:
    """Say whether STEP files can be read."""
    return importlib.util.find_spec(STEP_PACKAGE) is not None


def reads_usd() -> bool:
    """Say whether USD files can be read."""
    return importlib.util.find_spec("pxr") is not None


def blender() -> str | None:
    """Return the path of the program Blender, or None if it is not installed."""
    return shutil.which("blender")


def installing(package: str) -> str:
    """Return the command that installs a package."""
    return f"{sys.executable} -m pip install {package}"
