"""Reads OBJ files, and their libraries of materials, MTL.

    elements    the lines of an OBJ file as arrays
    materials   the appearance of surfaces, from MTL
    textures    pictures, and how they lie on surfaces
    parts       the surfaces, lines and points that are shown

The format: https://paulbourke.net/dataformats/obj/ and https://paulbourke.net/dataformats/mtl/
"""
