"""Reads the rows of a spreadsheet or a Parquet file; runs in a process of its own."""

import importlib
import json
import os
import zipfile
from collections.abc import Iterable, Iterator
from typing import IO, Any

# Rows of a Parquet file that are read at a time.
_BATCH = 1000


def read(file: IO[bytes], *, max_unpacked: int, longest: int) -> tuple[dict[str, Any], bytes]:
    """Return the rows of the first sheet that has any, as lists of texts, one in each line of JSON.

    Raises `MemoryError` for a file with more than `max_unpacked` bytes of XML, or rows of more than
    `longest`.
    """
    first = file.read(4)
    file.seek(0)
    rows = _parquet(file) if first == b"PAR1" else _sheet(file, max_unpacked)
    lines = bytearray()
    for row in rows:
        lines += json.dumps([_text(cell) for cell in row]).encode("ascii") + b"\n"
        if len(lines) > longest:
            raise MemoryError
    return {}, bytes(lines)


def _sheet(file: IO[bytes], max_unpacked: int) -> Iterable[list[Any]]:
    if zipfile.is_zipfile(file):
        file.seek(0)
        with zipfile.ZipFile(file) as packed:
            if sum(member.file_size for member in packed.infolist()) > max_unpacked:
                raise MemoryError
    file.seek(0)
    calamine = importlib.import_module("python_calamine")
    book = calamine.CalamineWorkbook.from_filelike(file)
    for place in range(len(book.sheet_names)):
        rows: list[list[Any]] = book.get_sheet_by_index(place).to_python()
        if any(cell not in ("", None) for row in rows for cell in row):
            return rows
    return []


def _parquet(file: IO[bytes]) -> Iterator[list[Any]]:
    # The usual one reserves gigabytes of address space, which is limited.
    os.environ["ARROW_DEFAULT_MEMORY_POOL"] = "system"
    pyarrow = importlib.import_module("pyarrow")
    pyarrow.set_cpu_count(1)
    pyarrow.set_io_thread_count(1)
    table = importlib.import_module("pyarrow.parquet").ParquetFile(file)
    names = table.schema_arrow.names
    yield names
    for batch in table.iter_batches(_BATCH, use_threads=False):
        for row in batch.to_pylist():
            yield [row[name] for name in names]


def _text(cell: Any) -> str:
    """Return a cell as people read it; a list, such as one of tags, as JSON."""
    if cell is None or isinstance(cell, bytes):
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, list | dict):
        return json.dumps(cell, default=str)
    return str(cell)
