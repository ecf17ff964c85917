"""Renders pictures of 3D files without a graphics card, a display or a system library.

Embree, Intel's ray tracing library, finds what each ray hits; it comes with the Python package
`embreex`. The package `mapbox_earcut` cuts polygons into triangles. Each file is read and rendered
in its own process with limits, so that a damaged or malicious file does not affect others.
"""

import contextlib
import importlib.util
import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
import weakref
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self, TypeVar

from core import settings
from core.errors import LookalikeError
from core.rendering.extras import BLENDER_SUFFIXES
from core.rendering.worker import COMMAND, END, KILL, START, Request
from core.viewpoints import AXES, UP_BASES, VIEWPOINTS, Axis, UpBasis

# Increased whenever the same file would give different pictures.
RECIPE = 4
SIZE = 512
# Degrees to the right of the front, and above the horizon. The main picture of a model shows its
# front, one side and its top, as product photos do.
MAIN = (35.0, 20.0)
# The viewer in the page has to download a model, and to fit it into the memory of a phone.
MAX_MODEL_BYTES = 16_000_000

# The limit on any number of cores, because each file may take gigabytes.
MAX_PROCESSES = 8

# The packages that are needed, and the messages if they are missing.
_NEEDED = ("embreex", "mapbox_earcut", "meshopt", "opengl_basisu")
_MISSING = (
    "Rendering 3D files needs embreex, mapbox-earcut, meshopt and opengl-basisu, of which some "
    "{problem}. Run: {python} -m pip install -r {requirements}"
)
_UNSUPPORTED = (
    "3D files cannot be rendered on this machine: embreex is available for Linux on x86-64 and for "
    "macOS on Apple silicon. Use such a machine, or import a folder of pictures."
)
_PICTURE, _MODEL = "picture", "model"
# Larger than any PNG of SIZE can be.
_MAX_PICTURE_BYTES = SIZE * SIZE * 4 + 100_000
_MAX_HEADER_BYTES = 1_000_000
# The environment variables that the worker gets; others often contain secrets.
_ENVIRONMENT = ("PATH", "PYTHONPATH", "LANG", "LC_ALL", "LC_CTYPE", "SYSTEMROOT", "TMPDIR")

Word = TypeVar("Word", bound=str)


class RenderError(LookalikeError):
    """A file that could not be rendered: the text is a sentence that says why.

    Attributes:
        files: the SHA-256 of the files that were read, as in `Rendering`.
    """

    def __init__(self, text: str, files: Mapping[str, str] | None = None) -> None:
        """Store the reason, and the files that were read until then."""
        super().__init__(text)
        self.files = files or {}


class Crashed(RenderError):
    """The process of a file ended without an answer, or with one that makes no sense."""

    def __init__(self) -> None:
        """Say so, and what may help."""
        super().__init__(
            "It crashed the renderer: the file is damaged or malicious, or needs more memory than "
            "is allowed. Open it in a 3D program, simplify it and export it again."
        )


class TimedOut(RenderError):
    """A file was not rendered in the time allowed."""

    def __init__(self, seconds: float) -> None:
        """Say so, and what may help."""
        super().__init__(
            f"It was not rendered within {seconds:g} seconds. "
            "Simplify it in a 3D program and try again."
        )


class Unavailable(RenderError):
    """Nothing can be rendered on this machine as it is set up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What rendering one file may take.

    Attributes:
        seconds: of time, by the clock.
        memory: bytes of address space.
    """

    seconds: int = 60
    memory: int = 4_000_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendering:
    """A rendered 3D file.

    Attributes:
        picture: a square PNG of `SIZE` pixels a side that the object fills, in three-quarter
            view on a transparent background.
        viewpoints: such pictures from `VIEWPOINTS`, by name; empty unless requested.
        model: the model as one binary glTF with all its textures, or None; `remark` says why.
        files: the SHA-256 of the file and of those it refers to, by their paths from the root;
            "" for one that is missing.
        unreadable: the names of textures that cannot be shown, some with the reason.
        up: which axis of the file points up in the pictures.
        detected_up: which one does if nobody chooses.
        up_basis: how that is known.
        remark: a sentence on what was left out, or "".
    """

    picture: bytes
    viewpoints: Mapping[str, bytes] = field(default_factory=dict)
    model: bytes | None = None
    files: Mapping[str, str] = field(default_factory=dict)
    unreadable: Sequence[str] = ()
    up: Axis = "y"
    detected_up: Axis = "y"
    up_basis: UpBasis = "format"
    remark: str = ""


