"""The demo of emoji."""

from collections import Counter

import pytest

from core.errors import LookalikeError
from core.importers import (
    fluent,
)
from tests.core.importers.sources import contents, items


@pytest.mark.usefixtures("archives", "offline")
def test_fluent_has_1599_emoji_and_needs_no_network_once_downloaded() -> None:
    entries, skipped = contents(fluent.read())

    assert len(entries) == 1599 and not skipped
    assert all(entry.data[:4] == b"RIFF" for entry in entries.values())
    assert Counter(entry.item.category for entry in entries.values()) == {
        "Smileys & emotion": 166,
        "People & body": 361,
        "Animals & nature": 157,
        "Food & drink": 128,
        "Travel & places": 218,
        "Activities": 85,
        "Objects": 261,
        "Symbols": 223,
    }
    assert next(iter(entries)) == "1f600"
    doughnut = entries["1f369"].item
    assert (doughnut.name, doughnut.creator, doughnut.licence) == ("Doughnut", "Microsoft", "MIT")
    assert {"donut", "sweets & candy"} <= set(doughnut.tags)
    assert entries["2764-200d-1f525"].item.name == "Heart on fire"
    assert not [key for key in entries if "fe0f" in key or key != key.lower()]


@pytest.mark.usefixtures("archives", "offline")
def test_fluent_includes_extras() -> None:
    flags = {item.name for item in items(fluent.read(include=["flags"]))}
    assert len(flags) > 1599 and "Flag: Japan" in flags
    hands = {item.name for item in items(fluent.read(include=["skin tones"]))}
    assert "Waving hand: dark skin tone" in hands
    with pytest.raises(LookalikeError, match="no cats to include"):
        fluent.read(include=["cats"])
