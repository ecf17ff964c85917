"""The session state that modules share: each value with its name, type and default.

Session state is a dictionary of the whole app. What one module writes and another reads or
deletes goes through the `session` of this module, so that the type checker sees both. Keys of
widgets stay with their widgets.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Generic, TypeVar, overload

import streamlit as st
from PIL import Image

from components.shared.query_picture import QueryPicture
from core.descriptors import QueryKind
from core.importers.sample import Sample
from core.importers.uploads import StagedUpload
from core.search import ItemsExample, PictureExample
from core.vision.cutout import Cutout

T = TypeVar("T")

# The examples that the URL cannot hold.
SessionExample = PictureExample | ItemsExample


class Value(Generic[T]):
    """An attribute that is stored in the session state under its own name."""

    def __init__(self, default: T) -> None:
        """Store the default, which is read until a value is written."""
        self._default = default

    def __set_name__(self, owner: type, name: str) -> None:
        """Derive the key from the attribute's name; the prefix separates it from widget keys."""
        self._key = f"session.{name}"

    @overload
    def __get__(self, instance: None, owner: type) -> "Value[T]": ...

    @overload
    def __get__(self, instance: object, owner: type) -> T: ...

    def __get__(self, instance: object | None, owner: type) -> "Value[T] | T":
        """Return the value, or its default."""
        if instance is None:
            return self
        value: T = st.session_state.get(self._key, self._default)
        return value

    def __set__(self, instance: object, value: T) -> None:
        """Write the value."""
        st.session_state[self._key] = value

    def __delete__(self, instance: object) -> None:
        """Go back to the default."""
        st.session_state.pop(self._key, None)


@dataclass(frozen=True, slots=True)
class SentQuery:
    """A query that Search sent to the map.

    Attributes:
        src: the URL of its picture.
        scores: of its lookalikes by id, the best first.
    """

    src: str
    scores: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class PictureUrl:
    """A picture, whether its background was faded, and the data URL that it was encoded as."""

    picture: Image.Image
    is_faded: bool
    url: str


@dataclass(frozen=True, slots=True)
class QueryCutout:
    """A picture, and its object or drawing as it is compared as one kind of picture."""

    picture: Image.Image
    query_kind: QueryKind
    cut: Cutout


@dataclass(frozen=True, slots=True)
class SearchContents:
    """What a search consists of besides its URL: picture, drawing, traced picture and examples."""

    query: QueryPicture | None = None
    drawing: bytes | None = None
    traced_picture: str = ""
    examples: tuple[SessionExample, ...] = ()

    @property
    def shows_sketch_pad(self) -> bool:
        """Whether the sketch pad is shown, and no picture in its place."""
        return self.query is None or self.query.from_sketch_pad

    def is_same(self, other: "SearchContents") -> bool:
        """Whether these are the very same pictures and examples, without a look at pixels."""
        return (
            self.query is other.query
            and self.drawing is other.drawing
            and self.traced_picture == other.traced_picture
            and self.examples is other.examples
        )


@dataclass(frozen=True, slots=True)
class EncodedPicture:
    """A picture, and base64 of the JPEG that it was encoded as."""

    picture: Image.Image
    jpeg: str


@dataclass(frozen=True, slots=True)
class KeptSearch:
    """A search as the browser's tab keeps it, and its pictures, which are encoded only once."""

    contents: SearchContents
    text: str
    pictures: tuple[EncodedPicture, ...]


def new_search_number() -> str:
    """Return a number for a new search."""
    return secrets.token_hex(3)


# How many earlier searches Back finds again. Each picture of one takes up to 3 MB (1024 x 1024).
_MAX_EARLIER = 8


