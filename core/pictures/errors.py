"""The errors of picture files."""

from core.errors import LookalikeError


class ImageError(LookalikeError):
    """The bytes are not a readable picture."""


class UnsupportedFormat(ImageError):
    """The bytes are not in a supported format."""


class EmptyImage(UnsupportedFormat):
    """There are no bytes at all."""


class ImageTooLarge(ImageError):
    """The file, or the picture in it, exceeds a limit."""


class DamagedImage(ImageError):
    """The picture is damaged, truncated, or in an unsupported variant of its format."""
