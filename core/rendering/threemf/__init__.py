"""Reads 3MF files, which 3D printers are given.

    elements   the objects, materials and build items in the XML of a package
    parts      their meshes as parts of a model

Names are those of the specification: https://3mf.io/spec
"""
