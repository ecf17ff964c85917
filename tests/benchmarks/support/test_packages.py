"""Files of packages: verified, read once, and clear words where they cannot be had."""

import hashlib
import io
import os
import shutil
import subprocess
import tarfile
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from benchmarks.support.packages import Package, PackageKind, wheel_options
from core import settings
from core.errors import LookalikeError

FILES = {"usr/share/cat.jpg": b"a cat", "usr/share/dog.jpg": b"a dog"}


@pytest.fixture(autouse=True)
def empty_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Use an empty cache."""
    monkeypatch.setenv("LOOKALIKE_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def offline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Hide every program and index that could download something."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_FIND_LINKS", "")


def tar(files: Mapping[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w:gz") as archive:
        for path, contents in files.items():
            member = tarfile.TarInfo(path)
            member.size = len(contents)
            archive.addfile(member, io.BytesIO(contents))
    return stream.getvalue()


def wheel(files: Mapping[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for path, contents in files.items():
            archive.writestr(path, contents)
    return stream.getvalue()


def debian(files: Mapping[str, bytes], folder: Path) -> bytes:
    root = folder / "root"
    for path, contents in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(contents)
    (root / "usr/share/link.jpg").symlink_to("cat.jpg")
    (root / "DEBIAN").mkdir()
    (root / "DEBIAN/control").write_text(
        "Package: things\nVersion: 1:2\nArchitecture: all\nMaintainer: me\nDescription: things\n"
    )
    subprocess.run(
        ["dpkg-deb", "--build", str(root), str(folder / "things.deb")],
        check=True,
        capture_output=True,
    )
    return (folder / "things.deb").read_bytes()


def package(kind: PackageKind, archive: bytes, *, in_cache: bool = True) -> Package:
    """Return a package; its archive is in the cache, as if it had been downloaded."""
    made = Package(
        kind=kind,
        name="things",
        version="1:2" if kind == "debian" else "2",
        sha256=hashlib.sha256(archive).hexdigest(),
        wheel="things-2-py3-none-any.whl" if kind == "pypi" else "",
    )
    if in_cache:
        (settings.cache_folder("archives") / made.file_name).write_bytes(archive)
    return made


@pytest.mark.parametrize("kind", ["debian", "npm", "pypi"])
def test_files_are_read_and_kept(kind: PackageKind, tmp_path: Path) -> None:
    if kind == "debian":
        if shutil.which("dpkg-deb") is None:
            pytest.skip("this machine has no dpkg-deb")
        archive = debian(FILES, tmp_path)
    else:
        archive = wheel(FILES) if kind == "pypi" else tar(FILES)
    things = package(kind, archive)

    assert dict(things.files(lambda path: "cat" in path)) == {"usr/share/cat.jpg": b"a cat"}
    assert things.read(FILES) == FILES
    (settings.cache_folder("archives") / things.file_name).unlink()
    assert things.read(["usr/share/dog.jpg"]) == {"usr/share/dog.jpg": b"a dog"}


def test_a_file_that_the_package_lacks_is_named() -> None:
    with pytest.raises(LookalikeError, match=r"py3-none-any\.whl has no file “pig\.jpg”"):
        package("pypi", wheel(FILES)).read(["pig.jpg"])


def test_links_are_no_files() -> None:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w:gz") as archive:
        link = tarfile.TarInfo("pig.jpg")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)
    with pytest.raises(LookalikeError, match=r"no file “pig\.jpg”"):
        package("npm", stream.getvalue()).read(["pig.jpg"])


@pytest.mark.usefixtures("offline")
def test_a_machine_without_apt_is_told_what_to_do() -> None:
    things = package("debian", b"an archive", in_cache=False)
    with pytest.raises(LookalikeError) as error:
        things.read(["cat.jpg"])
    folder = settings.cache_folder("archives")
    assert "The Debian package things 1:2 could not be downloaded" in str(error.value)
    assert "this machine has no apt" in str(error.value)
    assert f'copy things_1%3a2_all.deb from elsewhere into the folder "{folder}"' in str(
        error.value
    )
    assert os.listdir(folder) == []


@pytest.mark.usefixtures("offline")
def test_a_damaged_archive_is_not_used() -> None:
    things = package("pypi", wheel(FILES))
    path = settings.cache_folder("archives") / things.file_name
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(LookalikeError, match="The Python package things 2 could not be"):
        things.read(FILES)


def test_a_wheel_for_one_kind_of_machine_is_downloaded_on_any() -> None:
    assert wheel_options("things-2-py3-none-any.whl") == []
    assert wheel_options("things-2-cp311-cp311-manylinux_2_27_x86_64.manylinux1_x86_64.whl") == [
        "--implementation=cp",
        "--python-version=3.11",
        "--abi=cp311",
        "--platform=manylinux_2_27_x86_64",
        "--platform=manylinux1_x86_64",
    ]
