"""The photographs that `benchmarks.photographs` searches with, and the words of right models.

`photographs.json` beside this module lists them with their packages, and beside them photographs of
other things, in which nothing has to be found. The photographs were chosen by looking at each: one
thing, or several of a kind, before a ground that is not plain; no paintings, drawings or renders.

Each is in one of two halves, for ever: descriptors may be developed with one half and are reported
with the other. The photographs were sorted by group, then by subject (the SHA-256 of the seed and
the words for `fluent`), then by the SHA-256 of the seed, package and path, and assigned in turns.
"""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal, get_args

from benchmarks.support.packages import Package, package_of
from core.catalogue import Item

LIST = Path(__file__).with_suffix(".json")
Half = Literal["development", "held out"]
HALVES: tuple[Half, ...] = get_args(Half)


@dataclass(frozen=True, slots=True, kw_only=True)
class Photograph:
    """A photograph of a thing that catalogues have models of.

    Attributes:
        package: that has it.
        path: in the package.
        licence: as the package states it.
        shows: what it shows, for people.
        group: the kind of thing.
        words: by a catalogue's name; a right model has one of them. No words: it has no such model.
        half: the half that it is in.
    """

    package: Package
    path: str
    licence: str
    shows: str
    group: str
    words: Mapping[str, Sequence[str]]
    half: Half


@cache
def _list() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(LIST.read_text(encoding="utf-8"))
    return loaded


@cache
def packages() -> Mapping[str, Package]:
    """Return the packages of all photographs, by name."""
    return {entry["name"]: package_of(entry) for entry in _list()["packages"]}


def photographs(half: Half | None = None) -> list[Photograph]:
    """Return the photographs of a half, or all of them."""
    every_one = [
        Photograph(**{**entry, "package": packages()[entry["package"]]})
        for entry in _list()["photographs"]
    ]
    return [photograph for photograph in every_one if half in (None, photograph.half)]


def unrelated() -> list[tuple[Package, str]]:
    """Return the package and the path of each photograph of other things."""
    return [
        (packages()[name], path) for name, paths in _list()["unrelated"].items() for path in paths
    ]


def load(places: Sequence[tuple[Package, str]]) -> list[bytes]:
    """Return files of packages in their order, downloading what is missing."""
    paths: dict[Package, list[str]] = {}
    for package, path in places:
        paths.setdefault(package, []).append(path)
    files = {package: package.read(names) for package, names in paths.items()}
    return [files[package][path] for package, path in places]


def halves(photographs: Sequence[Photograph]) -> list[Half]:
    """Return the half of each photograph, as the seed says: the file has what it says."""
    seed = _list()["seed"]

    def order(row: int) -> tuple[str, str, str]:
        photograph = photographs[row]
        subject = " ".join(photograph.words["fluent"])
        place = f"{photograph.package.name}/{photograph.path}"
        return photograph.group, _digest(f"{seed}/{subject}"), _digest(f"{seed}/{place}")

    assigned: list[Half] = ["development"] * len(photographs)
    for turn, row in enumerate(sorted(range(len(photographs)), key=order)):
        assigned[row] = HALVES[turn % len(HALVES)]
    return assigned


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def is_right(item: Item, words: Sequence[str]) -> bool:
    """Say whether the item's name or one of its tags has one of the words, as whole tokens.

    A word of several tokens, such as “racing car”, must be there with its tokens in a row.
    """
    texts = [_tokens(text) for text in (item.name, *item.tags)]
    return any(_has(text, word) for word in map(_tokens, words) for text in texts)


def _tokens(text: str) -> list[str]:
    """Return the runs of letters and digits of a text, without upper case."""
    return re.findall(r"[^\W_]+", text.casefold())


def _has(text: Sequence[str], word: Sequence[str]) -> bool:
    windows: Iterator[Sequence[str]] = (
        text[start : start + len(word)] for start in range(len(text) - len(word) + 1)
    )
    return bool(word) and any(window == word for window in windows)
