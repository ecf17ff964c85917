"""The dialog that brings models in: from files of this machine, or from Sketchfab."""

import re
from dataclasses import replace

import streamlit as st

from components.shared import job_panel, url_state
from core.catalogue import check_name, names
from core.catalogue.catalogue import MAX_NAME_LENGTH
from core.errors import LookalikeError
from core.importers import open_source
from core.importers.registry import KINDS
from core.importers.sketchfab import api, location
from core.importers.sketchfab.location import SketchfabQuery

FILES, SKETCHFAB = "Files of this machine", "Sketchfab"
# Kinds that are chosen by other ways than their name.
FILE_KINDS = [kind for kind in KINDS if kind not in ("sketchfab", "fluent", "furniture")]
# Models of Sketchfab that are fetched unless more are asked for.
FIRST = 200

_OPEN = "import-is-open"


def button() -> None:
    """The button that opens the dialog, and the dialog as long as it is open.

    Work that ends meanwhile runs the page anew, which would close it.
    """
    if st.button("Import models", type="primary", icon=":material/add:"):
        st.session_state[_OPEN] = True
    if st.session_state.get(_OPEN):
        _show()


def _close() -> None:
    st.session_state[_OPEN] = False


@st.dialog("Import models", width="medium", on_dismiss=_close)
def _show() -> None:
    """Ask where from and into which catalogue, and begin."""
    way = st.segmented_control(
        "From", [FILES, SKETCHFAB], default=FILES, required=True, key="import-from"
    )
    if way == SKETCHFAB:
        _from_sketchfab()
    else:
        _from_files()


def _from_files() -> None:
    with st.form("import", border=False):
        source = st.text_input(
            "Folder or file",
            placeholder="/home/you/renders, /home/you/models.csv or /home/you/models.zip",
            help="On the machine that runs Lookalike: a folder of pictures or of 3D files "
            "(sub-folders become categories), a table with a column of picture paths or "
            "addresses (CSV, TSV, JSON Lines), a ZIP or TAR of these, or a .sh3f library.",
        )
        into = _into()
        with st.expander("More"):
            kind = st.selectbox(
                "Kind",
                ["", *FILE_KINDS],
                format_func=lambda kind: KINDS[kind] if kind else "Found out",
            )
            viewpoints = st.checkbox(
                "3D files: render them from the other sides too",
                help="Then a picture finds a model from any side. It takes two to three times as "
                "long.",
            )
        begun, compared = _buttons()
    if begun or compared:
        more = ["--kind", kind] if kind else []
        _start(source.strip(), into, [*more, *(["--sides"] if viewpoints else [])], compared, kind)


def _from_sketchfab() -> None:
    with st.form("import-sketchfab", border=False):
        words = st.text_input(
            "What to look for",
            placeholder="armchair, or https://sketchfab.com/…",
            help="Words, or the address of a search, a creator, a collection, a category or a "
            "model on sketchfab.com.",
        )
        into = _into()
        least, most = st.columns(2)
        likes = least.number_input("Likes, at least", 0, 1_000_000, 0)
        limit = most.number_input("Models, at most", 1, 100_000, FIRST, step=100)
        with st.expander("More"):
            user = st.text_input("Creator", placeholder="the name in the address of their page")
            collection = st.text_input("Collection", placeholder="its address, or its id")
            category = st.text_input("Category", placeholder="furniture-home")
        begun, compared = _buttons()
    st.caption(
        "The pictures and models stay their creators’: each is shown with its creator, licence and "
        "a link to its page. Public models need no token; for one of your own set "
        f"`{api.TOKEN}` in the environment or in Streamlit’s secrets."
    )
    if begun or compared:
        try:
            wanted = _wanted(words, user, collection, category)
        except LookalikeError as error:
            st.error(url_state.escape_markdown(str(error)), icon=":material/error:")
            return
        wanted = replace(wanted, likes=int(likes), limit=int(limit))
        _start(wanted.location, into, [], compared, "sketchfab")


def _wanted(words: str, user: str, collection: str, category: str) -> SketchfabQuery:
    """Return what the fields ask for together; raises `LookalikeError` where that is nothing."""
    said = location.parse(words) if location.is_location(words) else SketchfabQuery(words=words)
    if location.is_location(collection):
        collection = location.parse(collection).collection
    wanted = replace(
        said,
        user=user.strip() or said.user,
        collection=collection.strip() or said.collection,
        category=category.strip() or said.category,
    )
    return location.parse(wanted.location)


def _into() -> str:
    return st.text_input(
        "Into the catalogue",
        placeholder="my-models",
        help="A new name makes a new catalogue; an old one is added to.",
    ).strip()


def _buttons() -> tuple[bool, bool]:
    with st.container(horizontal=True):
        begun = st.form_submit_button("Import", type="primary")
        compared = st.form_submit_button(
            "Only compare",
            help="Counts what would be added, changed or gone in a catalogue that is there, and "
            "changes nothing.",
        )
    return begun, compared


def _start(source: str, given: str, more: list[str], compared: bool, kind: str) -> None:
    if not source or not given:
        st.error("Name both what to import, and the catalogue it goes into.")
        return
    name = re.sub(r"[^a-z0-9_-]+", "-", given.lower())[:MAX_NAME_LENGTH].strip("-_")
    try:
        check_name(name)
        # Opened here only to say at once what is wrong with it.
        opened = open_source(source, kind=kind or None)
    except LookalikeError as error:
        st.error(url_state.escape_markdown(str(error)), icon=":material/error:")
        return
    arguments = ["import", source, "--into", name, "--title", given, "--index", *more]
    if compared and name not in names():
        count = f"{opened.total:,}" if opened.total else "all it has"
        st.info(
            f"There is no catalogue “{url_state.escape_markdown(given)}” yet: {count} would be added."
        )
        return
    job_panel.launch_job(name, given, [*arguments, "--dry-run"] if compared else arguments)
    _close()
    st.rerun()
