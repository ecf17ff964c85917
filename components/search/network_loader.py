"""Load the network once, in the background."""

import threading
from concurrent.futures import Future

import streamlit as st

from core.vision import Network

# How long the first page has the machine for itself before the network is loaded.
WARM_UP_AFTER = 4.0


class _Loader:
    """Loads the network once, in a thread, when asked or when the first page has long been up."""

    def __init__(self) -> None:
        self.network: Future[Network] = Future()
        self._wanted = threading.Event()
        threading.Thread(target=self._load, name="network", daemon=True).start()

    def hurry(self) -> None:
        """Load it now."""
        self._wanted.set()

    def _load(self) -> None:
        self._wanted.wait(WARM_UP_AFTER)
        try:
            from core.vision import precision

            self.network.set_result(precision.load())
        except BaseException as error:
            self.network.set_exception(error)


@st.cache_resource(max_entries=1, show_spinner=False)
def _loader() -> _Loader:
    return _Loader()


def warm_up() -> None:
    """Have the network loaded in the background, once for all sessions."""
    _loader()


def network_is_ready() -> bool:
    """Return whether `network` answers at once."""
    return _loader().network.done()


def network() -> Network:
    """Return the network, waiting for it if need be.

    Raises what went wrong, `LookalikeError` where a person can mend it; the
    next call tries again.
    """
    loader = _loader()
    loader.hurry()
    if loader.network.done() and loader.network.exception() is not None:
        _loader.clear()
        loader = _loader()
        loader.hurry()
    return loader.network.result()


def load_now() -> None:
    """Have the network loaded now, in the background: a picture is likely to come."""
    _loader().hurry()
