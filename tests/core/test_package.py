"""What importing the package does before anything else."""

import os
import subprocess
import sys

import pytest

from core.settings import PROJECT

# What `python -m streamlit run app.py` has imported when app.py begins.
PROGRAM = """
import streamlit.web.bootstrap, streamlit, sys
was_loaded = "numpy" in sys.modules
import core, os
print(was_loaded, os.environ["OPENBLAS_THREAD_TIMEOUT"])
"""


@pytest.mark.parametrize(("given", "used"), [(None, "4"), ("20", "20")])
def test_threads_of_openblas_do_not_spin_unless_somebody_wants_it(
    given: str | None, used: str
) -> None:
    environment = {k: v for k, v in os.environ.items() if k != "OPENBLAS_THREAD_TIMEOUT"}
    if given is not None:
        environment["OPENBLAS_THREAD_TIMEOUT"] = given

    printed = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        cwd=PROJECT,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    ).stdout

    assert printed.split() == ["False", used]
