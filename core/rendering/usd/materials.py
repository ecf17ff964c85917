"""The appearance of surfaces, as materials with a UsdPreviewSurface describe it."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from pxr import UsdShade

from core.rendering.mesh_parts import (
    MAX_TEXTURE_SIDE,
    Appearance,
    MappedPicture,
    reduced_picture,
    to_screen_colours,
)
from core.rendering.obj.textures import masked, of_metal
from core.rendering.raytracer import Wrap
from core.rendering.usd.layers import TIME, Layers

# The wraps of a texture; of others a picture is repeated.
_WRAPS: dict[Any, Wrap] = {"clamp": "clamp", "black": "clamp", "mirror": "mirror"}
_CHANNELS = ("r", "g", "b", "a")


@dataclass(frozen=True, slots=True)
class Placement:
    """How textures lie on a surface: the coordinates by their name, turned and moved."""

    name: str
    scale: tuple[float, float] = (1.0, 1.0)
    turn: float = 0.0
    offset: tuple[float, float] = (0.0, 0.0)

    def apply(self, uv: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return where in a picture coordinates are, float64 (n, 2)."""
        cosine, sine = np.cos(np.radians(self.turn)), np.sin(np.radians(self.turn))
        u, v = (uv * self.scale).T
        return np.stack([u * cosine - v * sine, u * sine + v * cosine], axis=1) + self.offset


@dataclass(frozen=True, slots=True)
class Material:
    """A material.

    Attributes:
        appearance: of a surface with it.
        placements: how its textures lie on the surface, by layer.
        colours: the name of the values that colour it; empty for none.
    """

    appearance: Appearance
    placements: tuple[Placement, ...] = ()
    colours: str = ""


@dataclass(frozen=True, slots=True)
class _Input:
    """What an input of a shader is: a value, a texture with a channel, or values of the mesh."""

    value: Any = None
    mapped: MappedPicture | None = None
    channel: str = ""
    values: str = ""


class Materials:
    """The materials of a stage, each read when it is first needed."""

    def __init__(self, layers: Layers) -> None:
        """Read pictures from `layers`."""
        self._layers = layers
        self._read: dict[str, Material | None] = {}

    def get(self, prim: Any) -> tuple[str, Material | None]:
        """Return the path and the material of a prim; None if it has none that is known."""
        bound = UsdShade.MaterialBindingAPI(prim).ComputeBoundMaterial("preview")[0]
        path = str(bound.GetPath()) if bound else ""
        if path not in self._read:
            shader = bound.ComputeSurfaceSource()[0] if bound else None
            is_known = shader and shader.GetShaderId() == "UsdPreviewSurface"
            self._read[path] = _Reader(self._layers, shader).material() if is_known else None
        return path, self._read[path]


class _Reader:
    """Reads one material."""

    def __init__(self, layers: Layers, shader: Any) -> None:
        self._layers = layers
        self._shader = shader
        self._placements: list[Placement] = []

    def material(self) -> Material:
        """Return the material."""
        diffuse, opacity = self._input("diffuseColor"), self._input("opacity")
        red, green, blue = _colour(diffuse, 0.18)
        look = Appearance((red, green, blue, 1.0), diffuse.mapped, "OPAQUE")
        stated = _number(opacity.value, 1.0)
        threshold = _number(self._input("opacityThreshold").value, 0.0)
        if opacity.mapped is not None or stated < 1:
            look.alpha, look.cutoff = ("MASK", threshold) if threshold > 0 else ("BLEND", 0.5)
        if opacity.mapped is not None:
            look.texture = _with_opacity(diffuse.mapped, opacity)
        elif stated < 1:
            look.colour = (red, green, blue, stated)
            look.texture = _opaque(diffuse.mapped)
        emissive = self._input("emissiveColor")
        glow = _colour(emissive, 0.0)
        if any(glow):
            look.emissive, look.emissive_texture = glow, emissive.mapped
        if not _number(self._input("useSpecularWorkflow").value, 0):
            metallic, roughness = self._input("metallic"), self._input("roughness")
            look.metallic = _number(metallic.value, 1.0 if metallic.mapped else 0.0)
            look.roughness = _number(roughness.value, 1.0 if roughness.mapped else 0.5)
            if look.metallic:
                look.metallic_texture = _metal(metallic, roughness)
        return Material(look, tuple(self._placements), diffuse.values)

    def _input(self, name: str) -> _Input:
        """Return what an input of the shader is."""
        attribute = _source(self._shader, name)
        if attribute is None:
            return _Input()
        if not UsdShade.Output.IsOutput(attribute):
            return _Input(attribute.Get(TIME))
        node = UsdShade.Shader(attribute.GetPrim())
        kind = node.GetShaderId() or ""
        if kind == "UsdUVTexture":
            return self._texture(node, attribute.GetName().removeprefix("outputs:"))
        if kind.startswith("UsdPrimvarReader"):
            return _Input(_value(node, "fallback"), values=str(_value(node, "varname") or ""))
        return _Input()

    def _texture(self, node: Any, channel: str) -> _Input:
        """Return what a texture gives; its fallback if there is no picture."""
        file = _source(node, "file")
        picture = self._layers.picture(file) if file is not None else None
        if picture is None:
            fallback = _value(node, "fallback")
            if fallback is None:
                return _Input()
            place = _CHANNELS.index(channel) if channel in _CHANNELS else slice(3)
            return _Input(np.array(fallback)[place])
        placement = _placement(node)
        if placement not in self._placements:
            self._placements.append(placement)
        wraps = [_WRAPS.get(_value(node, name), "repeat") for name in ("wrapS", "wrapT")]
        mapped = MappedPicture(picture, self._placements.index(placement), (wraps[0], wraps[1]))
        scale = _value(node, "scale")
        if channel not in _CHANNELS:
            return _Input(None if scale is None else np.array(scale)[:3], mapped, channel)
        scale = 1.0 if scale is None else float(scale[_CHANNELS.index(channel)])
        return _Input(scale, mapped, channel)


