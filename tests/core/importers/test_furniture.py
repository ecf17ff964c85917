"""The demo catalogue of furniture."""

from pathlib import Path

import pytest

from core.errors import LookalikeError
from core.importers import furniture, open_source
from tests.core.importers.sources import HEAD, items, library


@pytest.mark.usefixtures("offline")
def test_furniture_demo_is_read_from_the_cache(empty_cache: Path) -> None:
    catalogue = HEAD + "name#1=Chair\nicon#1=/seats/a.png\n"
    library(empty_cache / "furniture/Seats.sh3f", catalogue)
    source = open_source("", kind="furniture")
    assert (source.kind, source.location) == ("furniture", "furniture")
    assert [item.name for item in items(source)] == ["Chair"]


@pytest.mark.usefixtures("empty_cache", "offline")
def test_the_demo_says_why_its_download_failed_and_what_to_do() -> None:
    with pytest.raises(LookalikeError, match=r"no apt.*import each into one catalogue"):
        furniture.fetch()
