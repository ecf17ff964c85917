"""Reads HEIC pictures, as phones take them; runs in a process of its own."""

from typing import IO, Any

import pi_heif


def read(file: IO[bytes], *, pixels: int, side: int) -> tuple[dict[str, Any], bytes]:
    """Return the size, the mode, the length of the colour profile; and that and the pixels.

    The picture is upright, with 8 bits per channel. One over the limits comes without its pixels.
    """
    # Each thread takes address space of its own, which is limited.
    pi_heif.options.DECODE_THREADS = 1
    picture = pi_heif.open_heif(file.read())
    width, height = picture.size
    if max(width, height) > side or width * height > pixels:
        return {"size": [width, height]}, b""
    image = picture.to_pillow()
    profile = image.info.get("icc_profile") or b""
    header = {"size": list(image.size), "mode": image.mode, "profile": len(profile)}
    return header, profile + image.tobytes()
