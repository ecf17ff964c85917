"""Render damaged 3D files, and report those that crash the renderer or take too long.

Each file of `benchmarks.support.gltf_suite`, or of `mesh_suite` for other formats, is damaged at
random: bits are flipped, bytes cut out or repeated, and values of its JSON or words of its text
replaced by others. A damaged file may be rendered, or refused with a sentence. The program reports
a crash or timeout with the seed that reproduces it:
python -m benchmarks.fuzz [--format glb|obj|...] [--files N] [--seed N] [--keep FOLDER]
"""

import argparse
import io
import json
import re
import struct
import sys
import tempfile
import time
import zipfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

from benchmarks.support import gltf_suite, mesh_suite
from core.rendering.renderer import Crashed, Limits, Renderer, RenderError, TimedOut

# What a damaged file may take: bytes of address space, of which the worker itself maps a part, and
# seconds.
MEMORY, SECONDS = 2_000_000_000, 20
# Values that numbers, texts and lists of a document are replaced by.
STRANGE: tuple[Any, ...] = (
    -1, 0, 1, 7, 255, 65_536, 1 << 31, 1 << 40, 1e300, -0.5, True, None, "", "x" * 3000, [], {},
    [0] * 20, {"x": 1}, "data:,x", "../../secret", "NaN", "SCALAR", "MAT4", "VEC3",
)  # fmt: skip
# Words that those of a text are replaced by.
WORDS = (
    b"-1", b"0", b"7", b"99999999999", b"-99999999999", b"1e300", b"nan", b"-inf", b"", b"/",
    b"1//", b"\\", b"#", b"v", b"f", b"list", b"uchar", b"double", b"../../secret", b"-s",
    b"x" * 3000, b"1 " * 3000, b"\xff\xfe",
)  # fmt: skip


def with_flipped_bits(random: Random, data: bytes) -> bytes:
    """Return bytes of which up to 20 have another value."""
    changed = bytearray(data)
    for _ in range(random.randint(1, 20)):
        changed[random.randrange(len(changed))] ^= 1 << random.randrange(8)
    return bytes(changed)


def cut(random: Random, data: bytes) -> bytes:
    """Return bytes without their end."""
    return data[: random.randrange(len(data))]


def with_a_part_moved(random: Random, data: bytes) -> bytes:
    """Return bytes with a part of them left out, and another repeated."""
    places = sorted(random.randrange(len(data)) for _ in range(4))
    first, second, third, fourth = places
    return data[:first] + data[second:third] + data[second:fourth] + data[fourth:]


def with_strange_values(random: Random, data: bytes) -> bytes:
    """Return a binary glTF of which up to three values of the JSON are others."""
    length = struct.unpack("<I", data[12:16])[0]
    tree = json.loads(data[20 : 20 + length])
    for _ in range(random.randint(1, 3)):
        place = random.choice(_places(tree))
        place(random.choice(STRANGE))
    text = json.dumps(tree).encode()
    text += b" " * (-len(text) % 4)
    rest = data[20 + length :]
    return (
        struct.pack("<4sII", b"glTF", 2, 20 + len(text) + len(rest))
        + struct.pack("<I4s", len(text), b"JSON")
        + text
        + rest
    )


def _places(tree: Any) -> list[Callable[[Any], None]]:
    """Return functions that each replace one value in a document."""
    found: list[Callable[[Any], None]] = []
    pending = [tree]
    while pending:
        node = pending.pop()
        keys = node.keys() if isinstance(node, dict) else range(len(node))
        for key in keys:

            def replace(value: Any, node: Any = node, key: Any = key) -> None:
                node[key] = value

            found.append(replace)
            if isinstance(node[key], dict | list):
                pending.append(node[key])
    return found


def with_strange_words(random: Random, data: bytes) -> bytes:
    """Return a file of which up to three words of the text are others; it may end in binary."""
    head, mark, body = data.partition(b"end_header")
    words = re.split(rb"""([\s"]+)""", head)
    for _ in range(random.randint(1, 3)):
        words[random.randrange(len(words))] = random.choice(WORDS)
    return b"".join(words) + mark + body


def with_a_damaged_member(random: Random, data: bytes) -> bytes:
    """Return an archive of which one file is damaged, but not how it is packed."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as before, zipfile.ZipFile(made, "w") as after:
        chosen = random.choice(before.namelist())
        for name in before.namelist():
            content = before.read(name)
            if name == chosen:
                content = random.choice((*DAMAGES, *[with_strange_words] * 3))(random, content)
            after.writestr(name, content)
    return made.getvalue()


DAMAGES = (with_flipped_bits, cut, with_a_part_moved)


def damaged(seed: int, kind: str) -> tuple[str, dict[str, bytes]]:
    """Return the name of a file of the suite, and the file damaged in a way that `seed` decides.

    It comes with those that it refers to, of which another may be damaged instead.
    """
    random = Random(seed)
    if kind == "glb":
        name = random.choice(list(gltf_suite.FILES))
        data = random.choice((*DAMAGES, *[with_strange_values] * 3))(
            random, gltf_suite.FILES[name]()
        )
        return name, {"a.glb": data}
    suite = mesh_suite.FILES[kind]
    name = random.choice(list(suite))
    files = suite[name]()
    place = random.choice(list(files))
    data = files[place]
    strange = with_a_damaged_member if data.startswith(b"PK") else with_strange_words
    files[place] = random.choice((*DAMAGES, *[strange] * 3))(random, data)
    return name, files


def main() -> int:
    """Render, print how many files had which outcome, and return 1 after a crash or timeout."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--format", choices=("glb", *mesh_suite.FILES), default="glb")
    parser.add_argument("--files", type=int, default=300, metavar="N", help="how many (300)")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="of the first (0)")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="save what failed there")
    options = parser.parse_args()
    outcomes: Counter[str] = Counter()
    limits = Limits(seconds=SECONDS, memory=MEMORY)
    with tempfile.TemporaryDirectory() as folder, Renderer(limits=limits) as renderer:
        for seed in range(options.seed, options.seed + options.files):
            name, files = damaged(seed, options.format)
            for file, data in files.items():
                (Path(folder) / file).write_bytes(data)
            start = time.monotonic()
            outcome = _outcome(renderer, Path(folder) / next(iter(files)))
            outcomes[outcome] += 1
            if outcome.startswith("!"):
                print(f"seed {seed}, {name}, {time.monotonic() - start:.1f} s: {outcome}")
                if options.keep:
                    kept = options.keep / str(seed)
                    kept.mkdir(parents=True, exist_ok=True)
                    for file, data in files.items():
                        (kept / file).write_bytes(data)
    for outcome, count in outcomes.most_common():
        print(f"{count:6}  {outcome}")
    return int(any(outcome.startswith("!") for outcome in outcomes))


def _outcome(renderer: Renderer, path: Path) -> str:
    """Return the outcome of a file; it begins with "!" if that must not happen."""
    try:
        renderer.render(path)
    except RenderError as error:
        return f"{'! ' if isinstance(error, Crashed | TimedOut) else ''}{error}"
    return "rendered"


if __name__ == "__main__":
    sys.exit(main())
