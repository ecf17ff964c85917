"""What is compared of a model's picture: shown, and corrected where it was detected wrong."""

import streamlit as st

from components.shared import job_panel, url_state
from core import jobs
from core.catalogue import Catalogue, Choice, Item
from core.descriptors import item_cutouts
from core.errors import LookalikeError
from core.vision import preprocessing

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
            st.caption("This is what is compared. Correct it if the object is not told right.")
        key = f"compared-{item.id}"
        st.session_state[key] = catalogue.masks.choice(item.id)
        st.radio(
            f"What to compare of {url_state.escape_markdown(item.name)}",
            CHOICES,
            key=key,
            format_func=CHOICES.__getitem__,
            label_visibility="collapsed",
            disabled=working,
            on_change=lambda: _choose(catalogue, item, st.session_state[key]),
        )
    if working:
        job_panel.progress(catalogue.name, working)


def _choose(catalogue: Catalogue, item: Item, choice: Choice) -> None:
    """Store the choice, and embed the model again if it changes what is compared."""
    if catalogue.masks.choose(choice, item_ids=[item.id]):
        job_panel.launch_job(catalogue.name, catalogue.title, ["index", catalogue.name])