def _source(shader: Any, name: str) -> Any:
    """Return the attribute that the value of an input comes from, or None."""
    entry = shader.GetInput(name)
    found = UsdShade.Utils.GetValueProducingAttributes(entry) if entry else ()
    return found[0] if found else None


def _value(shader: Any, name: str) -> Any:
    """Return the value of an input of a shader; None if there is none."""
    attribute = _source(shader, name)
    is_value = attribute is not None and not UsdShade.Output.IsOutput(attribute)
    return attribute.Get(TIME) if is_value else None


def _placement(texture: Any) -> Placement:
    """Return how a texture lies on a surface."""
    attribute = _source(texture, "st")
    if attribute is None or not UsdShade.Output.IsOutput(attribute):
        return Placement("st")
    node = UsdShade.Shader(attribute.GetPrim())
    if node.GetShaderId() != "UsdTransform2d":
        return Placement(str(_value(node, "varname") or "st"))
    before = _source(node, "in")
    is_read = before is not None and UsdShade.Output.IsOutput(before)
    reader = UsdShade.Shader(before.GetPrim()) if is_read else None
    return Placement(
        str((reader and _value(reader, "varname")) or "st"),
        _pair(_value(node, "scale"), 1.0),
        _number(_value(node, "rotation"), 0.0),
        _pair(_value(node, "translation"), 0.0),
    )


def _colour(found: _Input, default: float) -> tuple[float, float, float]:
    """Return the screen colour of an input, by which its texture is multiplied."""
    if found.mapped is not None or found.values:
        default = 1.0
    value = default if found.value is None or found.values else found.value
    red, green, blue = to_screen_colours(np.broadcast_to(np.array(value, np.float64), 3))
    return (float(red), float(green), float(blue))


def _number(value: Any, default: float) -> float:
    """Return a finite number, or else `default`."""
    try:
        found = float(value)
    except (TypeError, ValueError):
        return default
    return found if np.isfinite(found) else default


def _pair(value: Any, default: float) -> tuple[float, float]:
    """Return two finite numbers, or else `default` twice."""
    first, second = (default, default) if value is None else value
    return (_number(first, default), _number(second, default))


def _grey(found: _Input) -> Image.Image | None:
    """Return the channel of the picture of an input as grey; None if there is none."""
    small = reduced_picture(found.mapped.picture if found.mapped else None, MAX_TEXTURE_SIDE)
    if small is None:
        return None
    if found.channel in _CHANNELS and small.mode not in ("L", "1"):
        return small.convert("RGBA").getchannel(found.channel.upper())
    return small.convert("L")


def _opaque(mapped: MappedPicture | None) -> MappedPicture | None:
    """Return a picture on a surface without its transparency."""
    small = reduced_picture(mapped.picture if mapped else None, MAX_TEXTURE_SIDE)
    return (
        mapped if mapped is None or small is None else replace(mapped, picture=small.convert("RGB"))
    )


def _with_opacity(colours: MappedPicture | None, opacity: _Input) -> MappedPicture | None:
    """Return the picture of a surface, with the opacity that another has."""
    placed = colours or opacity.mapped
    if placed is None or opacity.mapped is None:
        return placed
    if colours is not None and colours.picture is opacity.mapped.picture and opacity.channel == "a":
        return colours
    picture = masked(colours.picture if colours else None, _grey(opacity))
    return None if picture is None else replace(placed, picture=picture)


def _metal(metallic: _Input, roughness: _Input) -> MappedPicture | None:
    """Return one picture of how metallic a surface is, in blue, and how rough, in green."""
    placed = metallic.mapped or roughness.mapped
    if placed is None:
        return None
    both = [each.mapped.picture for each in (metallic, roughness) if each.mapped]
    if (
        len(both) == 2
        and both[0] is both[1]
        and (metallic.channel, roughness.channel) == ("b", "g")
    ):
        return placed
    picture = of_metal(_grey(metallic), _grey(roughness))
    return None if picture is None else replace(placed, picture=picture)
