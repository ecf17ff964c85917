"""Make `core/descriptors/domains.npz`: the mean activations of drawings, illustrations and photos.

The first two are means of the `activations` of icons by Streamline, CC BY 4.0, that no benchmark
uses: the icons that a set has both as line drawings and in colour. Freehand, Ultimate and Plump
have 2,145 line drawings, Ultimate and Plump 1,163 illustrations (those of Freehand are drawings
with a blue stroke). Every set has the same weight.

The third is the mean of the photographs of things among Tux Paint's stamps, cut out on white;
`benchmarks.photographs` uses none of them.

Takes some eight minutes, needs Debian or its archives in the cache folder for the stamps, and a
package that nothing else here needs:
python -m pip install resvg-py
python -m benchmarks.domains
"""

import json
import sys
import tarfile
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from benchmarks.support import cut_outs, svg, training_material
from core.descriptors import PictureKind, activations, domain_means, model_input
from core.importers.npm import Archive, fetch
from core.vision import Network, cutout, precision, preprocessing

# Pictures whose activations are in memory together.
PICTURES_IN_MEMORY = 128
# The side of a rendered icon, in pixels.
SIDE = 224


def archive(name: str, version: str, sha256: str) -> Archive:
    """Return the npm package of a set of icons."""
    return Archive(f"@iconify-json/streamline-{name}", version, sha256)


# Each set as line drawings, and in colour.
FREEHAND = (
    archive(
        "freehand", "1.2.1", "82aaac29eea268746717e37ea498f3a31bc7df97cf3faf4e0852e9f9bfac0bdf"
    ),
    archive(
        "freehand-color",
        "1.2.2",
        "00d74cbddaf1bcf35c8614ac0544d10af69c7cee8801475473fe424ee0c0c642",
    ),
)
ULTIMATE = (
    archive(
        "ultimate", "1.2.2", "e09225d443837eddfed5ba6c4d5bd454aa7167a914ea6c45db270fd4eecc7c0f"
    ),
    archive(
        "ultimate-color",
        "1.2.2",
        "46133a11f3734bcef29066391d7edc141ed1d8056242ddfa1b5d36ce286420b6",
    ),
)
PLUMP = (
    archive("plump", "1.2.0", "e158c4e47a0fd030b028c511b6eebb27ee4fad68710e47670b0099604fd5077c"),
    archive(
        "plump-color", "1.2.2", "33ed8a9ebda9ed896125f1e01873105688d68d0b0c95ca1bcead5a41309afcf6"
    ),
)


def pictures(lines: Archive, colours: Archive) -> tuple[list[Image.Image], list[Image.Image]]:
    """Return the icons that a set has in both forms: as line drawings, and in colour."""
    in_lines, in_colour = (_icons(path) for path in fetch(lines, colours))
    names = sorted(in_lines["icons"].keys() & in_colour["icons"].keys())
    drawings, illustrations = (
        [_rendered(icons, name) for name in names] for icons in (in_lines, in_colour)
    )
    return drawings, illustrations


def photographs() -> list[Image.Image]:
    """Return the photographs of things among Tux Paint's stamps, RGB, on white."""
    package = training_material.packages()["tuxpaint-stamps-default"]
    pictures = []
    for cut_out in cut_outs.of_tuxpaint(package):
        if cut_out.group == "tuxpaint photographs":
            white = Image.new("RGB", cut_out.picture.size, "white")
            white.paste(cut_out.picture, mask=cut_out.picture.getchannel("A"))
            pictures.append(white)
    return pictures


def mean(
    network: Network,
    pictures: list[Image.Image],
    kind: PictureKind,
    *,
    of: Callable[[NDArray[np.float32]], NDArray[np.float32]] = lambda rows: rows,
) -> NDArray[np.float64]:
    """Return the mean `activations` of the pictures that are not blank, (50176,).

    `of` turns the activations into what the mean is of, such as their `pyramid`.
    """
    pictures = [picture for picture in pictures if not preprocessing.is_blank(picture)]
    print(f"{len(pictures):,} pictures …", file=sys.stderr)
    total = np.zeros(1)
    for start in range(0, len(pictures), PICTURES_IN_MEMORY):
        cuts = [
            cutout.find_object(picture) or cutout.whole(picture)
            for picture in pictures[start : start + PICTURES_IN_MEMORY]
        ]
        views = [model_input.view_for(kind, cut) for cut in cuts]
        features = network.features(np.stack([view.pixels for view in views]))
        rows = activations.activations(features, [view.part for view in views])
        total = total + of(rows).sum(axis=0, dtype=np.float64)
    return np.asarray(total / len(pictures))


def _icons(path: Path) -> dict[str, Any]:
    with tarfile.open(path) as package:
        file = package.extractfile("package/icons.json")
        assert file is not None, "the package has icons"
        icons: dict[str, Any] = json.load(file)
    return icons


def _rendered(icons: dict[str, Any], name: str) -> Image.Image:
    icon = icons["icons"][name]
    width, height = (icon.get(side) or icons.get(side, 16) for side in ("width", "height"))
    box = f'viewBox="0 0 {width} {height}" color="black"'
    text = f'<svg xmlns="{svg.NAMESPACE}" {box}>{icon["body"]}</svg>'
    return svg.render(text, side=SIDE)


def main() -> None:
    """Render and embed the icons, and write the file."""
    if not find_spec("resvg_py"):
        sys.exit("First run: python -m pip install resvg-py")
    network = precision.load(precision="float32")
    sets = [pictures(*each) for each in (FREEHAND, ULTIMATE, PLUMP)]
    drawings = [mean(network, in_lines, "drawing") for in_lines, _ in sets]
    illustrations = [mean(network, in_colour, "picture") for _, in_colour in sets[1:]]
    photographed = photographs()
    np.savez_compressed(
        domain_means.FILE,
        drawings=np.mean(drawings, axis=0).astype(np.float16),
        illustrations=np.mean(illustrations, axis=0).astype(np.float16),
        photographs=mean(network, photographed, "picture").astype(np.float16),
        pyramid_of_photographs=mean(
            network, photographed, "picture", of=activations.pyramid
        ).astype(np.float16),
    )
    print(f"{domain_means.FILE.name}: {domain_means.FILE.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
