"""Blender files, with a program in place of Blender that does what its real one does to files."""

import json
import os
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from core import settings
from core.rendering.renderer import Limits, Renderer, RenderError, Rendering, TimedOut
from tests.core.rendering.support import box, exported

BLEND = b"BLENDER-v300" + bytes(200)
# Writes down how it was called, and then does what the test says with the folder and the root.
PROGRAM = """#!{python}
import json, os, sys, time
scratch, root = sys.argv[-2:]
record = {{"arguments": sys.argv[1:], "environment": dict(os.environ), "pid": os.getpid()}}
json.dump(record, open({record!r}, "w"))
def export(files=(), missing=()):
    open(scratch + "/model.glb", "wb").write(open({model!r}, "rb").read())
    json.dump({{"files": files, "missing": missing}}, open(scratch + "/used.json", "w"))
{action}
"""


class FakeBlender:
    """A program named blender, which is found first."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.record = folder / "record.json"
        (folder / "model.glb").write_bytes(exported(box(), "glb"))
        self.acts("export()")

    def acts(self, action: str) -> None:
        """Let it do something, in Python."""
        program = self.folder / "blender"
        names = {"record": str(self.record), "model": str(self.folder / "model.glb")}
        program.write_text(PROGRAM.format(python=sys.executable, action=action, **names))
        program.chmod(program.stat().st_mode | stat.S_IXUSR)

    def called(self) -> dict[str, object]:
        """Return how it was called."""
        result: dict[str, object] = json.loads(self.record.read_text())
        return result


@pytest.fixture
def blender(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> FakeBlender:
    folder = tmp_path_factory.mktemp("bin")
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("TMPDIR", str(tmp_path_factory.mktemp("scratch")))
    monkeypatch.setattr(tempfile, "tempdir", None)
    return FakeBlender(folder)


@pytest.fixture
def renderer(blender: FakeBlender) -> Iterator[Renderer]:
    with Renderer(limits=Limits(seconds=20)) as one:
        yield one


def render(renderer: Renderer, folder: Path, data: bytes = BLEND) -> Rendering:
    path = folder / "-chair.blend"
    path.write_bytes(data)
    return renderer.render(path, root=folder)


@pytest.mark.parametrize("data", [BLEND, b"\x28\xb5\x2f\xfd" + bytes(50), b"\x1f\x8b" + bytes(50)])
def test_what_blender_exports_is_shown(
    renderer: Renderer, blender: FakeBlender, tmp_path: Path, data: bytes
) -> None:
    found = render(renderer, tmp_path, data)

    plain = tmp_path / "box.glb"
    plain.write_bytes((blender.folder / "model.glb").read_bytes())
    assert found.picture == renderer.render(plain).picture
    assert found.model and found.up == "y" and found.up_basis == "format"
    assert list(found.files) == ["-chair.blend"] and not found.unreadable
    assert os.listdir(os.environ["TMPDIR"]) == [], "nothing is left behind"


def test_blender_runs_without_the_users_settings_and_the_files_scripts(
    renderer: Renderer, blender: FakeBlender, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", os.environ.get("PYTHONPATH", ""))
    render(renderer, tmp_path)

    called = blender.called()
    arguments, environment = called["arguments"], called["environment"]
    assert isinstance(arguments, list) and isinstance(environment, dict)
    before_file = arguments[: arguments.index(str(tmp_path / "-chair.blend"))]
    assert {"--background", "--factory-startup", "--disable-autoexec"} <= set(before_file)
    assert environment["HOME"] == environment["BLENDER_USER_RESOURCES"] == arguments[-2]
    assert "PYTHONPATH" not in environment


def test_textures_are_those_inside_the_folder(
    renderer: Renderer, blender: FakeBlender, tmp_path: Path
) -> None:
    folder = tmp_path / "models"
    folder.mkdir()
    (folder / "wood.png").write_bytes(b"inside")
    (tmp_path / "secret.png").write_bytes(b"outside")
    blender.acts(
        f"export([root + '/wood.png', {str(tmp_path / 'secret.png')!r}, '/etc/hostname'],"
        " ['marble.png'])"
    )

    found = render(renderer, folder)

    assert set(found.files) == {"-chair.blend", "wood.png", "marble.png"}
    assert found.files["wood.png"] and not found.files["marble.png"]
    assert found.unreadable == ["marble.png"]


@pytest.mark.parametrize(
    "action",
    ["sys.exit(1)", "export(); os.remove(scratch + '/model.glb')", "os.kill(os.getpid(), 11)"],
)
def test_a_file_that_blender_cannot_export_is_said(
    renderer: Renderer, blender: FakeBlender, tmp_path: Path, action: str
) -> None:
    blender.acts(action)
    with pytest.raises(RenderError, match="Blender cannot export the file"):
        render(renderer, tmp_path)
    assert os.listdir(os.environ["TMPDIR"]) == []


def test_a_blender_without_its_exporter_is_said(
    renderer: Renderer, blender: FakeBlender, tmp_path: Path
) -> None:
    blender.acts("json.dump({'lacks_numpy': True}, open(scratch + '/used.json', 'w'))")
    with pytest.raises(RenderError, match="needs NumPy"):
        render(renderer, tmp_path)


def test_without_blender_it_is_said(
    renderer: Renderer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(RenderError, match="Blender files need Blender"):
        render(renderer, tmp_path)


def test_blender_ends_with_the_time_of_the_file(blender: FakeBlender, tmp_path: Path) -> None:
    blender.acts("time.sleep(600)")
    with Renderer(limits=Limits(seconds=3)) as renderer, pytest.raises(TimedOut):
        render(renderer, tmp_path)

    process = Path("/proc", str(blender.called()["pid"]))
    for _ in range(100):
        if not process.exists() or "Z (zombie)" in (process / "status").read_text():
            break
        time.sleep(0.05)
    else:
        pytest.fail("Blender still runs")
    assert os.listdir(os.environ["TMPDIR"]) == []


def test_its_files_are_listed_without_blender_and_imported_with_it(blender: FakeBlender) -> None:
    # What can be read is found out when the program starts.
    code = """
import json
from core.importers.file_kinds import kind_of
from core.importers.model_files import SUFFIXES
files = {
    "a.blend": b"BLENDER-v300", "b.blend": bytes.fromhex("28b52ffd"), "c": b"BLENDER-v300",
    "d.blend1": b"BLENDER-v300", "e.blend": b"text",
}
kinds = [kind_of(name, data) for name, data in files.items()]
print(json.dumps([".blend" in SUFFIXES, [[kind.name, kind.advice] for kind in kinds]]))
"""

    def found(path: str) -> tuple[bool, list[list[str]]]:
        environment = {"PATH": path}
        output = subprocess.check_output(
            [sys.executable, "-c", code], cwd=settings.PROJECT, env=environment
        )
        is_read, kinds = json.loads(output)
        return is_read, kinds

    is_read, kinds = found("")
    assert not is_read
    file, backup = "Blender file", "Blender backup"
    assert [name for name, _ in kinds] == [file, file, file, backup, file]
    assert all("install Blender" in kinds[place][1] for place in (0, 1, 2, 4))

    is_read, kinds = found(str(blender.folder))
    assert is_read
    model = "3D file"
    assert [name for name, _ in kinds] == [model, model, file, backup, model]
    assert kinds[2][1] == kinds[3][1] == "end its name in .blend"
