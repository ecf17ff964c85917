"""Building the map: where there is none yet, or where it should be computed again."""

import streamlit as st

from components.map.map_data import MapData
from components.shared import job_panel, links, navigation
from core import jobs, search
from core.catalogue import Catalogue
from core.counting import counted


def show_no_map(catalogue: Catalogue) -> None:
    """Say why there is no map, and offer to build it."""
    if not catalogue.items.count():
        st.info(
            "This catalogue is empty. Import models on the Catalogues page.",
            icon=":material/inventory_2:",
        )
        links.row([links.Link("Go to Catalogues", navigation.url("catalogues"), "inventory_2")])
        return
    st.info("This catalogue has no map yet.", icon=":material/scatter_plot:")
    _offer(catalogue, "Build map")


def show_outdated(catalogue: Catalogue, map_: MapData) -> None:
    """Say what the map does not hold, if anything, and offer to build it again."""
    missing = catalogue.items.count() - len(map_.items)
    outdated = not search.is_of_this_version(map_.fingerprint)
    if not (map_.added_later or missing or outdated or jobs.running(catalogue.job_file)):
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        if outdated:
            st.caption("This map was made by another version of Lookalike.")
        if map_.added_later:
            added = counted(map_.added_later, "model was", "models were")
            st.caption(f"{added} added later, next to similar models.")
        if missing > 0:
            st.caption(f"{counted(missing, 'model is', 'models are')} not on the map yet.")
        _offer(catalogue, "Recompute layout", "--rebuild-map")


def _offer(catalogue: Catalogue, label: str, *options: str) -> None:
    """Show a button that builds the map in a job of its own, and the progress of the job."""
    working = jobs.running(catalogue.job_file)
    job_panel.show_launch_error()
    st.button(
        label,
        icon=":material/scatter_plot:",
        disabled=working,
        on_click=job_panel.launch_job,
        args=(catalogue.name, catalogue.title, ["index", catalogue.name, *options]),
    )
    job_panel.progress(catalogue.name, working)
