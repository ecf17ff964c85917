"""The command line says what to do about errors that core reports as facts."""

import pytest

from core.cli.messages import error_message
from core.errors import LookalikeError
from core.search import NotIndexedError
from core.search.errors import NotIndexedReason


@pytest.mark.parametrize("reason", ["never indexed", "another version"])
def test_the_command_that_indexes_a_catalogue_is_named(reason: NotIndexedReason) -> None:
    error = NotIndexedError("chairs", "All chairs", reason)

    assert "python" not in str(error) and "Press" not in str(error), "core reports the fact only"
    assert error_message(error) == f"{error} Run: python -m core index chairs"


def test_the_command_that_imports_models_is_named() -> None:
    message = error_message(NotIndexedError("chairs", "All chairs", "no models"))

    assert message == (
        "The catalogue “All chairs” is empty. "
        "Run: python -m core import SOURCE --into chairs --index"
    )


def test_other_errors_are_printed_as_they_are() -> None:
    assert error_message(LookalikeError("There is no such file.")) == "There is no such file."
