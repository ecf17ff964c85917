"""Pictures of formats that are read in a process of their own, because their decoders are large."""

import importlib.util
import sys
from collections.abc import Callable
from dataclasses import dataclass

from PIL import Image

from core import sandbox
from core.pictures.errors import DamagedImage, ImageTooLarge, UnsupportedFormat
from core.sandbox import SandboxError

# What one picture may take. With 48 megapixels, HEIC takes 0.8 GB and 4 s on a slow computer.
MEMORY, SECONDS = 1_000_000_000, 30
# The longest colour profile that is read.
_MAX_PROFILE = 10_000_000
# Raises an error for a width and height over the limits.
CheckSize = Callable[[int, int], None]
_CHANNELS = {"L": 1, "LA": 2, "RGB": 3, "RGBA": 4}


@dataclass(frozen=True, slots=True)
class Reader:
    """What reads a format.

    Attributes:
        module: with the function `read`.
        package: that it needs.
        requirement: what `pip` installs it by.
        codecs: the same of a package that some files need for their compression; empty if none.
    """

    module: str
    package: str
    requirement: str
    codecs: str = ""

    def read(
        self, data: bytes, name: str, *, pixels: int, side: int, check_size: CheckSize
    ) -> Image.Image:
        """Return a picture, upright.

        Args:
            data: the file.
            name: what its format is called.
            pixels: the most that a picture may have.
            side: its longest side.
            check_size: raises what is to be raised for a picture over these limits.

        Raises:
            ImageError: it cannot be read.
        """
        if importlib.util.find_spec(self.package) is None:
            raise _needs_package(f"{name} pictures need", self.requirement)
        try:
            answer = sandbox.read(
                self.module,
                data,
                memory=MEMORY,
                seconds=SECONDS,
                max_bytes=pixels * 4 + _MAX_PROFILE,
                pixels=pixels,
                side=side,
            )
            if answer.header.get("lacks_codec") and self.codecs:
                raise _needs_package(f"{name} pictures of this compression need", self.codecs)
            return _picture(answer, check_size)
        except SandboxError as error:
            if error.reason != "damaged":
                raise ImageTooLarge(
                    f"The {name} picture takes more {error.reason} to read than one may take. "
                    "Save it as an ordinary PNG or JPEG and try again."
                ) from error
            raise DamagedImage(
                f"The {name} picture is damaged or in an unusual variant, and cannot be read. "
                "Download it again, or save it as an ordinary PNG or JPEG, and try again."
            ) from error


def _needs_package(sentence: str, requirement: str) -> UnsupportedFormat:
    """Return the error of files that another package reads."""
    return UnsupportedFormat(
        f"{sentence} another package. Install it, then import again: "
        f"{sys.executable} -m pip install '{requirement}'"
    )


def _picture(answer: sandbox.Answer, check_size: CheckSize) -> Image.Image:
    """Return the picture of an answer, which is not trusted."""
    try:
        width, height = (int(length) for length in answer.header["size"])
        check_size(width, height)
        mode, length = answer.header["mode"], int(answer.header["profile"])
        profile, pixels = answer.body[:length], answer.body[length:]
        if len(pixels) != width * height * _CHANNELS[mode] or not pixels:
            raise SandboxError("damaged")
        picture = Image.frombytes(mode, (width, height), pixels)
    except (KeyError, TypeError, ValueError) as error:
        raise SandboxError("damaged") from error
    if profile:
        picture.info["icc_profile"] = profile
    return picture


HEIC = Reader("core.pictures.heif", "pi_heif", "pi-heif>=1.4,<2")
DEEP_TIFF = Reader(
    "core.pictures.deep_tiff",
    "tifffile",
    "tifffile>=2026.3,<2027",
    codecs="imagecodecs>=2026,<2027",
)
JPEG_XL = Reader("core.pictures.jpeg_xl", "pylibjxl", "pylibjxl>=0.5,<1")
