"""Find the textures and other files that 3D files name, without reading the models in them.

The renderer reports exactly which files it has read. This tells earlier, before anything is
rendered, and for files that cannot be: a texture never becomes an item of its own.
"""

import os
import re
from collections.abc import Collection, Iterator, Sequence
from pathlib import PurePosixPath
from urllib.parse import unquote

from core.importers.file_listing import first_bytes

# Bytes at the beginning of a file that are searched, by its suffix.
_SEARCHED = {
    ".obj": 1 << 16, ".mtl": 1 << 20, ".gltf": 1 << 22, ".glb": 1 << 16, ".ply": 1 << 12,
    ".dae": 1 << 22, ".fbx": 1 << 24, ".usda": 1 << 24, ".usd": 1 << 24,
}  # fmt: skip
# Lines of OBJ, MTL and PLY that name files, and strings of glTF that do. In a longer line each word
# may begin a name, which would take minutes, as would blanks that are searched more than once.
_LINES = re.compile(
    r"^[ \t]*+(?:mtllib|map_\w+|bump|disp|decal|refl|norm|comment TextureFile)[ \t]++(.{1,1000})$",
    re.IGNORECASE | re.MULTILINE,
)
_URIS = re.compile(r'"uri"\s*:\s*"([^"]{1,1000})"')
# What COLLADA, USD and FBX say; in binary FBX, the length of a name comes before it, in four bytes.
_INIT_FROM = re.compile(r"<init_from>(?:<ref>)?([^<]{1,1000})<")
_ASSETS = re.compile(r"@([^@\x00-\x1f]{1,1000})@")
_FILE_NAMES = re.compile(r'Filename(?:: "|S[\s\S]{4})([^\x00-\x1f"]{1,1000})')


def find_parts(root: str, models: Sequence[str], others: Collection[str]) -> frozenset[str]:
    """Return those of the other files of a folder that its 3D files name.

    A file is named if it has the name that a 3D file states, in any case, and is in or below the
    folder of the 3D file or the one around it: files are moved more often than they are renamed.

    Args:
        root: the folder.
        models: the paths of its 3D files, relative to it.
        others: the paths of other files in it.
    """
    if not others:
        return frozenset()
    materials = [path for path in others if path.lower().endswith(".mtl")]
    named = {each for path in models for each in _named(root, path)}
    # A library that no model names belongs to the model of its name.
    stems = {_stem(path) for path in models}
    used = {path for path in materials if _is_named(path, named) or _stem(path) in stems}
    named |= {each for path in used for each in _named(root, path)}
    return frozenset(path for path in others if path in used or _is_named(path, named))


def _named(root: str, path: str) -> Iterator[tuple[str, str]]:
    """Yield the names that a file states, each with the folder in or below which it may be."""
    pure = PurePosixPath(path)
    size = _SEARCHED.get(pure.suffix.lower(), 0)
    text = first_bytes(os.path.join(root, path), size).decode("utf-8", "replace") if size else ""
    place = str(pure.parent.parent)
    for stated in set(_LINES.findall(text)):
        # There may be options before a name with blanks, or several names: all ends are tried.
        words = stated.strip().replace("\\", "/").split(" ")
        for start in range(len(words)):
            for end in {start + 1, len(words)}:
                yield place, _plain(" ".join(words[start:end]))
    for pattern in (_URIS, _INIT_FROM, _ASSETS, _FILE_NAMES):
        for stated in set(pattern.findall(text)):
            yield place, _plain(stated)


def _plain(name: str) -> str:
    """Return the name of a file as it is compared, without its folder."""
    path = PurePosixPath(name.replace("\\", "/").strip('" \t\r\n'))
    return unquote(path.name).casefold()


def _stem(path: str) -> str:
    """Return a path without its suffix, in lower case."""
    return str(PurePosixPath(path).with_suffix("")).casefold()


def _is_named(path: str, named: Collection[tuple[str, str]]) -> bool:
    """Return whether a file is among those that are named."""
    pure = PurePosixPath(path)
    return any((str(folder), pure.name.casefold()) in named for folder in pure.parents)
