"""The part of the import dialog that takes files from the browser."""

from collections.abc import Callable, Sequence

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.uploaded_file_manager import UploadedFile as BrowserFile

from components.catalogues import import_target, sample_view
from components.shared import messages, url_state
from components.shared.session import session
from components.widgets.folder_drop import folder_drop
from core import importers
from core.errors import LookalikeError
from core.importers import Take, uploads
from core.importers.sample import take_sample
from core.importers.uploads import MAX_FILE_MB, MAX_FILES, MAX_MB, StagedUpload, UploadedFile

UPLOADED_FILES, UPLOADED_FOLDER = "Files or an archive", "A folder"
LIMITS = (
    f"Up to {MAX_FILE_MB} MB a file, {MAX_MB} MB and {MAX_FILES:,} files in all. For more, use "
    "“Files on this computer”."
)


def show(*, on_start: Callable[[], None]) -> None:
    """Take files, show what is recognised in them, and start the import."""
    what = st.segmented_control(
        "What to upload",
        [UPLOADED_FILES, UPLOADED_FOLDER],
        default=UPLOADED_FILES,
        required=True,
        key="upload-what",
        label_visibility="collapsed",
    )
    is_folder = what == UPLOADED_FOLDER
    files = st.file_uploader(
        "Drop or choose a folder; its sub-folders become categories"
        if is_folder
        else "Drop or choose pictures, 3D files, a table with its pictures, "
        + importers.list_sources(whole_files=True),
        accept_multiple_files="directory" if is_folder else True,
        max_upload_size=MAX_FILE_MB,
        key=_key(),
    )
    folder_drop(key="folder-drop", max_files=MAX_FILES)
    st.caption(LIMITS)
    staged = _stage(files)
    sample = session.source_sample
    take = _chosen_take()
    if sample is not None and (sample.is_mixed or take):
        import_target.take_input(key=_take_key(), on_change=_sample_again)
    encoding = _chosen_encoding()
    if sample is not None and sample.columns and (sample.columns.code_page or encoding):
        import_target.encoding_input(key=_encoding_key(), on_change=_sample_again)
    if staged is not None and sample is not None:
        sample_view.show(sample, left_out=staged.upload.skipped)
    suggested = import_target.suggest(staged.upload.title if staged else "")
    title = import_target.title_input(
        key=f"upload-into-{session.upload_number}",
        placeholder=suggested,
    )
    st.caption(url_state.escape_markdown(import_target.describe(title or suggested)))
    has_3d_files = sample is not None and any(one.format for one in sample.items)
    viewpoints = has_3d_files and import_target.viewpoints_input(key="upload-viewpoints")
    up = import_target.up_input(key="upload-up") if has_3d_files else "auto"
    pressed = st.button("Import", type="primary", key="upload-import", disabled=staged is None)
    if pressed and staged is not None:
        import_target.start_upload(
            staged,
            title or suggested,
            [
                *(["--viewpoints"] if viewpoints else []),
                *(["--take", take] if take else []),
                *(["--up", up] if up != "auto" else []),
                *(["--encoding", encoding] if encoding else []),
            ],
            on_start=on_start,
        )


def discard() -> None:
    """Free what was uploaded: in the memory of the server, and in the temporary folder."""
    # First: a click that follows at once ends this run wherever it is, and must find an uploader
    # without files. The next run then frees what is left.
    session.upload_number += 1
    context = get_script_run_ctx()
    if context is not None:
        # There is no other uploader in the app.
        context.uploaded_file_mgr.remove_session_files(context.session_id)
    _unstage()


def _key() -> str:
    """Return the key of the uploader."""
    return f"upload-{session.upload_number}"


def _take_key() -> str:
    return f"upload-take-{session.upload_number}"


def _chosen_take() -> Take | None:
    """Return what a person chose to take of the files; None for the usual."""
    take = st.session_state.get(_take_key(), "models")
    return None if take == "models" else take


def _encoding_key() -> str:
    return f"upload-encoding-{session.upload_number}"


def _chosen_encoding() -> str:
    """Return the encoding that a person chose for a table; empty if it is guessed."""
    return str(st.session_state.get(_encoding_key(), ""))


def _sample_again() -> None:
    """Sample the same files with what is now chosen."""
    if session.staged_upload is not None:
        _sample(session.staged_upload)


def _stage(files: Sequence[BrowserFile]) -> StagedUpload | None:
    """Return the files in a temporary folder, or None and say why if they cannot be imported."""
    ids = tuple(sorted(file.file_id for file in files))
    if session.staged_files == ids:
        if session.upload_error:
            messages.show_error(session.upload_error)
        return session.staged_upload
    _unstage()
    if ids:
        with st.spinner("Reading the files…"):
            _read(files)
    # Last: a run that is interrupted before leaves it to the next one.
    session.staged_files = ids
    if session.upload_error:
        messages.show_error(session.upload_error)
    return session.staged_upload


def _read(files: Sequence[BrowserFile]) -> None:
    """Write the files into a temporary folder and sample them, or note why that fails."""
    try:
        received = [UploadedFile(file.name, file.getvalue()) for file in files]
        staged = uploads.stage(uploads.accept(received))
    except LookalikeError as error:
        session.upload_error = str(error)
        return
    _sample(staged)


def _sample(staged: StagedUpload) -> None:
    """Sample files that are staged, or note why they cannot be imported."""
    try:
        session.source_sample = take_sample(
            staged.location,
            kind=staged.kind or None,
            take=_chosen_take(),
            encoding=_chosen_encoding(),
        )
        session.staged_upload = staged
    except LookalikeError as error:
        session.upload_error = staged.without_place(str(error))
        staged.remove()


def _unstage() -> None:
    """Delete the files in the temporary folder."""
    if session.staged_upload is not None:
        session.staged_upload.remove()
    del session.staged_upload
    del session.staged_files
    del session.upload_error
    del session.source_sample
