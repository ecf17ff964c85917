"""Which stored vectors this version can search."""

import numpy as np
import pytest

from core import search
from core.descriptors import Compact, CompactFit, Published, base
from core.vision.weights import DIGEST


def test_vectors_of_other_versions_are_recognized(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    mean, directions = np.zeros(2, np.float32), np.zeros((1, 2), np.float16)
    fits = [CompactFit(mean, directions, mean, directions, items=items) for items in (0, 5)]
    now = [Compact(DIGEST, fit).fingerprint for fit in fits]
    other_weights = Compact("other", fits[0]).fingerprint
    monkeypatch.setattr(base, "VERSION", base.VERSION + 1)
    another_version = Compact(DIGEST, fits[0]).fingerprint
    monkeypatch.undo()

    assert now[0] != now[1]
    assert all(search.is_of_this_version(one) for one in now)
    for one in (other_weights, another_version, Published(DIGEST).fingerprint, ""):
        assert not search.is_of_this_version(one)
