"""Renders a mesh: Embree finds the triangle that each ray hits, NumPy computes its colour.

It needs no graphics card, no display and no system library. It runs in the render worker.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Float32Array = NDArray[np.float32]
Int32Array = NDArray[np.int32]

# The number of rays along each side of a pixel. Compared with pictures of 16 rays per pixel, 4 have
# a mean error of 0.10 %, 9 of 0.06 % in nearly twice the time, and 1 of 0.26 % in a third of it.
RAYS_PER_SIDE = 2
# The camera's angle of view: that of a long lens, as used for product photos.
ANGLE_OF_VIEW = np.radians(30)
# The empty border on each side, as a share of the picture.
MARGIN = 0.03
# The number of surfaces that a ray passes through before it is dropped: transparent ones, and backs
# that are not shown.
MAX_LAYERS = 16
# A ray with less weight than this is not followed: half a step of 8 bits.
MIN_WEIGHT = 1 / 512
# How far behind a surface a ray continues, in a scene two units wide.
RAY_OFFSET = 2e-4
# How many rays are traced together: their data stay within tens of megabytes.
RAYS_PER_BATCH = 1 << 17

# Neutral light: from all directions, more from above, most from over the viewer's left shoulder.
# White that faces it stays below 0.95, so that it can be distinguished from a white page.
AMBIENT, SKY, KEY = 0.54, 0.12, 0.3
KEY_DIRECTION = np.array([-0.45, 0.65, 0.75])  # to the right, up, and towards the viewer
# What metal reflects: a floor, a horizon, a sky, and the light. Rough metal blurs them.
FLOOR, HORIZON, ZENITH, SHINE = 0.15, 0.4, 0.9, 0.6
BLUR = 0.7
SHARPEST, BLUNTEST = 60.0, 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """The direction of the camera.

    Attributes:
        azimuth: degrees to the right of the front.
        elevation: degrees above the horizon.
    """

    azimuth: float
    elevation: float


Wrap = Literal["repeat", "mirror", "clamp"]


@dataclass(frozen=True, slots=True)
class Texture:
    """A picture on a surface, with smaller versions (mipmaps) for surfaces far away.

    Attributes:
        sizes: width and height of each level: int32 (levels, 2).
        starts: the row of `texels` at which each level begins: int32 (levels,).
        texels: RGBA of all levels: uint8 (texels, 4).
        layer: which of the coordinates of a vertex place it.
        wraps: what is beyond the sides, and beyond top and bottom.
        is_sharp: whether texels have hard edges where they are larger than a ray.
    """

    sizes: Int32Array
    starts: Int32Array
    texels: NDArray[np.uint8]
    layer: int = 0
    wraps: tuple[Wrap, Wrap] = ("repeat", "repeat")
    is_sharp: bool = False

    @classmethod
    def of(cls, picture: Image.Image) -> Self:
        """Return the texture of a picture of mode RGBA."""
        levels = [picture]
        while min(levels[-1].size) > 1:
            levels.append(levels[-1].reduce(2))
        flat = [np.asarray(level).reshape(-1, 4) for level in levels]
        starts = np.cumsum([0, *(len(level) for level in flat[:-1])])
        sizes = np.array([level.size for level in levels], np.int32)
        return cls(sizes, starts.astype(np.int32), np.concatenate(flat))

    def at(self, uv: Float32Array, footprint: Float32Array) -> Float32Array:
        """Return RGBA, 0 to 1, at texture coordinates: float32 (n, 4).

        Args:
            uv: float32 (n, 2), from the lower left.
            footprint: float32 (n,), the share of the texture's side that a ray covers.
        """
        texels_per_ray = footprint * np.sqrt(np.prod(self.sizes[0], dtype=np.float32))
        level = np.log2(np.maximum(texels_per_ray, 1)).astype(np.int32).clip(0, len(self.sizes) - 1)
        size, start = self.sizes[level], self.starts[level]
        inside = np.stack(
            [_wrapped(uv[:, 0], self.wraps[0]), _wrapped(1 - uv[:, 1], self.wraps[1])], axis=1
        )
        position = inside * size - np.float32(0.5)
        low = np.floor(position)
        share, corner = position - low, low.astype(np.int32)
        if self.is_sharp:
            enlarged = (texels_per_ray < 1)[:, None]
            share = np.where(enlarged, np.round(share), share)
        colours = np.zeros((len(uv), 4), np.float32)
        for x in (0, 1):
            for y in (0, 1):
                weight = np.abs(1 - x - share[:, 0]) * np.abs(1 - y - share[:, 1])
                column_row = corner + np.array([x, y], np.int32)
                for axis, wrap in enumerate(self.wraps):
                    along, length = column_row[:, axis], size[:, axis]
                    column_row[:, axis] = (
                        along % length if wrap == "repeat" else along.clip(0, length - 1)
                    )
                texel = self.texels[start + column_row[:, 1] * size[:, 0] + column_row[:, 0]]
                colours += weight[:, None] * texel
        return colours / np.float32(255)


def _wrapped(positions: Float32Array, wrap: Wrap) -> Float32Array:
    """Return positions along a side of a texture, with those beyond it moved to 0 to 1."""
    if wrap == "clamp":
        return positions.clip(0, 1)
    if wrap == "mirror":
        doubled = positions - 2 * np.floor(positions / 2)
        return np.asarray(np.minimum(doubled, 2 - doubled), np.float32)
    return np.asarray(positions - np.floor(positions), np.float32)


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """The appearance of a surface, in screen colours, 0 to 1.

    Attributes:
        colour: RGBA, by which the texture is multiplied: float32 (4,).
        texture: or None.
        cutoff: with less alpha than this the surface has a hole, with more it is opaque; 0 for
            blending.
        emissive: RGB that is visible without light: float32 (3,), or None.
        emissive_texture: by which `emissive` is multiplied, or None.
        metallic: how far it is metal, 0 to 1.
        roughness: of metal, 0 to 1.
        metallic_texture: its blue multiplies `metallic`, its green `roughness`; or None.
        transmission: the share of light that passes through, 0 to 1.
        is_lit: whether light makes a difference.
        is_double_sided: whether the backs of its faces are visible.
    """

    colour: Float32Array
    texture: Texture | None = None
    cutoff: float = 0.0
    emissive: Float32Array | None = None
    emissive_texture: Texture | None = None
    metallic: float = 0.0
    roughness: float = 1.0
    metallic_texture: Texture | None = None
    transmission: float = 0.0
    is_lit: bool = True
    is_double_sided: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Mesh:
    """Triangles within a sphere of radius 1 around the origin: y points up, z to the front.

    Attributes:
        vertices: float32 (n, 3).
        faces: the numbers of three vertices each: int32 (m, 3).
        materials: the materials of the surfaces.
        material_of: the number of each face's material: int32 (m,).
        normals: float32 (n, 3), zeros for a vertex without one; None if no vertex has one.
        uvs: positions in textures, from the lower left, in one or more layers: float32
            (n, layers, 2), or None.
        colours: RGBA by which the material is multiplied: float32 (n, 4), or None.
    """

    vertices: Float32Array
    faces: Int32Array
    materials: Sequence[Material]
    material_of: Int32Array
    normals: Float32Array | None = None
    uvs: Float32Array | None = None
    colours: Float32Array | None = None


@dataclass(frozen=True)
class Scene:
    """A mesh that can be rendered from any direction."""

    mesh: Mesh

    @cached_property
    def _rays(self) -> Any:
        """Embree's index, which finds the triangles that rays hit."""
        from embreex.mesh_construction import TriangleMesh
        from embreex.rtcore_scene import EmbreeScene

        scene = EmbreeScene(robust=True)
        TriangleMesh(scene, self.mesh.vertices, self.mesh.faces)
        return scene

    def picture(self, view: View, *, size: int) -> Image.Image | None:
        """Return a square RGBA picture that the mesh fills; None if nothing of it is visible."""
        camera = _Camera.facing(self.mesh, view)
        side = size * RAYS_PER_SIDE
        seen = np.zeros((side * side, 4), np.float32)
        rows = max(1, RAYS_PER_BATCH // side)
        for top in range(0, side, rows):
            rays = camera.rays(side, top, min(top + rows, side))
            seen[top * side : top * side + len(rays)] = self._trace(camera, rays, side)
        if not seen.any():
            return None
        # Light is summed together with coverage, so that a transparent background does not darken
        # edges.
        pixels = seen.reshape(size, RAYS_PER_SIDE, size, RAYS_PER_SIDE, 4).mean((1, 3))
        coverage = pixels[..., 3:]
        pixels[..., :3] /= np.maximum(coverage, 1e-6)
        return Image.fromarray((pixels.clip(0, 1) * 255 + 0.5).astype(np.uint8), "RGBA")

    def _trace(self, camera: "_Camera", rays: Float32Array, side: int) -> Float32Array:
        """Return light and coverage of each ray, RGBA float32 (n, 4), summed over all surfaces."""
        mesh = self.mesh
        seen = np.zeros((len(rays), 4), np.float32)
        weight = np.ones(len(rays), np.float32)
        live = np.arange(len(rays))
        origins = np.repeat(camera.eye[None], len(rays), axis=0)
        for _ in range(MAX_LAYERS):
            faces = self._rays.run(origins, rays[live])
            hit = faces >= 0
            live, origins, faces = live[hit], origins[hit], faces[hit]
            if not len(live):
                break
            ray = rays[live]
            corners = mesh.faces[faces]
            a, b, c = (mesh.vertices[corners[:, corner]] for corner in range(3))
            cross = np.cross(b - a, c - a)
            distance, u, v = _intersection(origins, ray, a, b - a, c - a)
            weights = np.stack([1 - u - v, u, v], axis=1).clip(0, 1)
            point = origins + ray * distance[:, None]
            depth = _length(point - camera.eye)
            surface = self._surface(
                faces, corners, weights, camera.half * 2 / side * depth, _length(cross)
            )
            normals = cross
            if mesh.normals is not None:
                smooth = _blend(mesh.normals[corners], weights)
                normals = np.where(np.abs(smooth).max(axis=1, keepdims=True) > 1e-6, smooth, cross)
            light = camera.light(normals, ray)
            if surface.metallic.any():
                shine = camera.reflection(normals, ray, surface.roughness)
                light += surface.metallic * (shine - light)
            light[~surface.is_lit] = 1
            colour = surface.colour[:, :3] * light[:, None] + surface.emission
            alpha = surface.colour[:, 3]
            alpha[surface.is_single_sided & (_dot(cross, ray) > 0)] = 0
            seen[live, :3] += (weight[live] * alpha)[:, None] * colour
            seen[live, 3] += weight[live] * alpha
            weight[live] *= 1 - alpha
            continues = weight[live] > MIN_WEIGHT
            origins = (point + ray * np.float32(RAY_OFFSET))[continues]
            live = live[continues]
            if not len(live):
                break
        return seen

    def _surface(
        self,
        faces: Int32Array,
        corners: Int32Array,
        weights: Float32Array,
        width: Float32Array,
        areas: Float32Array,
    ) -> "_Surface":
        """Return what the surface looks like where rays hit it.

        Args:
            faces: the face that each ray hits: int32 (n,).
            corners: the vertices of that face: int32 (n, 3).
            weights: the barycentric coordinates of the point: float32 (n, 3).
            width: the width of a ray there: float32 (n,).
            areas: twice the area of the face: float32 (n,).
        """
        mesh = self.mesh
        surface = _Surface.plain(len(faces))
        if mesh.colours is not None:
            surface.colour[:] *= _blend(mesh.colours[corners], weights)

        def read(texture: Texture, rows: NDArray[np.bool_]) -> Float32Array | None:
            """Return RGBA of a texture where some of the rays hit, float32 (rows, 4)."""
            if mesh.uvs is None:
                return None
            corner_uvs = mesh.uvs[corners[rows], texture.layer]
            one, two = corner_uvs[:, 1] - corner_uvs[:, 0], corner_uvs[:, 2] - corner_uvs[:, 0]
            uv_area = np.abs(one[:, 0] * two[:, 1] - one[:, 1] * two[:, 0])
            footprint = width[rows] * np.sqrt(uv_area / np.maximum(areas[rows], 1e-20))
            return texture.at(_blend(corner_uvs, weights[rows]), footprint)

        materials = mesh.material_of[faces]
        for number in np.unique(materials):
            here, material = materials == number, mesh.materials[number]
            colour = surface.colour[here] * material.colour
            if material.texture and (texels := read(material.texture, here)) is not None:
                colour *= texels
            if material.cutoff:
                colour[:, 3] = colour[:, 3] >= material.cutoff
            colour[:, 3] *= 1 - material.transmission
            surface.colour[here] = colour
            if material.emissive is not None:
                emitted = np.broadcast_to(material.emissive, (len(colour), 3))
                texture = material.emissive_texture
                if texture and (texels := read(texture, here)) is not None:
                    emitted = emitted * texels[:, :3]
                surface.emission[here] = emitted
            if material.metallic:
                surface.metallic[here], surface.roughness[here] = (
                    material.metallic,
                    material.roughness,
                )
                texture = material.metallic_texture
                if texture and (texels := read(texture, here)) is not None:
                    surface.metallic[here] *= texels[:, 2]
                    surface.roughness[here] *= texels[:, 1]
            surface.is_lit[here] = material.is_lit
            surface.is_single_sided[here] = not material.is_double_sided
        return surface


@dataclass(frozen=True, slots=True)
class _Surface:
    """What a surface looks like where n rays hit it, without light.

    Attributes:
        colour: RGBA, float32 (n, 4).
        emission: RGB that it emits, float32 (n, 3).
        metallic: 0 to 1, float32 (n,).
        roughness: 0 to 1, float32 (n,).
        is_lit: bool (n,).
        is_single_sided: bool (n,).
    """

    colour: Float32Array
    emission: Float32Array
    metallic: Float32Array
    roughness: Float32Array
    is_lit: NDArray[np.bool_]
    is_single_sided: NDArray[np.bool_]

    @classmethod
    def plain(cls, count: int) -> Self:
        """Return white surfaces, visible from both sides."""
        return cls(
            np.ones((count, 4), np.float32),
            np.zeros((count, 3), np.float32),
            np.zeros(count, np.float32),
            np.ones(count, np.float32),
            np.ones(count, np.bool_),
            np.zeros(count, np.bool_),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Camera:
    """A camera, and the square window that the mesh fills.

    Attributes:
        eye: the position of the camera: float32 (3,).
        axes: the directions to the right, up, and towards the viewer: float32 (3, 3), in rows.
        middle: the centre of the window, to the right and up, at distance 1: float32 (2,).
        half: half the side of the window, at distance 1.
    """

    eye: Float32Array
    axes: Float32Array
    middle: Float32Array
    half: float

    @classmethod
    def facing(cls, mesh: Mesh, view: View) -> Self:
        """Return the camera for a view whose window exactly contains the mesh and the margin."""
        turn, lift = np.radians([view.azimuth, view.elevation])
        right = np.array([np.cos(turn), 0, -np.sin(turn)])
        towards = np.array([np.sin(turn) * np.cos(lift), np.sin(lift), np.cos(turn) * np.cos(lift)])
        axes = np.stack([right, np.cross(towards, right), towards])
        eye = towards / np.sin(ANGLE_OF_VIEW / 2)
        turned = (mesh.vertices - eye.astype(np.float32)) @ axes.T.astype(np.float32)
        window = turned[:, :2] / -turned[:, 2:]
        low, high = window.min(axis=0), window.max(axis=0)
        half = float((high - low).max()) / 2 / (1 - 2 * MARGIN)
        return cls(
            eye=eye.astype(np.float32),
            axes=axes.astype(np.float32),
            middle=(low + high) / 2,
            # A line that is seen from its end has no extent.
            half=max(half, 1e-4),
        )

    def rays(self, side: int, top: int, bottom: int) -> Float32Array:
        """Return the directions of the rays of some rows of `side` rays: float32 (rays, 3)."""
        steps = ((np.arange(side) + 0.5) / side * 2 - 1) * self.half
        right, up = np.meshgrid(self.middle[0] + steps, self.middle[1] - steps[top:bottom])
        ahead = np.full(right.shape, -1.0)
        rays = np.stack([right, up, ahead], axis=-1).reshape(-1, 3).astype(np.float32)
        return rays @ self.axes

    def light(self, normals: Float32Array, rays: Float32Array) -> Float32Array:
        """Return the brightness of surfaces, lit on the side that is visible: float32 (n,)."""
        normals = _towards(normals, rays)
        above = normals[:, 1] * np.float32(0.5) + np.float32(0.5)
        brightness: Float32Array = AMBIENT + SKY * above + KEY * np.maximum(normals @ self._key, 0)
        return brightness

    def reflection(
        self, normals: Float32Array, rays: Float32Array, roughness: Float32Array
    ) -> Float32Array:
        """Return the brightness of what metal reflects: float32 (n,)."""
        normals = _towards(normals, rays)
        mirrored = rays / _length(rays)[:, None]
        mirrored = mirrored - 2 * _dot(mirrored, normals)[:, None] * normals
        up = mirrored[:, 1]
        room = np.where(up > 0, HORIZON + (ZENITH - HORIZON) * up, HORIZON + (HORIZON - FLOOR) * up)
        room += (HORIZON - room) * BLUR * roughness
        sharpness = SHARPEST * (BLUNTEST / SHARPEST) ** roughness
        shine = SHINE * np.maximum(mirrored @ self._key, 0) ** sharpness
        return np.asarray(room + shine, np.float32)

    @property
    def _key(self) -> Float32Array:
        """The direction of the brightest light: float32 (3,)."""
        key = KEY_DIRECTION / np.linalg.norm(KEY_DIRECTION)
        return np.asarray(key.astype(np.float32) @ self.axes)


def _towards(normals: Float32Array, rays: Float32Array) -> Float32Array:
    """Return normals of length 1 that point to where the rays come from."""
    signs = np.where(_dot(normals, rays) > 0, -1, 1) / _length(normals)
    return np.asarray(normals * signs[:, None], np.float32)


def _intersection(
    origins: Float32Array,
    rays: Float32Array,
    corner: Float32Array,
    one: Float32Array,
    two: Float32Array,
) -> tuple[Float32Array, Float32Array, Float32Array]:
    """Return the distance along each ray to its triangle, and two barycentric coordinates."""
    across = np.cross(rays, two)
    volume = _dot(one, across)
    volume = np.where(np.abs(volume) < 1e-20, np.float32(1e-20), volume)
    offset = origins - corner
    around = np.cross(offset, one)
    share, other = _dot(offset, across) / volume, _dot(rays, around) / volume
    return _dot(two, around) / volume, share, other


def _dot(one: Float32Array, other: Float32Array) -> Float32Array:
    """Return the dot product of each pair of rows."""
    product: Float32Array = np.einsum("nd,nd->n", one, other)
    return product


def _blend(values: Float32Array, weights: Float32Array) -> Float32Array:
    """Return the weighted mean of the values at three corners."""
    mixed: Float32Array = np.einsum("ncd,nc->nd", values, weights)
    return mixed


def _length(vectors: Float32Array) -> Float32Array:
    """Return the length of each row, at least 1e-20 so that it can divide."""
    lengths: Float32Array = np.maximum(np.sqrt(_dot(vectors, vectors)), np.float32(1e-20))
    return lengths
