"""Pictures of 3D files.

    renderer     asks for a picture, from the app's own process
    worker       answers: forks a process with limits for each file
    files        which files a 3D file may name
    solids       reads 3D files as triangles with colours and textures
    gltf         what of that is particular to glTF
    raycasting   makes a picture of the triangles

Only `renderer` is used from outside. Nothing is imported here: the worker starts without what
the app needs, and the app without what the worker needs.
"""
