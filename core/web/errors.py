"""The state of a host, and the error that a download failed."""

import math
from dataclasses import dataclass

from core.errors import LookalikeError


@dataclass(slots=True)
class Host:
    """The state of a host, shared by all threads. Times are those of the client's clock.

    Attributes:
        next_request: when the next request may start.
        responded: whether it has ever responded.
        failures: how many requests in a row failed.
        last_error: why the last of them failed, as a sentence.
        paused_until: until then no request is sent to it.
    """

    next_request: float = -math.inf
    responded: bool = False
    failures: int = 0
    last_error: str = ""
    paused_until: float = -math.inf


class WebError(LookalikeError):
    """A download failed: the text is a sentence that says why and what to do.

    Attributes:
        status: the HTTP status; 0 if there was no response.
        temporary: whether another try may succeed.
        timed_out: whether it took so long that one try is enough.
        offline: whether the network is the problem, and not this host alone.
        retry_after: the seconds that the server asks to wait; None if it does not say.
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
    ) -> None:
        """Store the sentence and what it means for another try."""
        super().__init__(text)
        self.status = status
        self.temporary = temporary
        self.timed_out = timed_out
        self.offline = offline
        self.retry_after = retry_after
        self.host: Host | None = None
