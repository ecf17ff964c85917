"""What the page Catalogues is made of."""
