"""Reads PLY files: meshes, clouds of points, and Gaussian splats.

    elements   the columns of a file's elements, whatever they are
    parts      the surfaces, lines and points that are shown

The format: https://paulbourke.net/dataformats/ply/
"""
