"""A search box for words and pictures: it suggests links while a person types."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

import streamlit as st

from components.widgets import paste_zone
from components.widgets.assets import register

_mount = register(__file__)

_MAX_LENGTH = 200


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A link that is suggested for what a person has typed.

    Attributes:
        href: the URL that it leads to.
        src: the URL of its picture.
        name: shown beside the picture.
        detail: a second, paler text, such as the category.
    """

    href: str
    src: str
    name: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class ResultPage:
    """The page that shows all that matches a text.

    Attributes:
        url: of the page, without a text.
        parameter: of its URL that holds the text.
        resets: parameters of its URL that mean nothing once the text is another.
    """

    url: str
    parameter: str
    resets: Sequence[str] = ()


def search_box(
    *,
    key: str,
    label: str,
    placeholder: str,
    page: ResultPage,
    drawing_url: str,
    picture_url: str,
    run: str,
    suggest: Callable[[str], Sequence[Suggestion]],
    on_picture: Callable[[bytes], str],
) -> None:
    """Show the search box. Call it in a fragment, which runs again for what a person types.

    The box follows the browser's URL by itself: on `page` it shows the text that the URL holds,
    and on other pages none.

    Args:
        key: of the widget.
        label: what screen readers call the field.
        placeholder: shown while it is empty.
        page: that shows all that matches.
        drawing_url: what the button with the pencil leads to.
        picture_url: what a picture leads to, once `on_picture` has taken it.
        run: what tells the run of the whole page, in which the fragment was defined, from others.
        suggest: returns what to suggest for a text of at most 200 characters, the best first.
        on_picture: gets the bytes of a picture that was pasted or dropped anywhere on the page,
            where no other widget has taken it; see `paste_zone`. It returns what is wrong with it.
    """
    typed, number, given, problem = (
        f"{key}.{name}" for name in ("typed", "number", "given", "problem")
    )

    def sent() -> None:
        match st.session_state[key]["sent"]:
            case {"number": int(asked), "text": str(text)}:
                st.session_state[typed] = text[:_MAX_LENGTH].strip()
                st.session_state[number] = asked
            case {"number": int(sent_number), "base64": str(encoded)}:
                picture = paste_zone.decoded(encoded)
                st.session_state[given] = sent_number
                st.session_state[problem] = (
                    paste_zone.INCOMPLETE if picture is None else on_picture(picture)
                )

    # Only the run that answers a text suggests something: any other would do it for nothing.
    text = st.session_state.pop(typed, "")
    _mount(
        key=key,
        data={
            "label": label,
            "placeholder": placeholder,
            "max_length": _MAX_LENGTH,
            "max_bytes": paste_zone.max_bytes(),
            "page": asdict(page),
            "drawing_url": drawing_url,
            "run": run,
            "answered": st.session_state.get(number),
            "suggestions": [asdict(one) for one in suggest(text)] if text else [],
            "given": st.session_state.get(given),
            "problem": st.session_state.get(problem, ""),
            "picture_url": picture_url,
        },
        on_sent_change=sent,
    )
