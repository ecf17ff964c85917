"""The viewpoints from which a 3D model is rendered beside its main view: their one list.

Renderer, vectors and cards all read it: a viewpoint that is added here is rendered, embedded,
searched and named. Vectors are stored in this order; vectors that were stored before a viewpoint
was added stay in use (see `core.search.viewpoints`).
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Viewpoint:
    """Where the camera stands.

    Attributes:
        name: in file names and JSON.
        azimuth: degrees to the right of the front.
        elevation: degrees above the ground. Somebody who takes a photo looks down a little.
        description: how a card says that the match was seen from here.
    """

    name: str
    azimuth: float
    elevation: float
    description: str


VIEWPOINTS = (
    Viewpoint("front", 0.0, 10.0, "from the front"),
    Viewpoint("side", 90.0, 10.0, "from the side"),
    Viewpoint("back", 180.0, 10.0, "from the back"),
    Viewpoint("top", 0.0, 90.0, "from above"),
)
VIEWPOINT_NAMES = tuple(viewpoint.name for viewpoint in VIEWPOINTS)
