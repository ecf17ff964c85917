"""Shows which axis of models' 3D files is up, and lets a person correct it."""

import streamlit as st

from components.shared import job_panel, url_state
from core import jobs
from core.catalogue import Catalogue, Item
from core.counting import counted
from core.viewpoints import UpChoice

LABEL = "Which way is up"
CHOICES: dict[UpChoice, str] = {
    "auto": "Detect automatically",
    "y": "Y is up",
    "z": "Z is up",
}


def show(catalogue: Catalogue, item: Item) -> None:
    """Say which axis of a model's 3D file is up, and let a person correct that."""
    if not item.up:
        return
    chosen = catalogue.up_choices.of(item.id)
    guessed = ", guessed" if item.up_basis == "shape" and chosen == "auto" else ""
    with st.popover(f"Up: {item.up.upper()}{guessed}", icon=":material/arrow_upward:"):
        st.caption(
            "This axis of the 3D file points up. Change it if the model lies or hangs; it is then "
            "rendered again."
        )
        _choice(catalogue, item.name, chosen, item=item)


def is_offered(catalogue: Catalogue) -> bool:
    """Return whether there are models of 3D files whose format does not say which way is up."""
    return bool(catalogue.up_choices.count())


def show_catalogue(catalogue: Catalogue) -> None:
    """Say in how many models which axis is up, and let a person choose for all of them."""
    listed = " and ".join(
        f"{axis.upper()} is up in {counted(count, 'model')}"
        for axis, count in catalogue.up_choices.count().items()
    )
    st.caption(
        f"Currently {listed}. STL and PLY files do not say it: it is guessed from their shape. "
        "Your choice applies to all models without a choice of their own, except those whose "
        "format says it, such as GLB; only models that change are rendered again."
    )
    choices = catalogue.up_choices.of_sources()
    chosen = choices.pop() if len(choices) == 1 else None
    _choice(catalogue, catalogue.title, chosen, item=None)


def _choice(catalogue: Catalogue, name: str, chosen: UpChoice | None, *, item: Item | None) -> None:
    """Show the choice for a model, or for the catalogue."""
    key = f"up-choice-{catalogue.name}-{item.id if item else ''}"
    st.session_state[key] = chosen
    st.radio(
        f"Which way is up in {url_state.escape_markdown(name)}",
        CHOICES,
        index=None,
        key=key,
        format_func=CHOICES.__getitem__,
        label_visibility="collapsed",
        disabled=jobs.running(catalogue.job_file),
        on_change=lambda: _choose(catalogue, item, st.session_state[key]),
    )


def _choose(catalogue: Catalogue, item: Item | None, choice: UpChoice) -> None:
    """Import again what a choice concerns, which renders what it turns."""
    of = [] if item is None else [f"--model={item.source_id}"]
    arguments = ["update", catalogue.name, f"--up={choice}", *of]
    job_panel.launch_job(catalogue.name, catalogue.title, arguments)
