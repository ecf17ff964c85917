"""The error that a download failed."""

from core.errors import LookalikeError
from core.web.host_state import Host


class WebError(LookalikeError):
    """A download failed: the text is a sentence that says why and what to do.

    Attributes:
        status: the HTTP status; 0 if there was no response.
        temporary: whether another try may succeed.
        timed_out: whether it took so long that one try is enough.
        offline: whether the network is the problem, and not this host alone.
        retry_after: the seconds that the server asks to wait; None if it does not say.
        said: what the server said about it, as short plain text, which the sentence quotes.
        host: the host, once it is known.
    """

    def __init__(
        self,
        text: str,
        *,
        status: int = 0,
        temporary: bool = False,
        timed_out: bool = False,
        offline: bool = False,
        retry_after: float | None = None,
        said: str = "",
    ) -> None:
        """Store the sentence and what it means for another try."""
        super().__init__(text)
        self.status = status
        self.temporary = temporary
        self.timed_out = timed_out
        self.offline = offline
        self.retry_after = retry_after
        self.said = said
        self.host: Host | None = None
