"""What the page Search is made of."""
