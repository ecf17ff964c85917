"""Reads glTF 2.0 files, and packs them for the viewer in the page.

    document     the JSON of a file and the data that it refers to
    accessors    the arrays in these data
    textures     pictures, and how they lie on surfaces
    materials    the appearance of surfaces
    primitives   the triangles, lines and points of meshes
    nodes        where the meshes of a scene are
    adapting     what the viewer in the page does not support, rewritten
    packing      one binary file that refers to no other

Names and numbers are those of the specification:
https://registry.khronos.org/glTF/specs/2.0/glTF-2.0.html
"""
