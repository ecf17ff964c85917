"""The dialog that imports models, from files on this computer or from Sketchfab."""

import re
from dataclasses import replace

import streamlit as st

from components.shared import job_panel, url_state
from components.shared.session import session
from core import importers
from core.catalogue import check_name, names
from core.catalogue.catalogue import MAX_NAME_LENGTH
from core.errors import LookalikeError
from core.importers import sketchfab
from core.importers.sketchfab import SketchfabQuery

FILES, SKETCHFAB = "Files on this computer", "Sketchfab"
# How many models of Sketchfab are imported by default.
DEFAULT_LIMIT = 200


def button() -> None:
    """Show the button that opens the dialog, and the dialog while it is open.

    A job that ends meanwhile runs the page again, which would close the dialog.
    """
    if st.button("Import models", type="primary", icon=":material/add:"):
        session.import_is_open = True
    if session.import_is_open:
        _show()


def _close() -> None:
    session.import_is_open = False


@st.dialog("Import models", width="medium", on_dismiss=_close)
def _show() -> None:
    """Ask for a source and a catalogue, and start the import."""
    origin = st.segmented_control(
        "From", [FILES, SKETCHFAB], default=FILES, required=True, key="import-from"
    )
    if origin == SKETCHFAB:
        _from_sketchfab()
    else:
        _from_files()


def _from_files() -> None:
    with st.form("import", border=False):
        source = st.text_input(
            "Folder or file",
            placeholder="/home/you/renders, /home/you/models.csv or /home/you/models.zip",
            help="A folder of pictures or 3D files (sub-folders become categories), a table with a "
            "column of picture paths or URLs (CSV, TSV, JSON Lines), a ZIP or TAR archive of "
            "these, or a .sh3f library. It must be on the computer that runs Lookalike.",
        )
        title = _catalogue_input()
        with st.expander("More options"):
            kind = st.selectbox(
                "Type of source",
                ["", *importers.watchable_kinds()],
                format_func=_kind_title,
            )
            viewpoints = st.checkbox(
                "Render 3D files from all viewpoints",
                help="A picture can then match a model from any viewpoint. The import takes two to "
                "three times as long.",
            )
        pressed_import, pressed_preview = _buttons()
    if pressed_import or pressed_preview:
        options = ["--kind", kind] if kind else []
        options += ["--viewpoints"] if viewpoints else []
        _start(source.strip(), title, options, kind, preview=pressed_preview)


def _kind_title(kind: str) -> str:
    """Return how the dialog lists a kind of source; an empty kind is detected."""
    if not kind:
        return "Detect automatically"
    importer = importers.find_importer(kind)
    title = importer.title[:1].upper() + importer.title[1:]
    return f"{title}: {importer.detail}" if importer.detail else title


def _from_sketchfab() -> None:
    with st.form("import-sketchfab", border=False):
        words = st.text_input(
            "Search or URL",
            placeholder="armchair, or https://sketchfab.com/…",
            help="Words to search for, or the URL of a search, creator, collection, category or "
            "model on sketchfab.com.",
        )
        title = _catalogue_input()
        left, right = st.columns(2)
        likes = left.number_input("Minimum likes", 0, 1_000_000, 0)
        limit = right.number_input("Maximum models", 1, 100_000, DEFAULT_LIMIT, step=100)
        with st.expander("More options"):
            user = st.text_input("Creator", placeholder="the user name in the URL of their page")
            collection = st.text_input("Collection", placeholder="its URL or id")
            category = st.text_input("Category", placeholder="furniture-home")
        pressed_import, pressed_preview = _buttons()
    st.caption(
        "Pictures and models belong to their creators: each is shown with its creator, licence and "
        "a link to its page. Public models need no token; for private models of your own, set "
        f"`{sketchfab.TOKEN}` in the environment or in Streamlit’s secrets."
    )
    if pressed_import or pressed_preview:
        try:
            query = _query(words, user, collection, category)
        except LookalikeError as error:
            st.error(url_state.escape_markdown(str(error)), icon=":material/error:")
            return
        query = replace(query, likes=int(likes), limit=int(limit))
        _start(query.location, title, [], "sketchfab", preview=pressed_preview)


def _query(words: str, user: str, collection: str, category: str) -> SketchfabQuery:
    """Return the search that the fields describe; raises `LookalikeError` if they are empty."""
    base = sketchfab.parse(words) if sketchfab.is_location(words) else SketchfabQuery(words=words)
    if sketchfab.is_location(collection):
        collection = sketchfab.parse(collection).collection
    query = replace(
        base,
        user=user.strip() or base.user,
        collection=collection.strip() or base.collection,
        category=category.strip() or base.category,
    )
    return sketchfab.parse(query.location)


def _catalogue_input() -> str:
    return st.text_input(
        "Import into catalogue",
        placeholder="my-models",
        help="A new name creates a catalogue; an existing name adds to that catalogue.",
    ).strip()


def _buttons() -> tuple[bool, bool]:
    """Return whether “Import” and whether “Preview changes” was pressed."""
    with st.container(horizontal=True):
        pressed_import = st.form_submit_button("Import", type="primary")
        pressed_preview = st.form_submit_button(
            "Preview changes",
            help="Counts what is new, changed or missing, and changes nothing.",
        )
    return pressed_import, pressed_preview


def _start(source: str, title: str, options: list[str], kind: str, *, preview: bool) -> None:
    """Start the import, or its preview, and close the dialog; or say what is wrong."""
    if not source or not title:
        st.error("Enter both a source and a catalogue.")
        return
    name = re.sub(r"[^a-z0-9_-]+", "-", title.lower())[:MAX_NAME_LENGTH].strip("-_")
    try:
        check_name(name)
        is_new = name not in names()
        if preview and is_new:
            total = importers.open_source(source, kind=kind or None).total
        else:
            # The job opens the source; here an error can be shown in the dialog.
            importers.check_source(source, kind=kind or None)
    except LookalikeError as error:
        st.error(url_state.escape_markdown(str(error)), icon=":material/error:")
        return
    arguments = ["import", source, "--into", name, "--title", title, "--index", *options]
    if preview and is_new:
        count = f"{total:,} models" if total else "all models"
        st.info(
            f"The catalogue “{url_state.escape_markdown(title)}” does not exist yet: {count} would "
            "be added."
        )
        return
    job_panel.launch_job(name, title, [*arguments, "--dry-run"] if preview else arguments)
    _close()
    st.rerun()
