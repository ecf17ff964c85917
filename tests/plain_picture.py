"""A small picture of one colour, for tests of what is done with many pictures."""

import hashlib
import io

from PIL import Image

from core.catalogue import Picture
from core.pictures import resizing


def plain_picture(number: int) -> Picture:
    """Return a picture as the catalogue stores it, of another colour for each number."""
    colour = (40 + 53 * number % 200, 30 + 97 * number % 210, 20 + 31 * number % 220)
    image, file = Image.new("RGB", (64, 64), colour), io.BytesIO()
    image.save(file, "PNG")
    return Picture(
        digest=hashlib.sha256(file.getvalue()).hexdigest(),
        original=file.getvalue(),
        extension="png",
        thumbnail=resizing.thumbnail(image),
    )
