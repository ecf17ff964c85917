"""What is known of a host, and what went wrong with it."""

import math
from dataclasses import dataclass

from core.errors import LookalikeError


@dataclass(slots=True)
class Host:
    """What all threads know of a host. Times are those of the client's clock.

    Attributes:
        next: when the next request may begin.
        reached: whether it ever answered.
        troubles: how many requests in a row came to nothing.
        trouble: why, in a sentence.
        rests_until: until then nothing is asked of it.
    """

    next: float = -math.inf
    reached: bool = False
    troubles: int = 0
    trouble: str = ""
    rests_until: float = -math.inf


class WebError(LookalikeError):
    """Something that cannot be had from the web: the text is a sentence that says why.

    Attributes:
        status: what the server answered; 0 where it did not come to that.
        passing: whether it may be otherwise in a moment.
        slow: whether it took so long that once is enough.
        offline: whether it concerns the network, and not the host alone.
        wait: how many seconds the server asks for.
        host: which it was, once that is known.
    """

    def __init__(
        self,
        text: str,
        *,
        status: int = 0,
        passing: bool = False,
        slow: bool = False,
        offline: bool = False,
        wait: float | None = None,
    ) -> None:
        """Keep the sentence, and what it means for another try."""
        super().__init__(text)
        self.status = status
        self.passing = passing
        self.slow = slow
        self.offline = offline
        self.wait = wait
        self.host: Host | None = None
