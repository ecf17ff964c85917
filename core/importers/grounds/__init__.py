"""Put cut-outs on grounds: pictures like the thumbnails of sites where people share 3D models.

A ground is a background that is made up, and a cut-out is a picture whose alpha says what is the
object. Together they are a picture whose right mask is known. The grounds here are computed;
`benchmarks.support.compositing` adds photographs.

Everything random comes from one generator, so the same seed gives the same picture.
"""

from core.importers.grounds.compositing import (
    RECIPE,
    Composite,
    compose,
    developed,
    generator,
    shadow,
    trimmed,
)
from core.importers.grounds.kinds import (
    GROUNDS,
    Ground,
    MakeGround,
    environment,
    gradient,
    plain,
    radial,
)
from core.importers.grounds.pixels import Pixels, Random, as_picture, blurred, coordinates

__all__ = [
    "GROUNDS",
    "RECIPE",
    "Composite",
    "Ground",
    "MakeGround",
    "Pixels",
    "Random",
    "as_picture",
    "blurred",
    "compose",
    "coordinates",
    "developed",
    "environment",
    "generator",
    "gradient",
    "plain",
    "radial",
    "shadow",
    "trimmed",
]
