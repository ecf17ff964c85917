"""Collect the tests twice, under different conditions, and compare: `make check` runs it.

The workers of a parallel run refuse to start unless each of them collects the same tests in
the same order. The two collections here differ in the second of the clock, the time zone, the
locale and the seed of Python's hashes.
"""

import os
import subprocess
import sys
import time
from difflib import unified_diff

CONDITIONS = (
    {"PYTHONHASHSEED": "1", "TZ": "UTC", "LC_ALL": "C.UTF-8"},
    {"PYTHONHASHSEED": "2", "TZ": "Pacific/Kiritimati", "LC_ALL": "C"},
)
COLLECT = [sys.executable, "-m", "pytest", "--collect-only", "--quiet", "-p", "no:cacheprovider"]
# Seconds between the two: gzip and ZIP files hold the time in seconds, and ZIP in steps of two.
APART = 2.1


def main() -> int:
    """Return 0 if both collections are the same, 1 with the difference if they are not."""
    processes: list[subprocess.Popen[str]] = []
    for condition in CONDITIONS:
        if processes:
            time.sleep(APART)
        processes.append(
            subprocess.Popen(
                COLLECT,
                env=os.environ | condition,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                encoding="utf-8",
            )
        )
    outputs = [process.communicate()[0] for process in processes]
    for process, output in zip(processes, outputs, strict=True):
        if process.returncode != 0:
            print(output)
            return 1
    first, second = ([line for line in output.splitlines() if "::" in line] for output in outputs)
    if first != second:
        print("The tests that pytest collects depend on the clock, the locale or a hash seed:")
        print("\n".join(unified_diff(first, second, lineterm="", n=0)))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
