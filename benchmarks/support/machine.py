"""The machine that a benchmark runs on, and the report that names it first."""

import json
import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np

from core.vision.processor import processor

# A line of a table: what each column says in it.
Row = Mapping[str, str | int | float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """What decides how fast things are. `load` is the mean over the last minute."""

    processor: str
    cores: int
    memory_gb: float
    amx: bool
    avx512_bf16: bool
    load: float
    python: str

    @classmethod
    def here(cls) -> Self:
        """Describe this machine as it is now: call it before the work that adds to the load."""
        try:
            words = set(Path("/proc/cpuinfo").read_text(encoding="utf-8").split())
        except OSError:  # not Linux
            words = set()
        memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
        return cls(
            processor=processor(),
            cores=len(os.sched_getaffinity(0)) if words else os.cpu_count() or 1,
            memory_gb=round(memory / 2**30, 1),
            amx="amx_bf16" in words,
            avx512_bf16="avx512_bf16" in words,
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


def waits(what: str, times: Sequence[float], target: str) -> Row:
    """Return a row of a table: median, 95 % and worst of times in ms."""
    median, late, worst = (round(wait) for wait in np.percentile(times, [50, 95, 100]))
    return {
        "what": what,
        "times": len(times),
        "median": median,
        "95 %": late,
        "worst": worst,
        "target": target,
    }


def report(machine: Machine, tables: Mapping[str, Sequence[Row]], *, as_json: bool) -> None:
    """Print the machine and the tables, each under its title; all rows of one have one form."""
    if as_json:
        print(json.dumps({"machine": asdict(machine), **tables}, ensure_ascii=False, indent=2))
        return
    print(machine)
    for title, rows in tables.items():
        print(f"\n{title}")
        print(_table(rows))


def _table(rows: Sequence[Row]) -> str:
    lines = [list(rows[0]), *([_told(value) for value in row.values()] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    # Figures stand right, so that their digits line up; words stand left.
    words = [all(isinstance(row[name], str) for row in rows) for name in rows[0]]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if left else cell.rjust(width)
            for cell, width, left in zip(line, widths, words, strict=True)
        ).rstrip()
        for line in lines
    )


def _told(value: Any) -> str:
    return value if isinstance(value, str) else f"{value:,}"
