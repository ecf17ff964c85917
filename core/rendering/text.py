"""Text files as programs write them: OBJ, MTL, and STL in text."""

import contextlib
import re
import warnings
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

_UTF16 = (b"\xff\xfe", b"\xfe\xff")


def lines_of(data: bytes) -> list[bytes]:
    """Return the lines of a text in UTF-8 or UTF-16, with those joined that a backslash splits."""
    if data[:2] in _UTF16:
        data = data.decode("utf-16", "replace").encode()
    elif b"\0" in data[:2]:
        data = data.decode("utf-16-be" if data[0] == 0 else "utf-16-le", "replace").encode()
    data = data.removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    if b"\\" in data:
        data = re.sub(rb"\\[ \t]*\n", b" ", data)
    return data.split(b"\n")


def name_of(value: bytes) -> str:
    """Return a name in a text; bytes that are not UTF-8 stay as they are in names of files."""
    return value.strip().decode("utf-8", "surrogateescape")


def without_comment(value: str) -> str:
    """Return the rest of a line without the comment at its end."""
    return value.split("#", 1)[0].strip()


def columns(lines: Sequence[bytes]) -> NDArray[np.float64]:
    """Return the numbers at the start of each line, float64 (lines, most numbers of a line).

    What is missing in a line is NaN.
    """
    text = b" ".join(lines)
    if b"#" in text:
        lines = [line.split(b"#", 1)[0] for line in lines]
        text = b" ".join(lines)
    counts = [len(line.split()) for line in lines]
    width = max(counts, default=0)
    if min(counts, default=0) == width:
        numbers = numbers_of(text)
        if len(numbers) == width * len(lines):
            return numbers.reshape(len(lines), width)
    rows = [_leading(line) for line in lines]
    table = np.full((len(rows), max(map(len, rows), default=0)), np.nan)
    for row, values in zip(table, rows, strict=True):
        row[: len(values)] = values
    return table


def numbers_of(text: bytes) -> NDArray[np.float64]:
    """Return the numbers of a text, up to the first word that is none."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return np.fromstring(text, sep=" ")
        except ValueError:
            return np.empty(0)


def _leading(line: bytes) -> list[float]:
    """Return the numbers at the start of a line."""
    values = []
    for word in line.split():
        try:
            values.append(float(word))
        except ValueError:
            break
    return values


def references(lines: Sequence[bytes]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the numbers of groups such as 1, 1/2, 1//3 or 1/2/3, of which a line has some.

    Returns:
        The three numbers of each group, int64 (groups, 3), zero for those that are missing, and
        the groups of each line, int64 (lines,).
    """
    text = b" ".join(lines)
    if b"#" in text:
        lines = [line.split(b"#", 1)[0] for line in lines]
        text = b" ".join(lines)
    counts = np.fromiter((len(line.split()) for line in lines), np.int64, len(lines))
    found = np.zeros((int(counts.sum()), 3), np.int64)
    # Nearly all files have groups of one kind: 1, 1//3 or 1/2/3.
    slashes, pairs = text.count(b"/"), text.count(b"//")
    kinds = {(0, 0): [0], (2 * len(found), len(found)): [0, 2], (2 * len(found), 0): [0, 1, 2]}
    if (places := kinds.get((slashes, pairs))) is not None:
        numbers = numbers_of(text.replace(b"/", b" ") if slashes else text)
        if len(numbers) == len(found) * len(places):
            found[:, places] = numbers.reshape(len(found), len(places))
            return found, counts
    words = text.split()
    filled = b" ".join([*words, b""]).replace(b"//", b"/0/").replace(b"/ ", b"/0 ")
    symbols = np.frombuffer(filled, np.uint8)
    is_end = symbols[(symbols == ord("/")) | (symbols == ord(" "))] == ord(" ")
    numbers = numbers_of(filled.replace(b"/", b" "))
    if len(numbers) == len(is_end):
        ends = np.flatnonzero(is_end)
        firsts = np.concatenate([[0], ends[:-1] + 1])
        groups = np.cumsum(is_end) - is_end
        places = np.arange(len(numbers)) - firsts[groups]
        is_known = places < 3
        found[groups[is_known], places[is_known]] = numbers[is_known]
        return found, counts
    for group, word in zip(found, words, strict=True):
        for place, number in enumerate(word.split(b"/")[:3]):
            with contextlib.suppress(ValueError, OverflowError):
                group[place] = int(number)
    return found, counts
