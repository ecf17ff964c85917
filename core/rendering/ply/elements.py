"""The elements of a PLY file as columns."""

import re
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.rendering.text import numbers_of

_TYPES = {
    name: code
    for code, names in {
        "i1": "char int8", "u1": "uchar uint8", "i2": "short int16", "u2": "ushort uint16",
        "i4": "int int32", "u4": "uint uint32", "f4": "float float32", "f8": "double float64",
    }.items()
    for name in names.split()
}  # fmt: skip
# What an element may have of properties, and a file of elements.
MAX_PROPERTIES = 1000


class InvalidPlyError(ValueError):
    """A file that is not PLY, or damaged."""


@dataclass(frozen=True, slots=True)
class Lists:
    """A column of lists.

    Attributes:
        values: of all lists one after the other, in any type of numbers.
        counts: the length of each: int64 (n,).
    """

    values: NDArray[Any]
    counts: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Element:
    """Rows of one kind.

    Attributes:
        count: of the rows.
        columns: a number of each row, in any type, by the name of the property in lower case.
        lists: those of lists.
        types: the types that the header states, as in NumPy.
    """

    count: int
    columns: Mapping[str, NDArray[Any]]
    lists: Mapping[str, Lists]
    types: Mapping[str, str]

    def table(self, *names: str) -> NDArray[np.float64] | None:
        """Return columns side by side, float64 (n, columns); None if one is missing."""
        if any(name not in self.columns for name in names):
            return None
        return np.stack([self.columns[name].astype(np.float64) for name in names], axis=1)


@dataclass(frozen=True, slots=True)
class Document:
    """A PLY file.

    Attributes:
        elements: by name in lower case.
        textures: the names of the pictures that its comments name.
    """

    elements: Mapping[str, Element]
    textures: Sequence[str]

    def get(self, name: str) -> Element:
        """Return an element; one without rows if there is none."""
        return self.elements.get(name) or Element(0, {}, {}, {})


@dataclass(frozen=True, slots=True)
class _Property:
    """A property as the header describes it; `counts` is the type of a list's length, or ""."""

    name: str
    type: str
    counts: str = ""


def parse(data: bytes) -> Document:
    """Return the elements of a file.

    Raises:
        InvalidPlyError: it is not PLY, or damaged.
    """
    end = re.search(rb"(?:^|[\r\n])end_header[ \t]*(\r\n|\n|\r)", data)
    if end is None:
        raise InvalidPlyError("the header has no end")
    header: list[tuple[str, int, list[_Property]]] = []
    textures = []
    order = None
    for line in data[: end.start()].decode("utf-8", "surrogateescape").splitlines():
        words = line.split()
        match words:
            case ["format", name, *_]:
                order = {"ascii": "", "binary_big_endian": ">", "binary_little_endian": "<"}[name]
            case ["element", name, rows, *_]:
                header.append((name.lower(), int(rows), []))
            case ["property", "list", _, _, "vertex_indices", *_] if header[-1][0] == "vertex":
                pass  # Of faces that a program left out, as a whole.
            case ["property", "list", counts, kind, name, *_]:
                header[-1][2].append(_Property(name.lower(), _TYPES[kind], _TYPES[counts]))
            case ["property", kind, name, *_]:
                header[-1][2].append(_Property(name.lower(), _TYPES[kind]))
            case ["comment", keyword, _, *_] if keyword.lower() == "texturefile":
                textures.append(line.split(None, 2)[2].strip())
    if order is None:
        raise InvalidPlyError("it does not say which format it has")
    body = _Body(data, end.end(), order)
    if not order:
        # As if it were binary, all in doubles.
        body = _Body(numbers_of(data[end.end() :]).tobytes(), 0, "=", kind="f8")
    elements: dict[str, Element] = {}
    for name, count, properties in header:
        if count < 0 or len(properties) > MAX_PROPERTIES or len(header) > MAX_PROPERTIES:
            raise InvalidPlyError("an element has too few rows, or too many properties")
        is_last = name == header[-1][0]
        elements.setdefault(name, body.element(count, properties, is_last=is_last))
    return Document(elements, textures)


