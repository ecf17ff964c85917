"""The documents name files that exist: a newcomer follows them to the place for a change."""

import re
from pathlib import Path

import pytest

from core.settings import PROJECT

DOCUMENTS = ["README.md", "CONTRIBUTING.md", "docs/architecture.md", "docs/benchmarks.md"]
# Documents say `search/engine.py` where the package is clear.
ROOTS = ("", "core", "components")
# What a reader makes, and what the app makes.
MADE = {"core/importers/usdz.py"}


def named_files(document: str) -> list[str]:
    """Return the source files that a document names in backticks, and the targets of its links."""
    text = (PROJECT / document).read_text(encoding="utf-8")
    names = re.findall(r"`([\w-]+(?:/[\w.-]+)*/[\w-]+\.(?:py|js|css|html|md|toml|txt|npz))`", text)
    links = re.findall(r"\]\(([^)#:\s]+)(?:#[\w-]*)?\)", text)
    folder = Path(document).parent
    return sorted({*names, *(str((folder / link).as_posix()) for link in links)} - MADE)


@pytest.mark.parametrize("document", DOCUMENTS)
def test_files_that_a_document_names_exist(document: str) -> None:
    names = named_files(document)
    missing = [
        name for name in names if not any((PROJECT / root / name).exists() for root in ROOTS)
    ]
    assert names and not missing
