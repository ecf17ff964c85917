"""What the client knows of a host: when to send the next request, and how many failed."""

import math
from dataclasses import dataclass


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
