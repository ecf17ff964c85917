"""Running jobs in the bar: shown while they run, and announced when they end."""

from streamlit.testing.v1 import AppTest

from core.catalogue import Catalogue
from core.errors import LookalikeError
from core.jobs import Job, Stage

WIDGET = "bidi_component"


def bar() -> None:
    from components.shared import running_jobs

    running_jobs.show("./catalogues")


def page_order() -> None:
    import streamlit as st

    from components.shared import running_jobs
    from core.catalogue import names

    running_jobs.show("./catalogues")
    st.text(" ".join(running_jobs.in_order(names())))


def job(name: str) -> Job:
    return Job(Catalogue.create(name).job_file, title=f"Import into {name}")


def test_nothing_is_shown_and_nothing_asks_again_while_no_job_runs() -> None:
    Catalogue.create("mine")

    app = AppTest.from_function(bar).run()

    assert not app.exception
    assert not app.get(WIDGET)
    assert not app.toast


def test_a_running_job_is_shown_with_its_share() -> None:
    with job("mine") as running, job("other"):
        running.stage(Stage.IMPORTING, 10)
        running.advance(4)
        # What is not written yet because too little time has passed.
        running.stage(Stage.EMBEDDING, 4)

        app = AppTest.from_function(bar).run()

        assert not app.exception
        [widget] = app.get(WIDGET)
        data = widget.proto.json
        assert '"label": "Import into mine and 1 more"' in data
        assert '"share": 0.0' in data
        assert '"detail": "Embedding pictures' in data
        assert '"href": "./catalogues"' in data


def test_a_share_that_is_unknown_is_none() -> None:
    with job("mine"):
        [widget] = AppTest.from_function(bar).run().get(WIDGET)
        assert '"share": null' in widget.proto.json


def test_a_job_that_was_seen_is_announced_once_when_it_ends() -> None:
    with job("mine") as running:
        app = AppTest.from_function(bar).run()
        running.message("3 added.")
    app.run()
    assert not app.get(WIDGET)
    [toast] = app.toast
    assert toast.value.replace("\\", "") == "“mine” is ready. 3 added."
    app.run()
    assert not app.toast


def test_a_job_that_failed_is_announced_with_its_reason() -> None:
    try:
        with job("mine"):
            app = AppTest.from_function(bar).run()
            raise LookalikeError("The disk is full.")
    except LookalikeError:
        app.run()
    [toast] = app.toast
    assert toast.value.replace("\\", "") == "The job on “mine” did not finish. The disk is full."


def test_a_job_of_a_catalogue_that_was_removed_is_not_announced() -> None:
    with job("mine"):
        app = AppTest.from_function(bar).run()
    Catalogue.remove("mine")
    app.run()
    assert not app.exception
    assert not app.toast


def test_catalogues_with_jobs_come_first_and_stay_there() -> None:
    for name in ("a", "b", "c"):
        Catalogue.create(name)
    with job("c"):
        app = AppTest.from_function(page_order).run()
        assert app.text[0].value == "c a b"
    app.run()
    assert app.text[0].value == "c a b"
    assert AppTest.from_function(page_order).run().text[0].value == "a b c"
