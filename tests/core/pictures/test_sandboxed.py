"""HEIC and JPEG XL pictures, which are read in a process of their own."""

import base64
import importlib.util
import re

import pytest

from core.pictures import DamagedImage, ImageTooLarge, UnsupportedFormat, sandboxed
from core.pictures.decoding import Limits, decode, decode_with_alpha, format_of

# A red disc on white of 64 x 48 pixels at the left, as a phone writes it that is held upright:
# turned by a quarter.
HEIC = base64.b64decode(
    "AAAAHGZ0eXBoZWljAAAAAG1pZjFoZWljbWlhZgAAAchtZXRhAAAAAAAAACFoZGxyAAAAAAAAAABwaWN0AAAAAAAAAA"
    "AAAAAAAAAAADRpbG9jAAAAAERAAAIAAQAAAAAB7AABAAAAAAAAAfMAAgAAAAAD3wABAAAAAAAAACQAAAA4aWluZgAA"
    "AAAAAgAAABVpbmZlAgAAAAABAABodmMxAAAAABVpbmZlAgAAAQACAABFeGlmAAAAAA5waXRtAAAAAAABAAABB2lwcn"
    "AAAADmaXBjbwAAAHZodmNDAQNwAAAAkAAAAAAAHvAA/P34+AAADwNgAAEAGEABDAH//wNwAAADAJAAAAMAAAMAHroC"
    "QGEAAQAqQgEBA3AAAAMAkAAAAwAAAwAeoCCBBZbq5Ka5uAhoMCAAAAMDIAAAAwAhYgABAAZEAcFzwIkAAAATY29scm"
    "5jbHgAAQANAAaAAAAAFGlzcGUAAAAAAAAAQAAAAEAAAAAoY2xhcAAAAEAAAAABAAAAMAAAAAEAAAAAAAAAAv////AA"
    "AAACAAAAEHBpeGkAAAAAAwgICAAAAAlpcm90AwAAABlpcG1hAAAAAAAAAAEAAQaBAgMFhIYAAAAaaXJlZgAAAAAAAA"
    "AOY2RzYwACAAEAAQAAAh9tZGF0AAAB7ygBrwng8Wl7da2AWW3jnmMpqI8AmuBlgN9ySu1eSIklUdKrTU7XAp/NCmpQ"
    "MCdYUFHPSoCeXr+NhOBX5iwhZ80208OfKTtoJwU3GN8ijg7Kg6ApnNxnPyf+/7+Z8kqaOmjq9mn6zetwbKgcilgos+"
    "oGYYNQ73sckx6D3hXwGId/Qn/qdDB7yGspj+Zdf+uUr0qrYk8v6RkPjjKicHve0kFN0mCcA8zwn+YAM6dORoUALWCD"
    "zf7b+Dd4STF3IevK5QFvYB9AfBys9azH52Fy/9k8eQPxPCCmC8niASbR1rJ0woxCY9KA8RUde60vsKOi/ezu3JaSxF"
    "/75PmoobvpAd1dhQ5o0iqzrQP/K1kP8Z7JTBzHs06d9UxY+ZoqvC9b8YhRY5O7xoQNU6rl/uG/p/em48rb6r4CyQTt"
    "2it2MTI/EI/zLItCLdMCKNz3M3Tx6C3SLKLs/o65rr28c9+2TdnRzjJQhuRQM/alq+GaQmkzJevfyA4lYUZO9s7Gw+"
    "Y1ojCsu7TP3oNySLCiJ+ZOeFPHNhJWsj2ancxKHxzsExiNd4hodE+D0Ieq6Y1QvleokIs/JZlIrNgnI3fEPwZqHs9y"
    "fSX5U4he44Lwb3eNVjx7+RUfLNiGMB39IsAD+snaEFxMGPviF5WqqLd7ooT6zgAAAAZFeGlmAABNTQAqAAAACAABAR"
    "IAAwAAAAEABgAAAAAAAA=="
)
# A red rectangle on nothing.
JPEG_XL = base64.b64decode(
    "/wrLwE4ATIAoABQHtZ8gAAAVKqOMG7yc6/nyQ4fFtI3rDG21bWEJY7M9FwoGCSUBADV+YzAWM5QdFgcYsA2XFwABAJ"
    "wvDIDFwl/yH+xOM9ykUkCROg9npkEFBAZJSklm2ZQ023bIznWQ/g7oYYN5rGXkLhaKkT5mKuJPit0Vn96H6BfHAmMR"
    "zP4bfowBzZcHZuTmH6GsJfDbOo431skAe8dAIAE3YIEBiX8mI4B52JAdhS8l7G+A34LmeXcnQFgwrqcUMJB9qsQcU8"
    "ISRohpZteK/3Vd15HProF/6rpCCmTDbkXx7nikjpy5nIk3Mc5iiA0A//8zTIFjpJBTo+XmKNjPkjuTmiFktB91J4kY"
    "hTmGIuYMj1uaTfL0WB/UX5K5kKJTnEbVv0BRGX5dFHEe6sUXvPbM3x83YdzUiDkRj3u2iNakk57Y3yfBzar6lRaGxn"
    "wURUAKq+cPlpNwykcsIwFG6NucWqd9HXF5zjMXmIqZUUChv6B1n6FB4nq/j8nF/VyFQSyTntFbduoa+P2/hVc/QGoK"
    "vvRgU2Uhr3UpWg0wW7v79FXs0SNrBPe7sDA9tWtAuBPwAr3CFiLbccQMopT9tiDavkUNdAB6ummW4NsA"
)
FILES = pytest.mark.parametrize("data", [HEIC, JPEG_XL], ids=["HEIC", "JPEG XL"])


def is_red(pixel: object) -> bool:
    return isinstance(pixel, tuple) and all(
        abs(one - other) < 6 for one, other in zip(pixel, (190, 60, 45), strict=True)
    )


def test_a_heic_picture_is_read_upright() -> None:
    assert format_of(HEIC) == "heic"
    picture = decode(HEIC)
    assert (picture.mode, picture.size) == ("RGB", (48, 64))
    assert is_red(picture.getpixel((24, 24))) and picture.getpixel((24, 60)) == (255, 255, 255)


def test_a_jpeg_xl_picture_is_read_with_its_transparency() -> None:
    assert format_of(JPEG_XL) == "jxl"
    picture, alpha = decode_with_alpha(JPEG_XL)
    assert (picture.mode, picture.size) == ("RGB", (64, 48))
    assert is_red(picture.getpixel((20, 20))) and picture.getpixel((60, 24)) == (255, 255, 255)
    assert alpha is not None and alpha.getpixel((60, 24)) == 0


@FILES
def test_what_is_damaged_or_too_large_is_said(data: bytes) -> None:
    for damaged in (data[:200], data[:40] + bytes(len(data) - 40)):
        with pytest.raises(DamagedImage, match="cannot be read"):
            decode(damaged)
    with pytest.raises(ImageTooLarge, match=r"pixels; at most 50 a side"):
        decode(data, limits=Limits(side=50))
    with pytest.raises(ImageTooLarge, match=r"0\.1 megapixels"):
        decode(data, limits=Limits(pixels=2000))


def test_the_process_has_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandboxed, "SECONDS", 0)
    with pytest.raises(ImageTooLarge, match="more time to read"):
        decode(HEIC)


@FILES
def test_a_missing_package_is_named_with_the_line_that_installs_it(
    data: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(UnsupportedFormat, match=re.escape("-m pip install '")):
        decode(data)
