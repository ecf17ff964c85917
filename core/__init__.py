"""Visual similarity in catalogues of 3D models: the library below pages and command line."""

import os

# After each product of matrices OpenBLAS's threads spin for a while, in case another one follows.
# The network follows, and has to share the processor with them: a query with a picture took 210 ms
# instead of 154. OpenBLAS reads this, the shortest time it knows, when NumPy is imported.
os.environ.setdefault("OPENBLAS_THREAD_TIMEOUT", "4")
