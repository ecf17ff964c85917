"""Draw the packages and their imports into docs/architecture.md.

    python -m devtools.package_diagram            writes the diagram
    python -m devtools.package_diagram --check    fails if it is out of date; `make check` runs it

The floors are those of `.importlinter`, which `lint-imports` holds the code to; the arrows are
read from the code. An arrow that follows from others is left out, so that the diagram stays
readable: a package may import whatever it can reach by arrows.
"""

import argparse
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from configparser import ConfigParser
from itertools import chain
from pathlib import Path

import grimp

PROJECT = Path(__file__).parents[1]
PAGE = PROJECT / "docs" / "architecture.md"
BEGIN, END = "<!-- package diagram: begin -->", "<!-- package diagram: end -->"
ROOTS = ("core", "components", "pages")
# The modules of the last floor are drawn as one.
GROUND = "ground"


def floors(config: Path) -> list[list[str]]:
    """Return the packages of each floor, from the top, as `.importlinter` lists them."""
    parser = ConfigParser()
    parser.read(config, encoding="utf-8")
    layers = parser["importlinter:contract:floors"]["layers"].split("\n")
    return [re.sub(r"[|:()]", " ", line).split() for line in layers if line.strip()]


def imports(packages: Iterable[str]) -> set[tuple[str, str]]:
    """Return which package imports which, read from the code."""
    known = set(packages)

    def package_of(module: str) -> str | None:
        parts = module.split(".")
        names = (".".join(parts[:length]) for length in range(len(parts), 0, -1))
        return next((name for name in names if name in known), None)

    graph = grimp.build_graph(*ROOTS, cache_dir=None)
    found = set()
    for module in graph.modules:
        for imported in graph.find_modules_directly_imported_by(module):
            importer, target = package_of(module), package_of(imported)
            if importer and target and importer != target:
                found.add((importer, target))
    return found


def reduced(arrows: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return the arrows of a graph without circles that do not follow from others."""
    targets: dict[str, set[str]] = {}
    for start, end in arrows:
        targets.setdefault(start, set()).add(end)

    def reachable(start: str) -> set[str]:
        direct = targets.get(start, set())
        return direct.union(*(reachable(end) for end in direct))

    return sorted(
        (start, end)
        for start, ends in targets.items()
        for end in ends
        if not any(end in reachable(other) for other in ends - {end})
    )


def drawing(
    levels: Sequence[Sequence[str]], arrows: Iterable[tuple[str, str]], *, ground: str
) -> str:
    """Return a Mermaid flowchart with a box for each floor; `ground` names what the last holds."""

    def label(package: str) -> str:
        return ground if package == GROUND else package.replace(".", "/")

    lines = ["```mermaid", "flowchart TD"]
    for number, level in enumerate(levels):
        lines.append(f'    subgraph floor{len(levels) - number}[" "]')
        lines.extend(f'        {_key(package)}["{label(package)}"]' for package in level)
        lines.append("    end")
    lines.extend(f"    {_key(start)} --> {_key(end)}" for start, end in arrows)
    return "\n".join([*lines, "```"])


def page_with(diagram: str, page: str) -> str:
    """Return the text of the page with the diagram between its marks."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{diagram}\n{END}{after}"


def main() -> int:
    """Write the diagram, or say that it is out of date."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--check", action="store_true", help="write nothing, fail if out of date")
    check = parser.parse_args().check
    sys.path.insert(0, str(PROJECT))
    *upper, last = floors(PROJECT / ".importlinter")
    rename: Mapping[str, str] = dict.fromkeys(last, GROUND)
    arrows = {
        (rename.get(start, start), rename.get(end, end))
        for start, end in imports(chain(*upper, last))
    }
    between = reduced((start, end) for start, end in arrows if start != end)
    ground = ", ".join(sorted(module.removeprefix("core.") for module in last))
    diagram = drawing([*upper, [GROUND]], between, ground=ground)
    page = PAGE.read_text(encoding="utf-8")
    wanted = page_with(diagram, page)
    if check and page != wanted:
        print("The diagram of the packages is out of date. Run: python -m devtools.package_diagram")
        return 1
    if not check:
        PAGE.write_text(wanted, encoding="utf-8")
    return 0


def _key(package: str) -> str:
    return package.replace(".", "_").strip("_")


if __name__ == "__main__":
    sys.exit(main())
