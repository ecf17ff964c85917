"""Writes small STEP files, to test what reads them."""

from collections.abc import Sequence

_START = """ISO-10303-21;
HEADER;
FILE_DESCRIPTION((''),'2;1');
FILE_NAME('a','2020-01-01T00:00:00',(''),(''),'','','');
FILE_SCHEMA(('AUTOMOTIVE_DESIGN {1 0 10303 214 1 1 1 1}'));
ENDSEC;
DATA;
"""


class _Entities:
    """The lines of a file, each with its number."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def add(self, text: str) -> str:
        """Add an entity, and return how others refer to it."""
        self.lines.append(f"#{len(self.lines) + 1}={text};")
        return f"#{len(self.lines)}"

    def triple(self, name: str, values: Sequence[float]) -> str:
        """Add a point or a direction."""
        return self.add(f"{name}('',({','.join(f'{float(each)}' for each in values)}))")


def solid(
    corners: Sequence[Sequence[float]],
    faces: Sequence[Sequence[int]],
    *,
    colour: tuple[float, float, float] | None = None,
) -> bytes:
    """Return a solid with flat faces, in millimetres.

    Args:
        corners: its corners.
        faces: the numbers of the corners of each face, from 1, seen from outside.
        colour: red, green and blue.
    """
    made = _Entities()
    points = [made.triple("CARTESIAN_POINT", each) for each in corners]
    ends = [made.add(f"VERTEX_POINT('',{each})") for each in points]
    edges: dict[tuple[int, int], str] = {}
    sides = []
    for face in faces:
        loop = []
        for first, second in zip(face, [*face[1:], face[0]], strict=True):
            low, high = sorted((first, second))
            if (low, high) not in edges:
                along = _difference(corners[high - 1], corners[low - 1])
                vector = made.add(f"VECTOR('',{made.triple('DIRECTION', along)},1.)")
                line = made.add(f"LINE('',{points[low - 1]},{vector})")
                edges[low, high] = made.add(
                    f"EDGE_CURVE('',{ends[low - 1]},{ends[high - 1]},{line},.T.)"
                )
            is_along = ".T." if first == low else ".F."
            loop.append(made.add(f"ORIENTED_EDGE('',*,*,{edges[low, high]},{is_along})"))
        one, two, three = (corners[corner - 1] for corner in face[:3])
        across = _difference(two, one)
        axis = made.triple("DIRECTION", _cross(across, _difference(three, one)))
        place = made.add(
            f"AXIS2_PLACEMENT_3D('',{points[face[0] - 1]},{axis},"
            f"{made.triple('DIRECTION', across)})"
        )
        bound = made.add(f"FACE_OUTER_BOUND('',{made.add(_listed('EDGE_LOOP', loop))},.T.)")
        plane = made.add(f"PLANE('',{place})")
        sides.append(made.add(f"ADVANCED_FACE('',({bound}),{plane},.T.)"))
    body = made.add(f"MANIFOLD_SOLID_BREP('',{made.add(_listed('CLOSED_SHELL', sides))})")
    units = [
        made.add("(LENGTH_UNIT() NAMED_UNIT(*) SI_UNIT(.MILLI.,.METRE.))"),
        made.add("(NAMED_UNIT(*) PLANE_ANGLE_UNIT() SI_UNIT($,.RADIAN.))"),
        made.add("(NAMED_UNIT(*) SI_UNIT($,.STERADIAN.) SOLID_ANGLE_UNIT())"),
    ]
    precision = made.add(f"UNCERTAINTY_MEASURE_WITH_UNIT(LENGTH_MEASURE(1.E-07),{units[0]},'a','')")
    context = made.add(
        "(GEOMETRIC_REPRESENTATION_CONTEXT(3) "
        f"GLOBAL_UNCERTAINTY_ASSIGNED_CONTEXT(({precision})) "
        f"GLOBAL_UNIT_ASSIGNED_CONTEXT(({','.join(units)})) REPRESENTATION_CONTEXT('',''))"
    )
    origin = made.triple("CARTESIAN_POINT", (0, 0, 0))
    up, right = made.triple("DIRECTION", (0, 0, 1)), made.triple("DIRECTION", (1, 0, 0))
    frame = made.add(f"AXIS2_PLACEMENT_3D('',{origin},{up},{right})")
    shape = made.add(f"ADVANCED_BREP_SHAPE_REPRESENTATION('',({frame},{body}),{context})")
    application = made.add("APPLICATION_CONTEXT('automotive design')")
    field = made.add(f"PRODUCT_CONTEXT('',{application},'mechanical')")
    product = made.add(f"PRODUCT('a','a','',({field}))")
    version = made.add(f"PRODUCT_DEFINITION_FORMATION('','',{product})")
    stage = made.add(f"PRODUCT_DEFINITION_CONTEXT('',{application},'design')")
    definition = made.add(f"PRODUCT_DEFINITION('','',{version},{stage})")
    whole = made.add(f"PRODUCT_DEFINITION_SHAPE('','',{definition})")
    made.add(f"SHAPE_DEFINITION_REPRESENTATION({whole},{shape})")
    if colour is not None:
        rgb = made.add(f"COLOUR_RGB('',{','.join(map(str, colour))})")
        fill = made.add(f"FILL_AREA_STYLE_COLOUR('',{rgb})")
        area = made.add(f"SURFACE_STYLE_FILL_AREA({made.add(_listed('FILL_AREA_STYLE', [fill]))})")
        side = made.add(_listed("SURFACE_SIDE_STYLE", [area]))
        style = made.add(f"SURFACE_STYLE_USAGE(.BOTH.,{side})")
        assigned = made.add(f"PRESENTATION_STYLE_ASSIGNMENT(({style}))")
        styled = made.add(f"STYLED_ITEM('',({assigned}),{body})")
        made.add(
            f"MECHANICAL_DESIGN_GEOMETRIC_PRESENTATION_REPRESENTATION('',({styled}),{context})"
        )
    return (_START + "\n".join(made.lines) + "\nENDSEC;\nEND-ISO-10303-21;\n").encode()


def _listed(name: str, references: Sequence[str]) -> str:
    return f"{name}('',({','.join(references)}))"


def _difference(one: Sequence[float], other: Sequence[float]) -> list[float]:
    return [a - b for a, b in zip(one, other, strict=True)]


def _cross(one: Sequence[float], other: Sequence[float]) -> list[float]:
    (a, b, c), (d, e, f) = one, other
    return [b * f - c * e, c * d - a * f, a * e - b * d]
