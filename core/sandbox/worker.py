"""The process that reads one file: limits itself, reads standard input, and writes the answer."""

import importlib
import json
import os
import sys

from core.sandbox.limits import leave_network, limit


def main() -> None:
    """Read with the module that the arguments name, within the limits that they state."""
    module, memory, seconds, arguments = sys.argv[1:]
    leave_network()
    limit(memory=int(memory), seconds=int(seconds))
    try:
        reader = importlib.import_module(module)
        header, body = reader.read(sys.stdin.buffer, **json.loads(arguments))
    except MemoryError:
        header, body = {"reason": "memory"}, b""
    except BaseException:
        # Deliberately all: this process has no other way to report a damaged file.
        header, body = {"reason": "damaged"}, b""
    with os.fdopen(1, "wb") as output:
        output.write(json.dumps(header).encode("ascii") + b"\n")
        output.write(body)
    os._exit(0)


if __name__ == "__main__":
    main()
