"""Pictures of 3D files, rendered here: without a graphics card, a display or a system library.

Embree, Intel's ray tracing library, finds what each ray meets; it comes with `embreex` from the
Python package index, as trimesh does, which reads the files. Each file is read and rendered in a
process of its own with limits, so that one that is broken, or made to do harm, costs only itself.
"""

import contextlib
import importlib.util
import json
import os
import socket
import subprocess
import sys
import threading
import time
import weakref
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from core import settings
from core.errors import LookalikeError
from core.rendering.worker import END, KILL, ORDER, START, Request
from core.viewpoints import VIEWPOINTS

# Counted up when the same file would give other pictures.
RECIPE = 1
SIZE = 512
# Degrees to the right of the front, and above the ground. The picture that stands for a model
# shows its front, a side and its top at once, as product pictures do.
MAIN = (35.0, 20.0)
# A model that is turned in the page has to reach it, and to fit into a phone.
MAX_MODEL_BYTES = 16_000_000

# However many cores there are: each file may take gigabytes.
MAX_AT_ONCE = 8

# What the parent needs to find, and what it says where it does not.
_NEEDED = ("embreex", "trimesh")
_MISSING = (
    "3D files are rendered by the packages embreex and trimesh, which {what}. "
    "Run: {python} -m pip install -r {requirements}"
)
_UNBUILT = (
    "3D files cannot be rendered here: embreex is built for Linux on x86-64 and for macOS on "
    "Apple silicon. Render them on such a machine, or import a folder of pictures."
)
_PICTURE, _MODEL = "picture", "model"
# More than any PNG of SIZE can be.
_MAX_PICTURE_BYTES = SIZE * SIZE * 4 + 100_000
_MAX_HEADER_BYTES = 1_000_000
# What of the environment the renderer is given. Secrets lie there as a rule.
_ENVIRONMENT = ("PATH", "PYTHONPATH", "LANG", "LC_ALL", "LC_CTYPE", "SYSTEMROOT", "TMPDIR")


class RenderError(LookalikeError):
    """A file that could not be rendered: the text is a sentence that says why."""

    def __init__(self, text: str, files: Mapping[str, str] | None = None) -> None:
        """Say why, and which files were read before that was known."""
        super().__init__(text)
        self.files = files or {}


class Unavailable(RenderError):
    """Nothing can be rendered on this machine as it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The most that one file may take: seconds by the clock, bytes of address space."""

    seconds: int = 60
    memory: int = 4_000_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendering:
    """What was made of a 3D file.

    Attributes:
        picture: a PNG of `SIZE` a side: the object from three quarters, on nothing, fills it.
        sides: such pictures from other sides, by their names; none unless they were asked for.
        model: the model as one binary glTF with all its textures, or None; `remark` says why.
        files: the SHA-256 of the file and of those it names, by their paths from the root; empty
            for one that is missing.
        remark: a sentence on what was left out, or nothing.
    """

    picture: bytes
    viewpoints: Mapping[str, bytes] = field(default_factory=dict)
    model: bytes | None = None
    files: Mapping[str, str] = field(default_factory=dict)
    remark: str = ""


class Renderer:
    """Renders files, several at once if it is called from several threads.

    The program that does it starts with the first file, and ends with the context, when nobody
    holds this any more, or with this process, however that ends. It writes no files.
    """

    def __init__(self, *, processes: int | None = None, limits: Limits | None = None) -> None:
        """Prepare to render `processes` files at once; `cores()` if not said."""
        self.processes = processes or cores()
        self._limits = limits or Limits()
        self._places = threading.BoundedSemaphore(self.processes)
        self._lock = threading.Lock()
        self._worker: _Worker | None = None
        self._closed = False

    def __enter__(self) -> Self:
        """Start nothing yet."""
        return self

    def __exit__(self, *_: object) -> None:
        """End all processes."""
        self.close()

    def close(self) -> None:
        """End all processes; files that are being rendered fail."""
        with self._lock:
            self._closed = True
            worker, self._worker = self._worker, None
        if worker is not None:
            worker.stop()

    def render(
        self,
        path: str | Path,
        *,
        root: str | Path | None = None,
        viewpoints: bool = False,
        up: str | None = None,
    ) -> Rendering:
        """Return the pictures of a file, and the model itself.

        Args:
            path: a file that ends in .glb, .gltf, .obj, .stl or .ply.
            root: the folder in which the files lie that it may name; its own if not said.
            viewpoints: whether to render `VIEWPOINTS` as well.
            up: "y" or "z", where that is not what its format has as a rule.

        Raises:
            RenderError: it cannot be rendered, or `Unavailable`: nothing can.
        """
        path = os.path.abspath(path)
        views = {_PICTURE: MAIN}
        if viewpoints:
            views |= {one.name: (one.azimuth, one.elevation) for one in VIEWPOINTS}
        request = Request(
            path=path,
            root=os.path.abspath(root) if root is not None else os.path.dirname(path),
            views=views,
            up=up,
            size=SIZE,
            most_model_bytes=MAX_MODEL_BYTES,
            memory=self._limits.memory,
            seconds=self._limits.seconds,
        )
        with self._places:
            answer = self._running().ask(request, self._limits.seconds)
        return _rendering(answer, views)

    def _running(self) -> "_Worker":
        """Return the program that renders, started if there is none."""
        with self._lock:
            if self._closed:
                raise RenderError(_STOPPED)
            if self._worker is None or self._worker.has_ended:
                self._worker = _Worker.start()
            return self._worker


