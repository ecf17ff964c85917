"""A search field that sends what is typed to Python while it is typed."""

from collections.abc import Callable

import streamlit as st

from components.widgets.assets import register

_mount = register(__file__)

_MAX_LENGTH = 200


def search_box(
    *,
    key: str,
    value: str,
    label: str,
    placeholder: str,
    on_change: Callable[[str], None],
) -> None:
    """Show a search field.

    `value` is the text as the page knows it. `on_change` gets what the person has typed, at most
    200 characters, before the script runs again; it must store the text where the next `value`
    comes from. If the two differ afterwards, because of the Back button or a reset, the field
    follows `value`, but never while the person is ahead of it in typing. `label` is only for
    screen readers.
    """
    answered = f"{key}.answered"

    def typed() -> None:
        event = st.session_state[key]["typed"]
        st.session_state[answered] = event["number"]
        on_change(event["text"][:_MAX_LENGTH])

    _mount(
        key=key,
        data={
            "value": value,
            "label": label,
            "placeholder": placeholder,
            "max_length": _MAX_LENGTH,
            "answered": st.session_state.get(answered),
        },
        on_typed_change=typed,
    )
