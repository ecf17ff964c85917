"""Describe the machine that a benchmark runs on, and print its report."""

import json
import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np

from core.vision.processor import processor

# A row of a table: its value in each column.
Row = Mapping[str, str | int | float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """The properties of a machine that timings depend on; `load` is the mean of one minute."""

    processor: str
    cores: int
    memory_gb: float
    amx: bool
    avx512_bf16: bool
    load: float
    python: str

    @classmethod
    def here(cls) -> Self:
        """Describe this machine. Call it before the measured work, which adds to the load."""
        try:
            features = set(Path("/proc/cpuinfo").read_text(encoding="utf-8").split())
        except OSError:  # not Linux
            features = set()
        memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
        return cls(
            processor=processor(),
            cores=len(os.sched_getaffinity(0)) if features else os.cpu_count() or 1,
            memory_gb=round(memory / 2**30, 1),
            amx="amx_bf16" in features,
            avx512_bf16="avx512_bf16" in features,
            load=round(os.getloadavg()[0], 2),
            python=platform.python_version(),
        )

    def __str__(self) -> str:
        """Return the machine as two lines for people."""
        amx = "AMX with bfloat16" if self.amx else "no AMX"
        avx = "AVX-512 with bfloat16" if self.avx512_bf16 else "no AVX-512 with bfloat16"
        return (
            f"{self.processor}\n"
            f"{self.cores} cores, {amx}, {avx}, {self.memory_gb:g} GB, Python {self.python}; "
            f"load average at the start {self.load:g}"
        )


def waiting_row(what: str, times: Sequence[float], target: str) -> Row:
    """Return a row of a table: the median, 95th percentile and maximum of times in ms."""
    median, late, worst = (round(time) for time in np.percentile(times, [50, 95, 100]))
    return {
        "what": what,
        "times": len(times),
        "median": median,
        "95 %": late,
        "worst": worst,
        "target": target,
    }


def report(machine: Machine, tables: Mapping[str, Sequence[Row]], *, as_json: bool) -> None:
    """Print the machine and the tables by title; all rows of a table have the same columns."""
    if as_json:
        print(json.dumps({"machine": asdict(machine), **tables}, ensure_ascii=False, indent=2))
        return
    print(machine)
    for title, rows in tables.items():
        print(f"\n{title}")
        print(_table(rows))


def _table(rows: Sequence[Row]) -> str:
    lines = [list(rows[0]), *([_cell(value) for value in row.values()] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    # Numbers are aligned right, so that their digits line up; text is aligned left.
    is_text = [all(isinstance(row[name], str) for row in rows) for name in rows[0]]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if left else cell.rjust(width)
            for cell, width, left in zip(line, widths, is_text, strict=True)
        ).rstrip()
        for line in lines
    )


def _cell(value: Any) -> str:
    return value if isinstance(value, str) else f"{value:,}"