def check() -> None:
    """Raise `Unavailable` where it can be told at once that nothing can be rendered here."""
    if any(importlib.util.find_spec(name) is None for name in _NEEDED):
        raise Unavailable(_how_to_mend("are not installed"))


def cores() -> int:
    """Return how many files are rendered at once: one a core, of those this process may use."""
    found = len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1
    return min(found, MAX_AT_ONCE)


_STOPPED = "Rendering was stopped."
_CRASHED = (
    "It ended the program that rendered it: the file is damaged, made to do harm, or needs more "
    "memory than a file may have. Open it in a 3D program, simplify it and export it again."
)


class _Worker:
    """The program that forks a process for each file, and the line to it."""

    def __init__(self, process: subprocess.Popen[bytes], control: socket.socket) -> None:
        self._process = process
        self._control = control
        self._lock = threading.Lock()
        self._number = 0
        self.stop = weakref.finalize(self, _stop, process, control)

    @classmethod
    def start(cls) -> "_Worker":
        """Start it; raises `Unavailable`."""
        check()
        ours, theirs = socket.socketpair()
        with theirs:
            # One thread for the sums: the cores are kept busy by other files.
            environment = {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}
            environment |= dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"), "1")
            process = subprocess.Popen(
                [sys.executable, "-m", "core.rendering.worker", str(theirs.fileno())],
                cwd=settings.PROJECT,
                env=environment,
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                # Ctrl-C is for who started the import; this ends with it.
                start_new_session=True,
            )
        worker = cls(process, ours)
        try:
            trouble = _received(ours, time.monotonic() + START_SECONDS, 10_000, until=END)
        except (OSError, _TooMuchError) as error:
            trouble = str(error).encode() or b"?"
        if trouble != END:
            worker.stop()
            text = trouble.decode(errors="replace").strip() or "it ended at once"
            raise Unavailable(_how_to_mend(f"cannot be loaded ({text})"))
        return worker

    @property
    def has_ended(self) -> bool:
        """Whether it is gone, as when the system was short of memory."""
        return not self.stop.alive or self._process.poll() is not None

    def ask(self, request: Request, seconds: float) -> bytes:
        """Return the answer to a request, or what there is of it."""
        ours, theirs = socket.socketpair()
        with ours:
            with theirs, self._lock:
                self._number += 1
                number = self._number
                self._tell(START, number, theirs)
            try:
                ours.sendall(request.encode())
                most = (
                    _MAX_HEADER_BYTES
                    + request.most_model_bytes
                    + len(request.views) * _MAX_PICTURE_BYTES
                )
                return _received(ours, time.monotonic() + seconds, most)
            except TimeoutError:
                raise RenderError(
                    f"It was not rendered within {seconds:g} seconds. "
                    "Simplify it in a 3D program and try again."
                ) from None
            except (OSError, _TooMuchError) as error:
                raise RenderError(_CRASHED) from error
            finally:
                with self._lock, contextlib.suppress(RenderError):
                    self._tell(KILL, number)

    def _tell(self, what: bytes, number: int, *sent: socket.socket) -> None:
        """Send an order, with sockets."""
        try:
            socket.send_fds(self._control, [ORDER.pack(what, number)], [s.fileno() for s in sent])
        except OSError as error:
            raise RenderError(_STOPPED) from error


# How long the program may take to load: 1.5 s as a rule, and a disk may be slow the first time.
START_SECONDS = 60.0


class _TooMuchError(Exception):
    """An answer is longer than any that is right."""


def _stop(process: subprocess.Popen[bytes], control: socket.socket) -> None:
    """Close the line, at whose end the program kills its processes and ends."""
    with contextlib.suppress(OSError):
        control.shutdown(socket.SHUT_RDWR)
    control.close()
    try:
        process.wait(5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _received(
    line: socket.socket, until_time: float, most: int, *, until: bytes | None = None
) -> bytes:
    """Return what comes until the other side closes, or until the bytes `until`."""
    received = bytearray()
    while not (until and received.endswith(until)):
        left = until_time - time.monotonic()
        if left <= 0:
            raise TimeoutError
        line.settimeout(left)
        part = line.recv(1 << 20)
        if not part:
            break
        received += part
        if len(received) > most:
            raise _TooMuchError
    return bytes(received)


def _rendering(answer: bytes, views: Mapping[str, Any]) -> Rendering:
    """Take an answer apart. It comes from a process that read a file nobody trusts."""
    line, _, rest = answer.partition(END)
    try:
        header = json.loads(line)
        files = {str(name): str(digest) for name, digest in header["files"].items()}
        if "error" in header:
            raise RenderError(str(header["error"]), files)
        parts, start = {}, 0
        for name, length in header["parts"]:
            parts[name] = rest[start : start + length]
            start += length
        if start != len(rest) or not parts.keys() <= {*views, _MODEL}:
            raise ValueError("the answer is not whole")
        return Rendering(
            picture=parts.pop(_PICTURE),
            model=parts.pop(_MODEL, None),
            viewpoints=parts,
            files=files,
            remark=str(header["remark"]),
        )
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise RenderError(_CRASHED) from error


def _how_to_mend(what: str) -> str:
    """Say how the renderer's packages are had."""
    linux = sys.platform == "linux" and os.uname().machine == "x86_64"
    if not linux and not (sys.platform == "darwin" and os.uname().machine == "arm64"):
        return _UNBUILT
    return _MISSING.format(
        what=what, python=sys.executable, requirements=settings.PROJECT / "requirements.txt"
    )
