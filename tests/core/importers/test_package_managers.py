"""Running the programs that download packages."""

import sys
from pathlib import Path

import pytest

from core.importers import package_managers
from core.importers.package_managers import FetchError, run


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def test_a_program_runs_in_the_folder(tmp_path: Path) -> None:
    run(python("open('here', 'w')"), folder=tmp_path)
    assert (tmp_path / "here").exists()


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("sys.exit('npm warn old\\nnpm error code E404\\nnpm error 404')", "npm error code E404"),
        ("sys.exit('W: slow\\nE: Unable to locate package x')", "E: Unable to locate package x"),
        ("sys.exit(7)", "ended with status 7"),
    ],
)
def test_a_program_that_fails_gives_its_first_error(tmp_path: Path, code: str, reason: str) -> None:
    with pytest.raises(FetchError) as error:
        run(python(f"import sys; {code}"), folder=tmp_path)
    assert str(error.value) == reason


def test_a_program_that_is_not_there_or_hangs_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(FetchError, match="No such file"):
        run(["no-such-program"], folder=tmp_path)
    monkeypatch.setattr(package_managers, "TIMEOUT", 0.1)
    with pytest.raises(FetchError, match="took longer than"):
        run(python("import time; time.sleep(60)"), folder=tmp_path)
