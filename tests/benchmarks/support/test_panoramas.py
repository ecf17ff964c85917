"""Views of panoramas."""

import base64

import numpy as np

from benchmarks.support import panoramas


def test_views_look_around_and_up() -> None:
    light = np.zeros((64, 128, 3), np.float32)
    light[:32, :, 2] = 1  # A blue sky ...
    light[32:, :64, 0] = light[32:, 64:, 1] = 1  # ... above red and green ground.
    pictures = panoramas.views(light)
    assert [picture.size for picture in pictures] == [(panoramas.SIDE, panoramas.SIDE)] * 4
    top, base = (
        np.array([np.asarray(picture)[row].mean(axis=0) for picture in pictures]) for row in (0, -1)
    )
    assert (top.argmax(axis=1) == 2).all(), "the sky is above"
    assert set(base.argmax(axis=1)) == {0, 1}, "the ground is seen on both sides"


def test_light_that_overflows_is_white() -> None:
    light = np.full((64, 128, 3), 0.5, np.float32)
    light[26:32] = np.inf
    light[40] = np.nan
    for picture in panoramas.views(light):
        pixels = np.asarray(picture)
        assert 0.05 < (pixels > 240).mean() < 0.5 and 100 < np.median(pixels) < 200


def test_a_file_in_a_script() -> None:
    data = bytes(range(200))
    url = f"data:application/exr;base64,{base64.b64encode(data).decode()}"
    for script in (f"export default '{url}'", f'export default "{url}";\n'):
        assert panoramas.from_script(script.encode()) == data
