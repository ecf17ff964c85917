"""Reads JPEG XL pictures; runs in a process of its own."""

import importlib
from typing import IO, Any

# The modes of pictures by their number of channels.
_MODES = {1: "L", 2: "LA", 3: "RGB", 4: "RGBA"}


def read(file: IO[bytes], *, pixels: int, side: int) -> tuple[dict[str, Any], bytes]:
    """Return what `core.pictures.heif.read` returns; of an animation the first frame."""
    # By its name: the package is optional.
    pylibjxl = importlib.import_module("pylibjxl")
    data = file.read()
    found = pylibjxl.probe(data)
    width, height = found["width"], found["height"]
    if max(width, height) > side or width * height > pixels:
        return {"size": [width, height]}, b""
    decoded, metadata = pylibjxl.decode(data, metadata=True)
    height, width, *channels = decoded.shape
    profile = metadata.get("icc_profile") or metadata.get("icc") or b""
    mode = _MODES[channels[0] if channels else 1]
    header = {"size": [width, height], "mode": mode, "profile": len(profile)}
    return header, bytes(profile) + decoded.tobytes()
