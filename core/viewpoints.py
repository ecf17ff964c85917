"""The viewpoints from which 3D models are rendered besides the main view, and which way is up.

Renderer, descriptors, search and cards all use this list: a viewpoint that is added here is
rendered, embedded, searched and named. Vectors are stored in this order; vectors that were stored
before a viewpoint was added stay in use (see `core.search.viewpoints`).
"""

from dataclasses import dataclass
from typing import Literal, get_args

# The axis of a 3D file that points up, and what a person may choose for it.
Axis = Literal["y", "z"]
AXES: tuple[Axis, ...] = get_args(Axis)
UpChoice = Literal["auto", "y", "z"]
UP_CHOICES: tuple[UpChoice, ...] = get_args(UpChoice)
# How it is known if nobody chooses: the format says it, as glTF does; its shape suggests it; or it
# is as usual in that format. Where the format says it, only a choice for a model alone turns that.
UpBasis = Literal["format", "shape", "usual"]
UP_BASES: tuple[UpBasis, ...] = get_args(UpBasis)


@dataclass(frozen=True, slots=True)
class Viewpoint:
    """The position of the camera around a 3D model.

    Attributes:
        name: in file names and JSON.
        azimuth: degrees to the right of the front.
        elevation: degrees above the horizon. People who take photos look down a little.
        description: what a card says about a match from this viewpoint.
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