class Renderer:
    """Renders files, several at the same time if it is called from several threads.

    The worker program starts with the first file. It ends with the context, when the renderer
    is garbage collected, or with this process, however that ends. It writes no files.
    """

    def __init__(self, *, processes: int | None = None, limits: Limits | None = None) -> None:
        """Prepare to render `processes` files at the same time, by default `cores()`."""
        self.processes = processes or cores()
        self._limits = limits or Limits()
        self._slots = threading.BoundedSemaphore(self.processes)
        self._lock = threading.Lock()
        self._worker: _Worker | None = None
        self._closed = False

    def __enter__(self) -> Self:
        """Return itself; the worker starts with the first file."""
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
        up: Axis | None = None,
        up_gives_way: bool = False,
    ) -> Rendering:
        """Return the pictures of a file, and the model itself.

        Args:
            path: a file with the extension .glb, .gltf, .obj, .stl, .ply, .3mf, .dae,
                .fbx, or one of those of `extras`.
            root: the folder that it may read other files from; by default its own folder.
            viewpoints: whether to render `VIEWPOINTS` as well.
            up: which axis of the file points up; None to detect it.
            up_gives_way: whether `up` does not hold where the format says it, as glTF does.

        Raises:
            RenderError: the file cannot be rendered.
            Unavailable: no file can be rendered on this machine.
        """
        path = os.path.abspath(path)
        views = {_PICTURE: MAIN}
        if viewpoints:
            views |= {view.name: (view.azimuth, view.elevation) for view in VIEWPOINTS}
        with self._slots, _scratch(path) as scratch:
            request = Request(
                path=path,
                root=os.path.abspath(root) if root is not None else os.path.dirname(path),
                views=views,
                up=up,
                up_gives_way=up_gives_way,
                size=SIZE,
                max_model_bytes=MAX_MODEL_BYTES,
                scratch=scratch,
                memory=self._limits.memory,
                seconds=self._limits.seconds,
            )
            answer = self._running().ask(request, self._limits.seconds)
        return parse_answer(answer, views)

    def _running(self) -> "_Worker":
        """Return the worker, which is started if necessary."""
        with self._lock:
            if self._closed:
                raise RenderError(_STOPPED)
            if self._worker is None or self._worker.has_ended:
                self._worker = _Worker.start()
            return self._worker


@contextlib.contextmanager
def _scratch(path: str) -> Iterator[str]:
    """Yield a folder for the program that converts a file; "" if it needs none."""
    if path.lower().endswith(BLENDER_SUFFIXES):
        with tempfile.TemporaryDirectory(prefix="lookalike-", ignore_cleanup_errors=True) as folder:
            yield os.path.realpath(folder)
    else:
        yield ""


def check() -> None:
    """Raise `Unavailable` if the packages for rendering are not installed."""
    if any(importlib.util.find_spec(name) is None for name in _NEEDED):
        raise Unavailable(_installation_hint("are not installed"))


def cores() -> int:
    """Return how many files are rendered at the same time: one per core that is available."""
    available = len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1
    return min(available, MAX_PROCESSES)


_STOPPED = "Rendering was stopped."


