"""The catalogue that models are imported into: its name, and starting the import."""

import contextlib
import re
from collections.abc import Callable, Mapping

import streamlit as st

from components.shared import job_panel, messages, up_choice
from components.shared.session import session
from core.catalogue import Catalogue, check_name, names
from core.catalogue.catalogue import MAX_NAME_LENGTH
from core.counting import counted
from core.errors import LookalikeError
from core.importers import Take
from core.importers.text import CODE_PAGES
from core.importers.uploads import StagedUpload, location_in, without_collisions
from core.viewpoints import UpChoice

# The title of a catalogue if nothing suggests another.
UNTITLED = "My models"

# What to import of a folder or archive with both, as people read it.
TAKES: Mapping[Take, str] = {"models": "3D files", "pictures": "Pictures", "both": "Both"}

# The encodings of tables, as people read them; the first is none.
ENCODINGS: Mapping[str, str] = {
    "": "Guess",
    "utf-8": "Unicode (UTF-8)",
    **{page: f"{name} ({page})" for page, name in CODE_PAGES.items()},
}

# Runs when the import has started.
OnStart = Callable[[], None]


def title_input(*, key: str, placeholder: str) -> str:
    """Ask for the title of the catalogue, which may be left empty."""
    return st.text_input(
        "Import into catalogue",
        key=key,
        placeholder=placeholder,
        help="A new name creates a catalogue; an existing name adds to that catalogue. Left empty, "
        "the name of the file or folder is used for a new catalogue.",
    ).strip()


def viewpoints_input(*, key: str) -> bool:
    """Ask whether 3D files are also rendered from other viewpoints."""
    return st.checkbox(
        "Render 3D files from all viewpoints",
        key=key,
        help="A picture can then match a model from any viewpoint. The import takes two to three "
        "times as long.",
    )


def take_input(*, key: str, on_change: Callable[[], None] | None = None) -> Take:
    """Ask what to import of a folder or archive with both 3D files and pictures."""
    chosen: Take = st.segmented_control(
        "Take",
        list(TAKES),
        default="models",
        format_func=lambda take: TAKES[take],
        required=True,
        key=key,
        on_change=on_change,
        help="What to import of a folder or archive with 3D files and pictures. Textures are never "
        "models of their own. With “Both”, a picture beside a 3D file of the same name is shown as "
        "the picture of that.",
    )
    return chosen


def up_input(*, key: str) -> UpChoice:
    """Ask which axis of 3D files points up."""
    chosen: UpChoice = st.segmented_control(
        "Up in 3D files",
        list(up_choice.CHOICES),
        default="auto",
        format_func=lambda up: up_choice.CHOICES[up],
        required=True,
        key=key,
        help="STL and PLY do not say which axis points up: it is guessed from the shape. A choice "
        "turns no files that say it, such as GLB and FBX. It can be changed later, also for one "
        "model.",
    )
    return chosen


def encoding_input(*, key: str, on_change: Callable[[], None] | None = None) -> str:
    """Ask for the encoding of the text of a table; empty if it is to be guessed."""
    return st.selectbox(
        "Encoding of the table",
        list(ENCODINGS),
        format_func=lambda encoding: ENCODINGS[encoding],
        key=key,
        on_change=on_change,
        help="How a table that is not in Unicode is read. Choose another if letters look wrong in "
        "the preview.",
    )


def suggest(title: str) -> str:
    """Return the title of a new catalogue that resembles `title`."""
    title = title.strip() or UNTITLED
    if not _name(title):
        title = UNTITLED
    known = set(names())
    # The number must not be cut off.
    title = title[: MAX_NAME_LENGTH - 4].strip()
    suggested, number = title, 2
    while _name(suggested) in known:
        suggested, number = f"{title} {number}", number + 1
    return suggested


def describe(title: str) -> str:
    """Return a sentence about what an import into a catalogue of this title does."""
    name = _name(title)
    if name in names():
        with contextlib.suppress(LookalikeError):
            catalogue = Catalogue(name)
            models = counted(catalogue.items.count(), "model")
            return f"Adds to the catalogue “{catalogue.title}” ({models})."
    return f"Creates the catalogue “{title}”."


def start(source: str, title: str, options: list[str], *, on_start: OnStart) -> None:
    """Start the import of a source, or say what is wrong."""
    name = _name(title)
    try:
        check_name(name)
    except LookalikeError as error:
        messages.show_error(str(error))
        return
    _launch(name, title, source, options, on_start)


def start_upload(
    staged: StagedUpload, title: str, options: list[str], *, on_start: OnStart
) -> None:
    """Store an upload in its catalogue and start the import, or say what is wrong."""
    name = _name(title)
    is_new = name not in names()
    try:
        catalogue = Catalogue.create(name, title=title)
        files = staged.upload.files
        if not staged.kind:
            files = without_collisions(staged.upload, catalogue.items.known_items())
        folder = catalogue.uploads.add(files)
    except LookalikeError as error:
        if is_new and name in names():
            Catalogue.remove(name)
        messages.show_error(str(error))
        return
    location, kind = location_in(folder)
    options = [*options, *(["--kind", kind] if kind else [])]
    if not _launch(name, title, str(location), options, on_start):
        catalogue.uploads.remove(folder)
        if is_new:
            Catalogue.remove(name)


def _launch(name: str, title: str, source: str, options: list[str], on_start: OnStart) -> bool:
    """Start the import; return False and say why if that fails."""
    arguments = ["import", f"--into={name}", f"--title={title}", "--index", *options, "--", source]
    job_panel.launch_job(name, title, arguments)
    if session.job_error:
        job_panel.show_launch_error()
        return False
    session.notice = (
        f"Importing into “{Catalogue(name).title}”. "
        "You can follow the progress at the top of every page."
    )
    on_start()
    return True


def _name(title: str) -> str:
    """Return the name of a catalogue, as in URLs, for a title; empty if nothing of it can be."""
    return re.sub(r"[^a-z0-9_-]+", "-", title.lower())[:MAX_NAME_LENGTH].strip("-_")
