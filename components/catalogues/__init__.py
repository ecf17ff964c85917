"""Components of the Catalogues page."""
