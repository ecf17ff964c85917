"""The dialog that imports models: uploaded, from files on this computer, or from Sketchfab."""

from dataclasses import replace
from pathlib import Path

import streamlit as st

from components.catalogues import dialogs, import_target, sample_view, upload_form
from components.shared import messages
from components.shared.session import session
from core import importers
from core.errors import LookalikeError
from core.importers import Take, sketchfab
from core.importers.sample import take_sample
from core.importers.sketchfab import SketchfabQuery

UPLOAD, FILES, SKETCHFAB = "Upload", "Files on this computer", "Sketchfab"
# Where the title of the catalogue comes from if none is entered.
AS_SOURCE = "The name of the source"
# How many models of Sketchfab are imported by default.
DEFAULT_LIMIT = 200


def button() -> None:
    """Show the button that opens the dialog, and the dialog while it is open.

    A job that ends meanwhile runs the page again, which would close the dialog.
    """
    if st.button("Import models", type="primary", icon=":material/add:"):
        # There can be one dialog: that of a catalogue is open still if an error has ended its run.
        dialogs.close()
        session.import_is_open = True
    if session.import_is_open:
        _show()


def _close() -> None:
    upload_form.discard()
    session.import_is_open = False


def _finish() -> None:
    """Close the dialog, and run the page again, which now has a job."""
    _close()
    st.rerun()


@st.dialog("Import models", width="medium", on_dismiss=_close)
def _show() -> None:
    """Ask for a source and a catalogue, and start the import."""
    origin = st.segmented_control(
        "From", [UPLOAD, FILES, SKETCHFAB], default=UPLOAD, required=True, key="import-from"
    )
    if origin == SKETCHFAB:
        _from_sketchfab()
    elif origin == FILES:
        _from_files()
    else:
        upload_form.show(on_start=_finish)


def _from_files() -> None:
    with st.form("import", border=False):
        source = st.text_input(
            "Folder or file",
            placeholder="/home/you/renders, /home/you/models.csv or /home/you/models.zip",
            help=f"Give {importers.list_sources(local=True)}. Sub-folders become categories. It "
            "must be on the computer that runs Lookalike.",
        )
        title = import_target.title_input(key="files-into", placeholder=AS_SOURCE)
        with st.expander("More options"):
            kind = st.selectbox(
                "Type of source",
                ["", *importers.watchable_kinds()],
                format_func=_kind_title,
            )
            take = import_target.take_input(key="files-take")
            encoding = import_target.encoding_input(key="files-encoding")
            viewpoints = import_target.viewpoints_input(key="files-viewpoints")
            up = import_target.up_input(key="files-up")
        pressed_import, pressed_preview = _buttons()
    source = source.strip()
    if pressed_import or pressed_preview:
        options = ["--kind", kind] if kind else []
        options += ["--viewpoints"] if viewpoints else []
        options += ["--take", take] if take != "models" else []
        options += ["--up", up] if up != "auto" else []
        options += ["--encoding", encoding] if encoding else []
        title = title or import_target.suggest(Path(source).stem)
        _answer(
            source,
            title,
            options,
            kind,
            take=take if take != "models" else None,
            encoding=encoding,
            preview=pressed_preview,
        )


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
        title = import_target.title_input(key="sketchfab-into", placeholder=AS_SOURCE)
        left, right = st.columns(2)
        likes = left.number_input("Minimum likes", 0, 1_000_000, 0)
        limit = right.number_input("Maximum models", 1, 100_000, DEFAULT_LIMIT, step=100)
        with st.expander("More options"):
            user = st.text_input("Creator", placeholder="the user name in the URL of the profile")
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
            messages.show_error(str(error))
            return
        query = replace(query, likes=int(likes), limit=int(limit))
        title = title or import_target.suggest(query.words or query.user or "Sketchfab")
        _answer(query.location, title, [], "sketchfab", preview=pressed_preview)


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


def _buttons() -> tuple[bool, bool]:
    """Return whether “Import” and whether “Preview models” was pressed."""
    with st.container(horizontal=True):
        pressed_import = st.form_submit_button("Import", type="primary")
        pressed_preview = st.form_submit_button(
            "Preview models",
            help="Shows the first models and how many there are, without importing them.",
        )
    return pressed_import, pressed_preview


def _answer(
    source: str,
    title: str,
    options: list[str],
    kind: str,
    *,
    preview: bool,
    take: Take | None = None,
    encoding: str = "",
) -> None:
    """Start the import of a source or show its first models; or say what is wrong."""
    if not source:
        st.error("Enter a folder or a file.")
        return
    try:
        if preview:
            with st.spinner("Reading the source…"):
                sample = take_sample(source, kind=kind or None, take=take, encoding=encoding)
        else:
            # The job, another process, opens it again; here an error can be shown in the dialog.
            importers.open_source(
                source, kind=kind or None, take=take, encoding=encoding, quick=True
            )
    except LookalikeError as error:
        messages.show_error(str(error))
        return
    if preview:
        sample_view.show(sample)
    else:
        import_target.start(source, title, options, on_start=_finish)
