"""Reading compiled Qt resource files."""

import struct
import zlib

import pytest

from benchmarks.support.qt_resources import COMPRESSED, FOLDER, ResourceError, Resources


def compiled(folder: str, files: dict[str, bytes], *, flags: int = 0, version: int = 1) -> bytes:
    """Return a resource file with one folder."""
    names, contents, nodes = b"", b"", []
    header = 20

    def named(text: str) -> int:
        nonlocal names
        start = len(names)
        names += struct.pack(">HI", len(text), 0) + text.encode("utf-16-be")
        return start

    def node(name: int, *rest: int) -> bytes:
        kind, first, second = rest
        if kind & FOLDER:
            fields = struct.pack(">IHII", name, kind, first, second)
        else:
            fields = struct.pack(">IHHHI", name, kind, 0, 0, first)
        return fields + (bytes(8) if version >= 2 else b"")

    nodes.append(node(0, FOLDER, 1, 1))
    nodes.append(node(named(folder), FOLDER, len(files), 2))
    for name, data in files.items():
        stored = struct.pack(">I", len(data)) + zlib.compress(data) if flags else data
        nodes.append(node(named(name), flags, len(contents), 0))
        contents += struct.pack(">I", len(stored)) + stored
    tree = header + len(names) + len(contents)
    return (
        b"qres"
        + struct.pack(">4I", version, tree, header + len(names), header)
        + names
        + contents
        + b"".join(nodes)
    )


@pytest.mark.parametrize("version", [1, 2])
@pytest.mark.parametrize("flags", [0, COMPRESSED])
def test_files_are_found_by_their_paths(flags: int, version: int) -> None:
    files = {"cow.webp": b"a cow", "owl.webp": b"an owl" * 100}
    resources = Resources(compiled("animals", files, flags=flags, version=version))

    assert list(resources) == ["animals/cow.webp", "animals/owl.webp"]
    assert resources["animals/cow.webp"] == b"a cow"
    assert resources["animals/owl.webp"] == b"an owl" * 100


def test_a_file_that_is_not_there_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        Resources(compiled("animals", {"cow.webp": b"a cow"}))["animals/pig.webp"]


@pytest.mark.parametrize("data", [b"", b"PK\3\4", b"qres"])
def test_other_files_are_refused(data: bytes) -> None:
    with pytest.raises(ResourceError):
        Resources(data)
