"""Loads the network once, in the background, for all sessions."""

import threading
from concurrent.futures import Future

import streamlit as st

from core.vision import Network

# Seconds before the network is loaded, so that the first page has the machine to itself.
LOAD_AFTER = 4.0


class _Loader:
    """Loads the network once, in a thread: on request, or after `LOAD_AFTER` seconds."""

    def __init__(self) -> None:
        self.network: Future[Network] = Future()
        self._needed_now = threading.Event()
        threading.Thread(target=self._load, name="network", daemon=True).start()

    def load_now(self) -> None:
        """Start loading without waiting any longer."""
        self._needed_now.set()

    def _load(self) -> None:
        self._needed_now.wait(LOAD_AFTER)
        try:
            from core.vision import precision

            self.network.set_result(precision.load())
        except BaseException as error:
            self.network.set_exception(error)


@st.cache_resource(max_entries=1, show_spinner=False)
def _loader() -> _Loader:
    return _Loader()


def load_later() -> None:
    """Load the network in the background, a few seconds from now."""
    _loader()


def load_now() -> None:
    """Load the network in the background now, because a picture is likely to follow."""
    _loader().load_now()


def network_is_ready() -> bool:
    """Return whether `network` returns without waiting."""
    return _loader().network.done()


def network() -> Network:
    """Return the network, waiting until it is loaded.

    Raises the error that loading it raised, a `LookalikeError` if a person can fix it; the next
    call tries again.
    """
    loader = _loader()
    loader.load_now()
    if loader.network.done() and loader.network.exception() is not None:
        _loader.clear()
        loader = _loader()
        loader.load_now()
    return loader.network.result()
