"""Read an untrusted file in a process of its own, with limits on time and memory.

For formats whose readers may crash, hang or fill the memory. A module in the process has a function
`read(data, **arguments)`, which returns a header for JSON and the bytes of the answer.
"""

import json
import os
import select
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Literal

# The folder that the process imports its modules from.
PROJECT = Path(__file__).resolve().parents[2]
# Variables of the environment that the process gets.
_ENVIRONMENT = ("PATH", "LANG", "LC_ALL", "SYSTEMROOT", "PYTHONPATH", "VIRTUAL_ENV")
_MAX_HEADER_BYTES = 100_000

# Why there is no answer: it takes too long, or too much memory, or what is in the file is damaged.
Reason = Literal["time", "memory", "damaged"]


class SandboxError(Exception):
    """A file could not be read within its limits, or not at all."""

    def __init__(self, reason: Reason) -> None:
        """Store the reason."""
        super().__init__(reason)
        self.reason: Reason = reason


@dataclass(frozen=True, slots=True)
class Answer:
    """What a reader returned. It is not trusted: the process has read an untrusted file."""

    header: Mapping[str, Any]
    body: bytes


def read(
    module: str,
    data: bytes | Path,
    *,
    memory: int,
    seconds: int,
    max_bytes: int,
    **arguments: Any,
) -> Answer:
    """Return what the function `read` of a module answers to a file.

    Args:
        module: its name, as in `core.pictures.heif`.
        data: the file, or its path.
        memory: the address space that the process may take, in bytes.
        seconds: the time that it may take.
        max_bytes: the length of the longest valid body.
        arguments: further arguments of the function, which JSON can hold.

    Raises:
        SandboxError: there is no answer.
        OSError: the path cannot be read.
    """
    with tempfile.TemporaryFile() if isinstance(data, bytes) else data.open("rb") as file:
        if isinstance(data, bytes):
            file.write(data)
            file.seek(0)
        received = _run(
            [module, str(memory), str(seconds), json.dumps(arguments)],
            file,
            deadline=time.monotonic() + seconds,
            max_bytes=_MAX_HEADER_BYTES + max_bytes,
        )
    line, _, body = received.partition(b"\n")
    try:
        header = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise SandboxError("damaged") from error
    if not isinstance(header, dict):
        raise SandboxError("damaged")
    if "reason" in header:
        raise SandboxError("memory" if header["reason"] == "memory" else "damaged")
    return Answer(header, body)


def _run(arguments: list[str], file: IO[bytes], *, deadline: float, max_bytes: int) -> bytes:
    """Return what the process writes; raises `SandboxError` if that is too long or too late."""
    environment = {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}
    environment |= dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"), "1")
    with subprocess.Popen(
        [sys.executable, "-m", "core.sandbox.worker", *arguments],
        cwd=PROJECT,
        env=environment,
        stdin=file,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    ) as process:
        assert process.stdout is not None
        received = bytearray()
        try:
            while left := max(0.0, deadline - time.monotonic()):
                if not select.select([process.stdout], [], [], left)[0]:
                    break
                part = os.read(process.stdout.fileno(), 1 << 20)
                received += part
                if not part:
                    return bytes(received)
                if len(received) > max_bytes:
                    raise SandboxError("damaged")
            raise SandboxError("time")
        finally:
            process.kill()
