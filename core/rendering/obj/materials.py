"""The appearance of surfaces, as the materials of MTL describe it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image

from core.rendering.files import Files
from core.rendering.mesh_parts import GREY, Appearance, MappedPicture
from core.rendering.obj.textures import Placement, TextureName, masked, of_metal
from core.rendering.text import lines_of, name_of, without_comment

# Of metal whose roughness is not stated, as in Blender.
ROUGHNESS = 0.5
# The most words of a line in which names are looked for.
MAX_WORDS = 30


@dataclass(frozen=True, slots=True)
class Material:
    """A material.

    Attributes:
        appearance: of a surface with it.
        placements: how its pictures lie on the surface, by layer.
    """

    appearance: Appearance
    placements: tuple[Placement, ...] = ()


class Materials:
    """The materials of libraries, each with its pictures read when it is first needed."""

    def __init__(self, files: Files, libraries: Sequence[str]) -> None:
        """Read the libraries that lines of OBJ name, of which those that are missing are left out.

        Args:
            files: reads files.
            libraries: what follows `mtllib` in each of these lines. If there is none of them, the
                one that has the name of the model is read.
        """
        self._files = files
        self._entries: dict[str, _Entry] = {}
        self._read: dict[str, Material] = {}
        names = list(dict.fromkeys(each for line in libraries for each in _names(line, files)))
        if files.has(own := f"{files.stem}.mtl") and not any(map(files.has, names)):
            names.append(own)
        for name in names:
            try:
                data = files.get(name)
            except OSError:
                continue
            for found, entry in _entries(data, name).items():
                self._entries.setdefault(found, entry)

    def get(self, name: str) -> Material | None:
        """Return the material with a name, or None.

        The empty name stands for that of surfaces that name none: it is the only one there is.
        """
        if not name and len(self._entries) == 1:
            [name] = self._entries
        if name not in self._entries:
            name = without_comment(name)
        if name not in self._entries:
            return None
        if name not in self._read:
            self._read[name] = _material(self._entries[name], self._files)
        return self._read[name]


def _names(line: str, files: Files) -> Iterator[str]:
    """Yield the names of the libraries in a line: there may be several, and spaces in each."""
    if files.has(line):
        yield line
        return
    words = line.split()[:MAX_WORDS]
    while words:
        starts = (" ".join(words[:count]) for count in range(1, len(words) + 1))
        name = next(filter(files.has, starts), words[0])
        yield name
        words = words[len(name.split()) :]


@dataclass(frozen=True, slots=True)
class _Entry:
    """What a library says of a material.

    Attributes:
        values: the rest of each line, by its keyword in lower case.
        opacity: 0 to 1.
        library: the name of the file.
    """

    values: Mapping[str, str]
    opacity: float
    library: str

    def picture(self, key: str, files: Files) -> tuple[TextureName, Image.Image] | None:
        """Return the picture that a keyword names, and how; None without one."""
        if key not in self.values:
            return None
        texture = TextureName.parse(self.values[key])
        picture = texture.picture(files, beside=self.library)
        return None if picture is None else (texture, picture)


def _entries(data: bytes, library: str) -> dict[str, _Entry]:
    """Return the materials of a library by name."""
    materials: dict[str, dict[str, str]] = {}
    values: dict[str, str] = {}
    for line in lines_of(data):
        words = name_of(line).split(None, 1)
        if len(words) < 2 or words[0].startswith("#"):
            continue
        key, value = words[0].lower(), words[1].strip()
        if key == "newmtl":
            values = materials.setdefault(value, {})
        else:
            values[key] = value
    opacities = _opacities(list(materials.values()))
    return {
        name: _Entry(values, opacity, library)
        for (name, values), opacity in zip(materials.items(), opacities, strict=True)
    }


def _opacities(materials: Sequence[Mapping[str, str]]) -> list[float]:
    """Return the opacity of each material of a library.

    `d` is the opacity. `Tr` is the rest of it, but some programs write the opacity there, too.
    """
    known = [(_number(each.get("d", "")), _number(each.get("tr", ""))) for each in materials]
    stated = [rest for _, rest in known if rest is not None]
    both = [(opacity, rest) for opacity, rest in known if None not in (opacity, rest)]
    is_opacity = all(rest == 1 for rest in stated) or (
        bool(both) and all(opacity == rest for opacity, rest in both)
    )
    found = []
    for opacity, rest in known:
        if opacity is None:
            opacity = 1.0 if rest is None else rest if is_opacity else 1 - rest
        found.append(min(1.0, max(0.0, opacity)))
    # No library means that nothing is to be seen.
    return found if any(found) else [1.0] * len(found)


def _material(entry: _Entry, files: Files) -> Material:
    """Return the material that a library describes."""
    placements: list[Placement] = []

    def mapped(texture: TextureName, picture: Image.Image | None) -> MappedPicture | None:
        """Return a picture on a surface, and add how it lies there."""
        if picture is None:
            return None
        if texture.placement not in placements:
            placements.append(texture.placement)
        return MappedPicture(
            picture, placements.index(texture.placement), (texture.wrap, texture.wrap)
        )

    values = entry.values
    appearance = Appearance()
    found, mask = entry.picture("map_kd", files), entry.picture("map_d", files)
    if found and mask and found[0].name == mask[0].name and not found[1].has_transparency_data:
        mask = None  # Some programs name the picture of the colours here, even if it has no alpha.
    if found and not mask:
        appearance.texture = mapped(*found)
    elif mask:
        texture = found[0] if found else mask[0]
        appearance.texture = mapped(texture, masked(found[1] if found else None, mask[1]))
    # Many programs write a black Kd next to a texture; those that show OBJ then ignore it.
    red, green, blue = (1.0, 1.0, 1.0) if found else _colour(values.get("kd", "")) or GREY[:3]
    appearance.colour = (red, green, blue, entry.opacity)

    glow, is_named = _colour(values.get("ke", "")), "map_ke" in values
    found = entry.picture("map_ke", files)
    if found or (glow and any(glow) and not is_named):
        appearance.emissive = glow if glow and any(glow) else (1.0, 1.0, 1.0)
        appearance.emissive_texture = mapped(*found) if found else None

    metallic, roughness = entry.picture("map_pm", files), entry.picture("map_pr", files)
    share = 1.0 if metallic else _number(values.get("pm", "")) or 0.0
    if share > 0:
        rough = 1.0 if roughness else _number(values.get("pr", ""))
        appearance.metallic = min(1.0, share)
        appearance.roughness = min(1.0, max(0.0, ROUGHNESS if rough is None else rough))
        if named := metallic or roughness:
            pictures = (each and each[1] for each in (metallic, roughness))
            appearance.metallic_texture = mapped(named[0], of_metal(*pictures))
    return Material(appearance, tuple(placements))


def _number(value: str) -> float | None:
    """Return the number at the end of a line, after options such as `-halo`; or None."""
    for word in reversed(without_comment(value).split()[:2]):
        try:
            number = float(word)
        except ValueError:
            continue
        return number if np.isfinite(number) else None
    return None


def _colour(value: str) -> tuple[float, float, float] | None:
    """Return a colour; None for none, or one that is not of red, green and blue."""
    try:
        numbers = [float(word) for word in without_comment(value).split()[:3]]
    except ValueError:
        return None
    if len(numbers) not in (1, 3) or not np.isfinite(numbers).all():
        return None
    red, green, blue = (min(1.0, max(0.0, each)) for each in numbers * (3 // len(numbers)))
    return (red, green, blue)
