"""What can be wrong with a picture."""

from core.errors import LookalikeError


class ImageError(LookalikeError):
    """The bytes are not a picture that can be read."""


class UnsupportedFormat(ImageError):
    """The bytes are of no format that is read."""


class EmptyImage(UnsupportedFormat):
    """There are no bytes at all."""


class ImageTooLarge(ImageError):
    """The file, or the picture in it, is over a limit."""


class DamagedImage(ImageError):
    """The picture is broken, cut short, or of a variant that is not read."""
