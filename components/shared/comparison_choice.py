"""Shows what is compared of models' pictures, and lets a person correct it."""

import streamlit as st

from components.shared import job_panel, url_state
from core import jobs
from core.catalogue import Catalogue, Choice, Item
from core.counting import counted
from core.descriptors import item_cutouts
from core.errors import LookalikeError
from core.vision import preprocessing

LABEL = "What is compared"
CHOICES: dict[Choice, str] = {
    "auto": "Detect automatically",
    "object": "The object",
    "whole": "The whole picture",
}


def show(catalogue: Catalogue, item: Item) -> None:
    """Say whether the object or the whole picture is compared, and let a person correct that."""
    working = jobs.running(catalogue.job_file)
    if catalogue.masks.get(item) is None:
        return
    try:
        cut = item_cutouts.of_item(catalogue, item)
    except LookalikeError:
        return  # the page says already that the picture cannot be shown
    what = "the whole picture" if cut.basis == "whole" else "the object"
    with st.popover(f"Compared: {what}", icon=":material/background_replace:"):
        with st.container(horizontal=True, vertical_alignment="center"):
            pixels = preprocessing.crop_object(cut).pixels
            st.image(pixels, width=96, alt=f"What is compared of {item.name}")
            st.caption("This is what is compared. Change it if the wrong object was detected.")
        _choice(catalogue, item.name, catalogue.masks.choice(item.id), item=item, working=working)
    if working:
        job_panel.progress(catalogue.name, working)


def is_offered(catalogue: Catalogue) -> bool:
    """Return whether it is known of any model what is compared, and can be corrected."""
    return bool(catalogue.masks.count())


def show_catalogue(catalogue: Catalogue, *, working: bool) -> None:
    """Say of how many models the object is compared, and let a person choose for all of them."""
    counts = catalogue.masks.count()
    whole = counts.get("whole", 0)
    objects = sum(counts.values()) - whole
    st.caption(
        f"Currently the object alone is compared in {counted(objects, 'picture')}, and the "
        f"whole picture in {whole:,}. Your choice applies to all models without a choice of "
        "their own; only pictures that change are embedded again."
    )
    chosen = catalogue.masks.catalogue_choice()
    _choice(catalogue, catalogue.title, chosen, item=None, working=working)


def _choice(
    catalogue: Catalogue, name: str, chosen: Choice, *, item: Item | None, working: bool
) -> None:
    """Show the choice for a model, or for the catalogue."""
    key = f"choice-{catalogue.name}-{item.id if item else ''}"
    st.session_state[key] = chosen
    st.radio(
        f"What to compare for {url_state.escape_markdown(name)}",
        CHOICES,
        key=key,
        format_func=CHOICES.__getitem__,
        label_visibility="collapsed",
        disabled=working,
        on_change=lambda: _choose(catalogue, item, st.session_state[key]),
    )


def _choose(catalogue: Catalogue, item: Item | None, choice: Choice) -> None:
    """Store a choice, and embed again the models for which it changes what is compared."""
    if catalogue.masks.choose(choice, item_ids=None if item is None else [item.id]):
        job_panel.launch_job(catalogue.name, catalogue.title, ["index", catalogue.name])