class _Body:
    """The rows that follow the header, read one element after the other."""

    def __init__(self, data: bytes, place: int, order: str, *, kind: str = "") -> None:
        """Read from a place on.

        Args:
            data: the whole file.
            place: where the rows begin.
            order: of the bytes, as in NumPy.
            kind: the type of all numbers; "" for those that the header states.
        """
        self._data = data
        self._place = place
        self._order = order
        self._kind = kind

    def element(self, count: int, properties: Sequence[_Property], *, is_last: bool) -> Element:
        """Return the next element; of the last, a few rows may be missing."""
        columns = []
        if is_last and not any(each.counts for each in properties):
            size = sum(self._type(each.type).itemsize for each in properties)
            there = (len(self._data) - self._place) // max(1, size)
            count = there if there < count <= 2 * there else count
        if count:
            columns = self._alike(count, properties) or self._different(count, properties)
        pairs = list(zip(properties, columns, strict=False))
        return Element(
            count,
            {each.name: column for each, column in pairs if not isinstance(column, Lists)},
            {each.name: column for each, column in pairs if isinstance(column, Lists)},
            {each.name: each.type for each in properties},
        )

    def _type(self, name: str) -> np.dtype[Any]:
        """Return a type with the order of the file."""
        return np.dtype(self._order + (self._kind or name))

    def _length(self, place: int, kind: np.dtype[Any]) -> int:
        """Return the length of a list that is stated at a place."""
        if place + kind.itemsize > len(self._data):
            raise InvalidPlyError("the file is cut short")
        length = int(np.frombuffer(self._data, kind, 1, place)[0])
        if not 0 <= length <= len(self._data):
            raise InvalidPlyError("a list has an impossible length")
        return length

    def _alike(
        self, count: int, properties: Sequence[_Property]
    ) -> list[NDArray[Any] | Lists] | None:
        """Return the columns if the lists of all rows are as long as those of the first."""
        fields: list[Any] = []
        place = self._place
        for number, each in enumerate(properties):
            length = 1
            if each.counts:
                counts = self._type(each.counts)
                length = self._length(place, counts)
                fields.append((f"length {number}", counts))
                place += counts.itemsize
            kind = self._type(each.type)
            fields.append((f"{number}", kind, (length,) if each.counts else ()))
            place += length * kind.itemsize
        size = place - self._place
        if size * count > len(self._data) - self._place:
            if any(each.counts for each in properties):
                return None
            raise InvalidPlyError("the file is cut short")
        rows = np.frombuffer(self._data, np.dtype(fields), count, self._place)
        columns: list[NDArray[Any] | Lists] = []
        for number, each in enumerate(properties):
            values = rows[f"{number}"]
            if each.counts:
                lengths = rows[f"length {number}"]
                if (lengths != lengths[0]).any():
                    return None
                columns.append(Lists(values.reshape(-1), lengths.astype(np.int64)))
            else:
                columns.append(values)
        self._place += size * count
        return columns

    def _different(self, count: int, properties: Sequence[_Property]) -> list[NDArray[Any] | Lists]:
        """Return the columns of rows whose lists differ in length."""
        steps: list[tuple[struct.Struct | None, int, list[int], list[int]]] = []
        for each in properties:
            counts = self._type(each.counts).char if each.counts else ""
            codes = struct.Struct(self._order + counts) if counts else None
            steps.append((codes, self._type(each.type).itemsize, [], []))
        data, place, end = self._data, self._place, len(self._data)
        for _ in range(count):
            for codes, size, starts, lengths in steps:
                length = 1
                if codes:
                    if place + codes.size > end:
                        raise InvalidPlyError("the file is cut short")
                    length = int(codes.unpack_from(data, place)[0])
                    if length < 0:
                        raise InvalidPlyError("a list has an impossible length")
                    place += codes.size
                starts.append(place)
                lengths.append(length)
                place += length * size
            if place > end:
                raise InvalidPlyError("the file is cut short")
        self._place = place
        symbols = np.frombuffer(data, np.uint8)
        columns: list[NDArray[Any] | Lists] = []
        for each, (_, _, starts, lengths) in zip(properties, steps, strict=True):
            kind, sizes = self._type(each.type), np.array(lengths, np.int64)
            within = np.arange(sizes.sum()) - np.repeat(np.cumsum(sizes) - sizes, sizes)
            places = np.repeat(np.array(starts, np.int64), sizes) + within * kind.itemsize
            values = symbols[places[:, None] + np.arange(kind.itemsize)].view(kind).reshape(-1)
            columns.append(Lists(values, sizes) if each.counts else values)
        return columns
