"""A model, large: its own 3D file, a 3D viewer of another server, or its picture."""

from collections.abc import Callable

import streamlit as st

from components.shared import asset_urls, caches, cards, model_details, url_state
from components.shared.session import session
from components.widgets.model_viewer import model_viewer
from core.catalogue import Catalogue, Item
from core.errors import LookalikeError

IN_3D, PICTURE = "3D", "Picture"


def show(catalogue: Catalogue, item: Item) -> None:
    """Show a model in 3D if the catalogue has its file, and its picture otherwise.

    A switch leads from one to the other, and to the viewer of another server, which learns of
    people only if they ask for it. The choice lasts from model to model.
    """
    model_url, embed_url = catalogue.pictures.model_url(item), model_details.viewer_url(item)
    with st.container(key="subject"):
        if model_url:
            _switch(
                "shows-3d-file",
                not (session.prefers_pictures or session.has_no_webgl),
                on_change=_show_3d_files,
                disabled=session.has_no_webgl,
            )
            # Without WebGL too, although the switch is at the picture: the viewer says why.
            if not session.prefers_pictures:
                model_viewer(
                    model_url,
                    poster=_poster(catalogue, item),
                    label=item.name,
                    key=f"model-{item.id}",
                    on_no_webgl=_expect_no_webgl,
                )
                return
        elif embed_url:
            _switch("shows-embed", session.shows_embeds, on_change=_show_embeds)
            if session.shows_embeds:
                st.iframe(embed_url, height=360)
                return
        _show_picture(catalogue, item)


def _switch(
    key: str, in_3d: bool, *, on_change: Callable[[bool], None], disabled: bool = False
) -> None:
    """Show the switch between 3D and the picture; `on_change` gets whether it is at 3D."""
    # Streamlit drops a widget's key when a page without it is opened; the session keeps the value.
    st.session_state[key] = IN_3D if in_3d else PICTURE
    st.segmented_control(
        "Show as",
        [IN_3D, PICTURE],
        key=key,
        required=True,
        label_visibility="collapsed",
        on_change=lambda: on_change(st.session_state[key] == IN_3D),
        disabled=disabled,
    )


def _show_3d_files(shows: bool) -> None:
    session.prefers_pictures = not shows


def _expect_no_webgl() -> None:
    session.has_no_webgl = True


def _show_embeds(shows: bool) -> None:
    session.shows_embeds = shows


def _show_picture(catalogue: Catalogue, item: Item) -> None:
    try:
        picture = caches.picture(catalogue, item.id, item.digest)
    except LookalikeError as error:
        st.warning(url_state.escape_markdown(str(error)))
        return
    st.image(picture, width="stretch", alt=item.name)


def _poster(catalogue: Catalogue, item: Item) -> str:
    """Return the URL of the picture to show until the 3D file is loaded."""
    try:
        return cards.data_url(caches.picture(catalogue, item.id, item.digest))
    except LookalikeError:
        return asset_urls.picture(catalogue, item)
