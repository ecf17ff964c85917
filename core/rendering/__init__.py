"""Renders pictures of 3D files, without a graphics card or a display.

    renderer         requests pictures; runs in the app's own process
    worker           forks a process with limits for each file, which renders it
    files            which files a 3D file may read
    mesh_reader      reads 3D files as triangles with colours and textures
    mesh_parts       the parts of a model, and how their surfaces look
    gltf, obj, ply,  everything that is specific to a format
    threemf
    stl              another format
    usd              USD, which a library reads, if it is installed
    step             STEP, which another library turns into glTF, if it is installed
    extras           which such libraries are installed
    assimp           COLLADA and FBX, which a library turns into glTF
    polygons         cuts polygons into triangles
    clouds           draws points as a surface
    text             text files as programs write them
    standing         guesses which axis points up
    scene_assembly   joins the parts into one mesh
    raytracer        renders a mesh
    glb_export       writes the model for the viewer in the page

Other packages use `renderer` and `extras` only. Nothing is imported here, so that the worker starts
without the modules of the app, and the app without those of the worker.
"""