class Session:
    """What this session of the app remembers."""

    # main.py has run: the pages are declared.
    app_has_run = Value(False)
    # Why a job could not be started; shown once.
    job_error = Value("")
    # The import dialog is open.
    import_is_open = Value(False)
    # The catalogue of which a dialog is open, and which dialog.
    catalogue_dialog: Value[tuple[str, str] | None] = Value(None)
    # A number that grows with each new, empty uploader; the ids of the files that are in it, the
    # upload that they make, its first models, and why it cannot be imported.
    upload_number = Value(0)
    staged_files: Value[tuple[str, ...]] = Value(())
    staged_upload: Value[StagedUpload | None] = Value(None)
    source_sample: Value[Sample | None] = Value(None)
    upload_error = Value("")
    # What a page tells in a toast; shown once.
    notice = Value("")
    # The catalogues with jobs that this session has seen running, and those whose jobs ended.
    running_jobs: Value[frozenset[str]] = Value(frozenset())
    ended_jobs: Value[frozenset[str]] = Value(frozenset())

    # Galleries and the map show pictures without their backgrounds, where they are cut out.
    hides_backgrounds = Value(False)

    # The picture on the Search page, and why the last one could not be used.
    query: Value[QueryPicture | None] = Value(None)
    query_error = Value("")
    # The drawing on the sketch pad, PNG, and a number that grows with each new, empty sketch pad.
    drawing: Value[bytes | None] = Value(None)
    sketch_pad_number = Value(0)
    # On a phone the sketch pad, empty beside models, was opened.
    draws_too = Value(False)
    # The data URL of the picture under the sketch pad; empty for none.
    traced_picture = Value("")
    # Derived from the picture on the Search page, which is encoded and segmented only once.
    query_url: Value[PictureUrl | None] = Value(None)
    query_cutout: Value[QueryCutout | None] = Value(None)
    # The examples that the URL cannot hold: pictures, and sets of models.
    examples: Value[tuple[SessionExample, ...]] = Value(())
    # The number of the search that they belong to, as in the URL, and earlier searches by number.
    search_number = Value("")
    earlier_searches: Value[Mapping[str, SearchContents]] = Value(MappingProxyType({}))
    # The present search as the browser's tab keeps it; None before the first.
    kept_search: Value[KeptSearch | None] = Value(None)
    # The id of the model whose match is to be explained, and, on the page of another model, the
    # descriptor that found it; read once.
    explained_item = Value("")
    explained_by = Value("")

    # On the page of a model: its picture is shown in place of its own 3D file, its 3D viewer of
    # another server is shown; and the model whose details were unfolded, as long as they are.
    prefers_pictures = Value(False)
    shows_embeds = Value(False)
    details_of = Value("")
    # Of a 3D file, the browser shows only the picture: it has no WebGL.
    has_no_webgl = Value(False)
    # The chip of the example of which a region is to be chosen; read once.
    cropped_example = Value("")

    # The URL of the page to go to, set in callbacks; read once.
    destination = Value("")

    # The query that Search sent to the map.
    sent_query: Value[SentQuery | None] = Value(None)
    # The name of a collection that was just saved; shown once.
    saved_collection = Value("")

    # The model to keep, by catalogue and group of near-duplicates, where a person chose it.
    kept_duplicates: Value[Mapping[tuple[str, str], str]] = Value(MappingProxyType({}))

    @property
    def search(self) -> SearchContents:
        """What the present search consists of."""
        return SearchContents(self.query, self.drawing, self.traced_picture, self.examples)

    def start_search(self, *examples: SessionExample) -> None:
        """Start a new search with these examples, without picture and drawing.

        The search before can be resumed by its number.
        """
        self._show_search(new_search_number(), SearchContents(examples=examples))

    def resume_search(self, number: str, *, keeps_drawing: bool = True) -> None:
        """Show the search with this number: an earlier one, or a new one.

        What is on the sketch pad stays there in a new one if it `keeps_drawing`. The first search
        of a session has no number.
        """
        if number == self.search_number:
            return
        keeps = keeps_drawing and self.search.shows_sketch_pad
        new = self.search if keeps else SearchContents()
        self._show_search(number, self.earlier_searches.get(number, new))

    def restore_search(self, number: str, contents: SearchContents) -> None:
        """Show a search that the session has forgotten in place of the present one, an empty one.

        It can be resumed by its number too, if the present one has another.
        """
        if number != self.search_number:
            self.earlier_searches = {**self.earlier_searches, number: contents}
        self._show_contents(contents)

    def _show_search(self, number: str, contents: SearchContents) -> None:
        """Make a search the present one, and keep the one before."""
        before = self.search
        others = {key: one for key, one in self.earlier_searches.items() if key != number}
        kept = [*others.items(), (self.search_number, before)][-_MAX_EARLIER:]
        self.earlier_searches = dict(kept)
        self.search_number = number
        self._show_contents(contents)

    def _show_contents(self, contents: SearchContents) -> None:
        self.query = contents.query
        self.drawing = contents.drawing
        self.traced_picture = contents.traced_picture
        self.examples = contents.examples
        self.draws_too = False
        # A sketch pad that is on the screen does not change its drawing.
        self.sketch_pad_number += 1

    def keep_duplicate(self, catalogue: str, group: str, item_id: str) -> None:
        """Choose which model of a group of near-duplicates to keep."""
        self.kept_duplicates = {**self.kept_duplicates, (catalogue, group): item_id}


session = Session()
