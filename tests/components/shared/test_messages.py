"""The pages say what to do about errors that core reports as facts."""

import pytest

from components.shared.messages import error_message
from core.catalogue import Catalogue
from core.descriptors import NoLinesError
from core.errors import LookalikeError
from core.jobs import Job
from core.search import NotIndexedError
from core.search.errors import NotIndexedReason


@pytest.mark.parametrize(
    ("reason", "fact"),
    [
        ("never indexed", "The catalogue “A \\*b\\*” has not been indexed yet\\."),
        ("another version", "The catalogue “A \\*b\\*” was indexed by another version"),
    ],
)
def test_a_page_names_the_button_that_indexes_a_catalogue(
    reason: NotIndexedReason, fact: str
) -> None:
    message = error_message(NotIndexedError("a", "A *b*", reason))

    assert message.startswith(fact)
    assert message.endswith("\\. Choose “Update” on the Catalogues page.")
    assert "python" not in message


def test_a_page_says_where_models_are_imported() -> None:
    message = error_message(NotIndexedError("a", "A", "no models"))

    assert message == "The catalogue “A” is empty\\. Import models on the Catalogues page."


def test_a_page_asks_for_patience_while_a_job_runs() -> None:
    catalogue = Catalogue.create("a", title="A")
    error = NotIndexedError("a", "A", "never indexed", message="“Chair” has not been indexed yet.")

    with Job(catalogue.job_file, title="Index"):
        message = error_message(error)

    assert message == "“Chair” has not been indexed yet\\. Wait for the running job to finish."


def test_a_page_names_the_option_for_a_picture_that_is_no_drawing() -> None:
    message = error_message(NoLinesError("The drawing has no lines."))

    assert (
        message
        == "The drawing has no lines\\. Choose “Photo” as the picture type, or another picture."
    )


def test_other_errors_are_shown_as_they_are() -> None:
    assert error_message(LookalikeError("No *such* file.")) == "No \\*such\\* file\\."
