"""What app.py and main.py import; `.importlinter` can only name packages, and they are in none."""

import ast

import pytest

from core.settings import PROJECT

PACKAGES = {"benchmarks", "components", "core", "devtools", "pages", "tests"}


@pytest.mark.parametrize("name", ["app.py", "main.py"])
def test_an_entry_point_imports_only_components(name: str) -> None:
    imported = set()
    for node in ast.walk(ast.parse((PROJECT / name).read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            imported.add((node.module or "").partition(".")[0])
        elif isinstance(node, ast.Import):
            imported.update(alias.name.partition(".")[0] for alias in node.names)

    assert imported & PACKAGES == {"components"}
