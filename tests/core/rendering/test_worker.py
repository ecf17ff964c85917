"""Processes: no file affects another, and none outlives its parent."""

import math
import os
import signal
import subprocess
import sys
import textwrap
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from core.rendering.renderer import Crashed, Limits, Renderer, RenderError, TimedOut
from tests.core.rendering.support import TRIANGLE, dust, needs_proc, worker_of, write

pytestmark = pytest.mark.slow


def children_of(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


@pytest.fixture(scope="module")
def slow(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a file that takes seconds to render."""
    return write(tmp_path_factory.mktemp("slow"), slow_stl=dust(1_200_000))


def wait_for(condition: Any) -> None:
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_file_that_takes_too_long_does_not_affect_others(slow: Path, tmp_path: Path) -> None:
    quick = write(tmp_path, a_obj=TRIANGLE)
    with Renderer() as renderer:
        renderer.render(quick)
        start = time.monotonic()
        renderer.render(quick)
        # On a busy machine even a quick file may take more than a second.
        seconds = max(1, math.ceil(3 * (time.monotonic() - start)))
    with Renderer(limits=Limits(seconds=seconds)) as renderer:
        with pytest.raises(TimedOut, match=f"within {seconds} seconds"):
            renderer.render(slow)
        wait_for(lambda: renders(renderer, quick))
        wait_for(lambda: not children_of(worker_of(renderer)))


def renders(renderer: Renderer, path: Path) -> bool:
    """Say whether a file is rendered in time, which on a busy machine may take several tries."""
    try:
        renderer.render(path)
    except RenderError:
        return False
    return True


def test_file_that_takes_too_much_memory_does_not_affect_others(slow: Path, tmp_path: Path) -> None:
    # The libraries alone take 400 MB of address space.
    with Renderer(limits=Limits(memory=550_000_000)) as renderer:
        with pytest.raises(RenderError, match=r"more (than 0.55 GB of )?memory"):
            renderer.render(slow)
        renderer.render(write(tmp_path, a_obj=TRIANGLE))


@needs_proc
@pytest.mark.parametrize("how", [signal.SIGSEGV, signal.SIGABRT, signal.SIGKILL])
def test_file_that_crashes_does_not_affect_others(
    renderer: Renderer, slow: Path, tmp_path: Path, how: signal.Signals
) -> None:
    quick = write(tmp_path, a_obj=TRIANGLE)
    renderer.render(quick)
    worker = worker_of(renderer)
    wait_for(lambda: not children_of(worker))
    with ThreadPoolExecutor(2) as pool:
        crashing = pool.submit(renderer.render, slow)
        wait_for(lambda: children_of(worker))
        (child,) = children_of(worker)
        fine = pool.submit(renderer.render, quick)
        os.kill(child, how)
        with pytest.raises(Crashed, match="damaged or malicious"):
            crashing.result()
        fine.result()
    assert worker_of(renderer) == worker
    assert not list(tmp_path.glob("core*")) and not list(Path.cwd().glob("core.[0-9]*"))


@needs_proc
def test_killed_worker_is_started_again(renderer: Renderer, tmp_path: Path) -> None:
    quick = write(tmp_path, a_obj=TRIANGLE)
    renderer.render(quick)
    worker = worker_of(renderer)
    os.kill(worker, signal.SIGKILL)
    wait_for(lambda: renderer._worker is None or renderer._worker.has_ended)
    renderer.render(quick)
    assert worker_of(renderer) != worker


@needs_proc
def test_leaving_the_context_ends_all_processes(slow: Path, tmp_path: Path) -> None:
    with Renderer() as renderer, ThreadPoolExecutor(1) as pool:
        renderer.render(write(tmp_path, a_obj=TRIANGLE))
        worker = worker_of(renderer)
        wait_for(lambda: not children_of(worker))
        under_way = pool.submit(renderer.render, slow)
        wait_for(lambda: children_of(worker))
        (child,) = children_of(worker)
        renderer.close()
        with pytest.raises(RenderError):
            under_way.result(timeout=60)
        with pytest.raises(RenderError, match="stopped"):
            renderer.render(slow)
    assert not Path(f"/proc/{worker}").exists() and not Path(f"/proc/{child}").exists()


@needs_proc
def test_no_process_outlives_a_killed_parent(slow: Path) -> None:
    program = f"""
        from concurrent.futures import ThreadPoolExecutor
        from core.rendering.renderer import Renderer
        renderer = Renderer()
        pool = ThreadPoolExecutor(1)
        pool.submit(renderer.render, {str(slow)!r})
        while renderer._worker is None:
            pass
        print(renderer._worker._process.pid, flush=True)
        pool.shutdown()
    """
    process = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(program)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    worker = int(process.stdout.readline())
    wait_for(lambda: children_of(worker))
    (child,) = children_of(worker)
    process.kill()
    process.communicate()
    wait_for(lambda: not Path(f"/proc/{worker}").exists())
    wait_for(lambda: not Path(f"/proc/{child}").exists())


def can_leave_network() -> bool:
    """Return whether the system allows a process to have its own network namespace."""
    user = [] if os.geteuid() == 0 else ["--user"]
    return not subprocess.run(
        ["unshare", *user, "--net", "true"], stderr=subprocess.DEVNULL
    ).returncode


@needs_proc
def test_worker_has_no_secrets_and_no_network(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOOKALIKE_TEST_TOKEN", "secret")
    with Renderer() as renderer:
        renderer.render(write(tmp_path, a_obj=TRIANGLE))
        worker = Path(f"/proc/{worker_of(renderer)}")
        assert b"TOKEN" not in (worker / "environ").read_bytes()
        devices = (worker / "net/dev").read_text().splitlines()[2:]
        alone = [line.split(":")[0].strip() for line in devices] == ["lo"]
        own = os.readlink("/proc/self/ns/net") != os.readlink(worker / "ns/net")
        assert (own and alone) == can_leave_network()


@needs_proc
def test_process_of_a_file_has_limits(slow: Path, tmp_path: Path) -> None:
    with Renderer() as renderer, ThreadPoolExecutor(1) as pool:
        renderer.render(write(tmp_path, a_obj=TRIANGLE))
        worker = worker_of(renderer)
        wait_for(lambda: not children_of(worker))
        pool.submit(renderer.render, slow)
        wait_for(lambda: children_of(worker))
        (child,) = children_of(worker)

        def limits() -> dict[str, list[str]]:
            lines = Path(f"/proc/{child}/limits").read_text().splitlines()[1:]
            return {line[:26].strip(): line[26:].split()[:2] for line in lines}

        wait_for(lambda: limits()["Max open files"] == ["64"] * 2)
        assert limits()["Max address space"] == ["4000000000"] * 2
        assert limits()["Max core file size"] == limits()["Max file size"] == ["0", "0"]
        renderer.close()