class _Worker:
    """The program that forks a process for each file, and the socket to it."""

    def __init__(self, process: subprocess.Popen[bytes], control: socket.socket) -> None:
        self._process = process
        self._control = control
        self._lock = threading.Lock()
        self._number = 0
        self.stop = weakref.finalize(self, _stop, process, control)

    @classmethod
    def start(cls) -> "_Worker":
        """Start the program; raises `Unavailable`."""
        check()
        ours, theirs = socket.socketpair()
        with theirs:
            # One thread for NumPy: other files keep the other cores busy.
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
                # Ctrl-C goes to the process that started the import; the worker ends with it.
                start_new_session=True,
            )
        worker = cls(process, ours)
        try:
            problem = _receive(ours, time.monotonic() + START_SECONDS, 10_000, until=END)
        except (OSError, _TooMuchError) as error:
            problem = str(error).encode() or b"?"
        if problem != END:
            worker.stop()
            text = problem.decode(errors="replace").strip() or "the program ended immediately"
            raise Unavailable(_installation_hint(f"cannot be loaded ({text})"))
        return worker

    @property
    def has_ended(self) -> bool:
        """Whether the program has ended, for example because the system ran out of memory."""
        return not self.stop.alive or self._process.poll() is not None

    def ask(self, request: Request, seconds: float) -> bytes:
        """Return the answer to a request, possibly incomplete; raises `RenderError`."""
        ours, theirs = socket.socketpair()
        with ours:
            with theirs, self._lock:
                self._number += 1
                number = self._number
                self._send(START, number, theirs)
            try:
                ours.sendall(request.encode())
                max_bytes = (
                    _MAX_HEADER_BYTES
                    + request.max_model_bytes
                    + len(request.views) * _MAX_PICTURE_BYTES
                )
                return _receive(ours, time.monotonic() + seconds, max_bytes)
            except TimeoutError:
                raise TimedOut(seconds) from None
            except (OSError, _TooMuchError) as error:
                raise Crashed() from error
            finally:
                with self._lock, contextlib.suppress(RenderError):
                    self._send(KILL, number)

    def _send(self, command: bytes, number: int, *sockets: socket.socket) -> None:
        """Send a command, together with sockets."""
        try:
            socket.send_fds(
                self._control, [COMMAND.pack(command, number)], [s.fileno() for s in sockets]
            )
        except OSError as error:
            raise RenderError(_STOPPED) from error


# How long the program may take to load: usually 1.5 s, but a disk may be slow the first time.
START_SECONDS = 60.0


class _TooMuchError(Exception):
    """An answer is longer than any valid one."""


def _stop(process: subprocess.Popen[bytes], control: socket.socket) -> None:
    """Close the socket, whereupon the program kills its processes and ends."""
    with contextlib.suppress(OSError):
        control.shutdown(socket.SHUT_RDWR)
    control.close()
    try:
        process.wait(5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _receive(
    connection: socket.socket, deadline: float, max_bytes: int, *, until: bytes | None = None
) -> bytes:
    """Return the bytes received until the other side closes, or until the bytes `until`.

    Raises:
        TimeoutError: `deadline`, by the monotonic clock, has passed.
        _TooMuchError: more than `max_bytes` were received.
    """
    received = bytearray()
    while not (until and received.endswith(until)):
        left = deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        connection.settimeout(left)
        part = connection.recv(1 << 20)
        if not part:
            break
        received += part
        if len(received) > max_bytes:
            raise _TooMuchError
    return bytes(received)


def parse_answer(answer: bytes, views: Mapping[str, Any]) -> Rendering:
    """Parse an answer, which is not trusted because its process has read an untrusted file."""
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
            raise ValueError("the answer is incomplete")
        return Rendering(
            picture=parts.pop(_PICTURE),
            model=parts.pop(_MODEL, None),
            viewpoints=parts,
            files=files,
            unreadable=[str(name) for name in header["unreadable"]],
            up=_one_of(AXES, header["up"]),
            detected_up=_one_of(AXES, header["detected_up"]),
            up_basis=_one_of(UP_BASES, header["up_basis"]),
            remark=str(header["remark"]),
        )
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise Crashed() from error


def _one_of(values: tuple[Word, ...], value: object) -> Word:
    """Return the one of several words that an answer names; raises `ValueError`."""
    return values[values.index(value)]


def _installation_hint(problem: str) -> str:
    """Return the message that says how to install the renderer's packages."""
    linux = sys.platform == "linux" and os.uname().machine == "x86_64"
    if not linux and not (sys.platform == "darwin" and os.uname().machine == "arm64"):
        return _UNSUPPORTED
    return _MISSING.format(
        problem=problem, python=sys.executable, requirements=settings.PROJECT / "requirements.txt"
    )
