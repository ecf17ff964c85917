"""The benchmark of rendering: queries are rendered from viewpoints of their own."""

from pathlib import Path

import pytest

from benchmarks import render
from benchmarks.render import Piece

TETRAHEDRON = "v 0 0 0\nv 1 0 0\nv 0 1 0\nv 0 0 1\nf 1 3 2\nf 1 2 4\nf 1 4 3\nf 2 3 4\n"


@pytest.mark.slow
def test_queries_are_rendered_from_viewpoints_of_their_own(tmp_path: Path) -> None:
    path = tmp_path / "piece.obj"
    path.write_text(TETRAHEDRON)

    [rendered] = render.render_queries([Piece("piece", path, rotated=False)], tmp_path)

    assert rendered.rendering is not None, rendered.reason
    names = {viewpoint.name for viewpoint in render.QUERY_VIEWPOINTS}
    assert rendered.rendering.viewpoints.keys() == names
